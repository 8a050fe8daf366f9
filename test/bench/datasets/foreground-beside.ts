import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { median } from '../median.ts';
import type { Row } from '../row.ts';
import { datasetLane, WRITTEN_BY } from './dataset-lane.ts';
import { datasetTables } from './dataset-tables.ts';

const ROWS = 100_000;
const WINDOWS = 5;
const MILLISECONDS = 3000;

/** The 99th percentile of an application's query beside the lane and beside the hand-written deletion, alternately. */
export async function foregroundBeside(count: number): Promise<Row[]> {
  const tables = await datasetTables(count, 100, WRITTEN_BY);
  const lane = await datasetLane(tables.store, count);
  const { sql, engine } = tables.bench;
  await sql.query(
    `CREATE TABLE foreground AS SELECT n AS id, md5(n::text) AS text FROM generate_series(1, ${ROWS}) AS n`,
  );
  await sql.query('ALTER TABLE foreground ADD PRIMARY KEY (id)');
  const { host, port, user, password, database } = engine;
  const connection = { host, port, user, password, database };
  const worker = new Worker(new URL('foreground.ts', import.meta.url), {
    workerData: { connection, rows: ROWS },
  });
  try {
    await once(worker, 'message');
    const p99 = async (act: () => Promise<unknown>): Promise<number> => {
      worker.postMessage('begin');
      const until = performance.now() + MILLISECONDS;
      while (performance.now() < until) await act();
      worker.postMessage('end');
      const [times] = (await once(worker, 'message')) as [number[]];
      return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? Number.NaN;
    };
    const ours: number[] = [];
    const bare: number[] = [];
    for (let window = 0; window < WINDOWS; window += 1) {
      bare.push(await p99(() => tables.deleteBatch()));
      ours.push(await p99(() => lane.attempt()));
    }
    const ratios = ours.map((one, index) => one / (bare[index] ?? Number.NaN));
    const what = 'postgresql: 99th percentile of a query of the application';
    return [
      { what: `${what} beside a hand-written DELETE: ms`, measured: median(bare) },
      { what: `${what} beside the lane: ms`, measured: median(ours) },
      { what: `${what} beside the lane, compared: median of ${WINDOWS}`, measured: median(ratios) },
    ];
  } finally {
    await worker.terminate();
    await lane.stop();
    await tables.store.close();
    await tables.stop();
  }
}
