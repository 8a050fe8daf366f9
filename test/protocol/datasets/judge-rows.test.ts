import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Policy } from '../../../shared/domain/configuration/policy.ts';
import type { Instant } from '../../../shared/domain/record/ids.ts';
import {
  DATASET,
  EVENTS,
  plainStage,
  policyOf,
  stage,
  told,
  undoneBy,
} from '../../support/datasets/arbitrary-rows.ts';
import { planOfRow, type Told } from '../../support/datasets/dataset-world.ts';
import { isDueAlone, judge, worldWith } from '../../support/datasets/judged-rows.ts';
import { EVALUATIONS, zone } from '../../support/rules/evaluations.ts';
import { aPolicy, aRule } from '../../support/rules/rule-world.ts';

const DAY = 86_400_000;
const LONG = { timeout: 600_000 };

test('whatever the rules and the rows say, the plan of each row alone says the same', LONG, () => {
  let [due, shared] = [0, 0];
  const life = fc.record({
    rules: fc.array(fc.oneof(plainStage, stage), { minLength: 1, maxLength: 2 }),
    at: zone,
    undo: undoneBy,
    row: told,
    offsets: fc.array(fc.integer({ min: -DAY, max: DAY }), { minLength: 3, maxLength: 12 }),
    since: fc.integer({ min: -DAY, max: 5 * DAY }),
  });
  fc.assert(
    fc.property(life, ({ rules, at, undo, row, offsets, since }) => {
      const policy = policyOf(rules, at, undo);
      const w = worldWith([policy], '2200-01-01T00:00:00Z');
      const { next } = planOfRow(w.core, DATASET, row, w.clock.now());
      w.clock.set(Math.max(next?.actAt ?? w.clock.now(), Date.parse('1975-01-01')) + since);
      const first = row.clocks['a.a'] ?? '2020-01-01';
      const rows = [
        row,
        ...offsets.map((offset) => ({
          ...row,
          clocks: { ...row.clocks, 'a.a': new Date(Date.parse(first) + offset).toISOString() },
        })),
      ];
      const judged = judge(w, rows);
      const plans = judged.filter((one) => typeof one === 'object');
      due += plans.length;
      shared += plans.length - new Set(plans).size;
      expect(judged.map((one) => typeof one === 'object')).toEqual(rows.map((one) => isDueAlone(w, one)));
    }),
    { numRuns: Math.ceil(EVALUATIONS / 3000) },
  );
  expect(due).toBeGreaterThan(EVALUATIONS / 3000);
  expect(shared).toBeGreaterThan(EVALUATIONS / 10_000);
});

describe('rows of one day', () => {
  const RULE = '90 days after a.a';
  const policyWith = (rule = RULE, changes: Partial<Policy> = {}): Policy =>
    aPolicy({ records: [aRule(rule)] }, { events: EVENTS, zone: 'Europe/Berlin', ...changes });
  const rowsOf = (...times: string[]): Told[] => times.map((time) => ({ clocks: { 'a.a': time } }));
  const MORNING = '2025-06-01T05:00:00.000Z';
  const EVENING = '2025-06-01T20:00:00.000Z';
  const NIGHT = '2025-06-01T22:30:00.000Z';

  test('share a plan when their date is due since yesterday', () => {
    // The 1st of June ends on 30 August at its end, that is on the 31st.
    const w = worldWith([policyWith()], '2025-08-31T22:01:00Z');
    const [one, other, next] = judge(w, rowsOf(MORNING, EVENING, NIGHT));
    expect(one).toMatchObject({ facts: [{ occurred: '2025-06-01' }] });
    expect(other).toBe(one);
    // It is the 2nd of June in Berlin.
    expect(next).toMatchObject({ facts: [{ occurred: NIGHT }] });
  });

  test('are planned by their times until then, to the minute', () => {
    const at = (now: string) => judge(worldWith([policyWith()], now), rowsOf(MORNING, EVENING));
    expect(at('2025-08-30T05:00:59Z')).toEqual(['early', 'early']);
    expect(at('2025-08-30T05:01:00Z')).toMatchObject([{ facts: [{ occurred: MORNING }] }, 'early']);
    expect(at('2025-08-31T22:00:59Z')).toMatchObject([
      { facts: [{ occurred: MORNING }] },
      { facts: [{ occurred: EVENING }] },
    ]);
  });

  test('have plans of their own by a rule that asks for the order of events', () => {
    const rule =
      'if b.b has occurred within 30 days after a.a, 1 day after a.a, otherwise 10 years after a.a';
    const w = worldWith([policyWith(rule)], '2026-01-01T00:00:00Z');
    const used = { 'b.b': '2025-07-01T12:00:00.000Z' };
    const rows = rowsOf(MORNING, EVENING).map(({ clocks }) => ({ clocks: { ...clocks, ...used } }));
    expect(judge(w, rows)).toMatchObject(['early', { facts: [{ occurred: EVENING }, {}] }]);
  });

  test('have plans of their own just after a version of the policy came into effect', () => {
    const effectiveFrom = Date.parse('2025-10-01T00:00:00Z');
    const versions = [policyWith(), policyWith(RULE, { version: '2', effectiveFrom })];
    const at = (now: Instant) => judge(worldWith(versions, now), rowsOf(MORNING));
    expect(at(effectiveFrom + 59_000)).toMatchObject([{ facts: [{ occurred: MORNING }] }]);
    expect(at(effectiveFrom + 60_000)).toMatchObject([{ facts: [{ occurred: '2025-06-01' }] }]);
  });

  test('share it whomever they name, as long as nothing is known of them', () => {
    const w = worldWith([policyWith()], '2025-10-01T00:00:00Z');
    const rows = rowsOf(MORNING, EVENING, MORNING).map((row, index) =>
      index === 2 ? { ...row, account: { 'c.c': ['2025-01-01'] } } : row,
    );
    const [one, other, known] = judge(w, rows);
    expect(other).toBe(one);
    expect(known).not.toBe(one);
    expect(known).toEqual(one);
  });
});
