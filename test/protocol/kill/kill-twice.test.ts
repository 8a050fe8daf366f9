import { describe, expect, test } from 'vitest';
import { aboutToBeDue, callsOf, DELETING, untilRun } from '../../support/driver/disposal-play.ts';
import { counting, killAt, sleepAt } from '../../support/driver/kill-points.ts';
import { INTERLEAVINGS, since, type Interleaving } from '../../support/driver/interleavings.ts';
import { entriesIn, violations } from '../../support/driver/violations.ts';

/** Calls at which the first worker dies: what it leaves differs before and after them. */
const FIRST = ['registry.putHolding', 'store.delete', 'bucket.putIfAbsent'] as const;

/** The first worker is killed after this call, and the one that takes over at each of its own. */
async function killedTwice(first: string, interleaving: Interleaving): Promise<readonly string[]> {
  const number = (await callsOf(DELETING)).indexOf(first) + 1;
  const wrong: string[] = [];
  for (let call = 1, over = false; !over; call += 1) {
    for (const when of ['before', 'after'] as const) {
      const d = await aboutToBeDue(DELETING);
      d.onNext('dispose', killAt(number, 'after'));
      await untilRun(d, 'dispose');
      const before = since(d);
      await interleaving.happens(d);
      d.onNext('dispose', killAt(call, when));
      await untilRun(d, 'dispose');
      over = d.runs.filter(({ end }) => end === 'lost').length < 2;
      await d.pass(5 * 3_600_000);
      await interleaving.later?.(d);
      await d.runUntil('2026-03-03T18:00:00Z');
      const found = [...(await violations(d)), ...(interleaving.wrong?.(d, before) ?? [])];
      wrong.push(...found.map((what) => `then ${when} ${call}: ${what}`));
    }
  }
  return wrong;
}

for (const first of FIRST) {
  describe(`a worker is killed after ${first}`, () => {
    test.for(INTERLEAVINGS)(
      'then comes $name, and the take-over is killed at each of its calls',
      async (interleaving) => {
        expect(await killedTwice(first, interleaving)).toEqual([]);
      },
    );
  });
}

test('what a worker wrote hours late, and died before it rang for it, is sealed once it is taken over', async () => {
  const calls: string[] = [];
  const undisturbed = await aboutToBeDue(DELETING);
  undisturbed.onNext('dispose', counting(calls));
  await untilRun(undisturbed, 'dispose');
  const zombie = sleepAt(calls.indexOf('index.putPending') + 1, 'before');
  const dies = killAt(calls.indexOf('queues.toSeal') + 1, 'before');
  const d = await aboutToBeDue(DELETING);
  d.onNext('dispose', (call) => zombie.interceptor({ ...call, make: () => dies(call) }));
  await untilRun(d, 'dispose');
  d.down.add('dispose');
  await d.runUntil('2026-03-03T14:30:00Z');
  await zombie.wake();
  expect(entriesIn(d).map(({ entry }) => entry.outcome)).toEqual(['deleted']);
  d.down.clear();
  await d.runUntil('2026-03-03T18:00:00Z');
  expect(await violations(d)).toEqual([]);
  expect((await d.index.head()).size).toBe(1);
});
