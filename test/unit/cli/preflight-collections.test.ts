import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkDynamoTable } from '../../../cli/preflight/preflight-dynamodb.ts';
import { checkPostgresTable } from '../../../cli/preflight/preflight-postgresql.ts';
import type { ReachedCollection } from '../../../cli/preflight/preflight-reach.ts';
import { checkStores } from '../../../cli/preflight/preflight-stores.ts';
import { type DynamoBench, dynamoBench } from '../../conformance/store/store-dynamodb-bench.ts';
import { type PostgresBench, postgresBench } from '../../conformance/store/store-postgresql-bench.ts';
import { compiled, goodConfig } from '../../support/rules/configuration-text.ts';

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

  async function check(
    collection: Omit<ReachedCollection, 'category'> | undefined,
    more: object = {},
    others: Readonly<Record<string, object>> = {},
  ): Promise<string[]> {
    const { host, port, user, password, database } = bench.engine;
    const place = { host, port, user, database, tls: 'off' };
    const options = { ...place, table: 'uploads', ...more };
    const keys = [{ name: 'id', type: 'integer' }] as const;
    const collections = collection ? [{ category: 'uploads', ...collection }] : [];
    const stores = Object.fromEntries(
      Object.entries(others).map(([name, other]) => [
        name,
        { kind: 'postgresql', options: { ...place, ...other }, keys, ...common },
      ]),
    );
    return about(
      await checkPostgresTable(
        'crm',
        { kind: 'postgresql', options, keys, ...common },
        { deletes: true, masked: [], password: async () => password, collections, stores },
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

  describe('with rows of other tables that refer to its rows', () => {
    beforeAll(() => bench.sql.query('CREATE SCHEMA others'));

    /** What is said of foreign keys, with these tables beside `uploads`. */
    async function beside(
      tables: readonly string[],
      options: object = {},
      stores: Readonly<Record<string, object>> = {},
    ): Promise<string[]> {
      for (const table of tables) await bench.sql.query(`CREATE TABLE ${table}`);
      try {
        return (await check({ by: 'owner' }, options, stores)).filter((said) => said.includes('foreign key'));
      } finally {
        for (const table of tables.toReversed())
          await bench.sql.query(`DROP TABLE ${table.slice(0, table.indexOf(' '))}`);
      }
    }
    const PAGES = 'pages (id int, upload bigint CONSTRAINT page_of REFERENCES uploads)';

    test('is refused by the name of the constraint, unless somebody deletes these rows', async () => {
      expect(await beside([PAGES])).toEqual([
        "fails: rows of public.pages refer to public.uploads by the foreign key page_of, and no store has them: a row to which some refer would never be deleted (STORE_CONSTRAINT). Configure public.pages as a store with a collection or records of its own, so that they go first; or, if the application deletes them itself, write dependants: ['page_of'] into `options`",
      ]);
      expect(await beside([PAGES], { dependants: ['page_of'] })).toEqual([]);
      const [said, ...more] = await beside([PAGES], {}, { pages: { table: 'pages' } });
      expect([said, more]).toEqual([
        expect.stringMatching(/^note: rows of public.pages .* disposed of in the store pages: /),
        [],
      ]);
    });

    test('is not declared by a store of another table, schema or database', async () => {
      for (const other of [
        { table: 'Pages' },
        { table: 'pages', schema: 'others' },
        { table: 'pages', database: 'other' },
        { table: 'pages', host: 'other' },
      ])
        expect(await beside([PAGES], {}, { pages: other })).toEqual([expect.stringMatching(/^fails: /)]);
      expect(
        await beside([PAGES.replace('pages', 'others.pages')], {}, { pages: { table: 'pages' } }),
      ).toEqual([expect.stringMatching(/^fails: rows of others.pages /)]);
    });

    test.each([
      ['ON DELETE SET NULL', false],
      ['ON DELETE SET DEFAULT', false],
      ['ON DELETE RESTRICT', true],
      ['DEFERRABLE INITIALLY DEFERRED', true],
      ['ON DELETE SET NULL, ALTER_NOT_NULL', true],
      ['ON DELETE SET DEFAULT, ALTER_NOT_NULL', true],
    ])('of a reference with %s: keeps rows: %s', async (action, keeps) => {
      const [clause, isNotNull] = action.split(', ');
      const column = `upload bigint ${isNotNull === undefined ? '' : 'NOT NULL'}`;
      const found = await beside([`marks (${column} CONSTRAINT mark_of REFERENCES uploads ${clause})`]);
      expect(found.map((said) => said.slice(0, 5))).toEqual(keeps ? ['fails'] : []);
    });

    test('sets only some columns of a reference to NULL: the others may be NOT NULL', async () => {
      await bench.sql.query('CREATE UNIQUE INDEX two ON uploads (id, bare)');
      const marks = (set: string) =>
        `marks (upload bigint, bare int NOT NULL, CONSTRAINT mark_of FOREIGN KEY (upload, bare) REFERENCES uploads (id, bare) ON DELETE SET NULL ${set})`;
      expect(await beside([marks('(upload)')])).toEqual([]);
      expect(await beside([marks('')])).toEqual([expect.stringContaining('mark_of')]);
    });

    test('is asked of what a cascade deletes, too', async () => {
      const cascading = 'pages (id int PRIMARY KEY, upload bigint REFERENCES uploads ON DELETE CASCADE)';
      const lines = 'lines (page int CONSTRAINT line_of REFERENCES pages)';
      expect(await beside([cascading, lines], { cascade: true })).toEqual([
        expect.stringMatching(
          /^fails: rows of public.lines refer to public.pages by the foreign key line_of/,
        ),
      ]);
      expect(await beside([cascading, lines])).toEqual([]);
    });

    test('of the same table only makes the order matter', async () => {
      expect(
        await beside([
          'old_uploads (before bigint CONSTRAINT self_of REFERENCES uploads) INHERITS (uploads)',
        ]),
      ).toEqual([
        expect.stringMatching(/^note: rows of public.old_uploads .*self_of: a row to which another one/),
      ]);
    });

    test('names no constraint that is not there', async () => {
      expect(await beside([], { dependants: ['page_of'] })).toEqual([
        'fails: `dependants` names page_of, but no foreign key of that name keeps rows of this table from being deleted; remove it',
      ]);
    });

    test('matters for collections only', async () => {
      await bench.sql.query(`CREATE TABLE ${PAGES}`);
      try {
        expect(await check(undefined)).toEqual([]);
      } finally {
        await bench.sql.query('DROP TABLE pages');
      }
    });
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

  test('is one that the configuration names', async () => {
    const config = goodConfig();
    Reflect.deleteProperty(config.stores, 'usage');
    config.producers = { crm: config.producers['crm']! };
    const collection = { category: 'usage-data', entity: 'account', by: 'nowhere:owner', producer: 'crm' };
    config.stores['contacts'] = {
      ...config.stores['contacts']!,
      options: { table: 'uploads' },
      collections: [collection],
    };
    const credentials = async () => ({ accessKeyId: 'local', secretAccessKey: 'local' });
    const connection = { endpoint: bench.endpoint, credentials };
    const found = await checkStores(compiled(config), () => ({ connection }));
    expect(found.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('the collection usage-data: the table has no global secondary index nowhere'),
    );
  });
});
