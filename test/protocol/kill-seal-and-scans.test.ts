import { expect, test } from 'vitest';
import { driver } from '../support/driver.ts';

test('a holding survives an undisturbed life', async () => {
  const d = await driver();
  d.registers('n-1', ['c-1']);
  await d.settle();
  expect(d.holding('n-1')?.state).toBe('active');
});
