import fc from 'fast-check';
import type { Condition, Moment } from '../../../shared/domain/rule/ast.ts';
import type { CalendarUnit } from '../../../shared/domain/calendar/units.ts';
import {
  arbitraryDuration,
  monthDay,
  weekdayOfMonth,
  weekdayOfYear,
  yearEnd,
} from '../rules/arbitrary-words.ts';
import { NAMES } from '../rules/evaluations.ts';

const period = arbitraryDuration({
  years: 40,
  months: 60,
  weeks: 60,
  days: 800,
  hours: 100,
  minutes: 90,
  seconds: 200,
});
export const unit: fc.Arbitrary<CalendarUnit> = fc.oneof(
  fc.constantFrom(
    'day',
    'month',
    'quarter',
    'calendar-year',
    'uk-tax-year',
    'tax-year',
    'academic-year',
    'fiscal-year',
  ),
  yearEnd.map((yearEnding) => ({ yearEnding })),
);
const name = fc.constantFrom(...NAMES);

/** What the slow reading of rules covers. */
export const moment = fc.letrec<{ moment: Moment }>((tie) => {
  const of = tie('moment');
  const operands = (optional: fc.Arbitrary<boolean>) =>
    fc.array(fc.record({ moment: of, optional }), { minLength: 2, maxLength: 3 });
  const condition = fc.oneof(
    name.map((event): Condition => ({ kind: 'occurred', name: event })),
    fc.constantFrom('p', 'q').map((attribute): Condition => ({
      kind: 'attribute',
      name: attribute,
      test: { kind: 'is', values: [true] },
    })),
  );
  const joined = fc.record({
    kind: fc.constantFrom('all' as const, 'any' as const),
    of: fc.tuple(condition, condition),
  });
  return {
    moment: fc.oneof(
      { depthSize: 'small' },
      fc.record({ kind: fc.constant('event' as const), name, pick: fc.constantFrom('first', 'last') }),
      fc.record({ kind: fc.constant('after' as const), period, start: of }),
      fc.record({ kind: fc.constant('before' as const), period, end: of }),
      fc.record({ kind: fc.constantFrom('end-of' as const, 'last-day-of' as const), unit, of }),
      fc.record({
        kind: fc.constant('next-day' as const),
        day: monthDay,
        count: fc.integer({ min: 1, max: 3 }),
        of,
      }),
      fc.record({
        kind: fc.constant('next-day' as const),
        day: monthDay,
        count: fc.integer({ min: 1, max: 3 }),
        orOn: fc.constant(true as const),
        of,
      }),
      fc.record({
        kind: fc.constant('next-day' as const),
        day: weekdayOfYear,
        count: fc.constant(1 as const),
        of,
      }),
      fc.record({ kind: fc.constant('weekday-of' as const), day: weekdayOfMonth, of }),
      fc.record({ kind: fc.constant('later' as const), of: operands(fc.boolean()) }),
      fc.record({ kind: fc.constant('earlier' as const), of: operands(fc.constant(false)) }),
      fc.record({
        kind: fc.constant('if' as const),
        condition: fc.oneof(
          condition,
          joined,
          condition.map((not) => ({ kind: 'not' as const, of: not })),
        ),
        met: of,
        otherwise: of,
      }),
    ) as fc.Arbitrary<Moment>,
  };
}).moment;

export const attributes = fc.record({ p: fc.boolean(), q: fc.boolean() }, { requiredKeys: [] });
