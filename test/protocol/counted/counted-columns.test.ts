import { afterAll, beforeAll, expect, test } from 'vitest';
import { countedNew, countedUnchanged } from '../../support/counted/counted-columns.ts';
import { type TestTables, startTables } from '../../support/registry-table.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.stop());

test('a pass over a column that has not changed writes the same for any number of values', async () => {
  const [few, many] = [await countedUnchanged(tables, 10), await countedUnchanged(tables, 2500)];
  // Its walk at the beginning and at the end, and the message that it was read.
  expect(few.writes).toBe(3);
  expect(many.writes).toBe(3);
  expect(many.requests - few.requests).toBeLessThanOrEqual(4);
});

test('a new value takes 6 write units until it is a fact, and those of a pass besides', async () => {
  const [few, many] = [await countedNew(tables, 20), await countedNew(tables, 120)];
  expect((many.writes - few.writes) / 100).toBe(6);
});
