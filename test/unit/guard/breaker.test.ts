import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { present } from '../../../shared/domain/present.ts';
import { breakerGate, stopGate, stopsOf, approvedStop } from '../../../shared/domain/guard/breaker.ts';
import { type Ask, judge, type LaneGuard, NEW_GUARD } from '../../../shared/domain/guard/lane-guard.ts';
import { hourGate } from '../../../shared/domain/guard/rate-gates.ts';
import { at } from '../../support/samples.ts';

const NOW = at('2026-03-02T10:15:30Z');
const DAY = 86_400_000;
const ask: Ask = {
  action: 'delete',
  destroys: true,
  weight: 1,
  policy: 'crm',
  rule: 'r',
  key: 'k',
  policies: ['crm'],
};
const other: Ask = { ...ask, rule: 'other', key: 'other' };

function asked(guard: LaneGuard, count: number, now = NOW, one = ask) {
  const gates = [stopGate(now), breakerGate({ recordsPerDay: 5 }, now), hourGate(1000, now)];
  const judged = judge(
    guard,
    Array.from({ length: count }, () => one),
    gates,
  );
  const granted = judged.verdicts.reduce((sum, verdict) => sum + verdict.granted, 0);
  return { guard: judged.guard, granted, last: judged.verdicts.at(-1) };
}

describe('a breaker', () => {
  test('lets through what fits into a day, and stops the rule with the first that does not', () => {
    const first = asked(NEW_GUARD, 5);
    expect(first.granted).toBe(5);
    expect(stopsOf(first.guard)).toEqual([]);
    const second = asked(first.guard, 3);
    expect(second).toMatchObject({ granted: 0, last: { because: { code: 'RULE_STOPPED' } } });
    const stop = { policy: 'crm', rule: 'r', at: NOW, because: 'VOLUME', taken: 5, most: 5 };
    expect(stopsOf(second.guard)).toEqual([{ key: 'k', ...stop }]);
    expect(asked(second.guard, 1).guard).toBe(second.guard);
  });

  test('stops no other rule, and no restriction', () => {
    const { guard } = asked(NEW_GUARD, 9);
    expect(asked(guard, 4, NOW, other).granted).toBe(4);
    expect(asked(guard, 4, NOW, { ...ask, destroys: false }).granted).toBe(4);
  });

  test('lets each day have its own records, but a stop lasts', () => {
    const full = asked(NEW_GUARD, 5).guard;
    expect(asked(full, 5, NOW + DAY).granted).toBe(5);
    const stopped = asked(full, 1).guard;
    expect(asked(stopped, 1, NOW + 30 * DAY).granted).toBe(0);
    expect(judge(stopped, [ask], [stopGate(NOW + DAY)]).verdicts[0]?.granted).toBe(0);
  });

  test('cuts a page of a collection to what is left of the day', () => {
    const { guard, verdicts } = judge(
      NEW_GUARD,
      [{ ...ask, weight: 1000 }],
      [breakerGate({ recordsPerDay: 5 }, NOW)],
    );
    expect(verdicts).toMatchObject([{ granted: 5, because: { code: 'RULE_STOPPED' } }]);
    expect(stopsOf(guard)).toMatchObject([{ taken: 5, most: 5 }]);
  });

  test('goes by a share of what the census has counted, but never below 100 records', () => {
    const gate = breakerGate({ share: 0.01, recordsPerDay: 5000 }, NOW);
    const room = (count: number) =>
      gate.room({ ...NEW_GUARD, holdings: { census: 'c', count } }, ask)?.records;
    expect([room(40), room(20_000), room(900_000)]).toEqual([100, 200, 5000]);
    const { guard } = judge(
      { ...NEW_GUARD, holdings: { census: 'c', count: 20_000 } },
      [{ ...ask, weight: 300 }],
      [gate],
    );
    expect(stopsOf(guard)).toMatchObject([{ because: 'SHARE', taken: 200, most: 200 }]);
  });

  test('goes by what a survey of the store has counted, where that is more than the census knows', () => {
    const gate = breakerGate({ share: 0.01 }, NOW);
    const room = (count: number, surveyed?: number) =>
      gate.room({ ...NEW_GUARD, holdings: { census: 'c', count }, ...present({ surveyed }) }, ask)?.records;
    expect([room(0, 500_000), room(20_000, 500_000), room(900_000, 500_000)]).toEqual([5000, 5000, 9000]);
    expect(gate.room({ ...NEW_GUARD, surveyed: 500_000 }, ask)?.code).toBe('NOT_COUNTED');
  });

  test('waits for a census where the share is not known, and stops nothing', () => {
    const gate = breakerGate({ share: 0.01 }, NOW);
    const { guard, verdicts } = judge(NEW_GUARD, [ask, { ...ask, destroys: false }], [gate]);
    expect(verdicts).toMatchObject([{ granted: 0, because: { code: 'NOT_COUNTED' } }, { granted: 1 }]);
    expect(guard).toBe(NEW_GUARD);
  });
});

describe('an approval', () => {
  const stopped = asked(NEW_GUARD, 9).guard;

  test('lets that number of records more through, and then the rule stops again', () => {
    const approved = approvedStop(stopped, 'k', 4, NOW);
    expect(stopsOf(approved)).toEqual([]);
    const after = asked(approved, 6);
    expect(after.granted).toBe(4);
    expect(stopsOf(after.guard)).toHaveLength(1);
  });

  test('lasts two days, beside what those days allow', () => {
    const approved = approvedStop(stopped, 'k', 4, NOW);
    expect(asked(approved, 20, NOW + DAY).granted).toBe(9);
    expect(asked(approved, 20, NOW + 2 * DAY).granted).toBe(5);
  });

  test('of nothing ends the stop, and the next record stops the rule again', () => {
    const after = asked(approvedStop(stopped, 'k', 0, NOW), 1);
    expect(after.granted).toBe(0);
    expect(stopsOf(after.guard)).toHaveLength(1);
  });

  test('is found by policy and text, and not by the text alone', () => {
    expect(stopsOf(stopped, { policy: 'crm', rule: 'r' })).toHaveLength(1);
    expect(stopsOf(stopped, { policy: 'hr', rule: 'r' })).toEqual([]);
    expect(stopsOf(stopped, { policy: 'crm', rule: 'other' })).toEqual([]);
  });
});

test('no day lets through more than its limit and what was approved, whatever comes when', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('ask' as const), count: fc.nat({ max: 8 }), hours: fc.nat({ max: 30 }) }),
    fc.record({
      kind: fc.constant('approve' as const),
      count: fc.nat({ max: 6 }),
      hours: fc.nat({ max: 5 }),
    }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let [now, guard, approved, through] = [NOW, NEW_GUARD as LaneGuard, 0, 0];
      const days = new Set<number>();
      for (const { kind, count, hours } of steps) {
        now += hours * 3_600_000;
        days.add(Math.floor(now / DAY));
        if (kind === 'approve') {
          if (stopsOf(guard).length === 0) continue;
          guard = approvedStop(guard, 'k', count, now);
          approved += count;
        } else {
          const judged = asked(guard, count, now);
          ({ guard } = judged);
          through += judged.granted;
        }
        expect(through).toBeLessThanOrEqual(5 * days.size + approved);
      }
    }),
  );
});

test('rules that were used last are kept, and a stop is never forgotten', () => {
  let guard = asked(NEW_GUARD, 6).guard;
  for (let index = 0; index < 400; index += 1)
    guard = asked(guard, 1, NOW + index * 60_000, { ...ask, key: `k-${index}` }).guard;
  expect(Object.keys(guard.rules ?? {})).toHaveLength(300);
  expect(stopsOf(guard)).toHaveLength(1);
  expect(guard.rules).toHaveProperty('k-399');
});
