import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  endOfUnit,
  lastDayOfUnit,
  nextDay,
  nextRun,
  weekdayOfMonth,
} from '../../../shared/domain/calendar/rounding.ts';
import { parseRule, parseYearEnd } from '../../../shared/domain/rule/parse.ts';
import { printRule } from '../../../shared/domain/rule/print.ts';
import { printDay } from '../../../shared/domain/rule/print-period.ts';
import { weekdayOfMonth as anyWeekday, weekdayOfYear, yearEnd } from '../../support/rules/arbitrary-words.ts';
import { GOOD_POLICY, mistakesIn, policyFrom, written } from '../../support/rules/policy-text.ts';
import { boundOf, planFor } from '../../support/rules/rule-world.ts';
import { tenure } from '../../support/run-tenure.ts';

function read(rule: string): string {
  const parsed = parseRule(rule);
  return parsed.ok ? printRule(parsed.rule) : `${parsed.error.column}: ${parsed.error.message}`;
}

describe('a rule can say', () => {
  test.each([
    ['until the last Friday of the month of x.y', 'until the last Friday of the month of x.y'],
    [
      'until the second Tuesday in the month in which x.y occurred',
      'until the 2nd Tuesday of the month of x.y',
    ],
    ['until the last Friday of September after x.y', 'until the next last Friday of September after x.y'],
    ['until the next first Monday in May after x.y', 'until the next 1st Monday of May after x.y'],
    ['until the end of the day on which x.y occurred', 'the end of the day of x.y'],
    ['1 hour after x.y, at the end of the day', 'the end of the day of 1 hour after x.y'],
    ['1 hour after x.y, at the end of the calendar year', 'the end of the calendar year of 1 hour after x.y'],
    [
      '1 year after x.y, at the next monthly run on the last Friday at 04:00',
      'the next run on the last Friday of the month at 04:00 after 1 year after x.y',
    ],
    [
      '1 year after x.y, at the next yearly run on the first Monday of May',
      'the next run on the 1st Monday of May after 1 year after x.y',
    ],
    [
      '1 year after the end of the fiscal year ending on the Saturday closest to 31 December of x.y',
      '1 year after the end of the year ending the Saturday nearest 12-31 of x.y',
    ],
    [
      '1 year after the end of the fiscal year ending last Saturday in September of x.y',
      '1 year after the end of the year ending the last Saturday of September of x.y',
    ],
  ])('“%s”', (rule, canonical) => {
    expect(read(rule)).toBe(canonical);
    expect(read(canonical)).toBe(canonical);
  });
});

describe('a rule is refused that says', () => {
  test.each([
    ['until the fifth Friday of the month of x.y', /^11: not every month has such a Friday/],
    ['until the next last Friday of the month after x.y', /^16: after "next", name the month/],
    ['until the 2nd last Friday of September after x.y', /^15: expected an event/],
    ['until the last Friday', /expected "of" and a month/],
    ['1 year after x.y, at the next run on the last Friday', /expected "of" and a month/],
    ['until the last day of the day of x.y', /write "the end of the day of"/],
    ['within 30 days after x.y, at the end of the day', /^27: a maximum cannot wait/],
    ['6 months after x.y at the end of the calendar year', /^20: it is not clear what is at the end of it/],
    ['1 year after the end of the year ending the last Friday of the month of x.y', /name the month/],
  ])('“%s”', (rule, message) => expect(read(rule)).toMatch(message));
});

describe('a fiscal year that ends on the last Saturday of September', () => {
  const rule = '3 years after the end of the fiscal year of invoice.issued';
  const named =
    '3 years after the end of the fiscal year ending the last Saturday of September of invoice.issued';
  const policy = `${GOOD_POLICY}  books: 3 years after the end of the fiscal year of account.closed\n`;

  test.each([
    ['2026-09-26', '2029-09-27T00:00:00-04:00'],
    ['2026-09-27', '2030-09-26T00:00:00-04:00'],
    ['2027-09-25', '2030-09-26T00:00:00-04:00'],
    // The year that ends on 30 September 2028 has 53 weeks.
    ['2027-09-26', '2031-10-01T00:00:00-04:00'],
    ['2028-09-30', '2031-10-01T00:00:00-04:00'],
  ])('contains %s until %s', (occurred, due) => {
    const events = { 'invoice.issued': occurred };
    expect(boundOf(named, 'America/New_York', events)).toBe(due);
    const year = policyFrom(written('regions', 'fiscalYearEnd: last saturday of september\nregions', policy));
    const { fiscalYearEnd } = year;
    const { next } = planFor(rule, events, { zone: 'America/New_York', fiscalYearEnd: fiscalYearEnd! });
    expect(next?.window?.notBefore).toBe(Date.parse(due));
  });

  test('is read from policies and from the command line', async () => {
    expect(mistakesIn(written('regions', 'fiscalYearEnd: last saturday\nregions', policy))).toEqual([
      expect.stringMatching(/or as `last saturday of september`/),
      expect.stringMatching(/the policy has no fiscal year end/),
    ]);
    const asked = [
      'rule',
      'due',
      '--rule',
      '1 day after the end of the fiscal year of 2026-09-27',
      '--zone',
      'UTC',
    ];
    const { out } = await tenure([...asked, '--fiscal-year-end', 'the last Saturday of September', '--json']);
    expect(JSON.parse(out)).toMatchObject({ due: '2027-09-27T00:00:00+00:00' });
  });
});

const DAY = 86_400_000;
const iso = (day: number): string => new Date(day * DAY).toISOString().slice(0, 10);
const day = fc.integer({ min: Date.parse('1990-01-01') / DAY, max: Date.parse('2060-12-31') / DAY });

describe('on every date', () => {
  test('a year of weeks has 52 or 53 of them, and ends on its weekday', () => {
    const saturday = fc.oneof(weekdayOfYear, yearEnd).filter((end) => typeof end !== 'string');
    fc.assert(
      fc.property(day, saturday, (at, yearEnding) => {
        const end = lastDayOfUnit({ kind: 'date', date: iso(at) }, { yearEnding }, 'UTC');
        if (end.kind !== 'date') throw new Error('not a date');
        const last = Date.parse(end.date) / DAY;
        const next = lastDayOfUnit({ kind: 'date', date: iso(last + 1) }, { yearEnding }, 'UTC');
        if (next.kind !== 'date') throw new Error('not a date');
        const days = Date.parse(next.date) / DAY - last;
        expect(last).toBeGreaterThanOrEqual(at);
        expect([52 * 7, 53 * 7]).toContain(days);
        expect(new Date(last * DAY).getUTCDay()).toBe(yearEnding.weekday % 7);
      }),
    );
  });

  test('a run on a weekday of a month is the first such day that is not over', () => {
    const isDay = (at: number, { nth, weekday }: { nth: number; weekday: number }): boolean => {
      const date = new Date(at * DAY);
      if (date.getUTCDay() !== weekday % 7) return false;
      return nth === -1
        ? new Date((at + 7) * DAY).getUTCMonth() !== date.getUTCMonth()
        : Math.ceil(date.getUTCDate() / 7) === nth;
    };
    fc.assert(
      fc.property(day, anyWeekday, fc.option(fc.integer({ min: 1, max: 12 })), (at, which, month) => {
        const weekdayOf = month === null ? which : { ...which, month };
        let wanted = at + 1;
        while (
          !isDay(wanted, which) ||
          (month !== null && new Date(wanted * DAY).getUTCMonth() + 1 !== month)
        )
          wanted += 1;
        const point = { kind: 'date', date: iso(at) } as const;
        expect(nextRun(point, { weekdayOf }, undefined, 'UTC')).toEqual({
          kind: 'midnight',
          date: iso(wanted),
        });
        if ('month' in weekdayOf)
          expect(nextDay(point, { day: weekdayOf, count: 1 }, 'UTC')).toEqual({
            kind: 'date',
            date: iso(wanted),
          });
      }),
    );
  });

  test('a year end is read as it is printed', () => {
    fc.assert(
      fc.property(yearEnd, (end) => {
        expect(parseYearEnd(printDay(end))).toEqual({ ok: true, yearEnd: end });
      }),
    );
  });
});

test('nothing is done on a weekday that was before the event', () => {
  const point = { kind: 'date', date: '2026-09-20' } as const;
  expect(weekdayOfMonth(point, { nth: 1, weekday: 5 }, 'UTC')).toEqual({ kind: 'date', date: '2026-09-04' });
  const { next } = planFor('until the first Friday of the month of invoice.issued', {
    'invoice.issued': '2026-09-20',
  });
  expect(next?.actAt).toBe(Date.parse('2026-09-21T00:00:00Z'));
});

test('the end of a day without a midnight is the first instant of the next', () => {
  const chat = { kind: 'instant', at: Date.parse('2024-03-30T20:00:00Z') } as const;
  expect(endOfUnit(chat, 'day', 'Asia/Beirut')).toEqual({ kind: 'midnight', date: '2024-03-31' });
  expect(
    boundOf('until the end of the day of invoice.issued', 'Asia/Beirut', {
      'invoice.issued': '2024-03-30T20:00:00Z',
    }),
  ).toBe('2024-03-31T01:00:00+03:00');
});
