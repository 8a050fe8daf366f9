import { afterAll, beforeAll, expect, test } from 'vitest';
import { countedWakeUp, idleHour } from '../../support/counted/counted-sweeps.ts';
import { type TestTables, startTables } from '../../support/registry-table.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.stop());

// One of them looks for open requests of people, whose deadlines nothing else watches.
// One of them reads which policies are active.
// Two of them of the index of the log: how far it is, and the log.
// One of them for each lane: whether rules of it wait for a person.
test('an hour of three lanes without work takes at most 53 requests, and writes the heartbeat, and that all is signed', async () => {
  const { requests, written } = await idleHour(tables, 3);
  expect(requests.all).toBeLessThanOrEqual(53);
  expect(written).toEqual(['M#heartbeat M', 'C#signed C']);
});

test('a wake-up takes the same requests among ten times the hints', async () => {
  const few = await countedWakeUp(tables, { due: 200, later: 200 });
  const many = await countedWakeUp(tables, { due: 200, later: 3800 });
  expect(many).toEqual(few);
  expect(many.all).toBeLessThanOrEqual(50 + 200 / 80);
});
