import { afterAll, beforeAll, expect, test } from 'vitest';
import { sweepHourly } from '../../../shared/protocol/sweep-lanes.ts';
import { countedWorld } from '../../support/counted/counted-world.ts';
import { LOGS, rowsWorld, writesRows } from '../../support/datasets/rows-world.ts';
import { rowNames } from '../../support/pages/collection-world.ts';
import { type TestTables, startTables } from '../../support/registry-table.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.stop());

test('an hour of a dataset without rows that are due takes at most 5 write units', async () => {
  const { configuration } = rowsWorld().core;
  const w = await countedWorld(tables, {
    policies: configuration.policies.policies,
    store: { datasets: [LOGS] },
  });
  writesRows(w, rowNames(50), { days: 3 });
  const hour = async (): Promise<void> => {
    w.clock.advance(3_600_000);
    await sweepHourly(w.core);
    for (const sent of w.heartbeats.splice(0)) await w.registry.putHeartbeat(sent);
    for (const { message } of w.bells.splice(0)) expect(await w.work(message)).toBe('done');
  };
  await hour();
  w.reset();
  await hour();
  const units = w.counter.writeUnits(({ PK }) => PK !== 'M#heartbeat');
  expect(units).toBeLessThanOrEqual(5);
  expect(w.store.size()).toBe(50);
});

test('rows that go take at most 0.02 write units each, where their keys are numbers in sequence', async () => {
  const { configuration } = rowsWorld().core;
  const w = await countedWorld(tables, {
    policies: configuration.policies.policies,
    store: { datasets: [LOGS] },
    hourlyCap: 1_000_000,
  });
  const names = Array.from({ length: 5000 }, (_, n) => String(1_000_000 + n));
  writesRows(w, names, { days: 31 });
  await sweepHourly(w.core);
  for (const sent of w.heartbeats.splice(0)) await w.registry.putHeartbeat(sent);
  w.reset();
  const [bell] = w.bells;
  if (bell === undefined) throw new Error('no bell');
  const came: string[] = [];
  while (came.at(-1) !== 'done' && came.length < 50) came.push(await w.work(bell.message));
  expect(w.store.size()).toBe(0);
  await w.seal();
  expect(w.counter.writeUnits() / names.length).toBeLessThanOrEqual(0.02);
});
