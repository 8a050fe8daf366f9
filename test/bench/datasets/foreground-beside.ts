import { fork } from 'node:child_process';
import { once } from 'node:events';
import { median } from '../median.ts';
import { unpin } from '../pinned.ts';
import type { Row } from '../row.ts';
import { onStoreCore } from './cores.ts';
import { datasetLane, WRITTEN_BY } from './dataset-lane.ts';
import { datasetTables } from './dataset-tables.ts';
import type { ToBegin } from './foreground.ts';

const ROWS = 100_000;
/** Neither side ends before the last window: an empty table disturbs no one. */
const TO_DELETE = 1_000_000;
const WINDOWS = 5;
const QUERIES = 2000;

/** The 99th percentile of an application's query beside the lane and beside the hand-written deletion, alternately. */
export async function foregroundBeside(): Promise<Row[]> {
  const tables = await onStoreCore(() =>
    datasetTables(TO_DELETE, { accounts: 100, before: WRITTEN_BY, whose: ['ours', 'bare'] }),
  );
  const lane = await datasetLane(tables.store, TO_DELETE);
  const { sql, engine } = tables.bench;
  await sql.query(
    `CREATE TABLE foreground AS SELECT n AS id, md5(n::text) AS text FROM generate_series(1, ${ROWS}) AS n`,
  );
  await sql.query('ALTER TABLE foreground ADD PRIMARY KEY (id)');
  await sql.query('VACUUM ANALYZE foreground');
  const { host, port, user, password, database } = engine;
  const settings = JSON.stringify({ connection: { host, port, user, password, database } });
  const application = await onStoreCore(async () => {
    const child = fork(new URL('foreground.ts', import.meta.url), [settings, String(ROWS)]);
    await once(child, 'message');
    return child;
  });
  try {
    const p99 = async (act: () => Promise<boolean>): Promise<number> => {
      const asked: ToBegin = { queries: QUERIES };
      application.send(asked);
      let times: readonly number[] | undefined;
      application.once('message', (told: number[]) => {
        times = told;
      });
      while (times === undefined)
        if (!(await act())) throw new Error('all rows are gone before the last query: more rows are needed');
      return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? Number.NaN;
    };
    const ours: number[] = [];
    const bare: number[] = [];
    for (let window = 0; window < WINDOWS; window += 1) {
      bare.push(await p99(async () => (await tables.deleteBatch()) > 0));
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
    application.disconnect();
    await lane.stop();
    await tables.store.close();
    await tables.stop();
    unpin();
  }
}
