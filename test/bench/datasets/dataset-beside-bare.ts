import { heapAfterCollection } from '../heap.ts';
import type { Row } from '../row.ts';
import { datasetLane, WRITTEN_BY } from './dataset-lane.ts';
import { datasetTables, TABLES, type Whose } from './dataset-tables.ts';
import { leastProgram } from './least-program.ts';

/** Rows for several full attempts. */
const ENOUGH = 100_000;
/** Rows between two runs of VACUUM. */
const VACUUM_EVERY = 100_000;

/**
 * Disposes of `count` rows of a dataset, and alternately, attempt by attempt, deletes about that number from two equal tables: by
 * keyset, and by the least program that can say which rows went. All have VACUUM. Other load on the machine slows down
 * all of them. The lane's time has its evidence in it: result, entries, and the list of the rows in the log.
 */
export async function datasetBesideBare(count: number, accounts: number): Promise<Row[]> {
  const before = heapAfterCollection();
  const { ours, bare, least, units } = await measured(count, accounts);
  const kept = heapAfterCollection() - before;
  const rows = count.toLocaleString('en');
  const what = `postgresql: a dataset of ${rows} rows of ${accounts.toLocaleString('en')} accounts`;
  const each = (seconds: number) => (seconds * 1_000_000) / count;
  return [
    { what: `${what}: µs a row`, measured: each(ours) },
    { what: `${what}: µs a row of a hand-written DELETE by keyset`, measured: each(bare) },
    { what: `${what}: µs a row of the least program that can say which rows went`, measured: each(least) },
    { what: `${what}: speed, compared with the DELETE`, measured: bare / ours },
    { what: `${what}: speed, compared with the least program`, measured: least / ours },
    { what: `${what}: speed of the least program, compared with the DELETE`, measured: bare / least },
    {
      what: `${what}: write units of the registry for each row`,
      measured: units / count,
      // One attempt costs what it costs, however few rows are left for it.
      ...(count >= ENOUGH && { limit: 0.02 }),
    },
    { what: `${what}: heap afterwards, less before: MB`, measured: kept / 1_000_000 },
  ];
}

async function measured(count: number, accounts: number): Promise<Readonly<Record<Whose | 'units', number>>> {
  const tables = await datasetTables(count, { accounts, before: WRITTEN_BY });
  const lane = await datasetLane(tables.store, count);
  const deleteLeast = leastProgram(tables.bench.sql, 'least', WRITTEN_BY);
  try {
    const all = {
      ours: { seconds: 0, since: 0, gone: 0 },
      bare: { seconds: 0, since: 0, gone: 0 },
      least: { seconds: 0, since: 0, gone: 0 },
    };
    /** Answers whether there is more. */
    const timed = async (whose: Whose, act: () => Promise<number>): Promise<boolean> => {
      const one = all[whose];
      const began = performance.now();
      const rows = await act();
      one.gone += rows;
      one.since += rows;
      if (one.since >= VACUUM_EVERY || rows === 0) {
        await tables.vacuum(whose);
        one.since = 0;
      }
      one.seconds += (performance.now() - began) / 1000;
      return rows > 0;
    };
    let isOpen = true;
    while (isOpen) {
      const disposed = lane.disposed();
      isOpen = await timed('ours', async () => {
        const goesOn = await lane.attempt();
        return goesOn ? lane.disposed() - disposed : 0;
      });
      const target = isOpen ? lane.disposed() : Infinity;
      for (const [whose, act] of [
        ['bare', () => tables.deleteBatch()],
        ['least', deleteLeast],
      ] as const)
        while (all[whose].gone < target && (await timed(whose, act)));
    }
    for (const whose of TABLES) {
      const left = await tables.left(whose);
      if (left > 0) throw new Error(`${left} of ${count} rows of ${whose} are left`);
    }
    const { ours, bare, least } = all;
    return { ours: ours.seconds, bare: bare.seconds, least: least.seconds, units: lane.writeUnits() };
  } finally {
    await lane.stop();
    await tables.store.close();
    await tables.stop();
  }
}
