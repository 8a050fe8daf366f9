import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { countingCall } from '../../support/counted/counting-call.ts';
import { EVENTS, KEYS } from './dataset-tables.ts';
import { ROW_EVENTS, sweptRows } from '../../support/datasets/rows-world.ts';
import { tableWorld } from '../../support/driver/table-world.ts';
import type { WorldOptions } from '../../support/driver/world.ts';
import { startTables } from '../../support/registry-table.ts';
import { aPolicy, aRule } from '../../support/rules/rule-world.ts';
import type { Store } from '../../../shared/ports/store.ts';

export const NOW = Date.parse('2026-03-01T10:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const AGE = 90;
/** Every row that was written by then is due. */
export const WRITTEN_BY = NOW - (AGE + 2) * DAY;

/** A lane over the table. The registry is an embedded DynamoDB in a thread of its own, and so is what seals. */
export interface DatasetLane {
  /**
   * One attempt, while what the ones before came to is sealed, as by the other function that does it. Before it answers that
   * the pass has ended (false), everything is sealed.
   */
  attempt(): Promise<boolean>;
  /** How many rows were sent to be deleted. */
  disposed(): number;
  writeUnits(): number;
  stop(): Promise<void>;
}

/** For the lane and for what seals. */
export function worldOptions(count: number): WorldOptions {
  return {
    start: new Date(NOW).toISOString(),
    policies: [aPolicy({ logs: [aRule(`${AGE} days after record.created`)] }, { events: ROW_EVENTS })],
    entityTypes: { record: { ids: 'owned', normalise: [] } },
    hourlyCap: 10 * count,
    store: { keys: KEYS, datasets: [EVENTS] },
  };
}

/** No record is registered on its own, and two censuses have said so. */
export async function datasetLane(store: Store, count: number): Promise<DatasetLane> {
  const tables = await startTables(startApart);
  const counter = countingCall(tables.call);
  const table = await tables.create();
  let disposed = 0;
  const counted: Store = {
    ...store,
    delete(batch) {
      disposed += batch.length;
      return store.delete(batch);
    },
  };
  const w = tableWorld({ call: counter.call, table, store: counted }, worldOptions(count));
  await w.registry.noteMarksWalked({ of: '-', first: NOW - DAY, last: NOW - HOUR });
  const sealing = new Worker(new URL('sealing.ts', import.meta.url), {
    workerData: { endpoint: tables.endpoint, table, count },
  });
  await once(sealing, 'message');
  const chunk = await sweptRows(w);
  const { lane, producer, minute, id } = chunk;
  counter.reset();
  let unitsOfSealing = 0;
  const seal = async (): Promise<void> => {
    sealing.postMessage('seal');
    [unitsOfSealing] = (await once(sealing, 'message')) as [number];
  };
  return {
    async attempt() {
      const [came] = await Promise.all([w.work({ lane, producer, minute, id }), seal()]);
      const next = await w.registry.chunk(chunk);
      if (came !== 'left' && next !== undefined) throw new Error(`an attempt ended with ${came}`);
      if ((next?.notBefore ?? 0) > w.clock.now())
        throw new Error(`the lane waits: ${JSON.stringify(next?.waits)}`);
      if (next === undefined) await seal();
      return next !== undefined;
    },
    disposed: () => disposed,
    writeUnits: () => counter.writeUnits() + unitsOfSealing,
    async stop() {
      await sealing.terminate();
      await tables.stop();
    },
  };
}

async function startApart() {
  const engine = new Worker(new URL('registry-engine.ts', import.meta.url));
  const [endpoint] = (await once(engine, 'message')) as [string];
  return {
    endpoint,
    async stop() {
      await engine.terminate();
    },
  };
}
