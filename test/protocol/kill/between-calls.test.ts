import { describe, expect, test } from 'vitest';
import { aboutToBeDue, callsOf, DELETING } from '../../support/driver/disposal-play.ts';
import { INTERLEAVINGS, since, type Interleaving } from '../../support/driver/interleavings.ts';
import { beforeCall } from '../../support/driver/kill-points.ts';
import { violations } from '../../support/driver/violations.ts';

const HOUR = 3_600_000;

/** No worker dies: a message arrives while the worker runs, before each of its calls. */
async function comesBefore(
  { number, acts }: { readonly number: number; readonly acts: number },
  interleaving: Interleaving,
): Promise<readonly string[]> {
  const d = await aboutToBeDue(DELETING);
  let before = since(d);
  let wasInFlight = false;
  d.onNext(
    'dispose',
    beforeCall(number, async () => {
      before = since(d);
      const happens = interleaving.happens(d);
      wasInFlight = d.registry.allWorkRecords().some(({ refs }) => refs.includes(d.ref('n-1')));
      await happens;
    }),
  );
  await d.pass(5 * HOUR);
  await d.pass(Math.max(0, before.at + 5 * HOUR - d.clock.now()));
  await interleaving.later?.(d);
  await d.runUntil('2026-03-03T18:00:00Z');
  const acted = d.effectsOn('n-1').filter(({ at }) => at < before.at + 5 * HOUR);
  const isNamed = wasInFlight && number <= acts && acted.length === 1;
  // What was in flight when it came may still be carried out: its work record named it.
  const judged = isNamed ? [] : interleaving.wrong(d, before);
  return [...(await violations(d)), ...judged];
}

describe('before each call of a worker', () => {
  test.for(INTERLEAVINGS)('comes $name: it counts, or the work record named what was done', async (one) => {
    const wrong: string[] = [];
    const calls = await callsOf(DELETING);
    const acts = calls.indexOf('store.delete') + 1;
    for (const [index, call] of calls.entries()) {
      const what = await comesBefore({ number: index + 1, acts }, one);
      wrong.push(...what.map((said) => `before ${index + 1} ${call}: ${said}`));
    }
    expect(wrong).toEqual([]);
  });
});
