import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { BatchWriteItemCommand, QueryCommand, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { DeleteObjectsCommand, ListObjectVersionsCommand, type S3Client } from '@aws-sdk/client-s3';
import { each, parts } from '../../../shared/domain/each.ts';
import type { KeyColumn } from '../../../shared/domain/configuration/configuration.ts';
import type { Store } from '../../../shared/ports/store.ts';
import type { DataStoreKindName } from '../../../shared/stores/kinds.ts';
import { dynamoBench } from '../../conformance/store/store-dynamodb-bench.ts';
import { postgresBench } from '../../conformance/store/store-postgresql-bench.ts';
import { s3Bench } from '../../conformance/store/store-s3-bench.ts';

/** Of the one entity whose records these are. */
export const ID = 'c-1';
/** What a page of the bare deletion has. */
export const PAGE = 1000;
const BATCH_WRITE = 25;
const AT_A_TIME = 4;
/** Objects that are written before anything is measured. */
const AT_ONCE = 16;

/**
 * Two equal tables or buckets in one engine, each with the same records of one entity: one for Tenure, one for what a
 * developer would write by hand.
 */
export interface BareCollection {
  readonly kind: DataStoreKindName;
  /** What the bare deletion is. */
  readonly call: string;
  readonly by: string;
  readonly keys: readonly KeyColumn[];
  /** Tenure's connector, over the one. */
  readonly store: Store;
  /** Lists a page in the other, and deletes it. Answers how many records went. */
  deletePage(): Promise<number>;
  /** Records that remain in the one that Tenure disposes of. */
  left(): Promise<number>;
  stop(): Promise<void>;
}

export const BARE_COLLECTIONS: Readonly<
  Record<DataStoreKindName, (count: number) => Promise<BareCollection>>
> = {
  dynamodb: dynamoCollection,
  postgresql: postgresCollection,
  s3: s3Collection,
};

async function dynamoCollection(count: number): Promise<BareCollection> {
  const keys = [
    { name: 'contract', type: 'text' },
    { name: 'id', type: 'text' },
  ] as const;
  const bench = await dynamoBench();
  const { client } = bench;
  const [ours, bare] = [await bench.table(keys), await bench.table(keys)];
  const write = (table: string, requests: readonly WriteRequest[]): Promise<void> =>
    each(parts(requests, BATCH_WRITE), AT_A_TIME, async (part) => {
      const answer = await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: [...part] } }));
      if (Object.keys(answer.UnprocessedItems ?? {}).length > 0) throw new Error('a batch was cut short');
    });
  const query = (TableName: string, Limit: number) =>
    client.send(
      new QueryCommand({
        TableName,
        Limit,
        KeyConditionExpression: 'contract = :contract',
        ExpressionAttributeValues: { ':contract': { S: ID } },
        ProjectionExpression: 'contract, id',
      }),
    );
  for (const table of [ours, bare])
    await write(
      table,
      names(count).map((id) => ({
        PutRequest: { Item: { contract: { S: ID }, id: { S: id }, mail: { S: `${id}@example.com` } } },
      })),
    );
  return {
    kind: 'dynamodb',
    call: `Query of ${PAGE}, BatchWriteItem of ${BATCH_WRITE}, ${AT_A_TIME} at a time`,
    by: 'contract',
    keys,
    store: await bench.open(ours, keys, 60),
    async deletePage() {
      const { Items = [] } = await query(bare, PAGE);
      await write(
        bare,
        Items.map((Key) => ({ DeleteRequest: { Key } })),
      );
      return Items.length;
    },
    left: async () => (await query(ours, PAGE)).Count ?? 0,
    stop: () => bench.stop(),
  };
}

async function postgresCollection(count: number): Promise<BareCollection> {
  const bench = await postgresBench();
  const { sql } = bench;
  const keys = [{ name: 'id', type: 'text' }] as const;
  for (const table of ['ours', 'bare']) {
    await sql.query(`CREATE TABLE ${table} (id text PRIMARY KEY, contract text NOT NULL, mail text)`);
    await sql.query(
      `INSERT INTO ${table} SELECT id, $2, id || '@example.com' FROM unnest($1::text[]) AS one(id)`,
      [names(count), ID],
    );
    await sql.query(`CREATE INDEX ON ${table} (contract, id)`);
    await sql.query(`ANALYZE ${table}`);
  }
  let last = '';
  return {
    kind: 'postgresql',
    call: `DELETE of ${PAGE} by keyset, RETURNING`,
    by: 'contract',
    keys,
    store: await bench.open({ table: 'ours', keys, timeoutSeconds: 60 }),
    async deletePage() {
      const { rows } = await sql.query<{ id: string }>(
        `DELETE FROM bare WHERE id = ANY (ARRAY(
           SELECT id FROM bare WHERE contract = $1 AND id > $2 ORDER BY id LIMIT ${PAGE}
         )) RETURNING id`,
        [ID, last],
      );
      last = rows.reduce((highest, { id }) => (id > highest ? id : highest), last);
      return rows.length;
    },
    async left() {
      const { rows } = await sql.query<{ count: string }>('SELECT count(*) FROM ours');
      return Number(rows[0]?.count);
    },
    stop: () => bench.stop(),
  };
}

async function s3Collection(count: number): Promise<BareCollection> {
  const bench = await s3Bench();
  const { client } = bench;
  const [ours, bare] = [await bench.bucket('Enabled'), await bench.bucket('Enabled')];
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  for (const Bucket of [ours, bare])
    await each(names(count), AT_ONCE, (name) => put(`${bench.endpoint}/${Bucket}/${ID}/${name}`, agent));
  return {
    kind: 's3',
    call: `ListObjectVersions and DeleteObjects of ${PAGE}, one after the other`,
    by: '{id}/',
    keys: [{ name: 'key', type: 'text' }],
    store: await bench.open(ours, { timeoutSeconds: 60 }),
    async deletePage() {
      const versions = await versionsOf(client, bare);
      if (versions.length === 0) return 0;
      const Objects = versions.map(({ Key = '', VersionId }) => ({ Key, VersionId }));
      const { Errors = [] } = await client.send(
        new DeleteObjectsCommand({ Bucket: bare, Delete: { Objects, Quiet: true } }),
      );
      if (Errors.length > 0) throw new Error('an object was not deleted');
      return versions.length;
    },
    left: async () => (await versionsOf(client, ours)).length,
    stop: () => bench.stop(),
  };
}

/** Without the SDK, which takes most of the time; the engine asks for no signature. */
async function put(url: string, agent: Agent): Promise<void> {
  const [answer] = (await once(request(url, { method: 'PUT', agent }).end('x'), 'response')) as [
    IncomingMessage,
  ];
  answer.resume();
  if (answer.statusCode !== 200) throw new Error(`the engine answers ${answer.statusCode}`);
  await once(answer, 'end');
}

async function versionsOf(client: S3Client, Bucket: string) {
  const list = new ListObjectVersionsCommand({ Bucket, Prefix: `${ID}/`, EncodingType: 'url' });
  return (await client.send(list)).Versions ?? [];
}

function names(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `row-${String(index).padStart(7, '0')}`);
}
