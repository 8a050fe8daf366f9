import { countingCall } from '../../support/counted/counting-call.ts';
import { EVENTS, KEYS } from './dataset-tables.ts';
import { ROW_EVENTS, sweptRows } from '../../support/datasets/rows-world.ts';
import { tableWorld } from '../../support/driver/table-world.ts';
import { startTables } from '../../support/registry-table.ts';
import { aPolicy, aRule } from '../../support/rules/rule-world.ts';
import type { Store } from '../../../shared/ports/store.ts';

export const NOW = Date.parse('2026-03-01T10:00:00Z');
const DAY = 86_400_000;
const AGE = 90;
/** Every row that was written by then is due. */
export const WRITTEN_BY = NOW - (AGE + 2) * DAY;

/** A lane over the table, with registry and log in an embedded DynamoDB. */
export interface DatasetLane {
  /** One attempt and its seal. False: the pass has ended. */
  attempt(): Promise<boolean>;
  writeUnits(): number;
  stop(): Promise<void>;
}

export async function datasetLane(store: Store, count: number): Promise<DatasetLane> {
  const tables = await startTables();
  const counter = countingCall(tables.call);
  const w = tableWorld(
    { call: counter.call, table: await tables.create(), store },
    {
      start: new Date(NOW).toISOString(),
      policies: [aPolicy({ logs: [aRule(`${AGE} days after record.created`)] }, { events: ROW_EVENTS })],
      entityTypes: { record: { ids: 'owned', normalise: [] } },
      hourlyCap: 10 * count,
      store: { keys: KEYS, datasets: [EVENTS] },
    },
  );
  const chunk = await sweptRows(w);
  const { lane, producer, minute, id } = chunk;
  counter.reset();
  return {
    async attempt() {
      const came = await w.work({ lane, producer, minute, id });
      await w.seal();
      const next = await w.registry.chunk(chunk);
      if (came !== 'left' && next !== undefined) throw new Error(`an attempt ended with ${came}`);
      if ((next?.notBefore ?? 0) > w.clock.now())
        throw new Error(`the lane waits: ${JSON.stringify(next?.waits)}`);
      return next !== undefined;
    },
    writeUnits: () => counter.writeUnits(),
    stop: () => tables.stop(),
  };
}
