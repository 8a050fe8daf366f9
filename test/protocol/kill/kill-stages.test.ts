import { describe, expect, test } from 'vitest';
import { DELETING, killedAtEachCall, type Play } from '../../support/driver/disposal-play.ts';
import { INTERLEAVINGS } from '../../support/driver/interleavings.ts';
import { aPolicy, aRule } from '../../support/rules/rule-world.ts';

const TWO_STAGES = 'anonymise 1 day after contract.ended, then delete 27 hours after contract.ended';
const rules = [aRule(TWO_STAGES)];
const masks = { text: { kind: 'constant', value: 'erased' } } as const;
const policies = [aPolicy({}, { categories: { note: { rules, masks } } })];

/** Anonymised at 10:00, deleted at 13:00. */
const STAGED: Play = { policies };
const MORE = ['n-2', 'n-3'];

const PLAYS: Readonly<Record<string, Play>> = {
  'a worker at the first of two stages': STAGED,
  'a worker at the second of two stages': {
    ...STAGED,
    from: '2026-03-03T13:00:00Z',
    until: '2026-03-03T21:00:00Z',
  },
  'a worker with several records in its chunk': { ...DELETING, more: MORE },
  'a worker on a store without versions': { ...DELETING, versions: false },
};

for (const [name, play] of Object.entries(PLAYS)) {
  describe(`${name} is killed at each of its calls`, () => {
    test.for(INTERLEAVINGS)('and then comes $name: one result a stage', async (interleaving) => {
      const { points, wrong } = await killedAtEachCall(play, interleaving);
      expect(wrong).toEqual([]);
      expect(points).toBeGreaterThan(0);
    });
  });
}
