import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { formatInstant, localDate } from '../../shared/domain/calendar/calendar.ts';
import type { Point } from '../../shared/domain/calendar/calendar.ts';
import type { Evaluated } from '../../shared/domain/evaluate/evaluated.ts';
import type { Moment } from '../../shared/domain/rule/ast.ts';
import type { CalendarUnit, Duration } from '../../shared/domain/calendar/units.ts';
import { attributes, moment, unit } from '../support/explanation/arbitrary-referenced.ts';
import { arbitraryDuration } from '../support/rules/arbitrary-words.ts';
import { EVALUATIONS, evaluateOn, events, occurred, zone } from '../support/rules/evaluations.ts';
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
