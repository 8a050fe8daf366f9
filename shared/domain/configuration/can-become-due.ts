import { effectivePolicies } from './effective-policies.ts';
import type { SentRegistration } from '../record/incoming.ts';
import type { Instant } from '../record/ids.ts';
import { own } from '../own.ts';
import type { CategoryPolicy, Policy, PolicySet } from './policy.ts';
import { chooseRules, registeredAt } from './precedence.ts';
import type { Moment, MomentOf, Stage } from '../rule/ast.ts';
import { askedBy, childrenOf, mayNotApply } from '../rule/walk.ts';

/** What a registration names, or a collection. */
type Named = Pick<SentRegistration, 'categories' | 'purposes' | 'entities' | 'attributes'>;

/**
 * Whether an event about one of the named entities can bring a registration closer to its date, or a date needs no
 * event. One category, one rule and one policy version, in effect or to come, is enough: another registration may name
 * what else a rule asks for. A registration that fails this is kept for ever, whatever happens.
 */
export function canBecomeDue(policySet: PolicySet, sent: Named, now: Instant): boolean {
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
  { attributes, purposes }: Named,
  types: ReadonlySet<string>,
): boolean {
  if (category.cap !== undefined) return true;
  const chosen = chooseRules(category, registeredAt(policy, attributes ?? {}));
  // A fact may move its people to any jurisdiction.
  const isFixed = chosen.undetermined === undefined && policy.jurisdictionFrom === undefined;
  const rules = isFixed ? chosen.rules : category.rules;
  if (rules.length === 0) return true;
  const ends = purposes.flatMap((purpose) => own(policy.purposePolicies, purpose)?.rule ?? []);
  return [...rules, ...ends]
    .flatMap(({ rule }) => rule.stages)
    .some(
      (stage) =>
        needsNoEvent(stage) ||
        waitedFor(stage).some((event) => types.has(own(policy.events, event)?.entity ?? '')),
    );
}

/**
 * The events that a stage's date waits for or depends on. A hold only delays a date, and an operand with `if any` is left
 * out as long as its event has not happened: neither is waited for.
 */
function waitedFor(stage: Stage): readonly string[] {
  return openings(stage).flatMap(eventsWaitedFor);
}

/** The bounds that can open the stage: the maximum only where there is no minimum. */
function openings({ notBefore, notAfter }: Stage): readonly Moment[] {
  if (notBefore === undefined) return notAfter === undefined ? [] : [notAfter];
  return notAfter !== undefined && mayNotApply(notBefore) ? [notBefore, notAfter] : [notBefore];
}

function eventsWaitedFor(moment: Moment): string[] {
  if (moment.kind === 'suspended') return eventsWaitedFor(moment.of);
  const children = moment.kind === 'later' ? needed(moment) : childrenOf(moment);
  return [...askedBy(moment).map(({ event }) => event), ...children.flatMap(eventsWaitedFor)];
}

function needed({ of }: MomentOf<'later' | 'earlier'>): readonly Moment[] {
  const required = of.filter(({ optional }) => !optional);
  return (required.length > 0 ? required : of).map((operand) => operand.moment);
}

/** Whether a stage can have its result without any event: a fixed date, `keep permanently`, `not computable`. */
function needsNoEvent(stage: Stage): boolean {
  return openings(stage).some(isWithoutEvent);
}

function isWithoutEvent(moment: Moment): boolean {
  switch (moment.kind) {
    case 'event':
    case 'nth':
    case 'not-applicable':
      return false;
    case 'date':
    case 'never':
      return true;
    case 'date-in':
      return moment.event === undefined;
    case 'after':
      return askedBy(moment).length === 0 && isWithoutEvent(moment.start);
    case 'before':
      return askedBy(moment).length === 0 && isWithoutEvent(moment.end);
    case 'end-of':
    case 'last-day-of':
    case 'next-day':
    case 'weekday-of':
    case 'run':
    case 'birthday':
    case 'suspended':
      return isWithoutEvent(moment.of);
    case 'later':
      return needed(moment).every(isWithoutEvent);
    case 'earlier':
      return moment.of.some((operand) => isWithoutEvent(operand.moment));
    // Which branch counts may depend on an attribute, and an event of an entity that is not named has not occurred.
    case 'if':
      return isWithoutEvent(moment.met) || isWithoutEvent(moment.otherwise);
    case 'override':
      return isWithoutEvent(moment.of) || isWithoutEvent(moment.by);
    case 'not-computable':
      return moment.fallback === undefined || isWithoutEvent(moment.fallback);
  }
}
