import {
  BatchWriteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  ScanCommand,
  type ScanCommandOutput,
} from '@aws-sdk/lib-dynamodb';
import pg from 'pg';
import { demoTables } from '../../examples/stories/demo-tables.ts';
import type { ExistingRecord } from '../../examples/stories/existing-story.ts';
import type { StoryRecord } from '../../examples/stories/story.ts';
import type {
  Configuration,
  KeyColumn,
  StoreConfiguration,
} from '../../shared/domain/configuration/configuration.ts';
import { parts } from '../../shared/domain/each.ts';
import { present } from '../../shared/domain/present.ts';
import { storeKindName, type StoreKindName } from '../../shared/stores/kinds.ts';
import { createTable } from '../engines/create-table.ts';
import type { Engines } from '../engines/engines.ts';
import { dynamoClient } from '../local-ports.ts';
import { openStoryObjects } from './story-objects.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html */
const ITEMS_OF_A_BATCH = 25;

export type StoredFields = Readonly<Record<string, unknown>>;

/** The applications' side of the stores: Tenure's own code has no part in it. */
export interface StoryStores {
  write(record: StoryRecord): Promise<void>;
  /** Many at once. */
  writeAll(store: string, records: readonly ExistingRecord[]): Promise<void>;
  /** Nothing when the record is gone. */
  read(record: StoryRecord): Promise<StoredFields | undefined>;
  /** How many records carry each id, in the place that the store's collection names. */
  carriers(store: string): Promise<ReadonlyMap<string, number>>;
  /** Whether the store's own mark says that it must not be used; nothing when the record is gone. */
  isRestricted(record: StoryRecord): Promise<boolean | undefined>;
  /** A statement of an application's, in a store's own database. */
  sql(store: string, text: string): Promise<void>;
}

/** Creates every application's database, tables and buckets in the engines. */
export async function openStoryStores(
  configuration: Configuration,
  engines: Engines,
  cleanup: AsyncDisposableStack,
): Promise<StoryStores> {
  const client = dynamoClient(engines);
  cleanup.defer(async () => client.destroy());
  const documents = DynamoDBDocumentClient.from(client);
  const sql = await openDatabases(configuration, engines, cleanup);
  const objects = await openStoryObjects(Object.values(configuration.stores), engines, cleanup);
  await Promise.all(
    Object.entries(configuration.stores).map(async ([name, store]) => {
      if (store.kind === 'dynamodb') await createTable(client, String(store.options['table']), store.keys);
      if (store.kind !== 'postgresql') return;
      await sql(store, tableStatement(name, store));
      for (const { by } of store.collections ?? [])
        await sql(
          store,
          `create index on ${pg.escapeIdentifier(tableOf(store))} (${pg.escapeIdentifier(by)})`,
        );
    }),
  );

  const records: Readonly<Record<StoreKindName, RecordsOfKind>> = {
    dynamodb: itemsIn(documents),
    postgresql: rowsThrough(sql),
    s3: objects,
  };
  const storeOf = (name: string): StoreConfiguration => {
    const store = configuration.stores[name];
    if (store === undefined) throw new TypeError(`the demonstration has no store ${name}`);
    return store;
  };
  return {
    async write(record) {
      const store = storeOf(record.store);
      await records[storeKindName(store.kind)].write(store, record);
    },
    async writeAll(name, all) {
      const store = storeOf(name);
      await records[storeKindName(store.kind)].writeAll(store, all);
    },
    async carriers(name) {
      const store = storeOf(name);
      const [collection] = store.collections ?? [];
      if (collection === undefined) throw new TypeError(`the store ${name} has no collection`);
      const ids = await records[storeKindName(store.kind)].idsIn(store, collection.by);
      const counts = new Map<string, number>();
      for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
      return counts;
    },
    async read(record) {
      const store = storeOf(record.store);
      return records[storeKindName(store.kind)].read(store, record);
    },
    async isRestricted(record) {
      const store = storeOf(record.store);
      const found = await records[storeKindName(store.kind)].read(store, record);
      if (found === undefined) return undefined;
      const mark = found[markOf(store)];
      return mark !== undefined && mark !== null && mark !== false && mark !== 'false';
    },
    sql: async (name, text) => void (await sql(storeOf(name), text)),
  };
}

/** How applications write and read in stores of one kind. */
interface RecordsOfKind {
  write(store: StoreConfiguration, record: StoryRecord): Promise<void>;
  writeAll(store: StoreConfiguration, records: readonly ExistingRecord[]): Promise<void>;
  read(store: StoreConfiguration, record: StoryRecord): Promise<StoredFields | undefined>;
  /** The id that each record carries. */
  idsIn(store: StoreConfiguration, by: string): Promise<readonly string[]>;
}

/** The attribute, column or tag that says so. Of an object, tags are among its fields. */
function markOf({ options }: StoreConfiguration): string {
  const restrict = options['restrict'] as Readonly<Record<string, string>> | undefined;
  const [mark] = Object.values(restrict ?? {});
  if (mark === undefined) throw new TypeError('nothing in this store says what is restricted');
  return mark;
}

function tableOf(store: StoreConfiguration): string {
  return String(store.options['table']);
}

function itemsIn(documents: DynamoDBDocumentClient): RecordsOfKind {
  return {
    async write(store, { key, fields }) {
      const Item = { ...keyOf(store.keys, key), ...fields };
      await documents.send(new PutCommand({ TableName: tableOf(store), Item }));
    },
    async read(store, { key }) {
      const Key = keyOf(store.keys, key);
      const answer = await documents.send(
        new GetCommand({ TableName: tableOf(store), Key, ConsistentRead: true }),
      );
      return answer.Item;
    },
    async writeAll(store, all) {
      const puts = all.map(({ key, fields }) => {
        return { PutRequest: { Item: { ...keyOf(store.keys, key), ...fields } } };
      });
      for (const some of parts(puts, ITEMS_OF_A_BATCH))
        await documents.send(new BatchWriteCommand({ RequestItems: { [tableOf(store)]: [...some] } }));
    },
    async idsIn(store, by) {
      const ids: string[] = [];
      let ExclusiveStartKey: Record<string, unknown> | undefined;
      do {
        const page: ScanCommandOutput = await documents.send(
          new ScanCommand({ TableName: tableOf(store), ...present({ ExclusiveStartKey }) }),
        );
        for (const item of page.Items ?? []) ids.push(String(item[by]));
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey !== undefined);
      return ids;
    },
  };
}

function rowsThrough(sql: Sql): RecordsOfKind {
  return {
    async write(store, { key, fields }) {
      const all = { ...keyOf(store.keys, key), ...fields };
      const columns = Object.keys(all).map((column) => pg.escapeIdentifier(column));
      const places = columns.map((_, index) => `$${index + 1}`);
      await sql(
        store,
        `insert into ${pg.escapeIdentifier(tableOf(store))} (${columns.join(', ')}) values (${places.join(', ')})`,
        Object.values(all),
      );
    },
    async read(store, { key }) {
      const Key = keyOf(store.keys, key);
      const where = Object.keys(Key).map((column, index) => `${pg.escapeIdentifier(column)} = $${index + 1}`);
      // As JSON, dates and numbers arrive as they are written in the stories.
      const text = `select to_jsonb(t) as row from ${pg.escapeIdentifier(tableOf(store))} t where ${where.join(' and ')}`;
      const [found] = await sql(store, text, Object.values(Key));
      return found?.['row'] as StoredFields | undefined;
    },
    async writeAll(store, all) {
      const rows = all.map(({ key, fields }) => ({ ...keyOf(store.keys, key), ...fields }));
      const table = pg.escapeIdentifier(tableOf(store));
      const text = `insert into ${table} select * from jsonb_populate_recordset(null::${table}, $1::jsonb)`;
      await sql(store, text, [JSON.stringify(rows)]);
    },
    async idsIn(store, by) {
      const text = `select ${pg.escapeIdentifier(by)}::text as id from ${pg.escapeIdentifier(tableOf(store))}`;
      return (await sql(store, text)).map((row) => String(row['id']));
    },
  };
}

type Sql = (
  store: StoreConfiguration,
  text: string,
  values?: readonly unknown[],
) => Promise<readonly Record<string, unknown>[]>;

async function openDatabases(
  configuration: Configuration,
  { postgres }: Engines,
  cleanup: AsyncDisposableStack,
): Promise<Sql> {
  const { host, port, user, password } = postgres;
  const stores = Object.values(configuration.stores).filter(({ kind }) => kind === 'postgresql');
  const names = [...new Set(stores.map(databaseOf))];
  const first = new pg.Client({ host, port, user, password, database: postgres.database });
  await first.connect();
  // One after the other: PostgreSQL copies the same template for each.
  for (const name of names) await first.query(`create database ${pg.escapeIdentifier(name)}`);
  await first.end();
  const pools = new Map(
    names.map((database) => {
      const pool = new pg.Pool({ host, port, user, password, database, max: 2 });
      // A connection that the engine ends when it stops is not an error.
      pool.on('error', () => undefined);
      cleanup.defer(() => pool.end());
      return [database, pool] as const;
    }),
  );
  return async (store, text, values = []) => {
    const pool = pools.get(databaseOf(store));
    if (pool === undefined) throw new TypeError(`the demonstration has no database ${databaseOf(store)}`);
    return (await pool.query(text, [...values])).rows;
  };
}

function databaseOf(store: StoreConfiguration): string {
  return String(store.options['database']);
}

function tableStatement(name: string, store: StoreConfiguration): string {
  const declared = { ...demoTables[name], [markOf(store)]: 'timestamptz' };
  const columns = Object.entries(declared).map(([column, type]) => `${pg.escapeIdentifier(column)} ${type}`);
  const key = store.keys.map((column) => pg.escapeIdentifier(column.name)).join(', ');
  const table = pg.escapeIdentifier(tableOf(store));
  return `create table ${table} (${columns.join(', ')}, primary key (${key}))`;
}

function keyOf(
  keys: readonly KeyColumn[],
  values: readonly (string | number)[],
): Record<string, string | number> {
  return Object.fromEntries(keys.map(({ name }, index) => [name, values[index] ?? '']));
}
