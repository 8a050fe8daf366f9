import type { CategoryPolicy, Policy, PolicyRule, PolicySet } from '../configuration/policy.ts';
import { chooseRules } from '../configuration/precedence.ts';
import type { Action } from '../record/actions.ts';
import { isStoreAction, strength } from '../record/actions.ts';
import type { Moment } from '../rule/ast.ts';
import { orderOf } from '../rule/contradictions.ts';
import { cited } from './cited.ts';

/** Two rules of one category that can meet at one record, of which one keeps it longer than the other allows. */
export interface RuleConflict {
  readonly policy: string;
  readonly version: string;
  readonly category: string;
  /** Where the people are for whom the two rules count: one place, or two. */
  readonly jurisdictions: readonly string[];
  /** `possible`: it depends on the dates of the events, because the two rules count from different ones. */
  readonly kind: 'always' | 'possible';
  readonly minimum: PolicyRule;
  readonly maximum: PolicyRule;
}

/** Of people in a place that no rule names. */
const ELSEWHERE = 'elsewhere';

/**
 * Every category whose laws and rules of jurisdictions contradict each other: for people of one place, and for people of two
 * places in one record, for whom the rules of both count.
 */
export function ruleConflicts({ policies }: PolicySet): readonly RuleConflict[] {
  return policies.flatMap((policy) =>
    Object.entries(policy.categories).flatMap(([name, category]) => conflictsIn(policy, name, category)),
  );
}

function conflictsIn(policy: Policy, category: string, { rules }: CategoryPolicy): readonly RuleConflict[] {
  const named = rules.flatMap(({ jurisdiction }) => jurisdiction ?? []);
  const places = [...new Set([...named, ELSEWHERE])];
  const groups = places.map((place) => ({
    place,
    rules: chooseRules({ rules }, { kind: 'known', jurisdiction: place }).rules,
  }));
  const found = new Map<string, RuleConflict>();
  // One place first: it says more than that the same rules meet in two.
  for (const apart of [false, true])
    for (const keeping of groups)
      for (const ending of groups) {
        if ((keeping.place !== ending.place) !== apart) continue;
        for (const { kind, minimum, maximum } of meetings(keeping.rules, ending.rules)) {
          const key = `${minimum.id}\n${maximum.id}`;
          const jurisdictions = apart ? inOrder(keeping.place, ending.place) : [keeping.place];
          if (found.has(key)) continue;
          const where = named.length === 0 ? [] : jurisdictions;
          const { name, version } = policy;
          found.set(key, {
            policy: name,
            version,
            category,
            jurisdictions: where,
            kind,
            minimum,
            maximum,
          });
        }
      }
  return [...found.values()].toSorted((a, b) => (a.kind === b.kind ? 0 : a.kind === 'always' ? -1 : 1));
}

function inOrder(...places: readonly string[]): readonly string[] {
  return places.toSorted((a, b) => (a === ELSEWHERE ? 1 : b === ELSEWHERE ? -1 : 0));
}

type Meeting = Pick<RuleConflict, 'kind' | 'minimum' | 'maximum'>;

/** Each maximum of `ending` that the minimums of `keeping` leave no time for, or perhaps none. */
function meetings(keeping: readonly PolicyRule[], ending: readonly PolicyRule[]): readonly Meeting[] {
  return ending.flatMap((maximum) =>
    maximum.rule.stages.flatMap(({ action, notAfter }) => {
      if (notAfter === undefined || !isStoreAction(action)) return [];
      const blocked = blockedBy(keeping, action, notAfter, maximum);
      return blocked !== undefined && isExplicit(blocked.minimum, maximum) ? [{ ...blocked, maximum }] : [];
    }),
  );
}

function isExplicit(...rules: readonly PolicyRule[]): boolean {
  return rules.some(({ level }) => level === 'statutory' || level === 'jurisdiction');
}

/**
 * A record may be anonymised as soon as it may be deleted, so each action that is at least as strong has to be too late.
 */
function blockedBy(
  rules: readonly PolicyRule[],
  action: Action,
  until: Moment,
  maximum: PolicyRule,
): Pick<Meeting, 'kind' | 'minimum'> | undefined {
  const stages = rules.flatMap((rule) => rule.rule.stages.map((stage) => ({ rule, ...stage })));
  const strong = stages.filter(
    (stage) => isStoreAction(stage.action) && strength(stage.action) >= strength(action),
  );
  const byAction = [...Map.groupBy(strong, (stage) => stage.action).values()];
  const found = byAction.map((same) => {
    const minimums = same.flatMap(({ rule, notBefore }) =>
      notBefore === undefined || rule === maximum
        ? []
        : [{ minimum: rule, order: isTooLate(notBefore, until) }],
    );
    return (
      minimums.find(({ order }) => order === 'always') ?? minimums.find(({ order }) => order === 'possible')
    );
  });
  const [first] = found;
  if (first === undefined || found.some((one) => one === undefined)) return undefined;
  const kind = found.every((one) => one?.order === 'always') ? 'always' : 'possible';
  return { kind, minimum: first.minimum };
}

function isTooLate(notBefore: Moment, until: Moment): 'always' | 'possible' | 'never' {
  if (notBefore.kind === 'never') return 'always';
  if (notBefore.kind === 'not-computable' || until.kind === 'never' || until.kind === 'not-computable')
    return 'never';
  const order = orderOf(until, notBefore);
  if (order === 'before') return 'always';
  return order === undefined ? 'possible' : 'never';
}

/** One sentence, with both rules and their sources. */
export function printConflict({
  policy,
  version,
  category,
  jurisdictions,
  kind,
  minimum,
  maximum,
}: RuleConflict): string {
  const places = jurisdictions.map((place) => (place === ELSEWHERE ? place : `in ${place}`));
  const where = places.length === 0 ? '' : `, for people ${places.join(' and ')}`;
  const verb =
    kind === 'always' ? 'keeps a record longer' : 'may keep a record longer, depending on the dates,';
  return `${policy} ${version}, category ${category}${where}: ${cited(minimum)} ${verb} than ${cited(maximum)} allows`;
}
