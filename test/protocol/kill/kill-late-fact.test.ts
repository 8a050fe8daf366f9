import { expect, test } from 'vitest';
import { aboutToBeDue, callsOf, DELETING, untilRun } from '../../support/driver/disposal-play.ts';
import type { Driver } from '../../support/driver/driver.ts';
import { counting, killAt } from '../../support/driver/kill-points.ts';
import { INTERLEAVINGS, since } from '../../support/driver/interleavings.ts';
import { violations } from '../../support/driver/violations.ts';

const [, EXTENSION] = INTERLEAVINGS;
const WHEN = ['before', 'after'] as const;

/** Disposed of at 10:01; at noon comes a renewal of 9:00. */
async function late(victim: Parameters<Driver['onNext']>[1]): Promise<Driver> {
  const d = await aboutToBeDue(DELETING);
  await d.runUntil('2026-03-03T12:00:00Z');
  expect(d.holding('n-1')?.state).toBe('disposed');
  d.onNext('ingest', victim);
  d.happens('contract.renewed', 'c-1', '2026-03-03T09:00:00Z');
  await d.runUntil('2026-03-03T18:00:00Z');
  return d;
}

test('a fact that comes too late is reported as late, wherever the run that takes it is killed', async () => {
  const calls: string[] = [];
  await late(counting(calls));
  expect(calls).toContain('registry.putHolding');
  const silent: string[] = [];
  for (const [index, call] of calls.entries()) {
    for (const when of WHEN) {
      const d = await late(killAt(index + 1, when));
      const wrong = [...(await violations(d))];
      if (d.holding('n-1')?.disposedBeforeFact !== true) wrong.push('nothing says that it was late');
      silent.push(...wrong.map((what) => `${when} ${index + 1} ${call}: ${what}`));
    }
  }
  expect(silent).toEqual([]);
});

test.for([true, false])(
  'a worker that lost the answer of its store is killed at each call, then an extension comes (the store acted: %s)',
  async (acts) => {
    const fails = (d: Driver): void => {
      d.store.fail({ call: 'delete', code: 'STORE_TIMEOUT', acts, times: 1 });
      d.store.fail({ call: 'readBack', code: 'STORE_UNREACHABLE', times: 1 });
    };
    const calls = await callsOf(DELETING);
    const wrong: string[] = [];
    for (const [index, call] of calls.entries()) {
      for (const when of WHEN) {
        const d = await aboutToBeDue(DELETING);
        fails(d);
        d.onNext('dispose', killAt(index + 1, when));
        await untilRun(d, 'dispose');
        const before = since(d);
        await EXTENSION.happens(d);
        await d.pass(8 * 3_600_000);
        const found = [...(await violations(d)), ...(EXTENSION.wrong?.(d, before) ?? [])];
        wrong.push(...found.map((what) => `${when} ${index + 1} ${call}: ${what}`));
      }
    }
    expect(wrong).toEqual([]);
  },
);
