import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Occurred } from '../../../shared/domain/record/ids.ts';
import { dateOf } from '../../../shared/domain/datasets/by-dates.ts';
import { DATASET, EVENTS, plainStage, policyOf } from '../../support/datasets/arbitrary-rows.ts';
import { planOfRow, type Told } from '../../support/datasets/dataset-world.ts';
import { isDueAlone, judge, worldWith } from '../../support/datasets/judged-rows.ts';
import { aPolicy, aRule } from '../../support/rules/rule-world.ts';

const DAY = 86_400_000;

/** When a date is left out, an hour of midnight does not exist, or a date begins twice. */
const CHANGES: readonly (readonly [zone: string, at: string])[] = [
  ['Pacific/Apia', '2011-12-30T10:00:00Z'],
  ['Pacific/Fakaofo', '2011-12-30T10:00:00Z'],
  ['Pacific/Kwajalein', '1993-08-21T12:00:00Z'],
  ['Pacific/Kiritimati', '1994-12-31T10:00:00Z'],
  ['Australia/Lord_Howe', '2021-04-03T15:00:00Z'],
  ['Australia/Lord_Howe', '2021-10-02T15:30:00Z'],
  ['Africa/Casablanca', '2024-03-10T02:00:00Z'],
  ['Africa/Casablanca', '2024-04-14T02:00:00Z'],
  ['America/Sao_Paulo', '2018-11-04T03:00:00Z'],
  ['America/Sao_Paulo', '2019-02-17T02:00:00Z'],
  ['Asia/Beirut', '2023-03-29T22:00:00Z'],
  ['Africa/Cairo', '2023-10-26T21:00:00Z'],
  ['Asia/Gaza', '2015-03-27T22:00:00Z'],
  ['America/Havana', '2022-11-06T05:00:00Z'],
  ['America/Scoresbysund', '2024-03-31T01:00:00Z'],
  ['America/St_Johns', '2009-11-01T02:31:00Z'],
  ['America/Goose_Bay', '2009-11-01T03:01:00Z'],
  ['America/Moncton', '1993-10-31T03:01:00Z'],
  ['Africa/Monrovia', '1972-01-07T00:44:30Z'],
];

test(
  'around changes of clocks at midnight, the plan of each row alone says the same',
  { timeout: 600_000 },
  () => {
    const offset = fc.oneof(
      fc.integer({ min: -2 * DAY, max: 2 * DAY }),
      fc.integer({ min: -90_000, max: 90_000 }),
    );
    const life = fc.record({
      rules: fc.array(plainStage, { minLength: 1, maxLength: 2 }),
      change: fc.constantFrom(...CHANGES),
      offsets: fc.array(offset, { minLength: 3, maxLength: 14 }),
      since: fc.integer({ min: -DAY, max: 5 * DAY }),
      jurisdiction: fc.constantFrom('DE', 'FR'),
    });
    fc.assert(
      fc.property(life, ({ rules, change: [zone, at], offsets, since, jurisdiction }) => {
        const w = worldWith([policyOf(rules, zone, [])], '2200-01-01T00:00:00Z');
        const rows = offsets.map((after): Told => ({
          clocks: { 'a.a': new Date(Date.parse(at) + after).toISOString() },
          attributes: { jurisdiction },
        }));
        const { next } = planOfRow(w.core, DATASET, { account: {}, ...(rows[0] as Told) }, w.clock.now());
        w.clock.set(Math.max(next?.actAt ?? w.clock.now(), Date.parse('1975-01-01')) + since);
        const judged = judge(w, rows).map((one) => typeof one === 'object');
        expect(judged).toEqual(rows.map((row) => isDueAlone(w, row)));
      }),
      { numRuns: 800 },
    );
  },
);

test('a row of the first minute of a month stays to its end, where the day before came again after it', () => {
  const [zone, time] = ['America/St_Johns', '2009-11-01T02:30:30.000Z'];
  expect(dateOf(time as Occurred, zone)).toBe('2009-11-01');
  const rule = '17 years after the end of the month of a.a';
  const policy = aPolicy({ records: [aRule(rule)] }, { events: EVENTS, zone });
  const at = (now: string) => judge(worldWith([policy], now), [{ clocks: { 'a.a': time } }]);
  expect(at('2026-11-20T00:00:00Z')).toEqual(['early']);
  expect(at('2026-12-03T00:00:00Z')).toMatchObject([{ status: 'due' }]);
});
