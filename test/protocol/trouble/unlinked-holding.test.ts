import { describe, expect, test } from 'vitest';
import { aboutToBeDue, callsOf, DELETING, untilRun } from '../../support/driver/disposal-play.ts';
import { driver, type Driver } from '../../support/driver/driver.ts';
import { killAt } from '../../support/driver/kill-points.ts';
import { entriesIn, violations } from '../../support/driver/violations.ts';

/** Two records of two years, due in the same minute. */
async function ofTwoYears(destroyedLogKeys: Set<number>): Promise<Driver> {
  const rules = { notes: ['1 day after contract.ended'] };
  const d = await driver({ start: '2025-12-31T20:00:00Z', rules, destroyedLogKeys });
  d.registers('old', ['c-1']);
  d.store.put(['old'], {});
  await d.runUntil('2026-01-02T08:00:00Z');
  d.registers('new', ['c-1']);
  d.store.put(['new'], {});
  d.happens('contract.ended', 'c-1', '2026-01-03T10:00:00Z');
  await d.settle();
  return d;
}

const left = (d: Driver): string[] => ['old', 'new'].filter((id) => d.store.fields([id]) !== undefined);

describe('a record of a year whose key of the log was destroyed', () => {
  test('is not disposed of, and stops no other record of its chunk', async () => {
    const destroyed = new Set<number>();
    const d = await ofTwoYears(destroyed);
    destroyed.add(2025);
    await d.runUntil('2026-01-04T12:00:00Z');
    expect(left(d)).toEqual(['old']);
    expect(entriesIn(d).map(({ entry }) => entry.outcome)).toEqual(['deleted']);
    expect(d.holding('old')).toMatchObject({ state: 'active' });
    const codes = d.reports.lines.flatMap(({ code, fields }) =>
      code === 'dispose.left' && fields?.code !== 'no-heartbeat' ? [fields?.code] : [],
    );
    expect(new Set(codes)).toEqual(new Set(['LOG_KEY_MISSING']));
    expect(codes.length).toBeLessThan(8);
  });

  test('is disposed of once the key is back', async () => {
    const destroyed = new Set<number>();
    const d = await ofTwoYears(destroyed);
    destroyed.add(2025);
    await d.runUntil('2026-01-04T12:00:00Z');
    destroyed.clear();
    await d.runUntil('2026-01-05T13:00:00Z');
    expect(left(d)).toEqual([]);
    expect(await violations(d)).toEqual([]);
  });

  test('stays uncertain in its chunk after its worker was killed, until its entries can be found again', async () => {
    const calls = await callsOf(DELETING);
    const destroyedLogKeys = new Set<number>();
    const d = await aboutToBeDue({ ...DELETING, destroyedLogKeys });
    d.onNext('dispose', killAt(calls.indexOf('store.delete') + 1, 'after'));
    await untilRun(d, 'dispose');
    destroyedLogKeys.add(2026);
    await d.runUntil('2026-03-03T14:00:00Z');
    expect(d.holding('n-1')?.state).toBe('active');
    expect(d.registry.allChunks().map(({ uncertain }) => uncertain.length)).toEqual([1]);
    expect(d.reports.lines).toContainEqual({
      code: 'dispose.left',
      fields: { store: 'notes', code: 'LOG_KEY_MISSING', count: 1 },
    });
    destroyedLogKeys.clear();
    await d.runUntil('2026-03-03T18:00:00Z');
    expect(d.holding('n-1')?.state).toBe('disposed');
    expect(await violations(d)).toEqual([]);
  });
});
