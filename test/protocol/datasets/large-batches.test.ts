import { createHash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { MOST_RESULT_BYTES } from '../../../shared/domain/record/work.ts';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { MOST_LOCATOR_BYTES } from '../../../shared/protocol/pages/gather.ts';
import { rowNames } from '../../support/pages/collection-world.ts';
import { pageViolations } from '../../support/pages/page-violations.ts';
import { rowsWorld, sweptRows, writesRows } from '../../support/datasets/rows-world.ts';

const BATCH = 5000;
const COUNT = 2300;

/** A store that takes many records at once, over rows that are all due. */
async function large(names = rowNames(COUNT)) {
  const w = rowsWorld({ hourlyCap: 1_000_000 });
  writesRows(w, names, { days: 40 });
  const read: number[] = [];
  const deleted: number[] = [];
  const core: LaneCore = {
    ...w.core,
    store: {
      ...w.core.store,
      batch: BATCH,
      range(range, limit, after) {
        read.push(limit);
        return w.core.store.range(range, limit, after);
      },
      delete(batch) {
        deleted.push(batch.length);
        return w.core.store.delete(batch);
      },
    },
  };
  return { w, core, chunk: await sweptRows(w), read, deleted };
}

test('rows are read and deleted in whole batches of the store', async () => {
  const { w, core, chunk, read, deleted } = await large();
  expect(await workOnChunk(core, chunk)).toBe('done');
  expect([read, deleted, w.store.size()]).toEqual([[BATCH], [COUNT], 0]);
  expect(await pageViolations(w)).toEqual([]);
});

function compressed(w: Awaited<ReturnType<typeof large>>['w']): number[] {
  return w.registry.allResults().map((result) => deflateRawSync(JSON.stringify(result)).length);
}

test('an attempt takes two whole batches, whose list and locators its result has room for', async () => {
  const { w, core, chunk, read, deleted } = await large(rowNames(2 * BATCH + 300));
  expect(await workOnChunk(core, chunk)).toBe('left');
  expect([read, deleted, w.store.size()]).toEqual([[BATCH, BATCH], [BATCH, BATCH], 300]);
  expect(Math.max(...compressed(w))).toBeLessThan(MOST_RESULT_BYTES - MOST_LOCATOR_BYTES);
  expect(await workOnChunk(core, chunk)).toBe('done');
  expect(await pageViolations(w)).toEqual([]);
});

test('an attempt takes one batch where two have not enough room in a result, should half of them stay unknown', async () => {
  const names = rowNames(2 * BATCH).map((row) => createHash('sha256').update(row).digest('hex').slice(0, 16));
  const { w, core, chunk, read } = await large(names);
  w.store.fail({ call: 'delete', code: 'STORE_TIMEOUT', times: BATCH / 2 });
  w.store.fail({ call: 'readBack', code: 'STORE_TIMEOUT', times: BATCH / 2 });
  expect(await workOnChunk(core, chunk)).toBe('left');
  expect(read).toEqual([BATCH]);
  expect(compressed(w)).toEqual([expect.toSatisfy((bytes: number) => bytes < MOST_RESULT_BYTES)]);
});

test('no more than 1,000 are deleted at once after an attempt in which something failed', async () => {
  const { w, core, chunk, deleted } = await large();
  w.store.fail({ call: 'delete', code: 'STORE_TIMEOUT', times: COUNT });
  expect(await workOnChunk(core, chunk)).toBe('left');
  w.clock.set((await w.registry.chunk(chunk))?.notBefore ?? 0);
  await w.registry.putHeartbeat(w.clock.now());
  expect(await workOnChunk(core, chunk)).toBe('done');
  expect([deleted, w.store.size()]).toEqual([[COUNT, 1000, 1000, 300], 0]);
  expect(await pageViolations(w)).toEqual([]);
});

test('from a store whose batch is about 1,000, one batch is read at once', async () => {
  const { core, chunk, read } = await large();
  await workOnChunk({ ...core, store: { ...core.store, batch: 999 } }, chunk);
  expect(read).toEqual([999, 999, 999]);
});

test('where some of thousands of rows are written meanwhile, the entry names those that went, and no others', async () => {
  const { w, core, chunk } = await large();
  const written = [7, COUNT - 300].map((n) => rowNames(COUNT)[n] ?? '');
  const store: LaneCore['store'] = {
    ...core.store,
    async delete(batch) {
      // As of a store that is far away: others have their turn.
      for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      writesRows(w, written, { days: 1 });
      return core.store.delete(batch);
    },
  };
  await workOnChunk({ ...core, store }, chunk);
  const told = w.registry.allResults().flatMap((result) => ('void' in result ? [] : result.entries));
  expect(told).toMatchObject([{ page: { records: COUNT - 2, changed: 2 } }]);
  expect(w.store.size()).toBe(2);
  expect(await pageViolations(w)).toEqual([]);
});
