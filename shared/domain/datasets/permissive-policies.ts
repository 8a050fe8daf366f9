import { effectivePolicies, policyOf } from '../configuration/effective-policies.ts';
import type { CategoryPolicy, Policy, PolicyRule, PolicySet } from '../configuration/policy.ts';
import { chooseRules } from '../configuration/precedence.ts';
import { own } from '../own.ts';
import type { Instant, Occurred } from '../record/ids.ts';
import { eventsOf } from '../rule/walk.ts';
import { combined, earliestReadings, FIRST_DAY, MOST_READINGS } from './earliest-readings.ts';

/** One way in which the rest of a row can be: with it, only the row's own clock decides. */
export interface PermissiveWay {
  /** One policy, with one category. */
  readonly policies: PolicySet;
  readonly jurisdiction: string;
  /** Types of the entities to which the policy's events happen. */
  readonly types: readonly string[];
  /** The other events that have happened, as early as any can. */
  readonly others: Readonly<Record<string, Occurred>>;
  /** Whether the clock itself counts: an event that undoes it may have happened. */
  readonly counts: boolean;
}

/** The category of a dataset, and the event whose column has the index. */
export interface Swept {
  readonly category: string;
  readonly by: string;
}

/**
 * Every way in which the rest of a row can be, as far as it can make the row due earlier, by the policy in effect. A row
 * that is due by its rules is due in one of them. Nothing if there are too many; none if no policy covers the category.
 */
export function permissiveWays(
  swept: Swept,
  policySet: PolicySet,
  now: Instant,
): readonly PermissiveWay[] | undefined {
  const policy = policyOf(swept.category, effectivePolicies(policySet, now));
  return policy === undefined ? [] : waysOf(swept, policy);
}

const known = new WeakMap<Policy, Map<string, readonly PermissiveWay[] | undefined>>();

/** The same by one version of a policy. Remembered: policies live as long as the process. */
export function waysOf(swept: Swept, policy: Policy): readonly PermissiveWay[] | undefined {
  const ofPolicy = known.get(policy) ?? new Map<string, readonly PermissiveWay[] | undefined>();
  known.set(policy, ofPolicy);
  const key = JSON.stringify([swept.category, swept.by]);
  if (!ofPolicy.has(key)) ofPolicy.set(key, computedWays(swept, policy));
  return ofPolicy.get(key);
}

function computedWays({ category, by }: Swept, policy: Policy): readonly PermissiveWay[] | undefined {
  const rules = own(policy.categories, category);
  if (rules === undefined) return [];
  const types = [...new Set(Object.values(policy.events).map(({ entity }) => entity))];
  const isUndone = (own(policy.events, by)?.undoneBy.length ?? 0) > 0;
  const ways: PermissiveWay[] = [];
  for (const jurisdiction of jurisdictionsOf(rules)) {
    const chosen = chooseRules(rules, { kind: 'known', jurisdiction }).rules;
    const read = combined(chosen.map(ruleReadings));
    for (const each of read ?? []) {
      const policies = { policies: [permissive(policy, category, each)] };
      const occurred = othersOf(each, by);
      for (const others of occurred ?? [])
        for (const counts of isUndone ? [true, false] : [true])
          ways.push({ policies, jurisdiction, types, others, counts });
      if (occurred === undefined || ways.length > MOST_READINGS) return undefined;
    }
    if (read === undefined) return undefined;
  }
  return ways;
}

/** Those that have rules of their own, and one that has not. */
function jurisdictionsOf({ rules }: CategoryPolicy): readonly string[] {
  return [...new Set(rules.flatMap(({ jurisdiction }) => jurisdiction ?? [])), 'elsewhere'];
}

function ruleReadings(rule: PolicyRule): readonly PolicyRule[] | undefined {
  return earliestReadings(rule.rule)?.map((read) => ({ ...rule, rule: read }));
}

/** An event that has not happened may leave a rule with less to wait for. */
function othersOf(rules: readonly PolicyRule[], by: string): readonly PermissiveWay['others'][] | undefined {
  const events = new Set(rules.flatMap(({ rule }) => [...eventsOf(rule)]));
  events.delete(by);
  const each = [...events].map((event) => [{}, { [event]: FIRST_DAY as Occurred }]);
  return combined<PermissiveWay['others']>(each)?.map(
    (one) => Object.assign({}, ...one) as PermissiveWay['others'],
  );
}

/** Without what only keeps longer: events that undo others, days that are not worked, and where people are. */
function permissive(policy: Policy, category: string, rules: readonly PolicyRule[]): Policy {
  const { holidays: _holidays, children: _children, jurisdictionFrom: _from, ...rest } = policy;
  const events = Object.entries(policy.events).map(
    ([name, event]) => [name, { ...event, undoneBy: [] }] as const,
  );
  return { ...rest, events: Object.fromEntries(events), categories: { [category]: { rules } } };
}
