import fc from 'fast-check';
import { ACTIONS } from '../../../shared/domain/record/actions.ts';
import { COMPARISONS, STEPS_FOR_PEOPLE, TEXT_TESTS } from '../../../shared/domain/rule/ast.ts';
import type { Condition, Moment, Rule, Stage, Test } from '../../../shared/domain/rule/ast.ts';
import type { RunDay } from '../../../shared/domain/calendar/units.ts';
import {
  date,
  monthDay,
  name,
  period,
  reference,
  sentence,
  weekdayOfMonth,
  weekdayOfYear,
  word,
  yearEnd,
} from './arbitrary-words.ts';

/** Every rule that the language can express, in the form that parsing gives. */
export function arbitraryRule(): fc.Arbitrary<Rule> {
  const unlabelled = fc
    .subarray([...ACTIONS], { minLength: 1 })
    .chain((actions) => fc.tuple(...actions.map((action) => arbitraryStage(fc.constant(action)))));
  const label = fc.oneof(word, sentence);
  const labelled = fc.uniqueArray(label, { minLength: 1, maxLength: 3 }).chain((labels) =>
    fc.tuple(
      ...labels.map((each) =>
        fc
          .oneof(
            { weight: 5, arbitrary: arbitraryStage(fc.constantFrom(...ACTIONS, ...STEPS_FOR_PEOPLE)) },
            repeated(),
          )
          .map((stage) => ({
            ...stage,
            label: each,
          })),
      ),
    ),
  );
  return fc.oneof(unlabelled, labelled).map((stages) => ({ stages }));
}

function arbitraryStage(action: fc.Arbitrary<Stage['action']>): fc.Arbitrary<Stage> {
  const byParts = fc.tuple(action, boundsByParts()).map(([each, bounds]) => ({ action: each, ...bounds }));
  return fc.oneof({ weight: 5, arbitrary: boundStage(action) }, { weight: 1, arbitrary: byParts });
}

function repeated(): fc.Arbitrary<Stage> {
  const length = period.filter(
    (each) => !('attribute' in each) && Object.values(each).some((amount) => amount !== 0),
  );
  return fc.record({
    action: fc.constantFrom('review', 'notify'),
    notBefore: fc.record({ kind: fc.constant('after' as const), period: length, start: arbitraryMoment() }),
    repeats: fc.constant(true as const),
  });
}

type Bounds = Required<Pick<Stage, 'notBefore' | 'notAfter'>>;

/** A law that asks for the other bound than the rule, alone or in one branch. */
function boundsByParts(): fc.Arbitrary<Bounds> {
  const notApplicable: Moment = { kind: 'not-applicable' };
  const dated = arbitraryMoment().filter(
    ({ kind }) => !['never', 'not-applicable', 'not-computable'].includes(kind),
  );
  const end = fc.record({
    notBefore: fc.oneof(dated, fc.constant(notApplicable)),
    notAfter: fc.oneof(dated, fc.constant(notApplicable)),
  });
  const law = fc.tuple(dated, dated, sentence, fc.boolean()).map(([of, by, source, isMinimum]): Bounds => {
    const lifted: Moment = { kind: 'override', of, by, source, lifts: true };
    const required: Moment = { kind: 'override', of: notApplicable, by, source };
    return isMinimum ? { notBefore: required, notAfter: lifted } : { notBefore: lifted, notAfter: required };
  });
  const branches = fc
    .tuple(arbitraryCondition(), law, end, fc.boolean())
    .map(([condition, one, other, isFirst]): Bounds => {
      const [met, otherwise] = isFirst ? [one, other] : [other, one];
      const branch = (side: keyof Bounds): Moment => ({
        kind: 'if',
        condition,
        met: met[side],
        otherwise: otherwise[side],
      });
      return { notBefore: branch('notBefore'), notAfter: branch('notAfter') };
    });
  return fc.oneof(law, branches);
}

/** None of them is left out for another action. */
const STEPS: readonly Stage['action'][] = ['review', 'notify'];

function boundStage(action: fc.Arbitrary<Stage['action']>): fc.Arbitrary<Stage> {
  return (
    fc
      .record(
        {
          action,
          or: fc.constantFrom(...ACTIONS, 'archive' as const),
          notBefore: arbitraryMoment(),
          notAfter: arbitraryMoment(),
        },
        { requiredKeys: ['action'] },
      )
      .filter(({ notBefore, notAfter }) => notBefore !== undefined || notAfter !== undefined)
      // Of two actions, one of which is deleting, deleting is done.
      .map(({ or, ...stage }) =>
        or === undefined || or === stage.action || or === 'delete' || STEPS.includes(stage.action)
          ? stage
          : { ...stage, or },
      )
  );
}

export function arbitraryMoment(): fc.Arbitrary<Moment> {
  return arbitraryParts().moment;
}

function arbitraryCondition(): fc.Arbitrary<Condition> {
  return arbitraryParts().condition;
}

function arbitraryParts() {
  return fc.letrec<{ moment: Moment; condition: Condition }>((tie) => {
    const moment = tie('moment');
    return {
      moment: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.record({ kind: fc.constant('event' as const), name, pick: fc.constantFrom('first', 'last') }),
        fc.record({ kind: fc.constant('date' as const), date }),
        reference.map((one) => ({ kind: 'date-in' as const, ...one })),
        fc.constantFrom<Moment>({ kind: 'never' }, { kind: 'not-applicable' }),
        fc.record(
          { kind: fc.constant('not-computable' as const), reason: sentence, fallback: moment },
          { requiredKeys: ['kind', 'reason'] },
        ),
        fc.record({ kind: fc.constant('after' as const), period, start: moment }),
        fc.record({ kind: fc.constant('before' as const), period, end: moment }),
        fc.record({ kind: fc.constantFrom('end-of' as const, 'last-day-of' as const), unit, of: moment }),
        fc.record({ kind: fc.constant('end-of' as const), unit: fc.constant('day' as const), of: moment }),
        ...calendar(moment),
        fc.record({ kind: fc.constant('earlier' as const), of: operands(moment, fc.constant(false)) }),
        fc.record({ kind: fc.constant('later' as const), of: operands(moment, fc.boolean()) }),
        fc.record({
          kind: fc.constant('if' as const),
          condition: tie('condition'),
          met: moment,
          otherwise: moment,
        }),
        suspended(moment),
        fc.record({ kind: fc.constant('override' as const), of: moment, by: moment, source: sentence }),
      ) as fc.Arbitrary<Moment>,
      condition: condition(tie('condition'), moment),
    };
  });
}

const unit = fc.oneof(
  fc.constantFrom(
    'month',
    'quarter',
    'calendar-year',
    'fiscal-year',
    'uk-tax-year',
    'tax-year',
    'academic-year',
  ),
  yearEnd.map((yearEnding) => ({ yearEnding })),
);

const runDay: fc.Arbitrary<RunDay> = fc.oneof(
  fc.constantFrom('day' as const, 'quarter' as const),
  fc.integer({ min: 1, max: 7 }).map((weekday) => ({ weekday })),
  fc.integer({ min: 1, max: 31 }).map((dayOfMonth) => ({ dayOfMonth })),
  monthDay.map((dayOfYear) => ({ dayOfYear })),
  fc.oneof(weekdayOfMonth, weekdayOfYear).map((weekdayOf) => ({ weekdayOf })),
);
const time = fc
  .tuple(fc.nat(23), fc.nat(59))
  .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
const orOn = fc.constant(true as const);
const count = fc.integer({ min: 1, max: 120 });

function calendar(of: fc.Arbitrary<Moment>) {
  return [
    fc.record(
      { kind: fc.constant('next-day' as const), day: monthDay, count, orOn, of },
      { requiredKeys: ['kind', 'day', 'count', 'of'] },
    ),
    fc.record({
      kind: fc.constant('next-day' as const),
      day: weekdayOfYear,
      count: fc.constant(1 as const),
      of,
    }),
    fc.record({ kind: fc.constant('weekday-of' as const), day: weekdayOfMonth, of }),
    fc.record(
      {
        kind: fc.constant('run' as const),
        every: runDay,
        time,
        zone: fc.constantFrom('UTC', 'Europe/Berlin', 'Etc/GMT+5'),
        of,
      },
      { requiredKeys: ['kind', 'every', 'of'] },
    ),
    fc.record({ kind: fc.constant('nth' as const), name, count, side: fc.constant('after' as const), of }),
    fc.record({
      kind: fc.constant('nth' as const),
      name,
      count: fc.constant(1),
      side: fc.constant('before' as const),
      of,
    }),
    fc.record({ kind: fc.constant('birthday' as const), age: count, of }),
  ] as const;
}

function suspended(of: fc.Arbitrary<Moment>): fc.Arbitrary<Moment> {
  const intervals = fc.array(fc.record({ from: name, until: name }), { minLength: 1, maxLength: 2 });
  return fc
    .record({ how: fc.constantFrom('held', 'restarted', 'paused'), of, intervals })
    .filter((each) => each.how === 'held' || each.of.kind === 'after')
    .map((each): Moment => ({ kind: 'suspended', ...each }));
}

const test: fc.Arbitrary<Test> = fc.oneof(
  fc
    .oneof(
      fc.array(
        fc.string().filter((text) => !text.includes('\n')),
        { minLength: 1, maxLength: 3 },
      ),
      fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
      fc.boolean().map((value) => [value]),
    )
    .map((values) => ({ kind: 'is' as const, values })),
  fc.record({ kind: fc.constantFrom(...COMPARISONS), value: fc.nat() }),
  fc.record({
    kind: fc.constantFrom(...TEXT_TESTS),
    texts: fc.array(
      fc.string({ minLength: 1 }).filter((text) => !text.includes('\n')),
      { minLength: 1, maxLength: 3 },
    ),
  }),
);

function condition(inner: fc.Arbitrary<Condition>, of: fc.Arbitrary<Moment>): fc.Arbitrary<Condition> {
  const when = fc.oneof(
    fc.record({ kind: fc.constantFrom('before', 'after', 'by', 'from'), of }),
    fc.record({
      kind: fc.constant('within' as const),
      period,
      side: fc.constantFrom('after' as const, 'before' as const),
      of,
    }),
  );
  const single = fc.oneof(
    { depthSize: 'small' },
    fc.record(
      { kind: fc.constant('attribute' as const), name, event: name, test },
      { requiredKeys: ['kind', 'name', 'test'] },
    ),
    fc.record({ kind: fc.constant('occurred' as const), name, when }, { requiredKeys: ['kind', 'name'] }),
    fc.record({
      kind: fc.constant('age' as const),
      birth: name,
      at: of,
      test: fc.record({ kind: fc.constantFrom('under', 'at least'), years: fc.nat(150) }),
    }),
  ) as fc.Arbitrary<Condition>;
  return fc.oneof(
    { depthSize: 'small' },
    { weight: 4, arbitrary: single },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constantFrom('all' as const, 'any' as const),
        of: fc.array(inner, { minLength: 2, maxLength: 3 }),
      }),
    },
    {
      weight: 1,
      arbitrary: inner.filter(({ kind }) => kind !== 'not').map((not) => ({ kind: 'not' as const, of: not })),
    },
  );
}

function operands(
  moment: fc.Arbitrary<Moment>,
  optional: fc.Arbitrary<boolean>,
): fc.Arbitrary<{ moment: Moment; optional: boolean }[]> {
  return fc.array(fc.record({ moment, optional }), { minLength: 2, maxLength: 3 });
}
