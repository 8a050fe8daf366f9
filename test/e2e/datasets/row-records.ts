import { BatchWriteCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { LocalPostgres } from '../../../local/engines/postgres.ts';
import { parts } from '../../../shared/domain/each.ts';
import { clientsOf } from '../collections/company-records.ts';
import { FILES_BUCKET, VISITS_TABLE } from '../collections/company-settings.ts';
import type { Emulator } from '../emulator.ts';
import { MARKER } from '../records.ts';
import { EXPORTS, KIND_INDEX, type RowStore } from './row-settings.ts';

const DAY = 86_400_000;
const BATCH_WRITE = 25;
const [GOES, YOUNG] = [`goes-${MARKER}`, `young-${MARKER}`];
/** The company that is held. */
export const STAYS = `kept-${MARKER}`;

export type RowCounts = Readonly<Record<RowStore, number>>;
export const OLD: RowCounts = { visits: 300, bills: 1500, files: 30 };
export const HELD: RowCounts = { visits: 5, bills: 5, files: 5 };
/** Rows that are not due yet, or whose clocks say nothing. No object can be young: its clock is the emulator's. */
export const OTHERS: RowCounts = { visits: 5, bills: 6, files: 0 };

type Stores = { readonly emulator: Emulator; readonly postgres: LocalPostgres };

/** Before anything is deployed. */
export async function writeRows(stores: Stores): Promise<void> {
  const { documents, bucket, session, close } = clientsOf(stores);
  const before = (days: number) => new Date(Date.now() - days * DAY).toISOString();
  const rows = (count: number, company: string, at: string) =>
    Array.from({ length: count }, () => ({ company, at }));
  const items = [
    ...rows(OLD.visits, GOES, before(31)),
    ...rows(HELD.visits, STAYS, before(31)),
    ...rows(OTHERS.visits, YOUNG, before(29)),
  ].map(({ company, at }, visit) => ({
    company: 'sessions',
    visit,
    kind: 'session',
    author: company,
    at,
    mail: MARKER,
  }));
  for (const part of parts(items, BATCH_WRITE)) {
    const requests = part.map((Item) => ({ PutRequest: { Item } }));
    await documents.send(new BatchWriteCommand({ RequestItems: { [VISITS_TABLE]: requests } }));
  }
  await session(async (sql) => {
    for (const [count, company, at] of [
      [OLD.bills, GOES, before(31)],
      [HELD.bills, STAYS, before(31)],
      [OTHERS.bills - 1, YOUNG, before(29)],
      [1, YOUNG, null],
    ] as const)
      await sql.query(
        "insert into bills (company, kind, mail, made_at) select $1, 'log', $2, $3 from generate_series(1, $4::int)",
        [company, MARKER, at, count],
      );
  });
  for (const { company, index } of [
    ...Array.from({ length: OLD.files }, (_, index) => ({ company: GOES, index })),
    ...Array.from({ length: HELD.files }, (_, index) => ({ company: STAYS, index })),
  ])
    await bucket.send(
      new PutObjectCommand({ Bucket: FILES_BUCKET, Key: `${EXPORTS}${company}/${index}.csv`, Body: MARKER }),
    );
  close();
}

/** How long ago the newest object was written, in milliseconds. */
export async function ageOfFiles(stores: Stores): Promise<number> {
  const { bucket, close } = clientsOf(stores);
  try {
    const { Versions = [] } = await bucket.send(
      new ListObjectVersionsCommand({ Bucket: FILES_BUCKET, Prefix: EXPORTS }),
    );
    return Date.now() - Math.max(...Versions.map(({ LastModified }) => LastModified?.getTime() ?? Infinity));
  } finally {
    close();
  }
}

export async function countRows(stores: Stores): Promise<RowCounts> {
  const { documents, bucket, session, close } = clientsOf(stores);
  try {
    const { Count = 0 } = await documents.send(
      new QueryCommand({
        TableName: VISITS_TABLE,
        IndexName: KIND_INDEX,
        KeyConditionExpression: '#kind = :kind',
        ExpressionAttributeNames: { '#kind': 'kind' },
        ExpressionAttributeValues: { ':kind': 'session' },
        Select: 'COUNT',
      }),
    );
    const { rows } = await session((sql) =>
      sql.query<{ count: string }>("select count(*) from bills where kind = 'log'"),
    );
    const { Versions = [], DeleteMarkers = [] } = await bucket.send(
      new ListObjectVersionsCommand({ Bucket: FILES_BUCKET, Prefix: EXPORTS }),
    );
    return {
      visits: Count,
      bills: Number(rows[0]?.count),
      files: Versions.length + DeleteMarkers.length,
    };
  } finally {
    close();
  }
}
