import { describe, expect, test } from 'vitest';
import { setImmediate } from 'node:timers/promises';
import { aboutToBeDue, afterwards, callsOf, DELETING, untilRun } from '../../support/driver/disposal-play.ts';
import { INTERLEAVINGS, type Interleaving } from '../../support/driver/interleavings.ts';
import { sleepAt } from '../../support/driver/kill-points.ts';

/**
 * The first worker is not dead: it sleeps at some call until its lease is over, is given up, and then goes on as if
 * nothing had happened. It may read, but it may neither act nor write an outcome.
 */
const HOUR = 3_600_000;

async function asleepAt(
  number: number,
  wakesAfter: number,
  interleaving: Interleaving,
): Promise<readonly string[]> {
  const d = await aboutToBeDue(DELETING);
  let sleeps = false;
  const sleeper = sleepAt(number, () => {
    sleeps = true;
  });
  d.onNext('dispose', sleeper.interceptor);
  await untilRun(d, 'dispose');
  if (!sleeps) return [];
  const effects = d.store.effects.length;
  const woken: string[] = [];
  const ended = afterwards(
    d,
    { ...DELETING, until: '2026-03-03T21:00:00Z' },
    {
      ...interleaving,
      async happens(one) {
        await interleaving.happens(one);
        await one.pass(wakesAfter);
        const before = one.store.effects.length;
        sleeper.wake();
        for (let turn = 0; turn < 3; turn += 1) await setImmediate();
        if (one.store.effects.length > before && before > effects)
          woken.push('it acts after another worker has acted');
        if (one.store.effects.length > before && wakesAfter >= 2 * HOUR)
          woken.push('it acts after its lease');
      },
    },
  );
  return [...(await ended), ...woken];
}

async function atEachCall(wakesAfter: number, interleaving: Interleaving): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const [index, call] of (await callsOf(DELETING)).entries()) {
    const what = await asleepAt(index + 1, wakesAfter, interleaving);
    wrong.push(...what.map((one) => `asleep before ${index + 1} ${call}: ${one}`));
  }
  return wrong;
}

describe('a worker sleeps over its lease at each of its calls', () => {
  test.for(INTERLEAVINGS)('then comes $name, and it wakes after the take-over', async (interleaving) => {
    expect(await atEachCall(2 * HOUR, interleaving)).toEqual([]);
  });

  test.for(INTERLEAVINGS)('then comes $name, and it wakes before the take-over', async (interleaving) => {
    expect(await atEachCall(11 * 60_000, interleaving)).toEqual([]);
  });
});
