import { CreateTableCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CoverageReport } from '../../../shared/domain/coverage/coverage-report.ts';
import type { Store } from '../../../shared/ports/store.ts';
import { surveyStore } from '../../../shared/protocol/coverage/survey-store.ts';
import { powertoolsReport } from '../../../shared/runtime/report.ts';
import { answering } from '../../../shared/stores/answering.ts';
import { captureOutput } from '../../support/capture-output.ts';
import { STORE, world } from '../../support/driver/world.ts';
import { formsOf } from '../../support/planted.ts';
import { type DynamoBench, dynamoBench } from '../store/store-dynamodb-bench.ts';
import { type PostgresBench, postgresBench } from '../store/store-postgresql-bench.ts';
import { put, type S3Bench, s3Bench } from '../store/store-s3-bench.ts';
import { TEXT } from '../store/store-rig.ts';

const MAIL = 'marker.lovelace@example.org';
const UUID = '0190f3c2-7e4b-7c3a-9d55-1f2e3d4c5b6a';
const NUMBER = '4815162342';
/** A name that looks like a word. */
const WORD = 'markerlovelace';
const PLANTED = [MAIL, UUID, NUMBER, WORD, 'marker', 'Lovelace'];

let dynamo: DynamoBench;
let postgres: PostgresBench;
let s3: S3Bench;
beforeAll(async () => {
  [dynamo, postgres, s3] = await Promise.all([dynamoBench(), postgresBench(), s3Bench()]);
});
afterAll(() => Promise.all([dynamo.stop(), postgres.stop(), s3.stop()]));

/** Surveys on two days, with something new on the second; all that was written, logged and measured must tell nothing. */
async function tellsNothing(
  store: Store,
  appear: () => Promise<unknown>,
  neverPresent: readonly string[] = [],
): Promise<CoverageReport | undefined> {
  const w = world();
  const own = w.core.configuration.stores[STORE]!;
  const settings = { ...own, coverage: { account: true, sample: true } as const, neverPresent };
  const core = {
    ...w.core,
    store: answering(store, () => expect.fail('the survey threw')),
    configuration: { ...w.core.configuration, stores: { [STORE]: settings } },
    report: powertoolsReport('dispose'),
  };
  const output = captureOutput();
  try {
    await surveyStore(core);
    w.clock.set(w.clock.now() + 86_400_000);
    await appear();
    await surveyStore(core);
  } finally {
    output.stop();
    await store.close();
  }
  const kept = await w.registry.coverage(STORE);
  const told = `${output.text()}\n${JSON.stringify(kept)}`.toLowerCase();
  for (const form of PLANTED.flatMap(formsOf))
    expect([form, told.includes(form.toLowerCase())]).toEqual([form, false]);
  expect(output.text()).toContain('survey.appeared');
  expect(output.text()).toContain('"incident":1');
  expect(kept?.report?.uncovered.length).toBeGreaterThan(0);
  return kept?.report;
}

test('of a table in DynamoDB: names and values of attributes, and names of other tables', async () => {
  const table = await dynamo.table(TEXT);
  const item = (Item: Readonly<Record<string, string>>) =>
    dynamo.client.send(
      new PutItemCommand({
        TableName: table,
        Item: {
          id: { S: `${WORD} ${crypto.randomUUID()}` },
          ...Object.fromEntries(Object.entries(Item).map(([name, S]) => [name, { S }])),
        },
      }),
    );
  await item({ email: MAIL, [MAIL]: WORD, [`email_${WORD}`]: UUID, [`phone of ${WORD}`]: NUMBER });
  await item({ [UUID]: 'x', [NUMBER]: 'x', [WORD]: 'x', card_number: NUMBER, [`${WORD}Email`]: MAIL });
  const create = (TableName: string, key: string) =>
    dynamo.client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: key, KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: key, AttributeType: 'S' }],
      }),
    );
  await create(`sessions-${UUID}`, `email_${WORD}`);
  const report = await tellsNothing(await dynamo.open(table, TEXT), () => create(`orders.${NUMBER}`, 'id'), [
    'card_number',
  ]);
  expect(report?.neverPresent).toEqual([{ name: 'card_number', state: 'found', looked: 'all' }]);
  expect(report?.personal).toContainEqual({ looksLike: 'e-mail address', name: 'email' });
});

test('of a table in PostgreSQL: values, and names of tables, schemas and columns that are ids', async () => {
  const { sql } = postgres;
  await sql.query(`CREATE TABLE own (id text PRIMARY KEY, email text, card_number text)`);
  await sql.query('INSERT INTO own VALUES ($1, $2, $3)', [WORD, MAIL, NUMBER]);
  for (const n of [1, 2, 3, 4, 5])
    await sql.query(`CREATE SCHEMA "t${n}"; CREATE TABLE "t${n}".orders (email text)`);
  await sql.query(`CREATE SCHEMA "${WORD}"; CREATE TABLE "${WORD}".orders (email text)`);
  await sql.query(`CREATE TABLE "${MAIL}" ("email ${MAIL}" text, "phone_${NUMBER}" text);
    CREATE TABLE "log_${UUID}" (created_at timestamptz, note text); CREATE INDEX ON "log_${UUID}" (created_at)`);
  await sql.query(`INSERT INTO "log_${UUID}" VALUES ('2020-01-01', $1)`, [MAIL]);
  const store = await postgres.open({ table: 'own', keys: TEXT });
  const report = await tellsNothing(store, () => sql.query(`CREATE TABLE "orders_${NUMBER}" (id int)`), [
    'card_number',
  ]);
  expect(report?.uncovered.map(({ name }) => name).toSorted()).toEqual([
    '*.orders',
    'public.*',
    'public.log_*',
    'public.orders_*',
  ]);
});

test('of a bucket: keys, whatever is in them, and names of other buckets', async () => {
  const Bucket = await s3.bucket('Enabled');
  const keys = [
    `${MAIL}/1`,
    `${WORD}/1`,
    `${UUID}/1`,
    `${NUMBER}/1`,
    `uploads/${MAIL}/${WORD}`,
    MAIL,
    `user-${NUMBER}/1`,
  ];
  for (const Key of keys) await put(s3.client, { Bucket, Key, Body: MAIL });
  await s3.client.send(new CreateBucketCommand({ Bucket: `backups-${UUID}` }));
  const report = await tellsNothing(await s3.open(Bucket, { prefix: 'mine/' }), () =>
    put(s3.client, { Bucket, Key: `logs/${MAIL}`, Body: WORD }),
  );
  expect(
    report?.uncovered.flatMap(({ kind, name, places }) => (kind === 'prefix' ? [`${name} ${places}`] : [])),
  ).toEqual(['logs/ 1', '*/ 5', ' 1', 'uploads/ 1']);
});
