import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkPostgresTable } from '../../../cli/preflight/preflight-postgresql.ts';
import type { ReachedCollection } from '../../../cli/preflight/preflight-reach.ts';
import type { DatasetConfiguration } from '../../../shared/domain/configuration/configuration.ts';
import { type PostgresBench, postgresBench } from '../../conformance/store/store-postgresql-bench.ts';

describe('a dataset in PostgreSQL', () => {
  let bench: PostgresBench;
  beforeAll(async () => {
    bench = await postgresBench();
    await bench.sql.query(
      'CREATE TABLE logs (id bigint PRIMARY KEY, at timestamptz, local timestamp, day date, n int, "Text" text, bare timestamptz, account text)',
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
