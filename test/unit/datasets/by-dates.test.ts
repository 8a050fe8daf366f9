import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { localDate } from '../../../shared/domain/calendar/calendar.ts';
import type { Policy } from '../../../shared/domain/configuration/policy.ts';
import { dateOf, goesByDates } from '../../../shared/domain/datasets/by-dates.ts';
import type { Instant, Occurred } from '../../../shared/domain/record/ids.ts';
import type { PlannedStage } from '../../../shared/domain/record/window.ts';
import {
  DATASET,
  EVENTS,
  plainStage,
  policyOf,
  stage,
  told,
  undoneBy,
  YEARS,
} from '../../support/datasets/arbitrary-rows.ts';
import { configured, planOfRow, type Told } from '../../support/datasets/dataset-world.ts';
import { EVALUATIONS, zone } from '../../support/rules/evaluations.ts';
import { aPolicy, anEvent, aRule } from '../../support/rules/rule-world.ts';

const DAY = 86_400_000;
const ruled = (rule: string, changes: Partial<Policy> = {}): Policy =>
  aPolicy({ records: [aRule(rule)] }, { events: EVENTS, ...YEARS, ...changes });

describe('the dates of a row’s clocks say enough', () => {
  test.each([
    '90 days after a.a',
    'delete at most 90 days after a.a',
    '36 hours after the end of the month of a.a',
    'the later of 3 years after a.a and 1 month after b.b if any',
    'the earlier of 3 years after a.a and 1 month after c.c',
    'if p is true, 1 year after a.a, otherwise 2 years after a.a',
  ])('by “%s”', (rule) => {
    expect(goesByDates(DATASET, ruled(rule))).toBe(true);
  });

  test.each<[rule: string, changes?: Partial<Policy>]>([
    ['if b.b has occurred within 30 days after a.a, 1 day after a.a, otherwise 10 years after a.a'],
    ['delete at least 1 day and at most 90 days after a.a'],
    ['3 working days after a.a', { holidays: [] }],
    ['90 days after a.a', { events: { ...EVENTS, 'a.a': anEvent({ entity: 'record', undoneBy: ['b.b'] }) } }],
    ['90 days after a.a', { events: { ...EVENTS, 'a.a': anEvent({ entity: 'record', personal: true }) } }],
    ['90 days after a.a', { jurisdictionFrom: { event: 'a.a', attribute: 'to' } }],
    ['90 days after a.a', { children: { under: { years: 18 }, found: 'b.b' } }],
    ['90 days after a.a', { zone: 'Nowhere/Nowhere' }],
  ])('but not by “%s”, with %o', (rule, changes) => {
    expect(goesByDates(DATASET, ruled(rule, changes))).toBe(false);
  });

  test('but not where the category has a cap', () => {
    const policy = ruled('90 days after a.a');
    const records = { rules: [aRule('90 days after a.a')], cap: aRule('1 year after a.a') };
    expect(goesByDates(DATASET, { ...policy, categories: { records } })).toBe(false);
  });
});

const dueAt = (next: PlannedStage | undefined): Instant =>
  next?.actAt === undefined || next.heldByRule === true
    ? Infinity
    : Math.max(next.actAt, next.window?.floor ?? 0, next.window?.notBefore ?? 0);
const byDates = (row: Told, at: string): Told => ({
  ...row,
  clocks: Object.fromEntries(
    Object.entries(row.clocks).map(([event, occurred]) => [event, dateOf(occurred as Occurred, at)]),
  ),
});

const LONG = { timeout: 600_000 };
const HALF_DAY = 43_200_000;

test(
  'by whatever rules they say enough: a row that is due by its dates is due by its times a day later',
  LONG,
  () => {
    let decided = 0;
    const stages = fc.array(fc.oneof({ weight: 4, arbitrary: plainStage }, stage), {
      minLength: 1,
      maxLength: 2,
    });
    const offset = fc.integer({ min: -HALF_DAY, max: HALF_DAY });
    fc.assert(
      fc.property(fc.record({ stages, at: zone, undo: undoneBy, row: told, offset }), (life) => {
        const { at, row, offset } = life;
        const policy = policyOf(life.stages, at, life.undo);
        if (!goesByDates(DATASET, policy)) return;
        const core = configured([policy]);
        const times = Object.entries(row.clocks).map(([event, occurred], index) => {
          const moves = occurred.length === 10 ? HALF_DAY : offset * (index + 1);
          return [event, new Date(Date.parse(occurred) + moves).toISOString()] as const;
        });
        const timed = { ...row, clocks: Object.fromEntries(times) };
        for (const now of [Date.parse('2026-03-01T00:00:00Z'), Date.parse('2200-01-01T00:00:00Z')]) {
          const dated = dueAt(planOfRow(core, DATASET, byDates(timed, at), now).next);
          if (dated === Infinity) continue;
          decided += 1;
          expect(dueAt(planOfRow(core, DATASET, timed, now).next)).toBeLessThanOrEqual(dated + DAY);
        }
      }),
      { numRuns: Math.ceil(EVALUATIONS / 1000) },
    );
    expect(decided).toBeGreaterThan(EVALUATIONS / 10_000);
  },
);

test('a date is that of the clock’s zone, or a later one', () => {
  fc.assert(
    fc.property(
      zone,
      fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
      (at, time) => {
        const exact = localDate({ kind: 'instant', at: time.getTime() }, at).toString();
        const date = dateOf(time.toISOString() as Occurred, at);
        expect(date >= exact).toBe(true);
        if (time.getUTCFullYear() > 1972) expect(date).toBe(exact);
      },
    ),
  );
  expect(dateOf('2025-01-02' as Occurred, 'Pacific/Apia')).toBe('2025-01-02');
});
