import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { handedOver } from '../../support/driver/dying-worker.ts';
import { collected, collectionWorld, rowNames, writes } from '../../support/pages/collection-world.ts';

const BATCH = 5000;

/** How many records an attempt asks for, list by list, and how many it deletes at once. */
async function asked(rows: readonly string[]) {
  const w = collectionWorld({ isStrict: true, hourlyCap: 1_000_000 });
  const { contract } = await collected(w, 'c-1');
  writes(w, 'c-1', rows);
  await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
  const chunk = await handedOver(w);
  const listed: number[] = [];
  const deleted: number[] = [];
  const { store } = w.core;
  await workOnChunk(
    {
      ...w.core,
      store: {
        ...store,
        batch: BATCH,
        list(place, limit, after) {
          listed.push(limit);
          return store.list(place, limit, after);
        },
        delete(batch) {
          deleted.push(batch.length);
          return store.delete(batch);
        },
      },
    },
    chunk,
  );
  return { listed, deleted };
}

test('a collection is listed and deleted at once by as many records as the store does best', async () => {
  // The second list is that of the pass which finds nothing more.
  expect(await asked(rowNames(3000))).toEqual({ listed: [BATCH, 2000], deleted: [3000] });
});

test('one whose names do not fit into the work record is listed by fewer, and not by the fewest', async () => {
  const names = rowNames(3000).map((name) => createHash('sha256').update(name).digest('base64url'));
  const { listed, deleted } = await asked(names);
  expect(listed.slice(0, 2)).toEqual([BATCH, 1000]);
  expect(deleted[0]).toBe(1000);
});
