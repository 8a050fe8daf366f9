import { describe, expect, test } from 'vitest';
import { DELETING, killedAtEachCall, type Play } from '../../support/driver/disposal-play.ts';
import { INTERLEAVINGS } from '../../support/driver/interleavings.ts';

/**
 * The worker, or the sweep that sends to it, is killed before and after each of its port calls: from the claim to the
 * outcome. Then a message arrives, or none, and time goes on until others have taken over.
 */
const PLAYS: Readonly<Record<string, Play>> = {
  'a worker that deletes': DELETING,
  'a worker whose message never comes again': { ...DELETING, laneDeliveries: 1 },
  'the sweep that finds what is due': { ...DELETING, verb: 'sweep' },
};

for (const [name, play] of Object.entries(PLAYS)) {
  describe(`${name} is killed at each of its calls`, () => {
    test.for(INTERLEAVINGS)(
      'and then comes $name: one result, nothing early, nothing lost',
      async (interleaving) => {
        const { points, wrong } = await killedAtEachCall(play, interleaving);
        expect(wrong).toEqual([]);
        expect(points).toBeGreaterThan(0);
      },
    );
  });
}
