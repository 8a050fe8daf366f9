import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Duration } from '../../shared/domain/calendar/units.ts';
import { printPeriod } from '../../shared/domain/rule/print-period.ts';
import { arbitraryDuration } from '../support/rules/arbitrary-words.ts';
import { referenceDue } from '../support/rules/reference-calendar.ts';
import { aPolicy, aRule, planOf } from '../support/rules/rule-world.ts';

const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
const troublesome = fc.constantFrom(
  'Europe/Berlin',
  'America/Sao_Paulo',
  'Pacific/Apia',
  'Asia/Almaty',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'America/St_Johns',
  'Asia/Beirut',
  'Asia/Tehran',
);
const zone = fc.oneof(zones, troublesome);
const instants = fc.date({
  min: new Date('1972-01-01T00:00:00Z'),
  max: new Date('2036-12-31T00:00:00Z'),
  noInvalidDate: true,
});
const occurred = fc.oneof(
  instants.map((instant) => instant.toISOString()),
  instants.map((instant) => instant.toISOString().slice(0, 10)),
  fc.constantFrom(
    '2024-02-29',
    '2011-12-29',
    '2011-12-30',
    '2017-10-14',
    '2018-11-03',
    '2024-03-31T01:30:00+01:00',
    '2024-10-27T02:30:00+01:00',
  ),
);
const period = arbitraryDuration({ years: 40, months: 60, weeks: 60, days: 800, hours: 100 });

function notBefore(rule: string, at: string, dates: readonly string[]): number | undefined {
  const policies = [aPolicy({ records: [aRule(rule)] }, { zone: at })];
  return planOf({ policies, subjects: [{ events: { 'contract.ended': dates } }] }).next?.window?.notBefore;
}

describe('a period after an event', () => {
  test('ends exactly when a slow reading of the conventions says, in every zone', () => {
    fc.assert(
      fc.property(occurred, period, zone, (date, length, at) => {
        expect(notBefore(`${printPeriod(length)} after contract.ended`, at, [date])).toBe(
          referenceDue(date, length, at),
        );
      }),
      {
        numRuns: 2500,
        examples: [
          ['2011-12-29', { days: 1 }, 'Pacific/Apia'],
          ['2017-10-13', { days: 1 }, 'America/Sao_Paulo'],
          ['2020-02-29', { years: 4 }, 'Asia/Almaty'],
        ],
      },
    );
  });

  // The calendar itself does not keep order to the hour: a month after 30 January 23:00 is 28 February 23:00, a month
  // after 31 January 00:00 is 28 February 00:00. Exact time does.
  test.each([
    ['in hours never ends earlier', fc.record({ hours: fc.integer({ min: 1, max: 10_000 }) }), 0],
    ['on the calendar ends at most two days earlier', period, 2 * 86_400_000],
  ] as const)('%s because the event happened once more, later', (_, periods, slack) => {
    fc.assert(
      fc.property(
        occurred,
        occurred,
        periods as fc.Arbitrary<Duration>,
        zone,
        (first, second, length, at) => {
          const rule = `${printPeriod(length)} after contract.ended`;
          const alone = notBefore(rule, at, [first]) ?? Infinity;
          expect(notBefore(rule, at, [first, second])).toBeGreaterThanOrEqual(alone - slack);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('never ends before the event', () => {
    fc.assert(
      fc.property(occurred, period, zone, (date, length, at) => {
        const due = notBefore(`${printPeriod(length)} after contract.ended`, at, [date]);
        expect(due).toBeGreaterThanOrEqual(notBefore('until contract.ended', at, [date]) ?? Infinity);
      }),
      { numRuns: 1000 },
    );
  });
});

test('the zone and language of the machine change nothing', () => {
  const script = `
    import { aPolicy, aRule, planOf } from ${JSON.stringify(new URL('../support/rules/rule-world.ts', import.meta.url).href)};
    const rule = 'at least 3 years and at most 10 years after the end of the calendar year of contract.ended';
    const policies = [aPolicy({ records: [aRule(rule)] }, { zone: 'America/Sao_Paulo' })];
    const plan = planOf({ policies, subjects: [{ events: { 'contract.ended': ['2024-12-31', '2017-10-14T23:59:59.999-03:00'] } }] });
    console.log(JSON.stringify(plan));
  `;
  const run = (environment: Record<string, string>): string => {
    const result = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, ...environment },
      encoding: 'utf8',
    });
    expect(result.stderr).toBe('');
    return result.stdout;
  };
  const here = run({ TZ: 'UTC', LC_ALL: 'C' });
  expect(here).toContain('2028-01-01T00:00:00-03:00');
  expect(run({ TZ: 'Pacific/Apia', LC_ALL: 'tr_TR.UTF-8' })).toBe(here);
});
