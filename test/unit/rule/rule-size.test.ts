import { expect, test } from 'vitest';
import { domainBundleKilobytes } from '../../bench/rules.ts';

/**
 * 100 kB until every switch named all its cases, which costs names and buys that nothing is forgotten. 110 kB until the
 * language refused what can be read in two ways and said how to write it: most of the rest is the text of messages. 130 kB
 * until each branch had bounds and an action of its own. 145 kB until sentences that people write instead of a rule got
 * messages of their own, again mostly text. 160 kB until conditions, laws and verbs that could be about two things were
 * refused: their messages. 163 kB until plans knew requests of people, consent by purpose and jurisdictions that change.
 */
test('the domain is at most 200 kB minified, zod and the Temporal polyfill not counted', async () => {
  expect(await domainBundleKilobytes()).toBeLessThanOrEqual(200);
});
