import { expect, test } from 'vitest';
import { domainBundleKilobytes } from '../../bench/rules.ts';

/** 100 kB until every switch named all its cases, which costs names and buys that nothing is forgotten. */
test('the domain is at most 110 kB minified, zod and the Temporal polyfill not counted', async () => {
  expect(await domainBundleKilobytes()).toBeLessThanOrEqual(110);
});
