import { describe, expect, test } from 'vitest';
import { aboutToBeDue, afterwards, callsOf, DELETING, untilRun } from '../../support/driver/disposal-play.ts';
import { INTERLEAVINGS, type Interleaving } from '../../support/driver/interleavings.ts';
import { killAt } from '../../support/driver/kill-points.ts';

/** Calls at which the first worker dies: what it leaves differs before and after them. */
const FIRST = ['registry.putWork', 'registry.actOn', 'store.delete', 'registry.putResult'] as const;

/** The first worker is killed after this call, and the one that takes over at each of its own. */
async function killedTwice(first: string, interleaving: Interleaving): Promise<readonly string[]> {
  const number = (await callsOf(DELETING)).indexOf(first) + 1;
  const wrong: string[] = [];
  for (let call = 1, over = false; !over; call += 1) {
    for (const when of ['before', 'after'] as const) {
      const d = await aboutToBeDue(DELETING);
      d.onNext('dispose', killAt(number, 'after'));
      await untilRun(d, 'dispose');
      d.onNext('dispose', killAt(call, when));
      const found = await afterwards(d, DELETING, interleaving);
      over = d.runs.filter(({ end }) => end === 'lost').length < 2;
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
