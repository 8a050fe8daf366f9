import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { Client } from 'pg';
import { createTable } from '../../local/engines/create-table.ts';
import type { LocalPostgres } from '../../local/engines/postgres.ts';
import type { Emulator } from './emulator.ts';
import { REGION, ROOT_KEY } from './emulator.ts';

export const LANES = ['members', 'orders', 'pictures'] as const;
export type LaneName = (typeof LANES)[number];

export interface LaneRecord {
  readonly lane: LaneName;
  readonly key: string | number;
  readonly contract: string;
}

/** The applications' own access to their stores, without Tenure's code. */
export interface Records {
  write(record: LaneRecord): Promise<void>;
  isThere(record: LaneRecord): Promise<boolean>;
  /** When it was first seen that they were all gone. Throws when the time is over. */
  gone(records: readonly LaneRecord[], until: number): Promise<number>;
  /** Locks the row of an order until released. */
  lockOrder(key: string | number): Promise<RowLock>;
  close(): Promise<void>;
}

export interface RowLock {
  /** Waits until a session waits for this row. Throws when the time is over. */
  wanted(until: number): Promise<void>;
  /** Safe to repeat. */
  release(): Promise<void>;
}

/** Planted in every record and id: nothing that Tenure writes may contain it. */
export const MARKER = 'zoe.marker@example.org';

export async function openRecords(
  { endpoint }: Emulator,
  postgres: LocalPostgres,
  { table, bucket: Bucket }: { readonly table: string; readonly bucket: string },
): Promise<Records> {
  const client = new DynamoDBClient({ endpoint, region: REGION, credentials: ROOT_KEY });
  const documents = DynamoDBDocumentClient.from(client);
  await createTable(client, table, [{ name: 'member', type: 'text' }]);
  const bucket = new S3Client({ endpoint, region: REGION, credentials: ROOT_KEY });
  await bucket.send(new CreateBucketCommand({ Bucket }));
  const VersioningConfiguration = { Status: 'Enabled' } as const;
  await bucket.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  const { host, port, user, password, database } = postgres;
  // A new connection for each query, because the server is stopped and started in between.
  async function session<Result>(
    work: (client: InstanceType<typeof Client>) => Promise<Result>,
  ): Promise<Result> {
    const found = new Client({ host, port, user, password, database });
    found.on('error', () => {});
    await found.connect();
    try {
      return await work(found);
    } finally {
      await found.end();
    }
  }
  await session((found) =>
    found.query('create table orders (order_id integer primary key, contract text, mail text)'),
  );

  const isThere = async ({ lane, key }: LaneRecord): Promise<boolean> => {
    switch (lane) {
      case 'members': {
        const Key = { member: key };
        const { Item } = await documents.send(
          new GetCommand({ TableName: table, Key, ConsistentRead: true }),
        );
        return Item !== undefined;
      }
      case 'orders': {
        const { rowCount } = await session((found) =>
          found.query('select 1 from orders where order_id = $1', [key]),
        );
        return rowCount === 1;
      }
      case 'pictures': {
        const list = new ListObjectVersionsCommand({ Bucket, Prefix: String(key) });
        const { Versions = [], DeleteMarkers = [] } = await bucket.send(list);
        return [...Versions, ...DeleteMarkers].some(({ Key }) => Key === key);
      }
    }
  };

  return {
    async write({ lane, key, contract }) {
      switch (lane) {
        case 'members': {
          const Item = { member: key, contract, mail: MARKER, revision: 1 };
          await documents.send(new PutCommand({ TableName: table, Item }));
          return;
        }
        case 'orders':
          await session((found) =>
            found.query('insert into orders values ($1, $2, $3)', [key, contract, MARKER]),
          );
          return;
        case 'pictures': {
          // Two versions and a delete marker: deleted for the application, but all the data is still there.
          const Key = String(key);
          for (const Body of [`${contract} ${MARKER}`, MARKER]) {
            await bucket.send(new PutObjectCommand({ Bucket, Key, Body }));
          }
          await bucket.send(new DeleteObjectCommand({ Bucket, Key }));
        }
      }
    },
    isThere,
    async gone(records, until) {
      let left = [...records];
      for (;;) {
        const there = await Promise.all(left.map(isThere));
        left = left.filter((_, index) => there[index]);
        if (left.length === 0) return Date.now();
        if (Date.now() > until) {
          const which = left.map(({ lane, key }) => `${lane} ${key}`).join(', ');
          throw new Error(`still there: ${which}`);
        }
        await sleep(500);
      }
    },
    async lockOrder(key) {
      const found = new Client({ host, port, user, password, database });
      found.on('error', () => {});
      await found.connect();
      await found.query('begin');
      await found.query('select 1 from orders where order_id = $1 for update', [key]);
      const { rows } = await found.query<{ pid: number }>('select pg_backend_pid() as pid');
      const blocked = 'select 1 from pg_stat_activity where $1::int = any(pg_blocking_pids(pid))';
      return {
        async wanted(until) {
          while ((await session((other) => other.query(blocked, [rows[0]?.pid]))).rowCount === 0) {
            if (Date.now() > until) throw new Error('no worker came to the locked row');
            await sleep(20);
          }
        },
        release: () => found.end(),
      };
    },
    async close() {
      client.destroy();
      bucket.destroy();
    },
  };
}
