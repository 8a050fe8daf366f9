import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandInput,
  type ListObjectVersionsCommandOutput,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { BatchWriteCommand, DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { Client } from 'pg';
import { createTable } from '../../../local/engines/create-table.ts';
import type { LocalPostgres } from '../../../local/engines/postgres.ts';
import { parts } from '../../../shared/domain/each.ts';
import { type Emulator, REGION, ROOT_KEY } from '../emulator.ts';
import { MARKER } from '../records.ts';
import { KIND_INDEX } from '../datasets/row-settings.ts';
import { AUTHOR_INDEX, FILES_BUCKET, VISITS_TABLE } from './company-settings.ts';

const BATCH_WRITE = 25;
const AT_A_TIME = 16;
/** A second apart. */
const MOST_TRIES = 180;

/** How many of each kind carry the id of a company. A file is two versions and a delete marker. */
export interface Amounts {
  readonly visits: number;
  readonly notes: number;
  readonly bills: number;
  /** Rows of the same company that no collection has. */
  readonly drafts: number;
  readonly files: number;
}

/** The applications' own access to what they keep of companies, without Tenure's code. */
export interface CompanyRecords {
  write(company: string, amounts: Amounts): Promise<void>;
  count(company: string): Promise<Amounts>;
  /** The key of a bill. */
  billOf(company: string): Promise<number>;
  close(): void;
}

type Stores = { readonly emulator: Emulator; readonly postgres: LocalPostgres };

/** Before anything is deployed: preflight looks at them. */
export async function createCompanyStores({ emulator, postgres }: Stores): Promise<void> {
  const { documents, bucket, session, close } = clientsOf({ emulator, postgres });
  const keys = [
    { name: 'company', type: 'text' },
    { name: 'visit', type: 'integer' },
  ] as const;
  await createTable(documents, VISITS_TABLE, keys, {
    AttributeDefinitions: [
      { AttributeName: 'author', AttributeType: 'S' },
      { AttributeName: 'kind', AttributeType: 'S' },
      { AttributeName: 'at', AttributeType: 'S' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: KIND_INDEX,
        KeySchema: [
          { AttributeName: 'kind', KeyType: 'HASH' },
          { AttributeName: 'at', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
      {
        IndexName: AUTHOR_INDEX,
        KeySchema: [{ AttributeName: 'author', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  });
  await bucket.send(new CreateBucketCommand({ Bucket: FILES_BUCKET }));
  const VersioningConfiguration = { Status: 'Enabled' } as const;
  await bucket.send(new PutBucketVersioningCommand({ Bucket: FILES_BUCKET, VersioningConfiguration }));
  await session(async (sql) => {
    await sql.query(
      'create table bills (bill_id serial primary key, company text not null, kind text not null, mail text, made_at timestamptz)',
    );
    await sql.query('create index bills_of_company on bills (company)');
    await sql.query('create index bills_by_time on bills (made_at)');
  });
  close();
}

export function openCompanies(stores: Stores): CompanyRecords {
  const { documents, bucket, session, close } = clientsOf(stores);
  const prefix = (company: string): string => `companies/${company}/`;

  /** Visits carry the company as their partition key, notes as their author; another company keeps the notes' items. */
  async function writeItems(company: string, { visits, notes }: Amounts): Promise<void> {
    const items = [
      ...numbers(visits).map((visit) => ({ company, visit, kind: 'visit', author: 'agency', mail: MARKER })),
      ...numbers(notes).map((visit) => ({
        company: `notes on ${company}`,
        visit,
        kind: 'note',
        author: company,
        mail: MARKER,
      })),
    ];
    for (const part of parts(items, BATCH_WRITE)) {
      const requests = part.map((Item) => ({ PutRequest: { Item } }));
      const batch = new BatchWriteCommand({ RequestItems: { [VISITS_TABLE]: requests } });
      const { UnprocessedItems = {} } = await documents.send(batch);
      if (Object.keys(UnprocessedItems).length > 0) throw new Error('a batch was cut short');
    }
  }

  async function countItems(key: 'company' | 'author', company: string, kind: string): Promise<number> {
    const { Count = 0, LastEvaluatedKey } = await documents.send(
      new QueryCommand({
        TableName: VISITS_TABLE,
        ...(key === 'author' && { IndexName: AUTHOR_INDEX }),
        KeyConditionExpression: '#key = :company',
        FilterExpression: '#kind = :kind',
        ExpressionAttributeNames: { '#key': key, '#kind': 'kind' },
        ExpressionAttributeValues: { ':company': company, ':kind': kind },
        Select: 'COUNT',
      }),
    );
    if (LastEvaluatedKey !== undefined) throw new Error('more items than a page of a query');
    return Count;
  }

  async function writeFile(Key: string): Promise<void> {
    const object = { Bucket: FILES_BUCKET, Key };
    for (const Body of [MARKER, `new ${MARKER}`])
      await bucket.send(new PutObjectCommand({ ...object, Body }));
    await bucket.send(new DeleteObjectCommand(object));
  }

  /** Keys of which anything is left: a version or a delete marker. */
  async function countFiles(company: string): Promise<number> {
    const keys = new Set<string>();
    let after: Pick<ListObjectVersionsCommandInput, 'KeyMarker' | 'VersionIdMarker'> | undefined = {};
    while (after !== undefined) {
      const list = { Bucket: FILES_BUCKET, Prefix: prefix(company), ...after };
      const page: ListObjectVersionsCommandOutput = await bucket.send(new ListObjectVersionsCommand(list));
      for (const { Key = '' } of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])]) keys.add(Key);
      after =
        page.IsTruncated === true
          ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
          : undefined;
    }
    return keys.size;
  }

  return {
    async write(company, amounts) {
      await session((sql) =>
        sql.query(
          `insert into bills (company, kind, mail)
             select $1, case when n <= $2 then 'bill' else 'draft' end, $4
             from generate_series(1, $2::int + $3::int) as one(n)`,
          [company, amounts.bills, amounts.drafts, MARKER],
        ),
      );
      await writeItems(company, amounts);
      for (const part of parts(numbers(amounts.files), AT_A_TIME))
        await Promise.all(part.map((index) => writeFile(`${prefix(company)}${index}.pdf`)));
    },
    async count(company) {
      const rows = await session((sql) =>
        sql.query<{ kind: string; count: string }>(
          'select kind, count(*) from bills where company = $1 group by kind',
          [company],
        ),
      );
      const counted = (kind: string): number =>
        Number(rows.rows.find((row) => row.kind === kind)?.count ?? 0);
      return {
        visits: await countItems('company', company, 'visit'),
        notes: await countItems('author', company, 'note'),
        bills: counted('bill'),
        drafts: counted('draft'),
        files: await countFiles(company),
      };
    },
    async billOf(company) {
      const { rows } = await session((sql) =>
        sql.query<{ bill_id: number }>(
          "select bill_id from bills where company = $1 and kind = 'bill' order by bill_id offset 7 limit 1",
          [company],
        ),
      );
      if (rows[0] === undefined) throw new Error(`${company} has no such bill`);
      return rows[0].bill_id;
    },
    close,
  };
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** Another scenario stops the server for a while. */
async function connected(make: () => InstanceType<typeof Client>): Promise<InstanceType<typeof Client>> {
  for (let tries = 0; ; tries += 1) {
    const sql = make();
    sql.on('error', () => {});
    try {
      await sql.connect();
      return sql;
    } catch (error) {
      if (tries === MOST_TRIES) throw error;
      await sleep(1000);
    }
  }
}

export function clientsOf({ emulator: { endpoint }, postgres }: Stores) {
  const settings = { endpoint, region: REGION, credentials: ROOT_KEY };
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient(settings));
  const bucket = new S3Client(settings);
  const { host, port, user, password, database } = postgres;
  return {
    documents,
    bucket,
    /** A new connection for each query, because the server is stopped and started in between. */
    session: async <Result>(work: (sql: InstanceType<typeof Client>) => Promise<Result>): Promise<Result> => {
      const sql = await connected(() => new Client({ host, port, user, password, database }));
      try {
        return await work(sql);
      } finally {
        await sql.end();
      }
    },
    close: () => {
      documents.destroy();
      bucket.destroy();
    },
  };
}
