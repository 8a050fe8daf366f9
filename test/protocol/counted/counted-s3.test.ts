import { expect, test } from 'vitest';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { frontedS3 } from '../../conformance/engine/fronted-s3.ts';
import { type Versioning } from '../../conformance/store/store-s3-bench.ts';
import { entriesOf } from '../../support/driver/dying-worker.ts';
import { dueInBucket } from '../../support/pages/bucket-collection.ts';
import { holdingOf, rowNames } from '../../support/pages/collection-world.ts';

const { bench, front } = await frontedS3();

const SLICES = 3;

/** By what they ask for. */
function requests(): Readonly<Record<string, number>> {
  const names = front.seen.map(
    ({ method, url }) => `${method} ${/[?&](versions|uploads|versioning|delete|replication)/.exec(url)?.[1]}`,
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
    const { w, ref, chunk } = await dueInBucket();
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
      // Until when copies may have it.
      'GET replication': 1,
      ...(asked > 0 && { 'GET versioning': asked }),
    });
    await store.close();
  },
);
