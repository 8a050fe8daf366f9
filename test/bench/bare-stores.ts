import { BatchWriteItemCommand, ScanCommand, type WriteRequest } from '@aws-sdk/client-dynamodb';
import type { KeyColumn } from '../../shared/domain/configuration/configuration.ts';
import type { DataStoreKindName } from '../../shared/stores/kinds.ts';
import type { Locator, Store } from '../../shared/ports/store.ts';
import { dynamoBench, keyItem } from '../conformance/store/store-dynamodb-bench.ts';
import { postgresBench } from '../conformance/store/store-postgresql-bench.ts';

const KEYS: readonly KeyColumn[] = [{ name: 'id', type: 'text' }];
const BATCH_WRITE = 25;

/** Two equal tables in one engine: one for Tenure, one for the batched calls that a developer would write by hand. */
export interface BareStore {
  readonly kind: string;
  /** What the bare call is. */
  readonly call: string;
  /** Tenure's connector, over the one table. */
  readonly store: Store;
  /** The same records in both tables. */
  fill(locators: readonly Locator[]): Promise<void>;
  /** A batch in the other table. Throws when a record was not there or is not gone. */
  deleteBare(locators: readonly Locator[]): Promise<void>;
  /** Records that remain in both tables together. */
  left(): Promise<number>;
  stop(): Promise<void>;
}

/** For every kind of store: how to time it against its bare calls, or why that would not be meaningful. */
export const BARE_STORES: Readonly<
  Record<DataStoreKindName, (() => Promise<BareStore>) | { readonly not: string }>
> = {
  dynamodb: bareDynamo,
  postgresql: barePostgres,
  s3: { not: 'the S3 that runs here is a part of this project: its times say nothing of the S3 in AWS' },
};

async function bareDynamo(): Promise<BareStore> {
  const bench = await dynamoBench();
  const { client } = bench;
  const [ours, bare] = [await bench.table(KEYS), await bench.table(KEYS)];
  const store = await bench.open(ours, KEYS, 60);

  /** The same number at a time as the connector has in flight for a chunk of a hundred. */
  async function write(table: string, requests: readonly WriteRequest[]): Promise<void> {
    const slices = Array.from({ length: Math.ceil(requests.length / BATCH_WRITE) }, (_, index) =>
      requests.slice(index * BATCH_WRITE, (index + 1) * BATCH_WRITE),
    );
    await Promise.all(
      slices.map(async (slice) => {
        const answer = await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: slice } }));
        if (Object.keys(answer.UnprocessedItems ?? {}).length > 0) throw new Error('a batch was cut short');
      }),
    );
  }

  return {
    kind: 'dynamodb',
    call: `BatchWriteItem of ${BATCH_WRITE}, unconditional`,
    store,
    async fill(locators) {
      const puts = locators.map((locator) => ({
        PutRequest: { Item: { ...keyItem(KEYS, locator), name: { S: `customer ${locator.join()}` } } },
      }));
      for (let start = 0; start < puts.length; start += 100) {
        for (const table of [ours, bare]) await write(table, puts.slice(start, start + 100));
      }
    },
    deleteBare: (locators) =>
      write(
        bare,
        locators.map((locator) => ({ DeleteRequest: { Key: keyItem(KEYS, locator) } })),
      ),
    async left() {
      const counts = [ours, bare].map(async (TableName) => {
        return (await client.send(new ScanCommand({ TableName, Select: 'COUNT' }))).Count ?? 0;
      });
      return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
    },
    async stop() {
      await store.close();
      await bench.stop();
    },
  };
}

async function barePostgres(): Promise<BareStore> {
  const bench = await postgresBench();
  const { sql } = bench;
  for (const table of ['ours', 'bare']) {
    await sql.query(`CREATE TABLE ${table} (id text PRIMARY KEY, name text)`);
  }
  const store = await bench.open({ table: 'ours', keys: KEYS, timeoutSeconds: 60 });
  return {
    kind: 'postgresql',
    call: 'DELETE … RETURNING, one statement a batch',
    store,
    async fill(locators) {
      const ids = locators.map(([id]) => String(id));
      for (const table of ['ours', 'bare']) {
        await sql.query(
          `INSERT INTO ${table} SELECT id, 'customer ' || id FROM unnest($1::text[]) AS one(id)`,
          [ids],
        );
      }
    },
    async deleteBare(locators) {
      const ids = locators.map(([id]) => String(id));
      const { rowCount } = await sql.query('DELETE FROM bare WHERE id = ANY($1) RETURNING id', [ids]);
      if (rowCount !== ids.length) throw new Error('a record was not there');
    },
    async left() {
      const { rows } = await sql.query<{ count: string }>(
        'SELECT (SELECT count(*) FROM ours) + (SELECT count(*) FROM bare) AS count',
      );
      return Number(rows[0]?.count);
    },
    async stop() {
      await store.close();
      await bench.stop();
    },
  };
}
