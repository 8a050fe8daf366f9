import { expect, test } from 'vitest';
import type { KeyType } from '../../shared/domain/configuration/configuration.ts';
import type { LaneCore } from '../../shared/protocol/core.ts';
import { workOnChunk } from '../../shared/protocol/lane/work-on-chunk.ts';
import { at, handedOver } from '../support/driver/dying-worker.ts';
import { STORE, world } from '../support/driver/world.ts';

/** A function that is deployed with another type for the store's key. */
function withKey(core: LaneCore, type: KeyType): LaneCore {
  const store = core.configuration.stores[STORE];
  if (!store) throw new Error('the world has one store');
  const stores = { [STORE]: { ...store, keys: [{ name: 'id', type }] } };
  return { ...core, configuration: { ...core.configuration, stores } };
}

async function due(ids: readonly string[]) {
  const w = world();
  const contract = w.entity('contract', 'c-1');
  for (const id of ids) {
    w.store.put([id]);
    await w.register(await w.registration(id, [contract]));
  }
  await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
  w.clock.set(at('2026-04-01T00:00:30Z'));
  return { w, chunk: await handedOver(w) };
}

test('a record whose locator would be another one by the present key types is kept, and the others of its chunk go', async () => {
  const { w, chunk } = await due(['1.50', '1.5', '+7', 'seven']);
  await workOnChunk(withKey(w.core, 'decimal'), chunk);
  expect(['1.50', '1.5', '+7', 'seven'].filter((id) => w.store.fields([id]))).toEqual([
    '1.50',
    '+7',
    'seven',
  ]);
  expect(w.holding('1.5')?.state).toBe('disposed');
  expect(['1.50', '+7', 'seven'].map((id) => w.holding(id)?.state)).toEqual(['active', 'active', 'active']);
  expect(w.registry.allChunks()).toMatchObject([{ failures: 1, failure: { code: 'STORE_SCHEMA' } }]);
  await w.run(at('2026-04-01T02:00:00Z'));
  expect(['1.50', '+7', 'seven'].filter((id) => w.store.fields([id]))).toEqual([]);
});
