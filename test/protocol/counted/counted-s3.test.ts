import { afterAll, beforeAll, expect, test } from 'vitest';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { type S3Front, s3Front } from '../../conformance/engine/s3-front.ts';
import { type S3Bench, s3Bench, type Versioning } from '../../conformance/store/store-s3-bench.ts';
import { entriesOf, handedOver } from '../../support/driver/dying-worker.ts';
import {
  collected,
  collectionWorld,
  holdingOf,
  NOTES,
  rowNames,
} from '../../support/pages/collection-world.ts';

let bench: S3Bench;
let front: S3Front;
beforeAll(async () => {
  bench = await s3Bench();
  front = await s3Front(bench.endpoint);
});
afterAll(async () => {
  front.stop();
  await bench.stop();
});

const SLICES = 3;

/** By what they ask for. */
function requests(): Readonly<Record<string, number>> {
  const names = front.seen.map(
    ({ method, url }) => `${method} ${/[?&](versions|uploads|versioning|delete)/.exec(url)?.[1]}`,
  );
  return Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]));
}

test.each<[Versioning, number]>([
  ['Enabled', 0],
  ['never', SLICES],
])(
  'objects of a collection take seven requests for each 999, and one more if they have no versions (versioning: %s)',
  { timeout: 120_000 },
  async (versioning, asked) => {
    const Bucket = await bench.bucket(versioning);
    const store = await bench.open(Bucket, { endpoint: front.endpoint, timeoutSeconds: 55 });
    const count = SLICES * store.batch;
    for (const name of rowNames(count))
      await (await fetch(`${bench.endpoint}/${Bucket}/c-1/${name}`, { method: 'PUT', body: 'x' })).text();
    const w = collectionWorld({
      collections: [{ ...NOTES, by: '{id}/' }],
      hourlyCap: 1_000_000,
      store: { keys: [{ name: 'key', type: 'text' }] },
    });
    const { contract, ref } = await collected(w, 'c-1');
    await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
    const chunk = await handedOver(w);
    front.seen.length = 0;
    const core = { ...w.core, store };
    while ((await workOnChunk(core, chunk)) === 'left');
    expect(holdingOf(w, ref)?.state).toBe('disposed');
    expect(entriesOf(w).map(({ page }) => page?.records)).toEqual([count]);
    expect(requests()).toEqual({
      // Listed, listed again before the deletion, and read back; then once more, to find nothing.
      'GET versions': 3 * SLICES + 1,
      'GET uploads': 3 * SLICES + 1,
      'POST delete': SLICES,
      ...(asked > 0 && { 'GET versioning': asked }),
    });
    await store.close();
  },
);
