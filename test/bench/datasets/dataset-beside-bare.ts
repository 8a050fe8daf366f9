import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Row } from '../row.ts';
import { datasetLane, WRITTEN_BY } from './dataset-lane.ts';
import { datasetTables } from './dataset-tables.ts';

/** A batch of the hand-written deletion, and about as many rows as an attempt of the lane. */
const BATCHES = 5;
/** Rows for several full attempts. */
const ENOUGH = 10_000;
/** Rows between two runs of VACUUM. */
const VACUUM_EVERY = 100_000;

/**
 * Disposes of `count` rows of a dataset, and alternately, attempt by attempt, deletes about as many of an equal table by
 * keyset, both with VACUUM, so that other load on the machine slows down both. The lane's time has its evidence in it:
 * result, entries, and the list of the rows in the log.
 */
export async function datasetBesideBare(count: number, accounts: number): Promise<Row[]> {
  const before = heapAfterCollection();
  const { ours, bare, units } = await measured(count, accounts);
  const kept = heapAfterCollection() - before;
  const rows = count.toLocaleString('en');
  const what = `postgresql: a dataset of ${rows} rows of ${accounts.toLocaleString('en')} accounts`;
  return [
    { what: `${what}: rows a second`, measured: count / ours },
    { what: `${what}: rows a second by a hand-written DELETE by keyset`, measured: count / bare },
    { what: `${what}: speed, compared with that`, measured: bare / ours },
    {
      what: `${what}: write units of the registry for each row`,
      measured: units / count,
      // One attempt costs what it costs, however few rows are left for it.
      ...(count >= ENOUGH && { limit: 0.02 }),
    },
    { what: `${what}: heap afterwards, less before: MB`, measured: kept / 1_000_000 },
  ];
}

async function measured(
  count: number,
  accounts: number,
): Promise<{ readonly ours: number; readonly bare: number; readonly units: number }> {
  const tables = await datasetTables(count, accounts, WRITTEN_BY);
  const lane = await datasetLane(tables.store, count);
  try {
    const time = { ours: 0, bare: 0 };
    const since = { ours: 0, bare: 0 };
    const timed = async (whose: 'ours' | 'bare', act: () => Promise<number>): Promise<boolean> => {
      const began = performance.now();
      const rows = await act();
      since[whose] += rows;
      if (since[whose] >= VACUUM_EVERY || rows === 0) {
        await tables.vacuum(whose);
        since[whose] = 0;
      }
      time[whose] += (performance.now() - began) / 1000;
      return rows > 0;
    };
    const open = { ours: true, bare: true };
    while (open.ours || open.bare) {
      if (open.ours)
        open.ours = await timed('ours', async () => ((await lane.attempt()) ? BATCHES * 1000 : 0));
      if (open.bare)
        open.bare = await timed('bare', async () => {
          let gone = 0;
          for (let batch = 0; batch < BATCHES; batch += 1) gone += await tables.deleteBatch();
          return gone;
        });
    }
    const left = [await tables.left('ours'), await tables.left('bare')];
    if (left.some((rows) => rows > 0)) throw new Error(`${left.join(' and ')} of ${count} rows are left`);
    return { ...time, units: lane.writeUnits() };
  } finally {
    await lane.stop();
    await tables.store.close();
    await tables.stop();
  }
}

/** What is in use, without what only waits to be collected. */
function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
