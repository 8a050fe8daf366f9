import { effectivePolicies } from './effective-policies.ts';
import type { SentRegistration } from '../record/incoming.ts';
import type { Instant } from '../record/ids.ts';
import { own } from '../own.ts';
import type { CategoryPolicy, Policy, PolicySet } from './policy.ts';
import { chooseRules } from './precedence.ts';
import { present } from '../present.ts';
import { needsNoEvent, waitedFor } from '../rule/waited-for.ts';

/**
 * Whether an event about one of the named entities can bring a registration closer to its date, or a date needs no
 * event. One category, one rule and one policy version, in effect or to come, is enough: another registration may name
 * what else a rule asks for. A registration that fails this is kept for ever, whatever happens.
 */
export function canBecomeDue(policySet: PolicySet, sent: SentRegistration, now: Instant): boolean {
  const types = new Set(sent.entities.map(({ type }) => type));
  return versionsFrom(policySet, now).some((policy) =>
    sent.categories.some((name) => {
      const category = own(policy.categories, name);
      return category !== undefined && concerns(category, policy, sent, types);
    }),
  );
}

/** The versions in effect now and later. */
function versionsFrom(policySet: PolicySet, now: Instant): readonly Policy[] {
  const coming = policySet.policies.filter(({ effectiveFrom }) => effectiveFrom > now);
  return [...effectivePolicies(policySet, now), ...coming];
}

function concerns(
  category: CategoryPolicy,
  policy: Policy,
  { attributes }: SentRegistration,
  types: ReadonlySet<string>,
): boolean {
  const chosen = chooseRules(category, policy, present({ attributes }));
  const rules = chosen.undetermined === undefined ? chosen.rules : category.rules;
  if (rules.length === 0) return true;
  return rules
    .flatMap(({ rule }) => rule.stages)
    .some(
      (stage) =>
        needsNoEvent(stage) ||
        waitedFor(stage).some((event) => types.has(own(policy.events, event)?.entity ?? '')),
    );
}
