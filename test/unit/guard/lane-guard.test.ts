import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Ask, judge, type LaneGuard, NEW_GUARD } from '../../../shared/domain/guard/lane-guard.ts';
import { hourGate, minuteGate, quietGate } from '../../../shared/domain/guard/rate-gates.ts';
import { at } from '../../support/samples.ts';

const NOW = at('2026-03-02T10:15:30Z');
const record: Ask = {
  action: 'delete',
  destroys: true,
  weight: 1,
  policy: 'crm',
  rule: '30 days after contract.ended',
  key: 'k',
  policies: ['crm'],
};

function times(count: number, ask = record): readonly Ask[] {
  return Array.from({ length: count }, () => ask);
}

describe('the limits of a lane', () => {
  test('let through what fits, in order, and say what the rest waits for', () => {
    const { guard, verdicts } = judge(NEW_GUARD, times(5), [hourGate(100, NOW), minuteGate(3, NOW)]);
    expect(verdicts.map(({ granted }) => granted)).toEqual([1, 1, 1, 0, 0]);
    expect(verdicts[4]?.because).toEqual({ code: 'MINUTE_RATE', until: at('2026-03-02T10:16:00Z') });
    expect(guard).toMatchObject({
      hour: { at: at('2026-03-02T10:00:00Z'), count: 3 },
      minute: { at: at('2026-03-02T10:15:00Z'), count: 3 },
    });
  });

  test('stay as they are if nothing is let through', () => {
    const full = { ...NEW_GUARD, hour: { at: at('2026-03-02T10:00:00Z'), count: 7 } };
    const judged = judge(full, times(2), [hourGate(7, NOW), minuteGate(3, NOW)]);
    expect(judged.guard).toBe(full);
    expect(judged.verdicts[0]).toEqual({
      granted: 0,
      because: { code: 'HOURLY_CAP', until: at('2026-03-02T11:00:00Z') },
    });
  });

  test('cut a page of a collection to what fits', () => {
    const page: Ask = { ...record, weight: 1000 };
    const { guard, verdicts } = judge(NEW_GUARD, [page, page], [hourGate(1200, NOW)]);
    expect(verdicts.map(({ granted }) => granted)).toEqual([1000, 200]);
    expect(guard.hour?.count).toBe(1200);
  });

  test('begin again with the next hour and minute', () => {
    const before = judge(NEW_GUARD, times(3), [hourGate(3, NOW), minuteGate(3, NOW)]).guard;
    const later = at('2026-03-02T11:00:00Z');
    const { verdicts } = judge(before, times(4), [hourGate(3, later), minuteGate(3, later)]);
    expect(verdicts.map(({ granted }) => granted)).toEqual([1, 1, 1, 0]);
  });

  test('give out no minute twice to a worker whose clock is behind', () => {
    const ahead = at('2026-03-02T10:16:10Z');
    const taken = judge(NEW_GUARD, times(3), [minuteGate(3, ahead)]).guard;
    expect(judge(taken, times(1), [minuteGate(3, NOW)]).verdicts).toEqual([
      { granted: 0, because: { code: 'MINUTE_RATE', until: at('2026-03-02T10:17:00Z') } },
    ]);
  });

  test('do not stand still for an hour that a wrong clock has brought', () => {
    const wrong = { ...NEW_GUARD, hour: { at: at('2031-01-01T00:00:00Z'), count: 9 } };
    expect(judge(wrong, times(1), [hourGate(3, NOW)]).verdicts).toEqual([{ granted: 1 }]);
  });

  test('let restrictions through in quiet hours', () => {
    const quiet = quietGate({ zone: 'UTC', hours: [{ from: '08:00', to: '18:00' }] }, NOW);
    const { verdicts } = judge(NEW_GUARD, [record, { ...record, destroys: false }], [quiet]);
    expect(verdicts).toEqual([
      { granted: 0, because: { code: 'QUIET_HOURS', until: at('2026-03-02T18:00:00Z') } },
      { granted: 1 },
    ]);
  });

  test('neither keep nor count restrictions, however full the hour and the minute are', () => {
    const gates = [hourGate(2, NOW), minuteGate(2, NOW)];
    const full = judge(NEW_GUARD, times(3), gates).guard;
    const restriction: Ask = { ...record, action: 'restrict', destroys: false };
    const judged = judge(full, times(3, restriction), gates);
    expect(judged.verdicts).toEqual([{ granted: 1 }, { granted: 1 }, { granted: 1 }]);
    expect(judged.guard).toBe(full);
  });

  test('are never exceeded in any minute, whatever is asked when', () => {
    const step = fc.record({ wanted: fc.nat({ max: 8 }), seconds: fc.nat({ max: 90 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let now = NOW;
        let guard: LaneGuard = NEW_GUARD;
        const through = new Map<number, number>();
        for (const { wanted, seconds } of steps) {
          now += seconds * 1000;
          const judged = judge(guard, times(wanted), [hourGate(20, now), minuteGate(5, now)]);
          ({ guard } = judged);
          const count = judged.verdicts.reduce((sum, { granted }) => sum + granted, 0);
          const minute = Math.floor(now / 60_000);
          through.set(minute, (through.get(minute) ?? 0) + count);
        }
        for (const count of through.values()) expect(count).toBeLessThanOrEqual(5);
        const byHour = new Map<number, number>();
        for (const [minute, count] of through)
          byHour.set(Math.floor(minute / 60), (byHour.get(Math.floor(minute / 60)) ?? 0) + count);
        for (const count of byHour.values()) expect(count).toBeLessThanOrEqual(20);
      }),
    );
  });
});
