import fc from 'fast-check';
import type { Policy, PolicyRule, PurposePolicy } from '../../../shared/domain/configuration/policy.ts';
import { earliest } from '../../../shared/domain/facts/occurrence-time.ts';
import { ERASE_REQUESTED, scopeText } from '../../../shared/domain/people/effects.ts';
import { type Plan, plan, type PlannedStage } from '../../../shared/domain/plan/plan.ts';
import type { Instant, Occurred } from '../../../shared/domain/record/ids.ts';
import type { Moment, Stage } from '../../../shared/domain/rule/ast.ts';
import { attributes, moment } from '../explanation/arbitrary-referenced.ts';
import { arbitraryDuration } from '../rules/arbitrary-words.ts';
import { occurred } from '../rules/evaluations.ts';
import { cleared } from '../rules/purpose-world.ts';
import { aPolicy, anEvent, aRule, type Dated, inputOf, iso, type Subject } from '../rules/rule-world.ts';

/** Said by a column. All other events are sent. */
export const SAID = 'a.a';
const DAY = 86_400_000;

type Occurrences = Readonly<Record<string, readonly string[]>>;

/** What is known of a record of one or two accounts and a contract. */
export interface Known {
  readonly accounts: readonly Occurrences[];
  readonly contract: Occurrences;
  /** When one of the accounts asked for erasure. */
  readonly erasure?: string;
  readonly attributes: Readonly<Record<string, boolean>>;
}

const period = arbitraryDuration({ years: 6, months: 20, weeks: 9, days: 80, hours: 100 });
const said = fc.constantFrom<Moment>(
  { kind: 'event', name: SAID, pick: 'last' },
  { kind: 'event', name: SAID, pick: 'first' },
);
const start = fc.oneof({ weight: 2, arbitrary: said }, { weight: 1, arbitrary: moment });
const bound = fc.oneof(
  { weight: 3, arbitrary: start },
  fc.record({ kind: fc.constant('after' as const), period, start }),
  fc.record({ kind: fc.constant('after' as const), period, start }),
  fc.record({
    kind: fc.constantFrom('later' as const, 'earlier' as const),
    of: fc.tuple(start, start).map((each) => each.map((one) => ({ moment: one, optional: false }))),
  }),
  fc.record({
    kind: fc.constant('if' as const),
    condition: fc.constantFrom('p', 'q').map((name) => ({
      kind: 'attribute' as const,
      name,
      test: { kind: 'is' as const, values: [true] },
    })),
    met: start,
    otherwise: moment,
  }),
  fc.record({
    kind: fc.constant('suspended' as const),
    how: fc.constantFrom('held', 'restarted', 'paused'),
    of: fc.record({ kind: fc.constant('after' as const), period, start }),
    intervals: fc.constant([{ from: 'b.b', until: 'c.c' }]),
  }),
  fc.record({
    kind: fc.constant('nth' as const),
    name: fc.constantFrom('b.b', 'c.c'),
    count: fc.constant(1),
    side: fc.constantFrom('after', 'before'),
    of: start,
  }),
  fc.record({ kind: fc.constant('override' as const), of: start, by: moment, source: fc.constant('a law') }),
) as fc.Arbitrary<Moment>;

const ACTS = [['delete'], ['delete'], ['anonymise', 'delete'], ['restrict', 'delete']] as const;
const bounds = fc
  .record({ notBefore: fc.option(bound, { nil: undefined }), notAfter: fc.option(bound, { nil: undefined }) })
  .map(({ notBefore, notAfter }) => ({
    ...(notBefore && { notBefore }),
    ...(notAfter && { notAfter }),
  }))
  .filter(({ notBefore, notAfter }) => notBefore !== undefined || notAfter !== undefined);
const stages: fc.Arbitrary<readonly Stage[]> = fc
  .constantFrom(...ACTS)
  .chain((acts) => fc.tuple(...acts.map((action) => bounds.map((found): Stage => ({ action, ...found })))));

const rule: fc.Arbitrary<PolicyRule> = fc
  .record({
    stages,
    basis: fc.constantFrom('law', 'policy'),
    across: fc.constantFrom('latest', 'earliest'),
  })
  .map(({ stages: all, basis, across }) => ({
    ...aRule('delete after 1 day from a.a', { basis, across }),
    rule: { stages: all },
  }));

const purpose: fc.Arbitrary<PurposePolicy> = bounds.map((found) => ({
  rule: { ...aRule('delete after 1 day from a.a'), rule: { stages: [{ action: 'delete', ...found }] } },
  fields: cleared('mail'),
}));

/** A category with one or two rules, another one that the same records may have, and at times a purpose that ends. */
export const policies: fc.Arbitrary<Policy> = fc
  .record({
    first: fc.array(rule, { minLength: 1, maxLength: 2 }),
    second: fc.option(rule, { nil: undefined }),
    purpose: fc.option(purpose, { nil: undefined, freq: 3 }),
    undoneBy: fc.constantFrom<readonly string[]>([], [], ['b.b']),
  })
  .map(({ first, second, purpose: service, undoneBy }) => ({
    ...aPolicy(
      { first, ...(second && { second: [second] }) },
      {
        zone: 'Europe/Berlin',
        events: {
          [SAID]: anEvent({ entity: 'account', undoneBy }),
          'b.b': anEvent({ entity: 'account' }),
          'c.c': anEvent({ entity: 'contract' }),
        },
        fiscalYearEnd: '12-31',
        taxYearEnd: '04-05',
        academicYearEnd: '08-31',
      },
    ),
    ...(service && { purposePolicies: { service } }),
  }));

const account = fc.record({
  [SAID]: fc.array(occurred, { minLength: 1, maxLength: 1 }),
  'b.b': fc.array(occurred, { maxLength: 2 }),
});
export const known: fc.Arbitrary<Known> = fc
  .record({
    accounts: fc.array(account, { minLength: 1, maxLength: 2 }),
    contract: fc.record({ 'c.c': fc.array(occurred, { maxLength: 2 }) }),
    erasure: fc.option(occurred, { nil: undefined, freq: 2 }),
    attributes: attributes,
  })
  .map(({ erasure, ...rest }) => ({ ...rest, ...(erasure !== undefined && { erasure }) }));

/** What is known at an instant. `lacks`: the accounts whose column was not read. */
function planAt(policy: Policy, facts: Known, now: Instant, lacks: (index: number) => boolean): Plan {
  const past = (dates: readonly string[]): readonly string[] =>
    dates.filter((one) => earliest(one as Occurred) + 2 * DAY <= now);
  const accounts = facts.accounts.map((each, index): Subject => {
    const events: Record<string, readonly Dated[]> = {};
    for (const [name, dates] of Object.entries(each))
      events[name] = name === SAID && lacks(index) ? [] : past(dates);
    if (index === 0 && facts.erasure !== undefined)
      events[ERASE_REQUESTED] = past([facts.erasure]).map(asked);
    return { type: 'account', events };
  });
  const contract = Object.entries(facts.contract).map(([name, dates]) => [name, past(dates)]);
  const subjects = [...accounts, { type: 'contract', events: Object.fromEntries(contract) as Occurrences }];
  const variants = [{ purposes: ['service'], attributes: facts.attributes }];
  return plan({ ...inputOf({ policies: [policy], subjects, variants }), now });
}

function asked(date: string): Dated {
  const scope = scopeText({ all: true });
  return { occurred: date, sent: date.slice(0, 10) + 'T23:00:00Z', attributes: { request: 'r-1', scope } };
}

/**
 * When, with what these accounts' columns say not known, something would be done that is not to be done by all that is
 * known then; nothing if that never happens.
 */
export function earlyWithout(
  policy: Policy,
  facts: Known,
  lacks: (index: number) => boolean,
): string | undefined {
  for (const instant of instantsOf(policy, facts, lacks)) {
    const act = dueIn(planAt(policy, facts, instant, lacks), instant);
    if (act === undefined || act.action === 'restrict' || act.action === 'lift') continue;
    const whole = planAt(policy, facts, instant, () => false);
    const isConflict = whole.stages.some(({ status }) => status === 'conflict');
    const same = whole.stages.find(({ action, part }) => action === act.action && part === act.part);
    if (isConflict || same === undefined || !isDue(same, instant))
      return `${act.action} at ${iso(instant)}, which is to be done ${iso(mayActAt(same)) ?? 'not yet'}`;
  }
  return undefined;
}

/** Once all is past, and at each instant at which something becomes due. */
function instantsOf(policy: Policy, facts: Known, lacks: (index: number) => boolean): readonly Instant[] {
  const last = Date.parse('2150-01-01T00:00:00Z');
  const all = planAt(policy, facts, last, lacks).stages.flatMap((one) => mayActAt(one) ?? []);
  return [...all, last];
}

function dueIn({ next }: Plan, now: Instant): PlannedStage | undefined {
  return next !== undefined && isDue(next, now) ? next : undefined;
}

function isDue(stage: PlannedStage, now: Instant): boolean {
  const at = mayActAt(stage);
  return stage.status === 'due' && stage.heldByRule !== true && at !== undefined && at <= now;
}

function mayActAt(stage: PlannedStage | undefined): Instant | undefined {
  if (stage?.actAt === undefined) return undefined;
  return Math.max(stage.actAt, stage.window?.floor ?? 0, stage.window?.notBefore ?? 0);
}
