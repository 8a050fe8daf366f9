import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import pg from 'pg';
import { demoTables } from '../../examples/stories/demo-tables.ts';
import type { StoryRecord } from '../../examples/stories/story.ts';
import type {
  Configuration,
  KeyColumn,
  StoreConfiguration,
} from '../../shared/domain/configuration/configuration.ts';
import { storeKindName, type StoreKindName } from '../../shared/stores/kinds.ts';
import { createTable } from '../engines/create-table.ts';
import type { Engines } from '../engines/engines.ts';
import { dynamoClient } from '../local-ports.ts';
import { openStoryObjects } from './story-objects.ts';

export type StoredFields = Readonly<Record<string, unknown>>;

/** The applications' side of the stores: Tenure's own code has no part in it. */
export interface StoryStores {
  write(record: StoryRecord): Promise<void>;
  /** Nothing when the record is gone. */
  read(record: StoryRecord): Promise<StoredFields | undefined>;
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
      if (store.kind === 'postgresql') await sql(store, tableStatement(name, store));
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
  read(store: StoreConfiguration, record: StoryRecord): Promise<StoredFields | undefined>;
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
