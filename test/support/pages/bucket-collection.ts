import { handedOver } from '../driver/dying-worker.ts';
import { collected, collectionWorld, NOTES } from './collection-world.ts';

/** The objects under `c-1/` are a collection that is due, and a worker has its chunk. The store is the test's own. */
export async function dueInBucket() {
  const w = collectionWorld({
    collections: [{ ...NOTES, by: '{id}/' }],
    hourlyCap: 1_000_000,
    store: { keys: [{ name: 'key', type: 'text' }] },
  });
  const { contract, ref } = await collected(w, 'c-1');
  await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
  return { w, ref, chunk: await handedOver(w) };
}
