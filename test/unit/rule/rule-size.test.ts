import { expect, test } from 'vitest';
import { domainBundleKilobytes } from '../../bench/rules.ts';

test('the domain is at most 100 kB minified, zod and the Temporal polyfill not counted', async () => {
  expect(await domainBundleKilobytes()).toBeLessThanOrEqual(100);
});
