import { describe, expect, test } from 'vitest';
import { aboutToBeDue, callsOf, DELETING, untilRun } from '../../support/driver/disposal-play.ts';
import type { Driver } from '../../support/driver/driver.ts';
import { beforeCall } from '../../support/driver/kill-points.ts';
import { entriesIn, violations } from '../../support/driver/violations.ts';

const outcomes = (d: Driver) => entriesIn(d).map(({ entry }) => entry.outcome);

/** The application rewrites the record before this call of the worker, without registering it again. */
async function rewrittenBefore(number: number): Promise<Driver> {
  const d = await aboutToBeDue(DELETING);
  d.onNext(
    'dispose',
    beforeCall(number, async () => d.store.put(['n-1'], { text: 'rewritten' })),
  );
  await untilRun(d, 'dispose');
  return d;
}

describe('a record that its application rewrites while a worker is at it', () => {
  test('after the look is changed and still there, then decided again: at each call up to the act', async () => {
    const calls = await callsOf(DELETING);
    const [look, act] = [calls.indexOf('store.look') + 1, calls.indexOf('store.delete') + 1];
    expect(act).toBeGreaterThan(look + 1);
    for (let number = look + 1; number <= act; number += 1) {
      const d = await rewrittenBefore(number);
      expect(outcomes(d)).toEqual(['changed']);
      expect(d.store.fields(['n-1'])).toEqual({ text: 'rewritten' });
      expect(d.holding('n-1')).toMatchObject({ state: 'active', decision: { status: 'due' } });
      await d.runUntil('2026-03-03T18:00:00Z');
      expect(outcomes(d)).toEqual(['changed', 'deleted']);
      expect(await violations(d)).toEqual([]);
    }
  });

  test('and was extended meanwhile is kept', async () => {
    const calls = await callsOf(DELETING);
    const d = await rewrittenBefore(calls.indexOf('store.delete') + 1);
    d.happens('contract.renewed', 'c-1', '2026-03-03T10:00:00Z');
    await d.runUntil('2026-03-03T18:00:00Z');
    expect(outcomes(d)).toEqual(['changed']);
    expect(d.store.size()).toBe(1);
    expect(await violations(d)).toEqual([]);
  });

  test('after it was deleted and before that was read back is not called deleted', async () => {
    const calls = await callsOf(DELETING);
    const d = await rewrittenBefore(calls.indexOf('store.readBack') + 1);
    expect(outcomes(d)).toEqual(['failed']);
    expect(entriesIn(d)[0]?.entry.answer).toBe('READ_BACK_BROKEN');
    await d.runUntil('2026-03-03T18:00:00Z');
    expect(outcomes(d)).toEqual(['failed', 'deleted']);
    expect(await violations(d)).toEqual([]);
  });

  test('before the look is deleted as it was found', async () => {
    const calls = await callsOf(DELETING);
    const d = await rewrittenBefore(calls.indexOf('store.look') + 1);
    expect(outcomes(d)).toEqual(['deleted']);
    expect(d.store.effects.map(({ before }) => before)).toEqual([{ text: 'rewritten' }]);
  });
});

describe('a record that its application removed itself', () => {
  test('is already so, and no action of Tenure is claimed', async () => {
    const d = await aboutToBeDue(DELETING);
    d.store.remove(['n-1']);
    await d.runUntil('2026-03-03T18:00:00Z');
    const [entry, ...more] = entriesIn(d).map((found) => found.entry);
    expect(more).toEqual([]);
    expect(entry).toMatchObject({ outcome: 'already-so' });
    expect(entry?.acted).toBeUndefined();
    expect(entry?.interrupted).toBeUndefined();
    expect(await violations(d)).toEqual([]);
  });
});

describe('a record that its application has registered and not written yet', () => {
  test('has no outcome within the write lag, and is disposed of once it is written', async () => {
    const d = await aboutToBeDue(DELETING);
    d.registers('n-2', ['c-1']);
    await d.runUntil('2026-03-03T10:30:00Z');
    expect(d.holding('n-2')?.state).toBe('active');
    expect(outcomes(d)).toEqual(['deleted']);
    d.store.put(['n-2'], { text: 'late' });
    await d.runUntil('2026-03-03T18:00:00Z');
    expect(d.store.fields(['n-2'])).toBeUndefined();
    expect(d.holding('n-2')?.done).toMatchObject([{ outcome: 'deleted' }]);
    expect(await violations(d)).toEqual([]);
  });
});
