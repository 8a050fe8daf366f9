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
import type { Instant } from '../../shared/domain/record/ids.ts';
import { present } from '../../shared/domain/present.ts';
import { storeKindName, type StoreKindName } from '../../shared/stores/kinds.ts';
import { createTable } from '../engines/create-table.ts';
import type { Engines } from '../engines/engines.ts';
import { dynamoClient } from '../local-ports.ts';
import { clockOf, indexesOf, markOf } from './store-options.ts';
import { openStoryObjects } from './story-objects.ts';
import { recordsAtVendors } from './story-vendors.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html */
const ITEMS_OF_A_BATCH = 25;

export type StoredFields = Readonly<Record<string, unknown>>;

/** `of`: the id of the entity that the record belongs to. `at`: its own clock, if its store has a dataset. */
export interface FoundRecord {
  readonly of: string;
  readonly at?: Instant;
}

/** The applications' side of the stores: Tenure's own code has no part in it. */
export interface StoryStores {
  write(record: StoryRecord): Promise<void>;
  /** Many at once. */
  writeAll(store: string, records: readonly ExistingRecord[]): Promise<void>;
  /** Nothing when the record is gone. */
  read(record: StoryRecord): Promise<StoredFields | undefined>;
  /** All records, by what the store's collection or dataset names. */
  all(store: string): Promise<readonly FoundRecord[]>;
  /** Whether the store's own mark says that it must not be used; nothing when the record is gone. */
  isRestricted(record: StoryRecord): Promise<boolean | undefined>;
  /** Idempotency keys of what a vendor was asked about the record: each once. Nothing where its store is not a vendor's. */
  requests(record: StoryRecord): readonly string[] | undefined;
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
      if (store.kind === 'dynamodb') await createTable(client, tableOf(store), store.keys, indexesOf(store));
      if (store.kind !== 'postgresql') return;
      await sql(store, tableStatement(name, store));
      const indexed = [...(store.collections ?? []).map(({ by }) => by), clockOf(store) ?? []].flat();
      for (const column of indexed)
        await sql(
          store,
          `create index on ${pg.escapeIdentifier(tableOf(store))} (${pg.escapeIdentifier(column)})`,
        );
    }),
  );

  const vendors = recordsAtVendors(engines.vendors);
  const records: Readonly<Record<StoreKindName, RecordsOfKind>> = {
    dynamodb: itemsIn(documents),
    http: vendors,
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
    async all(name) {
      const store = storeOf(name);
      const [collection] = store.collections ?? [];
      const [dataset] = store.datasets ?? [];
      const by = collection?.by ?? Object.values(dataset?.entities ?? {})[0];
      if (by === undefined) throw new TypeError(`the store ${name} has no column with an id`);
      const clock = clockOf(store);
      const found = await records[storeKindName(store.kind)].fieldsIn(store, [by, clock ?? []].flat());
      return found.map(([of = '', at]) => ({ of: of ?? '', ...(at != null && { at: Date.parse(at) }) }));
    },
    async read(record) {
      const store = storeOf(record.store);
      return records[storeKindName(store.kind)].read(store, record);
    },
    async isRestricted(record) {
      const store = storeOf(record.store);
      const found = await records[storeKindName(store.kind)].read(store, record);
      if (found === undefined) return undefined;
      const place = markOf(store);
      if (place === undefined) throw new TypeError('nothing in this store says what is restricted');
      const mark = found[place];
      return mark !== undefined && mark !== null && mark !== false && mark !== 'false';
    },
    requests(record) {
      const store = storeOf(record.store);
      return store.kind === 'http' ? vendors.requests(store, record) : undefined;
    },
    sql: async (name, text) => void (await sql(storeOf(name), text)),
  };
}

/** How applications write and read in stores of one kind. */
interface RecordsOfKind {
  write(store: StoreConfiguration, record: StoryRecord): Promise<void>;
  writeAll(store: StoreConfiguration, records: readonly ExistingRecord[]): Promise<void>;
  read(store: StoreConfiguration, record: StoryRecord): Promise<StoredFields | undefined>;
  /** What each record has in these places; `null` where it has nothing. */
  fieldsIn(store: StoreConfiguration, places: readonly string[]): Promise<readonly (string | null)[][]>;
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
    async fieldsIn(store, places) {
      const found: (string | null)[][] = [];
      let ExclusiveStartKey: Record<string, unknown> | undefined;
      do {
        const page: ScanCommandOutput = await documents.send(
          new ScanCommand({ TableName: tableOf(store), ...present({ ExclusiveStartKey }) }),
        );
        for (const item of page.Items ?? [])
          found.push(places.map((place) => (item[place] === undefined ? null : String(item[place]))));
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey !== undefined);
      return found;
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
    async fieldsIn(store, places) {
      const columns = places.map((place) => pg.escapeIdentifier(place));
      // As JSON, times have offsets.
      const text = `select jsonb_build_array(${columns.join(', ')}) as fields from ${pg.escapeIdentifier(tableOf(store))}`;
      return (await sql(store, text)).map((row) => row['fields'] as (string | null)[]);
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
  const mark = markOf(store);
  const declared = { ...demoTables[name], ...(mark !== undefined && { [mark]: 'timestamptz' }) };
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
