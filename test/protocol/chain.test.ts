import { expect, test } from 'vitest';
import { world } from '../support/driver/world.ts';

const at = (iso: string): number => Date.parse(iso);

test('a record is deleted after its date, with one entry in the log and a tombstone without a locator', async () => {
  const w = world();
  const contract = w.entity('contract', 'c-1');
  w.store.put(['n-1']);
  await w.register(await w.registration('n-1', [contract]));
  expect(w.holding('n-1')?.decision?.status).toBe('undetermined');
  await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
  const due = w.holding('n-1')?.decision?.actAt ?? 0;
  expect(new Date(due).toISOString()).toBe('2026-04-01T00:00:00.000Z');
  await w.run(at('2026-04-01T00:00:00Z'));
  expect(w.store.fields(['n-1'])).toBeDefined();
  await w.run(at('2026-04-01T00:10:00Z'));
  expect(w.store.fields(['n-1'])).toBeUndefined();
  const tombstone = w.holding('n-1');
  expect(tombstone).toMatchObject({ state: 'disposed', done: [{ stage: 'delete', outcome: 'deleted' }] });
  expect(tombstone?.locator).toBeUndefined();
  expect(w.registry.allChunks()).toEqual([]);
  expect(w.registry.allWorkRecords()).toEqual([]);
  expect(w.registry.allSealed()).toHaveLength(1);
  expect(w.bucket.allObjects().map(({ key }) => key)).toEqual([
    'entries/00000000000000000000',
    'tile/0/000.p/1',
    'tile/entries/000.p/1',
  ]);
  expect(w.registry.allToBeSealed()).toEqual([]);
});

test('a renewal keeps the record', async () => {
  const w = world();
  const contract = w.entity('contract', 'c-1');
  w.store.put(['n-1']);
  await w.register(await w.registration('n-1', [contract]));
  await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
  await w.run(at('2026-03-20T00:00:00Z'));
  await w.happened(contract, w.fact('contract.renewed', '2026-03-20'));
  await w.run(at('2026-05-01T00:00:00Z'));
  expect(w.store.fields(['n-1'])).toBeDefined();
});

test('lanes stand still while ingest folds no heartbeat, and go on afterwards', async () => {
  const w = world();
  const contract = w.entity('contract', 'c-1');
  w.store.put(['n-1']);
  await w.register(await w.registration('n-1', [contract]));
  await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
  w.ingestStands.broken = true;
  await w.run(at('2026-04-02T00:00:00Z'));
  expect(w.store.fields(['n-1'])).toBeDefined();
  w.ingestStands.broken = false;
  await w.run(at('2026-04-02T02:00:00Z'));
  expect(w.store.fields(['n-1'])).toBeUndefined();
});
