import { describe, expect, test } from 'vitest';
import { DELETING, killedAtEachCall, type Play } from '../../support/driver/disposal-play.ts';
import { INTERLEAVINGS } from '../../support/driver/interleavings.ts';
import { aPolicy, aRule } from '../../support/rules/rule-world.ts';

/**
 * The worker, or the sweep that hands its chunk over, is killed before and after each of its port calls. Then a message
 * arrives, or none, and time goes on until others have taken over.
 */
const TWO_STAGES = 'anonymise 1 day after contract.ended, then delete 27 hours after contract.ended';
const rules = [aRule(TWO_STAGES)];
const masks = { text: { kind: 'constant', value: 'erased' } } as const;
const policies = [aPolicy({}, { categories: { notes: { rules, masks } } })];

/** One of two purposes ends on the first day. The record stays for the other one, until its category's rule. */
const reducing = [
  aPolicy(
    {},
    {
      categories: { notes: { rules: [aRule('27 hours after contract.ended')] } },
      purposes: ['service', 'billing'],
      purposePolicies: { service: { rule: aRule('1 day after contract.ended'), fields: masks } },
    },
  ),
];

const PLAYS: Readonly<Record<string, Play>> = {
  'a worker that deletes': DELETING,
  'a worker with several records in its chunk': { ...DELETING, more: ['n-2', 'n-3'] },
  'a worker on a store without versions': { ...DELETING, versions: false },
  'the sweep that finds what is due': { ...DELETING, verb: 'sweep' },
  'a worker that masks what only an ended purpose needed': {
    policies: reducing,
    purposes: ['service', 'billing'],
    until: '2026-03-03T21:00:00Z',
  },
  'a worker at the second of two stages': {
    policies,
    from: '2026-03-03T13:00:00Z',
    until: '2026-03-03T21:00:00Z',
  },
  'a worker that restricts a record before it is deleted': {
    rules: { notes: ['restrict 1 day after contract.ended, then delete 27 hours after contract.ended'] },
    restricts: true,
    until: '2026-03-03T21:00:00Z',
  },
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
