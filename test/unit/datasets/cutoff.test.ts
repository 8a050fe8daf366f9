import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Policy } from '../../../shared/domain/configuration/policy.ts';
import { pointOf, startOf } from '../../../shared/domain/calendar/calendar.ts';
import { earliest } from '../../../shared/domain/facts/occurrence-time.ts';
import type { Occurred } from '../../../shared/domain/record/ids.ts';
import type { Moment } from '../../../shared/domain/rule/ast.ts';
import { cutoffOf } from '../../../shared/protocol/datasets/cutoff.ts';
import {
  DATASET,
  EVENTS,
  policyOf,
  stage,
  told,
  undoneBy,
  YEARS,
} from '../../support/datasets/arbitrary-rows.ts';
import { configured, planOfRow } from '../../support/datasets/dataset-world.ts';
import { EVALUATIONS, zone } from '../../support/rules/evaluations.ts';
import { aPolicy, aRule, iso } from '../../support/rules/rule-world.ts';

const cutoff = (policies: readonly Policy[], at: string) =>
  cutoffOf(configured(policies), DATASET, Date.parse(at));
const cutoffFor = (rule: string, at: string, changes: Partial<Policy> = {}) => {
  const found = cutoff([aPolicy({ records: [aRule(rule)] }, { events: EVENTS, ...YEARS, ...changes })], at);
  return found && { at: iso(found.at), date: found.date };
};

describe('the cutoff of a dataset', () => {
  test.each([
    ['delete after 3 years from a.a', '2026-03-01T00:00:00Z', '2023-03-01T02:00:00Z', '2023-02-28'],
    // A row of the 29th is due with those of the 28th, and one of the 28th at noon only at noon.
    ['delete after 1 year from a.a', '2025-02-28T00:00:00Z', '2024-02-29T02:00:00Z', '2024-02-27'],
    [
      'delete 1 year after the end of the calendar year of a.a',
      '2026-06-01T00:00:00Z',
      '2025-01-01T01:59:59.999Z',
      '2024-12-31',
    ],
    ['delete after 90 days from a.a', '1970-02-01T00:00:00Z', undefined, undefined],
  ])('of “%s” at %s is the last clock that can be due, and two hours', (rule, now, at, date) => {
    expect(cutoffFor(rule, now)).toEqual(at === undefined ? undefined : { at, date });
  });

  it('is that of the policy version in effect, not of one that is coming', () => {
    const versions = (later: string) => [
      aPolicy({ records: [aRule('delete after 3 years from a.a')] }, { events: EVENTS }),
      aPolicy(
        { records: [aRule('delete after 1 year from a.a')] },
        { events: EVENTS, version: '2', effectiveFrom: Date.parse(later) },
      ),
    ];
    const at = '2026-03-01T00:00:00Z';
    expect(iso(cutoff(versions('2026-03-01T00:00:01Z'), at)?.at)).toBe('2023-03-01T02:00:00Z');
    expect(iso(cutoff(versions('2026-03-01T00:00:00Z'), at)?.at)).toBe('2025-03-01T02:00:00Z');
  });
});

test.each([
  ['Europe/Berlin', '2026-03-29T00:50:00Z'],
  ['Europe/Berlin', '2026-10-26T00:50:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T15:20:00Z'],
])('no row after the cutoff is due while clocks of %s are moved', (at, from) => {
  const MINUTES = 60_000;
  const core = configured([policyOf([{ action: 'delete', notBefore: DAY_AFTER }], at, [])]);
  const isDue = (clock: number, now: number): boolean => {
    const { next } = planOfRow(core, DATASET, { clocks: { 'a.a': new Date(clock).toISOString() } }, now);
    return (next?.actAt ?? Infinity) <= now;
  };
  let later = 0;
  for (let now = Date.parse(from); now < Date.parse(from) + 90 * MINUTES; now += 7 * MINUTES) {
    const found = cutoffOf(core, DATASET, now)?.at ?? 0;
    for (let clock = now - 27 * 60 * MINUTES; clock < now - 20 * 60 * MINUTES; clock += 5 * MINUTES) {
      if (!isDue(clock, now)) continue;
      expect(clock).toBeLessThanOrEqual(found);
      if (!isDue(clock - 10 * MINUTES, now)) later += 1;
    }
  }
  // Rows that are due although earlier ones are not: what the two hours are for.
  expect(later).toBeGreaterThan(0);
});

const DAY_AFTER: Moment = {
  kind: 'after',
  period: { days: 1 },
  start: { kind: 'event', name: 'a.a', pick: 'first' },
};

const LONG = { timeout: 600_000 };
const HALF_HOUR = 1_800_000;

const length = fc.record(
  {
    years: fc.integer({ min: 1, max: 3 }),
    months: fc.integer({ min: 1, max: 14 }),
    days: fc.integer({ min: 1, max: 40 }),
  },
  { requiredKeys: ['months'] },
);
/** One clock, and up to three steps of the calendar. */
const chain = fc
  .array(
    fc.oneof(
      {
        weight: 3,
        arbitrary: length.map((period) => (of: Moment): Moment => ({ kind: 'after', period, start: of })),
      },
      length.map(() => (of: Moment): Moment => ({ kind: 'after', period: { workingDays: 3 }, start: of })),
      fc.constant((of: Moment): Moment => ({ kind: 'before', period: { days: 10 }, end: of })),
      fc.constant((of: Moment): Moment => ({ kind: 'run', every: 'day', time: '02:30', of })),
      fc.constant((of: Moment): Moment => ({ kind: 'end-of', unit: 'day', of })),
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((steps) =>
    steps.reduce<Moment>((of, step) => step(of), { kind: 'event', name: 'a.a', pick: 'first' }),
  );
const awkward = fc.constantFrom(
  '2026-02-28',
  '2025-03-01',
  '2024-02-29',
  '2026-03-29',
  '2026-10-25',
  '2026-04-05',
  '2025-12-31',
);

describe('whatever the rules and the row say', () => {
  // `planOf` itself decides; the cutoff only says which rows it is asked about.
  test('a row that is due is not after the cutoff, at the very minute in which it becomes due', LONG, () => {
    let due = 0;
    fc.assert(
      fc.property(
        fc.array(stage, { minLength: 1, maxLength: 2 }),
        zone,
        undoneBy,
        told,
        (rules, at, undo, row) => {
          const core = configured([policyOf(rules, at, undo)]);
          const { next } = planOfRow(core, DATASET, row, Date.parse('2200-01-01T00:00:00Z'));
          const now = next?.actAt;
          if (now === undefined || now < Date.parse('1972-02-01T00:00:00Z')) return;
          const { next: then } = planOfRow(core, DATASET, row, now);
          if (then?.actAt === undefined || then.actAt > now || then.heldByRule) return;
          const clock = row.clocks['a.a'] as Occurred;
          // What has not begun anywhere is not a date of the past: the row is kept.
          if (earliest(clock) > now) return;
          due += 1;
          const found = cutoffOf(core, DATASET, now);
          if (clock.length === 10) expect(clock <= (found?.date ?? '')).toBe(true);
          else expect(startOf(pointOf(clock), at)).toBeLessThanOrEqual(found?.at ?? 0);
        },
      ),
      { numRuns: Math.ceil(EVALUATIONS / 5000) },
    );
    expect(due).toBeGreaterThan(EVALUATIONS / 25_000);
  });

  test(
    'no row of the month after the cutoff is due, at ends of months and when clocks are moved',
    LONG,
    () => {
      const check = (rule: Moment, at: string, day: string, minutes: number): void => {
        const core = configured([policyOf([{ action: 'delete', notBefore: rule }], at, [])]);
        const now = Date.parse(`${day}T00:00:00Z`) + minutes * 60_000;
        const found = cutoffOf(core, DATASET, now);
        if (found === undefined) return;
        const isDue = (clock: string): boolean =>
          (planOfRow(core, DATASET, { clocks: { 'a.a': clock } }, now).next?.actAt ?? Infinity) <= now;
        for (let next = found.at + 1; next <= Math.min(now, found.at + 12 * 86_400_000); next += HALF_HOUR)
          expect(isDue(new Date(next).toISOString())).toBe(false);
        for (let days = 1; days < 32; days += 1) {
          const next = new Date(Date.parse(found.date) + days * 86_400_000)
            .toISOString()
            .slice(0, 10) as Occurred;
          expect(earliest(next) <= now && isDue(next)).toBe(false);
        }
      };
      fc.assert(fc.property(chain, zone, awkward, fc.integer({ min: -2000, max: 2000 }), check), {
        numRuns: Math.ceil(EVALUATIONS / 10_000),
      });
    },
  );
});
