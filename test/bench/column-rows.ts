import { countedNew, countedUnchanged } from '../support/counted/counted-columns.ts';
import { startTables } from '../support/registry-table.ts';
import { heapAfterCollection } from './heap.ts';
import type { Row } from './row.ts';

const MANY = 100_000;
const FEW = 10_000;
const TAKEN = 1000;
const MEGABYTE = 1_000_000;

/** What columns of facts cost the registry, and what a pass keeps in memory. */
export async function columnRows(): Promise<Row[]> {
  const tables = await startTables();
  try {
    const few = await countedUnchanged(tables, FEW, heapAfterCollection);
    const many = await countedUnchanged(tables, MANY, heapAfterCollection);
    const taken = await countedNew(tables, TAKEN);
    return [
      {
        what: `a pass over ${MANY} values that have not changed: write units`,
        measured: many.writes,
        limit: 3,
      },
      {
        what: 'the same: requests to the registry for 1,000 values',
        measured: (many.requests * 1000) / MANY,
        limit: 2,
      },
      { what: 'the same: read units for 1,000 values', measured: (many.reads * 1000) / MANY, limit: 90 },
      {
        what: `the same: most megabytes beside those of a pass over ${FEW}`,
        measured: (many.memory - few.memory) / MEGABYTE,
        limit: 8,
      },
      { what: 'a new value of a column: write units', measured: taken.writes / TAKEN, limit: 6.05 },
    ];
  } finally {
    await tables.stop();
  }
}
