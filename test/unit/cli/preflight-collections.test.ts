import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkDynamoTable } from '../../../cli/preflight/preflight-dynamodb.ts';
import { checkPostgresTable } from '../../../cli/preflight/preflight-postgresql.ts';
import type { ReachedCollection } from '../../../cli/preflight/preflight-reach.ts';
import { type DynamoBench, dynamoBench } from '../../conformance/store/store-dynamodb-bench.ts';
import { type PostgresBench, postgresBench } from '../../conformance/store/store-postgresql-bench.ts';

const common = { region: 'eu-west-1', restricts: false, hourlyCap: 1000 };
const about = (findings: readonly { readonly severity: string; readonly message: string }[]) =>
  findings.flatMap(({ severity, message }) =>
    /collection uploads|foreign key/.test(message) ? [`${severity}: ${message}`] : [],
  );

describe('a collection in PostgreSQL', () => {
  let bench: PostgresBench;
  beforeAll(async () => {
    bench = await postgresBench();
    await bench.sql.query(
      `CREATE TABLE uploads (id bigint PRIMARY KEY, owner text, "Kind" text, body bytea, bare int)`,
    );
    await bench.sql.query('CREATE INDEX ON uploads (owner)');
  });
  afterAll(() => bench.stop());

  async function check(collection: Omit<ReachedCollection, 'category'> | undefined): Promise<string[]> {
    const { host, port, user, password, database } = bench.engine;
    const options = { host, port, user, database, table: 'uploads', tls: 'off' };
    const keys = [{ name: 'id', type: 'integer' }] as const;
    const collections = collection ? [{ category: 'uploads', ...collection }] : [];
    return about(
      await checkPostgresTable(
        'crm',
        { kind: 'postgresql', options, keys, ...common },
        { deletes: true, masked: [], password: async () => password, collections },
      ),
    );
  }

  test('that an index finds is fine', async () => {
    expect(await check({ by: 'owner', where: { Kind: 'invoice' } })).toEqual([]);
  });

  test.each([
    [{ by: 'nowhere' }, 'the table has no column nowhere; correct `by`'],
    [{ by: 'body' }, 'a type that holds no ids'],
    [{ by: 'owner', where: { Kind: 7 } }, 'correct `where`'],
    [{ by: 'bare' }, 'CREATE INDEX CONCURRENTLY ON "public"."uploads" ("bare")'],
  ])('%j fails, and says what to do', async (collection, words) => {
    expect(await check(collection)).toEqual([expect.stringContaining(words)]);
  });

  test('names each foreign key whose rows keep a row from being deleted, and only for collections', async () => {
    await bench.sql.query('CREATE TABLE pages (id int, upload bigint CONSTRAINT page_of REFERENCES uploads)');
    await bench.sql.query(
      'CREATE TABLE marks (id int, upload bigint CONSTRAINT mark_of REFERENCES uploads ON DELETE SET NULL)',
    );
    try {
      expect(await check({ by: 'owner' })).toEqual([
        expect.stringMatching(/^note: rows of .*pages .* page_of;/),
      ]);
      expect(await check(undefined)).toEqual([]);
    } finally {
      await bench.sql.query('DROP TABLE pages, marks');
    }
  });
});

describe('a collection in DynamoDB', () => {
  let bench: DynamoBench;
  beforeAll(async () => {
    bench = await dynamoBench();
    await bench.client.send(
      new CreateTableCommand({
        TableName: 'uploads',
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: ['id', 'owner', 'bytes'].map((AttributeName) => ({
          AttributeName,
          AttributeType: AttributeName === 'bytes' ? ('B' as const) : ('S' as const),
        })),
        GlobalSecondaryIndexes: ['owner', 'bytes'].map((AttributeName) => ({
          IndexName: `by-${AttributeName}`,
          KeySchema: [{ AttributeName, KeyType: 'HASH' as const }],
          Projection: { ProjectionType: 'INCLUDE' as const, NonKeyAttributes: ['kind'] },
        })),
      }),
    );
  });
  afterAll(() => bench.stop());

  test.each([
    [{ by: 'id' }, undefined],
    [{ by: 'nowhere:owner' }, 'no global secondary index nowhere with the partition key owner'],
    [{ by: 'by-owner:id' }, 'no global secondary index by-owner with the partition key id'],
    [{ by: 'by-bytes:bytes' }, 'which no id can be'],
    [{ by: 'by-owner:owner', where: { kind: 'a', state: 'b' } }, '`where` names state, which the index'],
  ])('%j: %s', async (collection, words) => {
    const credentials = async () => ({ accessKeyId: 'local', secretAccessKey: 'local' });
    const found = about(
      await checkDynamoTable(
        'crm',
        { kind: 'dynamodb', options: { table: 'uploads' }, keys: [{ name: 'id', type: 'text' }], ...common },
        {
          deletes: true,
          masked: [],
          connection: { endpoint: bench.endpoint, credentials },
          collections: [{ category: 'uploads', ...collection }],
        },
      ),
    );
    expect(found).toEqual(words === undefined ? [] : [expect.stringContaining(words)]);
  });
});
