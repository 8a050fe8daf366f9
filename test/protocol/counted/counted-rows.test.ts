import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { datasetChunk } from '../../../shared/domain/datasets/dataset-chunk.ts';
import { datasetNamed } from '../../../shared/domain/datasets/datasets-of.ts';
import { countedWorld } from '../../support/counted/counted-world.ts';
import { rowsOptions, writesRows } from '../../support/datasets/rows-world.ts';
import { STORE } from '../../support/driver/world.ts';
import { type TestTables, startTables } from '../../support/registry-table.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.stop());

const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(1_000_000 + index * 3));
const uuids = (count: number) =>
  Array.from({ length: count }, (_, index) => {
    const hex = createHash('sha256').update(`row ${index}`).digest('hex');
    return [8, 4, 4, 4, 12].map((length, part) => hex.slice(part * 12, part * 12 + length)).join('-');
  });

/** Of the write units of a row, the list in its entry takes a sixtieth: 16 random bytes. The rest is for an attempt. */
describe('10,000 rows of a dataset', () => {
  test.each([
    ['whose keys are numbers', numbers, 0.02, 2],
    ['with random keys', uuids, 0.08, 7],
  ])('%s cost few write units', { timeout: 240_000 }, async (_, names, most, mostAttempts) => {
    const w = await countedWorld(tables, rowsOptions({ hourlyCap: 100_000 }));
    writesRows(w, names(10_000), { days: 60 });
    const dataset = datasetNamed(w.core.configuration, STORE, 'logs');
    if (dataset === undefined) throw new Error('there is no dataset');
    const chunk = datasetChunk(dataset, { since: w.clock.now(), version: 1 });
    let attempts = 0;
    const units = await w.unitsOf(async () => {
      await w.core.registry.putChunks([chunk]);
      await w.core.registry.putHeartbeat(w.clock.now());
      const { lane, producer, minute, id } = chunk;
      for (let isLeft = true; isLeft && attempts < 20; attempts += 1) {
        await w.work({ lane, producer, minute, id });
        isLeft = (await w.core.registry.chunk(chunk)) !== undefined;
      }
    });
    expect(w.store.size()).toBe(0);
    expect(attempts).toBeLessThanOrEqual(mostAttempts);
    const sum = Object.values(units).reduce((all, one) => all + one, 0);
    expect(sum / 10_000).toBeLessThan(most);
  });
});
