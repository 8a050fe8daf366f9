import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Store, Target } from '../../../shared/ports/store.ts';
import { type PostgresBench, postgresBench } from '../store/store-postgresql-bench.ts';

let bench: PostgresBench;
beforeAll(async () => {
  bench = await postgresBench();
});
afterAll(() => bench.stop());

const run = (text: string) => bench.sql.query(text);
const SCHEMA = { outcome: 'refused', code: 'STORE_SCHEMA' };

describe('a table of 40,000 rows', () => {
  const ROWS = 40_000;
  const MANY = 5000;

  /** How often PostgreSQL has gone through the whole table so far, and whether it has found rows by an index. */
  async function scans(table: string): Promise<unknown> {
    await run('SELECT pg_stat_force_next_flush()');
    const { rows } = await bench.sql.query(
      `SELECT seq_scan::int AS whole, idx_tup_fetch >= ${2 * MANY} AS "byIndex" FROM pg_stat_user_tables WHERE relname = $1`,
      [table],
    );
    return rows[0];
  }

  /** Reads, deletes and reads back the first rows. Its session has ended, and has told what it read. */
  async function goneFrom(table: string): Promise<void> {
    const store = await bench.open({ table, timeoutSeconds: 60 });
    const locators = Array.from({ length: MANY }, (_, n) => [n + 1]);
    try {
      const targets = (await store.look(locators)).map((one, index): Target => {
        if (one.state !== 'present') throw new Error(`a row is ${one.state}`);
        return { locator: locators[index] ?? [], version: one.version ?? '' };
      });
      const acted = await store.delete(targets);
      expect(new Set(acted.map(({ outcome }) => outcome))).toEqual(new Set(['deleted']));
      const back = await store.readBack(locators.map((locator) => ({ locator, expect: 'gone' })));
      expect(new Set(back.map(({ state }) => state))).toEqual(new Set(['kept']));
    } finally {
      await store.close();
    }
  }

  test('is not read from its beginning to its end to find 5,000 of them', async () => {
    await run('CREATE TABLE found (id bigint PRIMARY KEY, body text)');
    await run(`INSERT INTO found SELECT n, repeat('x', 100) FROM generate_series(1, ${ROWS}) n`);
    await run('ANALYZE found');
    // Building the index has read the table, too.
    await expect.poll(() => scans('found')).toMatchObject({ byIndex: false });
    await run('SELECT pg_stat_force_next_flush()');
    await run("SELECT pg_stat_reset_single_table_counters('found'::regclass)");
    await goneFrom('found');
    await expect.poll(() => scans('found'), { timeout: 20_000 }).toEqual({ whole: 0, byIndex: true });
  }, 60_000);

  test('is not read so to delete rows whose key is several columns', async () => {
    await run('CREATE TABLE pairs (tenant int, id int, body text, PRIMARY KEY (tenant, id))');
    await run(`INSERT INTO pairs SELECT n % 7, n, repeat('x', 100) FROM generate_series(1, ${ROWS}) n`);
    await run('ANALYZE pairs');
    await expect.poll(() => scans('pairs')).toMatchObject({ byIndex: false });
    await run('SELECT pg_stat_force_next_flush()');
    await run("SELECT pg_stat_reset_single_table_counters('pairs'::regclass)");
    const keys = ['tenant', 'id'].map((name) => ({ name, type: 'integer' as const }));
    const store = await bench.open({ table: 'pairs', keys, timeoutSeconds: 60 });
    const { rows } = await run(
      `SELECT tenant, id, '=' || xmin AS version FROM pairs ORDER BY id LIMIT ${MANY}`,
    );
    const whole = ((await scans('pairs')) as { readonly whole: number }).whole;
    const acted = await store.delete(
      rows.map(({ tenant, id, version }) => ({ locator: [tenant, id], version })),
    );
    await store.close();
    expect(new Set(acted.map(({ outcome }) => outcome))).toEqual(new Set(['deleted']));
    await expect.poll(() => scans('pairs'), { timeout: 20_000 }).toEqual({ whole, byIndex: true });
  }, 60_000);

  test('is read where no index has its key, and the rows go all the same', async () => {
    await run(`CREATE TABLE searched AS SELECT n::bigint AS id FROM generate_series(1, ${MANY / 10}) n`);
    await run('ANALYZE searched');
    const store = await bench.open({ table: 'searched', timeoutSeconds: 60 });
    expect(await store.delete([{ locator: [1] }, { locator: [2] }, { locator: [0] }])).toMatchObject([
      { outcome: 'deleted' },
      { outcome: 'deleted' },
      { outcome: 'already-so' },
    ]);
    await store.close();
  });
});

/** Rows with the key 1, and one with the key 2. */
const TWINS: readonly [name: string, sql: string][] = [
  ['no index', 'CREATE TABLE no_index (id int)'],
  [
    'a partial index',
    'CREATE TABLE a_partial_index (id int, old bool); CREATE UNIQUE INDEX ON a_partial_index (id) WHERE old',
  ],
  ['an index of two columns', 'CREATE TABLE an_index_of_two_columns (id int, n serial, UNIQUE (id, n))'],
  [
    'an index of an expression',
    'CREATE TABLE an_index_of_an_expression (id int, n serial); CREATE UNIQUE INDEX ON an_index_of_an_expression ((id + n * 10))',
  ],
  ['an index of another column', 'CREATE TABLE an_index_of_another_column (n serial PRIMARY KEY, id int)'],
];

async function twinsOf(table: string, act: (store: Store) => Promise<void>): Promise<void> {
  const store = await bench.open({ table });
  try {
    await act(store);
  } finally {
    await store.close();
  }
}

async function keepsTwins(table: string): Promise<void> {
  await twinsOf(table, async (store) => {
    expect(await store.delete([{ locator: [1] }, { locator: [2] }])).toMatchObject([
      SCHEMA,
      { outcome: 'deleted' },
    ]);
  });
  expect((await run(`SELECT id FROM ${table}`)).rows).toEqual([{ id: 1 }, { id: 1 }]);
}

describe('two rows with one key stay', () => {
  test.each(TWINS)('with %s', async (name, sql) => {
    const table = name.replaceAll(' ', '_');
    await run(sql);
    await run(`INSERT INTO ${table} (id) VALUES (1), (1), (2)`);
    await keepsTwins(table);
  });

  test('where one of them is in a table that inherits', async () => {
    await run(
      'CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child (PRIMARY KEY (id)) INHERITS (parent)',
    );
    await run('INSERT INTO parent VALUES (1), (2); INSERT INTO child VALUES (1)');
    await keepsTwins('parent');
  });

  test('where the index compares texts in another way than the column', async () => {
    await run(
      `CREATE COLLATION same_letters (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
    );
    await run(
      'CREATE TABLE letters (id text COLLATE same_letters); CREATE UNIQUE INDEX ON letters (id COLLATE "C")',
    );
    await run("INSERT INTO letters VALUES ('a'), ('A'), ('b')");
    const store = await bench.open({ table: 'letters', keys: [{ name: 'id', type: 'text' }] });
    expect(await store.delete([{ locator: ['a'] }, { locator: ['b'] }])).toMatchObject([
      SCHEMA,
      { outcome: 'deleted' },
    ]);
    await store.close();
    expect((await run('SELECT count(*)::int AS n FROM letters')).rows).toEqual([{ n: 2 }]);
  });

  test('where a transaction checks their index at its end, and where the index could not be built', async () => {
    await run('CREATE TABLE deferred (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)');
    await run('INSERT INTO deferred VALUES (2)');
    await twinsOf('deferred', async (store) => {
      expect(await store.delete([{ locator: [2] }])).toMatchObject([{ outcome: 'deleted' }]);
    });
    await run('CREATE TABLE invalid (id int); INSERT INTO invalid VALUES (1), (1), (2)');
    await expect(run('CREATE UNIQUE INDEX CONCURRENTLY ON invalid (id)')).rejects.toThrow('could not create');
    await keepsTwins('invalid');
  });
});

describe('whatever characters their keys have', () => {
  const ODD = ['', 'NULL', 'null', 'a,b', '{x}', '{}', ' ', '\n', 'é', "o'x", 'a"b', 'a\\b', '\\"', '"'];
  const keys = [{ name: 'id', type: 'text' }] as const;

  test.each([
    ['together', [ODD]],
    ['each alone', ODD.map((one) => [one])],
    ['those that need no escape', [ODD.slice(0, 10)]],
  ])('rows are found, deleted and read back: %s', async (name, batches) => {
    const table = name.replaceAll(' ', '_');
    await run(`CREATE TABLE ${table} (id text PRIMARY KEY)`);
    await bench.sql.query(`INSERT INTO ${table} SELECT unnest($1::text[])`, [ODD]);
    const store = await bench.open({ table, keys });
    for (const batch of batches) {
      const looked = await store.look(batch.map((id) => [id]));
      const targets = looked.map((one, index): Target => {
        if (one.state !== 'present') throw new Error(`${batch[index]} is ${one.state}`);
        return { locator: [batch[index] ?? ''], version: one.version ?? '' };
      });
      expect(await store.delete(targets)).toEqual(
        batch.map(() => ({ outcome: 'deleted', answer: 'DELETE 1' })),
      );
      const back = await store.readBack(targets.map(({ locator }) => ({ locator, expect: 'gone' })));
      expect(back).toEqual(batch.map(() => ({ state: 'kept' })));
    }
    await store.close();
    const { rows } = await run(`SELECT count(*)::int AS n FROM ${table}`);
    expect(rows).toEqual([{ n: ODD.length - new Set(batches.flat()).size }]);
  });
});
