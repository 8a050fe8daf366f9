import { beforeEach, describe, expect, test } from 'vitest';
import { postgresBench } from '../store/store-postgresql-bench.ts';
import { PLAIN } from './survey-suite.ts';
import { surveyedPostgres } from './surveyed-postgres.ts';

const { bench, run, surveyed: surveyedIn } = await surveyedPostgres();
beforeEach(() => run('CREATE TABLE own (id bigint PRIMARY KEY, email text, card_number text)'));

const surveyed = (
  question: Partial<typeof PLAIN> = {},
  who: { readonly user?: string; readonly password?: string } = {},
) => surveyedIn({ table: 'own', ...who }, question);

const namesOf = ({ uncovered }: Awaited<ReturnType<typeof surveyed>>) => uncovered.map(({ name }) => name);

describe('tables of the database', () => {
  test('that no store covers are named, with the rows that the catalog knows of and columns that look personal', async () => {
    await run(`CREATE TABLE customers (id int, "firstName" text, e_mail text, colour text, address2 text);
      CREATE TABLE "Stock" (id int);
      CREATE SCHEMA IF NOT EXISTS crm; DROP TABLE IF EXISTS crm.leads; CREATE TABLE crm.leads (phone text);
      CREATE VIEW seen AS SELECT 1 AS email;
      CREATE TEMP TABLE passing (email text);
      INSERT INTO customers SELECT n FROM generate_series(1, 250) n; ANALYZE customers; ANALYZE "Stock"`);
    const found = await surveyed({ covered: { ...PLAIN.covered, tables: ['crm.leads'] } });
    expect(found.uncovered).toEqual([
      {
        kind: 'table',
        name: 'public.Stock',
        places: 1,
        records: { count: 0, counted: 'estimate' },
        personal: [],
      },
      {
        kind: 'table',
        name: 'public.customers',
        places: 1,
        records: { count: 250, counted: 'estimate' },
        personal: [
          { looksLike: 'name of a person', name: 'firstName' },
          { looksLike: 'e-mail address', name: 'e_mail' },
          { looksLike: 'postal address', name: 'address2' },
        ],
      },
    ]);
    expect(found.personal.map(({ name }) => name)).toEqual(['email', 'card_number']);
    expect(found.notSeen).toEqual([]);
    await run('DROP SCHEMA crm CASCADE');
  });

  test('are one with their partitions and with the tables that inherit from them', async () => {
    await run(`CREATE TABLE log (at date, n int) PARTITION BY RANGE (at);
      CREATE TABLE log_a PARTITION OF log FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
      CREATE TABLE log_b PARTITION OF log FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') PARTITION BY RANGE (n);
      CREATE TABLE log_b_1 PARTITION OF log_b FOR VALUES FROM (0) TO (1000);
      CREATE TABLE child (more text) INHERITS (own);
      INSERT INTO log SELECT '2024-05-05', n FROM generate_series(1, 100) n;
      INSERT INTO log SELECT '2025-05-05', n FROM generate_series(1, 50) n;
      ANALYZE log, log_a, log_b_1`);
    const found = await surveyed();
    expect(found.uncovered).toMatchObject([{ name: 'public.log', records: { count: 150 } }]);
  });

  test('whose rows were never counted have no number', async () => {
    await run('CREATE TABLE fresh (id int); INSERT INTO fresh VALUES (1)');
    expect((await surveyed()).uncovered).toEqual([
      { kind: 'table', name: 'public.fresh', places: 1, personal: [] },
    ]);
  });

  test('named after tenants or ids are told together, without the names', async () => {
    for (const one of ['ada-lovelace', 'b', 'c', 'd', 'e', 'f'])
      await run(
        `CREATE SCHEMA "t-${one}"; CREATE TABLE "t-${one}".orders (email text); ANALYZE "t-${one}".orders`,
      );
    await run(`CREATE TABLE "orders_48151623" (id int); CREATE TABLE "orders_10000007" (id int);
      CREATE TABLE "ada@example.org" (id int); CREATE TABLE "o.dd" (id int)`);
    const found = await surveyed({ covered: { ...PLAIN.covered, tables: ['public."o.dd"', 't-f.orders'] } });
    expect(found.uncovered.map(({ name, places }) => [name, places])).toEqual([
      ['*.orders', 5],
      ['public.*', 1],
      ['public.orders_*', 2],
    ]);
    expect(JSON.stringify(found)).not.toMatch(/ada|4815|1000000/);
    for (const one of ['ada-lovelace', 'b', 'c', 'd', 'e', 'f']) await run(`DROP SCHEMA "t-${one}" CASCADE`);
  });

  test('are all named to a user that may read none of them', async () => {
    await run(`DROP ROLE IF EXISTS narrow; CREATE ROLE narrow LOGIN PASSWORD 'narrow';
      GRANT SELECT ON own TO narrow; CREATE TABLE hidden (email text, created_at timestamptz);
      CREATE INDEX ON hidden (created_at); INSERT INTO hidden VALUES ('a', '2020-01-01')`);
    const found = await surveyed({}, { user: 'narrow', password: 'narrow' });
    expect(found.uncovered).toMatchObject([
      { name: 'public.hidden', personal: [{ looksLike: 'e-mail address', name: 'email' }] },
    ]);
    expect(found.uncovered[0]).not.toHaveProperty('oldest');
    await run('DROP OWNED BY narrow; DROP ROLE narrow');
  });

  test('say how old the oldest row is only where an index finds it', async () => {
    await run(`CREATE TABLE a_indexed (created_at timestamptz); CREATE INDEX ON a_indexed (created_at);
      CREATE TABLE b_scanned (created_at timestamptz);
      CREATE TABLE c_partial (created_at timestamptz); CREATE INDEX ON c_partial (created_at) WHERE created_at > '2000-01-01';
      CREATE TABLE d_other (born date); CREATE INDEX ON d_other (born);
      CREATE TABLE e_day ("createdOn" date); CREATE INDEX ON e_day ("createdOn");
      CREATE TABLE f_never (created_at timestamptz); CREATE INDEX ON f_never (created_at);
      CREATE TABLE g_secured (created_at timestamptz); CREATE INDEX ON g_secured (created_at);
      ALTER TABLE g_secured ENABLE ROW LEVEL SECURITY; ALTER TABLE g_secured FORCE ROW LEVEL SECURITY;
      INSERT INTO a_indexed VALUES ('2019-03-04T05:06:07Z'), ('2021-01-01T00:00:00Z'), (NULL);
      INSERT INTO b_scanned VALUES ('2019-01-01'); INSERT INTO c_partial VALUES ('2019-01-01');
      INSERT INTO d_other VALUES ('1980-05-17'); INSERT INTO e_day VALUES ('2018-01-02');
      INSERT INTO f_never VALUES ('-infinity')`);
    const ages = Object.fromEntries((await surveyed()).uncovered.map(({ name, oldest }) => [name, oldest]));
    expect(ages).toEqual({
      'public.a_indexed': Date.UTC(2019, 2, 4, 5, 6, 7),
      'public.b_scanned': undefined,
      'public.c_partial': undefined,
      'public.d_other': undefined,
      'public.e_day': Date.UTC(2018, 0, 2),
      'public.f_never': undefined,
      'public.g_secured': undefined,
    });
  });

  test('with more than a thousand columns, or names of columns that are ids, keep the report small', async () => {
    const columns = Array.from({ length: 1500 }, (_, n) => `"email_${'x'.repeat(40)}_${n}" text`);
    await run(`CREATE TABLE wide (${columns.join(', ')}); CREATE TABLE odd ("ada@example.org email" text)`);
    const found = await surveyed();
    expect(JSON.stringify(found).length).toBeLessThan(2000);
    expect(found.uncovered.map(({ name, personal }) => [name, personal.map((field) => field.name)])).toEqual([
      ['public.odd', ['*']],
      ['public.wide', [`email_${'x'.repeat(40)}_*`]],
    ]);
    expect(JSON.stringify(found)).not.toContain('ada');
  });

  test('with the same columns that are one of each tenant have one name', async () => {
    for (const who of ['ada', 'bob', 'carla', 'dora', 'emil', 'frida'])
      await run(
        `CREATE TABLE talk_${who} (id int, text text); CREATE TABLE shop_${who} (id int, ${who} int)`,
      );
    const names = (await surveyed()).uncovered.map(({ name, places }) => `${name} ${places}`);
    expect(names).toContain('public.talk_* 6');
    expect(names.filter((name) => name.startsWith('public.shop_'))).toHaveLength(6);
  });

  test('that take too long are not seen, and that is said', async () => {
    const store = await bench.open({ table: 'own', timeoutSeconds: 1 });
    const locker = await bench.sql.connect();
    await locker.query('BEGIN; LOCK TABLE pg_catalog.pg_class IN ACCESS EXCLUSIVE MODE');
    try {
      const { notSeen, uncovered } = await store.survey({ ...PLAIN, neverPresent: ['card_number'] });
      expect(uncovered).toEqual([]);
      expect(notSeen.map(({ part, code }) => [part, code])).toEqual(
        ['tables', 'records', 'columns', 'never-present'].map((part) => [part, 'STORE_TIMEOUT']),
      );
    } finally {
      await locker.query('ROLLBACK');
      locker.release();
      await store.close();
    }
  });
});

describe('fields that must never have values', () => {
  const neverPresent = ['card_number'];
  const stateOf = async () => (await surveyed({ neverPresent })).neverPresent;

  test('are looked for in all rows of a small table', async () => {
    await run("INSERT INTO own SELECT n, 'a' FROM generate_series(1, 500) n; ANALYZE own");
    expect(await stateOf()).toEqual([{ name: 'card_number', state: 'none', looked: 'all' }]);
    await run("UPDATE own SET card_number = '4111' WHERE id = 499");
    expect(await stateOf()).toEqual([{ name: 'card_number', state: 'found', looked: 'all' }]);
    expect(namesOf(await surveyed())).toEqual([]);
  });

  test('are found by an index in a large table, wherever the value is', async () => {
    await run(
      'INSERT INTO own SELECT n FROM generate_series(1, 60000) n; ANALYZE own; CREATE INDEX ON own (card_number)',
    );
    expect(await stateOf()).toEqual([{ name: 'card_number', state: 'none', looked: 'all' }]);
    await run("UPDATE own SET card_number = '4111' WHERE id = 31000");
    expect(await stateOf()).toEqual([{ name: 'card_number', state: 'found', looked: 'all' }]);
  });

  test('are looked for in a sample of a large table without an index', async () => {
    await run('INSERT INTO own SELECT n FROM generate_series(1, 60000) n; ANALYZE own');
    expect(await stateOf()).toEqual([{ name: 'card_number', state: 'none', looked: 'sample' }]);
    await run("UPDATE own SET card_number = '4111' WHERE id % 3 = 0");
    expect(await stateOf()).toEqual([{ name: 'card_number', state: 'found', looked: 'sample' }]);
  });

  test('are absent where there is no such column, and unknown where the column may not be read', async () => {
    await run(
      `DROP ROLE IF EXISTS narrow; CREATE ROLE narrow LOGIN PASSWORD 'narrow'; GRANT SELECT (id) ON own TO narrow`,
    );
    const found = await surveyed(
      { neverPresent: ['nowhere', 'card_number', '"; DROP TABLE own; --'] },
      { user: 'narrow', password: 'narrow' },
    );
    expect(found.neverPresent.map(({ state }) => state)).toEqual(['absent', 'unknown', 'absent']);
    expect(found.notSeen).toEqual([{ part: 'never-present', code: 'STORE_DENIED' }]);
    await run('DROP OWNED BY narrow; DROP ROLE narrow');
  });
});

test('more than 5,000 tables are cut, and that is said', async () => {
  const large = await postgresBench();
  await large.sql.query('CREATE TABLE own (id bigint PRIMARY KEY)');
  for (const letter of ['a', 'b', 'c'])
    await large.sql.query(`DO $$ BEGIN FOR n IN 0..1699 LOOP EXECUTE format('CREATE TABLE %1$I (%1$I int)',
      'x${letter}' || chr(97 + n % 26) || chr(97 + n / 26 % 26) || chr(97 + n / 676)); END LOOP; END $$`);
  const store = await large.open({ table: 'own' });
  const { notSeen, uncovered } = await store.survey(PLAIN);
  expect(notSeen).toContainEqual({ part: 'tables', code: 'TOO_MANY' });
  expect(uncovered).toHaveLength(4999);
  await store.close();
  await large.stop();
}, 120_000);
