import { describe, expect, test } from 'vitest';
import { DELETING, killedAtEachCall, type Play } from '../../support/driver/disposal-play.ts';
import { INTERLEAVINGS } from '../../support/driver/interleavings.ts';

/**
 * A worker of a lane with limits is killed before and after each of its calls, also those that count. Then a message
 * arrives, or none, and time goes on until others have taken over and everything has had its turn.
 */
const PLAYS: Readonly<Record<string, Play>> = {
  'with a rate of one record per minute': {
    ...DELETING,
    more: ['n-2', 'n-3'],
    store: { recordsPerMinute: 1 },
  },
  'with a rate beside an hourly cap': {
    ...DELETING,
    more: ['n-2', 'n-3'],
    hourlyCap: 2,
    store: { recordsPerMinute: 1 },
  },
  'that slows down with its store': {
    ...DELETING,
    more: ['n-2', 'n-3'],
    store: { slowDown: { factor: 4 } },
  },
  'in its quiet hours': {
    ...DELETING,
    store: { quietHours: { zone: 'UTC', hours: [{ from: '09:00', to: '11:30' }] } },
  },
};

for (const [name, play] of Object.entries(PLAYS)) {
  describe(`a worker of a lane ${name} is killed at each of its calls`, () => {
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
