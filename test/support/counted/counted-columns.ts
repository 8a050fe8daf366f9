import { type ColumnEntry, entryKey } from '../../../shared/domain/columns/column-entry.ts';
import { isoUtc } from '../../../shared/domain/calendar/utc-time.ts';
import { parts } from '../../../shared/domain/each.ts';
import type { Occurred } from '../../../shared/domain/record/ids.ts';
import { dynamoRegistry } from '../../../shared/adapters/dynamodb/dynamo-registry.ts';
import type { Store } from '../../../shared/ports/store.ts';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { readColumn } from '../../../shared/protocol/columns/read-column.ts';
import { tellOfColumns } from '../../../shared/protocol/columns/tell-of-columns.ts';
import { refsOf } from '../../../shared/protocol/facts/refs-of.ts';
import { ingest } from '../../../functions/ingest/ingest.ts';
import { BELL, CLOSED, COLUMN, onBus, policyOf } from '../columns/column-world.ts';
import { PRODUCER } from '../driver/world.ts';
import type { TestTables } from '../registry-table.ts';
import { at } from '../samples.ts';
import { countedWorld, type CountedWorld } from './counted-world.ts';
import { readUnitsCall } from './read-units.ts';

const FIRST = at('2012-01-01T00:00:00Z');
/** A value every twenty minutes. */
const APART = 1_200_000;

/** Gives the rows of a table with this number of closed accounts, and keeps none of them. */
function columnOf(store: Store, rows: number): Store {
  return {
    ...store,
    async range(_range, limit, after) {
      const from = Number(after ?? 0);
      const until = Math.min(rows, from + limit);
      const found = Array.from({ length: until - from }, (_, n) => {
        const closed_at = isoUtc(FIRST + (from + n) * APART);
        return { locator: [`a-${from + n}`], values: { closed_at }, version: '1' };
      });
      return until < rows
        ? { state: 'ranged', rows: found, next: String(until) }
        : { state: 'ranged', rows: found };
    },
  };
}

/** What reading a column costs the registry. */
export interface CountedColumn {
  readonly writes: number;
  readonly reads: number;
  readonly requests: number;
  /** The most that was in memory at the beginning of a page, in bytes, beside what was there before. */
  readonly memory: number;
}

/** A column of which everything was taken, and nothing has changed since. */
export async function countedUnchanged(
  tables: TestTables,
  rows: number,
  used: () => number = () => 0,
): Promise<CountedColumn> {
  const w = await worldOf(tables);
  await takeAll(tables, w, rows);
  w.reset();
  const counted = readUnitsCall(w.counter.call);
  const store = columnOf(w.store, rows);
  const before = used();
  let memory = 0;
  const core: LaneCore = {
    ...w.core,
    registry: dynamoRegistry(counted.call, w.table),
    store: {
      ...store,
      range(...args) {
        memory = Math.max(memory, used() - before);
        return store.range(...args);
      },
    },
  };
  await readColumn(core, BELL, () => true);
  if ((await w.registry.columnMessages(COLUMN)).items.length !== 1) throw new Error('something was told');
  const { registry: requests } = w.requests();
  return { writes: w.counter.writeUnits(), reads: counted.units(), requests, memory };
}

/** A column of which nothing was taken yet: until each value is a fact, and until that is noted. */
export async function countedNew(tables: TestTables, rows: number): Promise<CountedColumn> {
  const w = await worldOf(tables);
  await w.core.keys.registryKey();
  const counted = readUnitsCall(w.counter.call);
  const core = { ...w.core, registry: dynamoRegistry(counted.call, w.table), store: columnOf(w.store, rows) };
  w.reset();
  await readColumn(core, BELL, () => true);
  await tellOfColumns(core, () => true);
  for (const message of w.columnMessages.splice(0)) await ingest(core, onBus(message, w.clock.now()), 1);
  const { registry: requests } = w.requests();
  return { writes: w.counter.writeUnits(), reads: counted.units(), requests, memory: 0 };
}

/** As if each had been taken: they are like the first one, and written 25 at a time. */
async function takeAll(tables: TestTables, w: CountedWorld, rows: number): Promise<void> {
  const refs = await refsOf(w.core, PRODUCER);
  const keys = Array.from({ length: rows }, (_, n) => {
    const entity = refs.entity({ type: 'account', id: `a-${n}` });
    return { entity, occurred: isoUtc(FIRST + n * APART) as Occurred };
  });
  const [first, ...others] = keys;
  if (first === undefined) return;
  const sealed = 's'.repeat(120);
  const entry: ColumnEntry = {
    ...first,
    column: COLUMN,
    version: 1,
    token: 'token-0',
    sealed,
    toldAt: FIRST,
  };
  await w.registry.writeColumnEntry({ ...entry, taken: true });
  const Key = { PK: { S: `FC#${COLUMN}` }, SK: { S: entryKey(first) } };
  const { body } = await tables.call('GetItem', { TableName: w.table, Key, ConsistentRead: true });
  const { Item } = body as { readonly Item: Readonly<Record<string, unknown>> };
  for (const batch of parts(others, 25)) {
    const requests = batch.map((one) => ({ PutRequest: { Item: { ...Item, SK: { S: entryKey(one) } } } }));
    await tables.call('BatchWriteItem', { RequestItems: { [w.table]: requests } });
  }
}

function worldOf(tables: TestTables) {
  return countedWorld(tables, {
    start: '2026-03-01T10:00:00Z',
    policies: [policyOf('30 days after account.closed')],
    entityTypes: { account: { ids: 'owned', normalise: [] } },
    store: { facts: [CLOSED] },
  });
}
