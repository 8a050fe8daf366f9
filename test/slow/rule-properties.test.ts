import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { formatInstant, localDate } from '../../shared/domain/calendar/calendar.ts';
import type { Point } from '../../shared/domain/calendar/calendar.ts';
import type { Evaluated } from '../../shared/domain/evaluate/evaluated.ts';
import type { Condition, Moment } from '../../shared/domain/rule/ast.ts';
import type { CalendarUnit, Duration } from '../../shared/domain/calendar/units.ts';
import {
  arbitraryDuration,
  monthDay,
  weekdayOfMonth,
  weekdayOfYear,
  yearEnd,
} from '../support/rules/arbitrary-words.ts';
import { EVALUATIONS, evaluateOn, events, NAMES, occurred, zone } from '../support/rules/evaluations.ts';
import type { Events } from '../support/rules/evaluations.ts';
import { referenceInstant } from '../support/rules/reference-rules.ts';

/** Ten million on demand take their time. */
const LONG = { timeout: 3_600_000 };

let evaluations = 0;
const count = <Result>(result: Result): Result => {
  evaluations += 1;
  return result;
};
const on = (...asked: Parameters<typeof evaluateOn>): Evaluated => count(evaluateOn(...asked));

const last = (name: string): Moment => ({ kind: 'event', name, pick: 'last' });
const period = arbitraryDuration({
  years: 40,
  months: 60,
  weeks: 60,
  days: 800,
  hours: 100,
  minutes: 90,
  seconds: 200,
});
const unit: fc.Arbitrary<CalendarUnit> = fc.oneof(
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

/** What the slow reading covers. */
const moment = fc.letrec<{ moment: Moment }>((tie) => {
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

const attributes = fc.record({ p: fc.boolean(), q: fc.boolean() }, { requiredKeys: [] });

describe('a rule', () => {
  test('is due exactly when a slow and plain reading says, in every zone', LONG, () => {
    const check = (rule: Moment, at: string, told: Events, given: Record<string, boolean>): void => {
      const found = on(rule, at, told, given);
      const wanted = referenceInstant(rule, { zone: at, events: told, attributes: given });
      if (found.kind === 'determined') expect(found.at).toBe(wanted);
      else expect(wanted).toBeUndefined();
    };
    fc.assert(fc.property(moment, zone, events, attributes, check), {
      numRuns: Math.ceil(EVALUATIONS * 0.012),
    });
  });
});

/** The date that a point reaches: for a midnight the one that it ends. */
function dateReached(point: Point, at: string): string {
  const date = localDate(point, at);
  return (point.kind === 'midnight' ? date.subtract({ days: 1 }) : date).toString();
}

/** In the order of the local wall clock: in an hour that is repeated it runs backwards, and an instant may not be later. */
function inLocalOrder(dates: readonly string[], at: string): string[] {
  const wall = (text: string): string =>
    text.length === 10 ? `${text}T24` : formatInstant(Date.parse(text), at).slice(0, 19);
  return dates
    .map((text) => ({ text, wall: wall(text) }))
    .toSorted((a, b) => (a.wall < b.wall ? -1 : 1))
    .map(({ text }) => text);
}

describe('one more, later event', () => {
  const onDates: Record<string, (length: Duration, of: CalendarUnit) => Moment> = {
    'after the event': (length) => ({ kind: 'after', period: length, start: last('a.a') }),
    'after the end of its month or year': (length, of) => ({
      kind: 'after',
      period: length,
      start: { kind: 'end-of', unit: of, of: last('a.a') },
    }),
  };
  const calendarOnly = arbitraryDuration({ years: 40, months: 60, weeks: 60, days: 800 });

  test.each(Object.entries(onDates))('never makes a period %s reach an earlier date', LONG, (_, rule) => {
    const batch = fc.array(occurred, { minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(calendarOnly, unit, zone, batch, (length, of, at, dates) => {
        let known: string[] = [];
        let reached = '';
        for (const date of inLocalOrder(dates, at)) {
          known = [...known.slice(-1), date];
          const found = on(rule(length, of), at, { 'a.a': known });
          if (found.kind !== 'determined') continue;
          const next = dateReached(found.point, at);
          expect(next >= reached).toBe(true);
          reached = next;
        }
      }),
      { numRuns: Math.ceil(EVALUATIONS * 0.006) },
    );
  });

  test('never makes hours and minutes end earlier', LONG, () => {
    const exact = arbitraryDuration({ hours: 10_000, minutes: 500 });
    const batch = fc.array(occurred, { minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(exact, zone, batch, (length, at, dates) => {
        const rule: Moment = { kind: 'after', period: length, start: last('a.a') };
        for (const [index, date] of dates.entries()) {
          const alone = on(rule, at, { 'a.a': [date] });
          const both = on(rule, at, { 'a.a': [date, dates[index - 1] ?? date] });
          if (alone.kind !== 'determined' || both.kind !== 'determined') continue;
          expect(both.at >= alone.at).toBe(true);
        }
      }),
      { numRuns: Math.ceil(EVALUATIONS * 0.006) },
    );
  });
});

afterAll(() => {
  process.stdout.write(`rule properties: ${evaluations.toLocaleString('en')} evaluations\n`);
});
