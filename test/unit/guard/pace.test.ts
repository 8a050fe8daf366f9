import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Ask, judge, type LaneGuard, NEW_GUARD } from '../../../shared/domain/guard/lane-guard.ts';
import { limitsOf } from '../../../shared/domain/guard/lane-limits.ts';
import { paceGate } from '../../../shared/domain/guard/pace-gate.ts';
import { kindOfCall, type Pace, paceAfter, slowUntil } from '../../../shared/domain/guard/pace.ts';

const NOW = Date.parse('2026-03-01T10:00:00Z');
const MINUTE = 60_000;
const settings = { factor: 4 };
const calls = (...milliseconds: readonly number[]) =>
  milliseconds.map((each) => ({ kind: 'delete/100', milliseconds: each }));
const usual = (milliseconds: number): Pace => ({ at: NOW - MINUTE, usual: { 'delete/100': milliseconds } });
/** After attempts whose calls took so long, a minute after each other. */
function after(pace: Pace | undefined, ...each: readonly number[]): Pace | undefined {
  return each.reduce<Pace | undefined>(
    (known, ms, index) => paceAfter(known, calls(ms), settings, NOW + index * MINUTE),
    pace,
  );
}
const levels = (pace: Pace | undefined, ...each: readonly number[]): number[] =>
  each.map((_, index) => after(pace, ...each.slice(0, index + 1))?.slow?.level ?? 0);

describe('what a lane knows of its store', () => {
  test('begins with the first calls, and follows slowly', () => {
    const first = after(undefined, 80);
    expect(first).toEqual({ at: NOW, usual: { 'delete/100': 80 } });
    expect(paceAfter(first, calls(160), settings, NOW + MINUTE)?.usual).toEqual({ 'delete/100': 90 });
    expect(after(usual(80), 40)?.usual).toEqual({ 'delete/100': 75 });
    // A difference of a millisecond counts, too: or else it would never get there.
    expect(after(usual(80), 81)?.usual).toEqual({ 'delete/100': 81 });
  });

  test('compares calls of the same kind and size only', () => {
    expect([0, 1, 2, 10, 11, 100, 101, 1000, 1001, 5000].map((n) => kindOfCall('look', n))).toEqual(
      [1, 1, 10, 10, 100, 100, 1000, 1000, 10_000, 10_000].map((n) => `look/${n}`),
    );
    const other = [{ kind: 'delete/1000', milliseconds: 9000 }];
    expect(paceAfter(usual(80), other, settings, NOW)?.slow).toBeUndefined();
  });

  test('does not take for usual what it measures first while the store is slow', () => {
    const measured = (times: number) => [
      { kind: 'list/1000', milliseconds: 100 * times },
      { kind: 'delete/100', milliseconds: 50 * times },
      { kind: 'readBack/100', milliseconds: 50 * times },
    ];
    let pace: Pace | undefined = { at: NOW - MINUTE, usual: { 'list/1000': 100 } };
    const seen: number[] = [];
    for (let minute = 0; minute < 12; minute += 1) {
      pace = paceAfter(pace, measured(minute < 7 ? 10 : 1), settings, NOW + minute * MINUTE);
      seen.push(pace?.slow?.level ?? 0);
    }
    expect(seen).toEqual([1, 2, 3, 4, 5, 5, 5, 4, 3, 2, 1, 0]);
  });

  test('is slow above the factor only, and by the median', () => {
    expect(levels(usual(100), 400)).toEqual([0]);
    expect(levels(usual(100), 401)).toEqual([1]);
    expect(paceAfter(usual(100), calls(90, 110, 9000), settings, NOW)?.slow).toBeUndefined();
    // A fast store is not slow because of some milliseconds.
    expect(levels(usual(2), 99)).toEqual([0]);
    expect(levels(usual(2), 101)).toEqual([1]);
  });

  test('goes up a level with each slow attempt, at most five, and down with each fast one', () => {
    expect(levels(usual(100), 900, 900, 900, 900, 900, 900)).toEqual([1, 2, 3, 4, 5, 5]);
    expect(levels(usual(100), 900, 900, 100, 100, 100)).toEqual([1, 2, 1, 0, 0]);
    // In between, it stays.
    expect(levels(usual(100), 900, 300)).toEqual([1, 1]);
  });

  test('does not go up once for each of many attempts that ran at the same time', () => {
    const first = paceAfter(usual(100), calls(900), settings, NOW);
    expect(paceAfter(first, calls(900), settings, NOW + 14_999)).toBe(first);
    expect(paceAfter(first, calls(900), settings, NOW + 15_000)?.slow?.level).toBe(2);
  });

  test('is written once a minute at most, while nothing changes', () => {
    const known = { ...usual(100), at: NOW };
    expect(paceAfter(known, calls(120), settings, NOW + MINUTE - 1)).toBe(known);
    expect(paceAfter(known, calls(120), settings, NOW + MINUTE)).not.toBe(known);
    expect(paceAfter(known, [], settings, NOW + MINUTE)).toBe(known);
  });

  test('of a store that stays slow becomes the usual within hours', () => {
    let pace: Pace | undefined = usual(100);
    let attempts = 0;
    for (let at = NOW; pace?.slow !== undefined || attempts === 0; at += 4 * MINUTE) {
      pace = paceAfter(pace, calls(1000), settings, at);
      attempts += 1;
    }
    expect(attempts).toBeGreaterThan(10);
    expect(attempts * 4).toBeLessThan(6 * 60);
  });

  test('has a bounded size, and levels from 0 to 5, whatever the calls', () => {
    const call = fc.record({
      verb: fc.constantFrom('look', 'delete', 'range'),
      records: fc.nat(5000),
      milliseconds: fc.nat(100_000),
    });
    const step = fc.record({ each: fc.array(call, { maxLength: 5 }), wait: fc.nat(600_000) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let pace: Pace | undefined;
        let at = NOW;
        for (const { each, wait } of steps) {
          at += wait;
          const measured = each.map(({ verb, records, milliseconds }) => ({
            kind: kindOfCall(verb, records),
            milliseconds,
          }));
          pace = paceAfter(pace, measured, settings, at);
          expect(Object.keys(pace?.usual ?? {}).length).toBeLessThanOrEqual(12);
          const { level = 1, until = at } = pace?.slow ?? {};
          expect(level).toBeGreaterThanOrEqual(1);
          expect(level).toBeLessThanOrEqual(5);
          expect(until - at).toBeLessThanOrEqual(240_000);
        }
      }),
    );
  });
});

describe('a lane whose store is slow', () => {
  const ask: Ask = {
    destroys: true,
    action: 'delete',
    weight: 400,
    policy: 'p',
    rule: 'r',
    key: 'k',
    policies: ['p'],
  };
  const at = (level: number): LaneGuard => ({
    ...NEW_GUARD,
    pace: { ...usual(100), slow: { level, changed: NOW, until: NOW, by: '', left: 0 } },
  });

  test.for([
    [1, 250, 15_000],
    [2, 125, 30_000],
    [5, 15, 240_000],
  ] as const)('at level %i acts on %i records, and pauses', ([level, records, pause]) => {
    const first = judge(at(level), [ask, ask], [paceGate('t-1', NOW)]);
    expect(first.verdicts).toMatchObject([
      { granted: records, because: { code: 'STORE_SLOW' } },
      { granted: 0, because: { code: 'STORE_SLOW' } },
    ]);
    expect(slowUntil(first.guard, NOW)).toBe(NOW + pause);
    const other = judge(first.guard, [ask], [paceGate('t-2', NOW + pause - 1)]);
    expect(other.verdicts).toEqual([{ granted: 0, because: { code: 'STORE_SLOW', until: NOW + pause } }]);
    const later = judge(first.guard, [ask], [paceGate('t-2', NOW + pause)]);
    expect(later.verdicts[0]?.granted).toBe(records);
  });

  test('restricts what a person asked to be restricted, at once', () => {
    const restrict: Ask = { ...ask, destroys: false, action: 'restrict' };
    const { verdicts, guard } = judge(at(5), [restrict], [paceGate('t', NOW)]);
    expect(verdicts).toEqual([{ granted: 400 }]);
    expect(guard).toEqual(at(5));
  });

  test('is configured with a factor of 4 unless it says another one', () => {
    expect(limitsOf({ slowDown: {} })).toEqual({ slowDown: settings });
    expect(limitsOf({ slowDown: { factor: 10 } })).toEqual({ slowDown: { factor: 10 } });
    expect(limitsOf({})).toEqual({});
  });
});
