import { expect, test } from 'vitest';
import { driver } from '../support/driver.ts';

const RULES = { note: ['30 days after contract.ended'] };

test('what is due is disposed of in its minute, and not before', async () => {
  const d = await driver({ rules: RULES });
  d.registers('n-1', ['c-1']);
  d.store.put(['n-1']);
  d.happens('contract.ended', 'c-1', '2026-03-10T08:00:00Z');
  await d.runUntil('2026-04-09T08:00:59Z');
  expect(d.store.size()).toBe(1);
  await d.runUntil('2026-04-09T08:01:00Z');
  expect(d.store.size()).toBe(0);
  expect(d.holding('n-1')?.state).toBe('disposed');
});
