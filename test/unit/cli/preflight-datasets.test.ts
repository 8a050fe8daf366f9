import type { TableDescription } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkDatasets } from '../../../cli/preflight/datasets/preflight-dynamodb-datasets.ts';
import { checkPostgresTable } from '../../../cli/preflight/preflight-postgresql.ts';
import type { ReachedCollection } from '../../../cli/preflight/preflight-reach.ts';
import type { DatasetConfiguration } from '../../../shared/domain/configuration/configuration.ts';
import { type PostgresBench, postgresBench } from '../../conformance/store/store-postgresql-bench.ts';

describe('a dataset in PostgreSQL', () => {
  let bench: PostgresBench;
  beforeAll(async () => {
    bench = await postgresBench();
    await bench.sql.query(
      'CREATE TABLE logs (id bigint PRIMARY KEY, at timestamptz, local timestamp, day date, n int, "Text" text, bare timestamptz, account text, accounts bigint[])',
    );
    for (const column of ['at', 'local', 'day', 'n', '"Text"'])
      await bench.sql.query(`CREATE INDEX ON logs (${column})`);
    await bench.sql.query('CREATE TABLE lines (id int, log bigint CONSTRAINT line_of REFERENCES logs)');
  });
  afterAll(() => bench.stop());

  async function check(
    change: Partial<DatasetConfiguration>,
    {
      collections = [],
      ...more
    }: { readonly collections?: readonly ReachedCollection[]; readonly dependants?: undefined } = {},
  ): Promise<string[]> {
    const { host, port, user, password, database } = bench.engine;
    const options = {
      host,
      port,
      user,
      database,
      tls: 'off',
      table: 'logs',
      dependants: ['line_of'],
      ...more,
    };
    const keys = [{ name: 'id', type: 'integer' }] as const;
    const store = {
      kind: 'postgresql',
      options,
      keys,
      region: 'eu-west-1',
      restricts: false,
      hourlyCap: 1000,
    };
    const dataset: DatasetConfiguration = {
      category: 'logs',
      producer: 'crm',
      clock: { 'record.created': { column: 'at' } },
      by: 'record.created',
      ...change,
    };
    const reach = {
      deletes: true,
      masked: [],
      password: async () => password,
      datasets: [dataset],
      collections,
    };
    const found = await checkPostgresTable('logs', store, reach);
    return found.flatMap(({ severity, message }) =>
      /dataset logs|foreign key/.test(message) ? [`${severity}: ${message}`] : [],
    );
  }

  test.each<DatasetConfiguration['clock'][string]>([
    { column: 'at' },
    { column: 'local', zone: 'Europe/Berlin' },
    { column: 'day' },
    { column: 'n', unit: 'seconds' },
  ])('with the clock %o is fine', async (clock) => {
    expect(await check({ clock: { 'record.created': clock } })).toEqual([]);
  });

  test.each<[change: Partial<DatasetConfiguration>, words: string]>([
    [
      { clock: { 'record.created': { column: 'nowhere' } } },
      'the table has no column nowhere; correct its name',
    ],
    [{ attributes: { country: 'country' } }, 'the table has no column country; correct its name'],
    [{ attributes: { plan: 'accounts' } }, 'the column accounts has the type bigint[], and no row'],
    [{ where: { kind: 'a' } }, 'correct `where`'],
    [
      { clock: { 'record.created': { column: 'local' } } },
      'the column local has the type timestamp without time zone; a clock is',
    ],
    [{ clock: { 'record.created': { column: 'n' } } }, 'the column n has the type integer; a clock is'],
    [{ clock: { 'record.created': { column: 'Text' } } }, 'the column Text has the type text; a clock is'],
    [
      { clock: { 'record.created': { column: 'at' }, 'record.used': { column: 'Text' } } },
      'the column Text has the type text; a clock is',
    ],
    [
      { clock: { 'record.created': { column: 'bare' } } },
      'run: CREATE INDEX CONCURRENTLY ON "public"."logs" ("bare")',
    ],
  ])('%j fails, and says what to do', async (change, words) => {
    expect(await check(change)).toEqual([expect.stringMatching(/^fails: the dataset logs: /)]);
    expect(await check(change)).toEqual([expect.stringContaining(words)]);
  });

  test('whose ids are in lists fails: no hold would know whom its rows name, so they stay', async () => {
    expect(await check({ entities: { account: 'accounts' } })).toContainEqual(
      expect.stringMatching(/^fails: .*bigint\[\].*name a column with one value$/),
    );
  });

  describe('with a clock in another table', () => {
    const ended = (table: string, change: object = {}): Partial<DatasetConfiguration> => ({
      clock: { 'record.created': { column: 'ended', in: { table, key: 'id', by: 'contract' }, ...change } },
    });
    beforeAll(async () => {
      for (const statement of [
        'ALTER TABLE logs ADD COLUMN contract bigint, ADD COLUMN unindexed bigint',
        'CREATE INDEX ON logs (contract)',
        'CREATE TABLE contracts (id int PRIMARY KEY, ended timestamptz, "Text" text)',
        'CREATE INDEX ON contracts (ended)',
        'CREATE TABLE loose (id int, ended timestamptz)',
        'CREATE TABLE unordered (id int PRIMARY KEY, ended timestamptz)',
        'CREATE TABLE texts (id text PRIMARY KEY, ended timestamptz)',
        'CREATE VIEW seen AS SELECT * FROM contracts',
      ])
        await bench.sql.query(statement);
    });

    test('is fine where both tables have an index', async () => {
      expect(await check(ended('contracts'))).toEqual([]);
    });

    test.each<[change: Partial<DatasetConfiguration>, words: string]>([
      [ended('nowhere'), 'the schema has no table nowhere'],
      [ended('seen'), 'the schema has no table seen'],
      [ended('loose'), 'run: CREATE UNIQUE INDEX CONCURRENTLY ON "public"."loose" ("id")'],
      [ended('texts'), 'are not of one type'],
      [ended('unordered'), 'run: CREATE INDEX CONCURRENTLY ON "public"."unordered" ("ended")'],
      [ended('contracts', { column: 'began' }), 'contracts has no column began'],
      [ended('contracts', { column: 'Text' }), 'Text of contracts has the type text'],
      [
        ended('contracts', { in: { table: 'contracts', key: 'number', by: 'contract' } }),
        'contracts has no column number',
      ],
      [
        ended('contracts', { in: { table: 'contracts', key: 'id', by: 'unindexed' } }),
        'run: CREATE INDEX CONCURRENTLY ON "public"."logs" ("unindexed", "id")',
      ],
    ])('%j fails, and says what to do', async (change, words) => {
      const found = await check(change);
      expect(found).toEqual([expect.stringMatching(/^fails: the dataset logs: /)]);
      expect(found).toEqual([expect.stringContaining(words)]);
    });

    test('that is not the one in whose order they are read needs no index of it', async () => {
      const clock = { ...ended('unordered').clock, 'record.used': { column: 'at' } };
      expect(await check({ clock, by: 'record.used' })).toEqual([]);
    });
  });

  test('that names people has a warning, unless a collection is how requests reach its rows', async () => {
    const entities = { account: 'account' };
    expect(await check({ entities })).toEqual([
      expect.stringMatching(
        /^note: the dataset logs: what a person asks for does not reach its rows .* by account$/,
      ),
    ]);
    const collections = [{ category: 'logs', by: 'account' }];
    expect(await check({ entities }, { collections })).not.toContainEqual(
      expect.stringContaining('dataset logs'),
    );
  });

  test('is refused by the name of a foreign key that keeps its rows', async () => {
    expect(await check({}, { dependants: undefined })).toEqual([
      expect.stringContaining('the foreign key line_of'),
    ]);
  });
});

describe('a dataset in DynamoDB', () => {
  const TABLE: TableDescription = {
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    TableSizeBytes: 81_920_001,
    AttributeDefinitions: [
      { AttributeName: 'id', AttributeType: 'S' },
      { AttributeName: 'kind', AttributeType: 'S' },
      { AttributeName: 'createdAt', AttributeType: 'S' },
      { AttributeName: 'raw', AttributeType: 'B' },
    ],
    GlobalSecondaryIndexes: (
      [
        ['by-kind', 'kind', 'createdAt', 'ACTIVE'],
        ['by-raw', 'raw', 'createdAt', 'ACTIVE'],
        ['new', 'kind', 'createdAt', 'CREATING'],
      ] as const
    ).map(([IndexName, hash, sort, IndexStatus]) => ({
      IndexName,
      IndexStatus,
      Projection: { ProjectionType: 'KEYS_ONLY' },
      KeySchema: [
        { AttributeName: hash, KeyType: 'HASH' },
        { AttributeName: sort, KeyType: 'RANGE' },
      ],
    })),
  };
  const check = (
    change: Partial<DatasetConfiguration>,
    collections: readonly ReachedCollection[] = [],
  ): string[] => {
    const dataset: DatasetConfiguration = {
      category: 'logs',
      producer: 'crm',
      clock: { 'record.created': { column: 'createdAt' } },
      by: 'record.created',
      ...change,
    };
    const reach = { deletes: true, masked: [], datasets: [dataset], collections };
    return checkDatasets('logs', TABLE, reach).map(({ severity, message }) => `${severity}: ${message}`);
  };
  const BY_KIND = { index: 'by-kind:kind', where: { kind: 'a' } };

  test('that an index has in the order of its clock is fine', () => {
    expect(check(BY_KIND)).toEqual([]);
    expect(check({ ...BY_KIND, where: { kind: 'a', id: 'b' } })).toEqual([]);
  });

  test.each<[change: Partial<DatasetConfiguration>, words: string]>([
    [{ index: 'nowhere:kind' }, 'no global secondary index nowhere with the partition key kind'],
    [
      { index: 'by-kind:id', where: { id: 'a' } },
      'no global secondary index by-kind with the partition key id',
    ],
    [{ index: 'by-raw:raw', where: { raw: 'a' } }, 'the partition key of the index by-raw is bytes'],
    [{ where: { kind: 7 } }, 'the partition key kind of the index by-kind is text, and `where` has a number'],
    [{ clock: { 'record.created': { column: 'made' } } }, 'the sort key of the index by-kind is not made'],
    [
      { clock: { 'record.created': { column: 'createdAt', unit: 'seconds' } } },
      'the sort key createdAt of the index by-kind is not a number; remove its `unit`',
    ],
    [{ index: 'new:kind' }, 'the index new is not complete'],
    [{ where: { kind: 'a', state: 'sent' } }, '`where` names state, which the index by-kind does not have'],
  ])('%j fails, and says what to do', (change, words) => {
    expect(check({ ...BY_KIND, ...change })).toEqual([expect.stringMatching(/^fails: the dataset logs: /)]);
    expect(check({ ...BY_KIND, ...change })).toEqual([expect.stringContaining(words)]);
  });

  test('that is scanned says what each day reads', () => {
    expect(check({ scan: true })).toEqual([
      'note: the dataset logs: each day the whole table is read, about 10,001 read units now; an index with the clock as its sort key would cost less',
    ]);
  });

  test('that names people has a warning, unless a collection is how requests reach its rows', () => {
    const named = { ...BY_KIND, entities: { account: 'accountId' } };
    expect(check(named)).toEqual([expect.stringMatching(/^note: the dataset logs: what a person asks for/)]);
    expect(check(named, [{ category: 'logs', by: 'by-account:accountId' }])).toEqual([]);
  });
});
