import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KeyColumn } from '../../../shared/domain/configuration/configuration.ts';
import type { Masks } from '../../../shared/domain/record/masks.ts';
import type { Locator, Store } from '../../../shared/ports/store.ts';
import { type OpenOptions, type PostgresBench, postgresBench } from './store-postgresql-bench.ts';
import { gone, looked, outcomesOf, statesOf } from './store-rig.ts';

let bench: PostgresBench;
beforeAll(async () => {
  bench = await postgresBench();
});
afterAll(() => bench.stop());

async function using(options: OpenOptions, body: (store: Store) => Promise<void>): Promise<void> {
  const store = await bench.open(options);
  try {
    await body(store);
  } finally {
    await store.close();
  }
}

const run = (text: string) => bench.sql.query(text);

test.each<{
  name: string;
  type: string;
  key: KeyColumn['type'];
  values: string;
  there: Locator[];
  never: Locator[];
}>([
  {
    name: 'smallint',
    type: 'smallint',
    key: 'integer',
    values: "('7'), ('-32768')",
    there: [[7], [-32768]],
    never: [[32768], [70000]],
  },
  {
    name: 'int',
    type: 'int',
    key: 'integer',
    values: "('7'), ('2147483647')",
    there: [['7'], ['2147483647']],
    never: [[2147483648]],
  },
  {
    name: 'bigint',
    type: 'bigint',
    key: 'integer',
    values: "('9223372036854775807')",
    there: [['9223372036854775807']],
    never: [['9223372036854775808']],
  },
  {
    name: 'numeric',
    type: 'numeric(40)',
    key: 'integer',
    values: `('${'9'.repeat(40)}')`,
    there: [['9'.repeat(40)]],
    never: [[9]],
  },
  {
    name: 'varchar',
    type: 'varchar(5)',
    key: 'text',
    values: "('O''Br')",
    there: [["O'Br"]],
    never: [['much longer than five']],
  },
  { name: 'domain', type: 'short_text', key: 'text', values: "('ab')", there: [['ab']], never: [['Ab']] },
  {
    name: 'domain_over_domain',
    type: 'person_id',
    key: 'integer',
    values: "('9007199254740993')",
    there: [['9007199254740993']],
    never: [['9223372036854775808']],
  },
  {
    name: 'uuid',
    type: 'uuid',
    key: 'uuid',
    values: "('0190F3C27E4B7C3A9D551F2E3D4C5B6A')",
    there: [['0190F3C2-7E4B-7C3A-9D55-1F2E3D4C5B6A']],
    never: [],
  },
  {
    name: 'bytea',
    type: 'bytea',
    key: 'binary',
    values: "('\\x00ff')",
    there: [['AP8'], ['AP8=']],
    never: [['AA']],
  },
  {
    name: 'decimal',
    type: 'numeric(30,10)',
    key: 'decimal',
    values: "('1.50'), ('12345678901234567890.0000000001'), ('-0.5'), ('0')",
    there: [['1.5'], ['12345678901234567890.0000000001'], ['-5e-1'], [0]],
    never: [['1.49'], ['12345678901234567890.0000000002'], ['12345678901234567890'], [`1e${'9'.repeat(3)}`]],
  },
  {
    name: 'decimal_domain',
    type: 'price',
    key: 'decimal',
    values: "('0.10')",
    there: [['0.1']],
    never: [['0.1000000000000000055511151231257827']],
  },
  {
    name: 'date',
    type: 'date',
    key: 'date',
    values: "('2024-02-29'), ('0001-01-01'), ('infinity')",
    there: [['2024-02-29'], ['0001-01-01']],
    never: [['2024-03-01'], ['9999-12-31']],
  },
  {
    name: 'timestamptz',
    type: 'timestamptz(6)',
    key: 'timestamp',
    values: "('2026-03-01 09:30:00.000001+00'), ('2026-03-01 02:00:00+03'), ('0044-03-15 BC')",
    there: [['2026-03-01T09:30:00.000001Z'], ['2026-02-28 18:00:00-05:00']],
    never: [['2026-03-01T09:30:00Z'], ['2026-03-01T02:00:00Z'], ['0044-03-15T00:00:00Z']],
  },
])('finds keys of type $name', async ({ name, type, key, values, there, never }) => {
  await run(
    `DROP DOMAIN IF EXISTS short_text CASCADE; CREATE DOMAIN short_text AS text CHECK (length(VALUE) < 9);
    DROP DOMAIN IF EXISTS base_id CASCADE; CREATE DOMAIN base_id AS bigint;
    CREATE DOMAIN person_id AS base_id CHECK (VALUE > 0);
    DROP DOMAIN IF EXISTS amount CASCADE; CREATE DOMAIN amount AS numeric(12,2); CREATE DOMAIN price AS amount`,
  );
  const table = `key_${name}`;
  await run(`CREATE TABLE ${table} (id ${type} PRIMARY KEY); INSERT INTO ${table} VALUES ${values}`);
  await using({ table, keys: [{ name: 'id', type: key }] }, async (store) => {
    expect(statesOf(await store.look([...never, ...there]))).toEqual([
      ...never.map(() => 'gone'),
      ...there.map(() => 'present'),
    ]);
    const absent = await store.delete(never.map((locator) => ({ locator })));
    expect(outcomesOf(absent)).toEqual(never.map(() => 'already-so'));
    expect(outcomesOf(await store.delete(await looked(store, there)))).toEqual(there.map(() => 'deleted'));
    expect((await run(`SELECT 1 FROM ${table} WHERE id::text !~ 'infinity|BC'`)).rowCount).toBe(0);
  });
});

test.each([
  ['timestamp', 'timestamp', '2026-03-01T00:00:00Z'],
  ['float8', 'decimal', '0.1'],
  ['timestamptz', 'date', '2026-03-01'],
  ['date', 'timestamp', '2026-03-01T00:00:00Z'],
] as const)('a column of type %s is not found by a key of type %s, and stays', async (type, key, value) => {
  const table = `unlike_${type}_${key}`;
  await run(`CREATE TABLE ${table} (id ${type} PRIMARY KEY); INSERT INTO ${table} VALUES ('${value}')`);
  await using({ table, keys: [{ name: 'id', type: key }] }, async (store) => {
    expect(await store.look([[value]])).toEqual([{ state: 'unknown', code: 'STORE_SCHEMA' }]);
    expect(await store.delete([{ locator: [value] }])).toEqual([
      { outcome: 'refused', code: 'STORE_SCHEMA' },
    ]);
    expect((await run(`SELECT 1 FROM ${table}`)).rowCount).toBe(1);
  });
});

test('works across the parts of a partitioned table', async () => {
  await run(`CREATE TABLE parted (tenant text, id int, mail text, PRIMARY KEY (tenant, id)) PARTITION BY LIST (tenant);
    CREATE TABLE parted_a PARTITION OF parted FOR VALUES IN ('a');
    CREATE TABLE parted_b PARTITION OF parted FOR VALUES IN ('b');
    INSERT INTO parted SELECT t, i, t || i FROM unnest('{a,b}'::text[]) t, generate_series(1, 3) i`);
  const keys: KeyColumn[] = [
    { name: 'tenant', type: 'text' },
    { name: 'id', type: 'integer' },
  ];
  await using({ table: 'parted', keys }, async (store) => {
    const three = [
      ['a', 1],
      ['b', 1],
      ['b', 3],
    ];
    expect(outcomesOf(await store.anonymise(await looked(store, three), { mail: { kind: 'null' } }))).toEqual(
      Array(3).fill('anonymised'),
    );
    expect(outcomesOf(await store.delete(await looked(store, three)))).toEqual(Array(3).fill('deleted'));
    expect(
      (await run('SELECT mail FROM parted ORDER BY mail')).rows.map(({ mail }) => mail as string),
    ).toEqual(['a2', 'a3', 'b2']);
    expect(statesOf(await store.readBack([...three, ['a', 2]].map(gone)))).toEqual([
      'kept',
      'kept',
      'kept',
      'broken',
    ]);
  });
  await using({ table: 'parted', keys: [{ name: 'id', type: 'integer' }] }, async (store) => {
    // Unique in each part only: row 2 is in both.
    expect(await store.delete([{ locator: [2] }])).toEqual([{ outcome: 'refused', code: 'STORE_SCHEMA' }]);
  });
});

test('compares constants as their column does, so that masking again changes nothing', async () => {
  await run(
    `CREATE TABLE kinds (id int PRIMARY KEY, amount numeric(10,2) DEFAULT 12.5, ratio float8 DEFAULT 1,
      active boolean DEFAULT true, at timestamptz DEFAULT now(), doc json DEFAULT '{"a": 1}', docb jsonb DEFAULT '{"a": 1}',
      tags text[] DEFAULT '{x}', fixed char(9) DEFAULT 'x', mood mood DEFAULT 'sad', raw bytea DEFAULT '\\x01');
    INSERT INTO kinds VALUES (1)`.replace(
      'CREATE TABLE',
      "CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE TABLE",
    ),
  );
  const constants = {
    amount: 0.5,
    ratio: 1e21,
    active: false,
    at: '1970-01-01',
    doc: '{"b": 2}',
    docb: '{ "b":2 }',
    tags: '{}',
    fixed: 'removed',
    mood: 'glad',
    raw: '\\x00',
  };
  const masks: Masks = Object.fromEntries(
    Object.entries(constants).map(([field, value]) => [field, { kind: 'constant', value }]),
  );
  await using({ table: 'kinds' }, async (store) => {
    const promise = [{ locator: [1], expect: 'masked', masks }] as const;
    expect(statesOf(await store.readBack(promise))).toEqual(['broken']);
    expect(outcomesOf(await store.anonymise([{ locator: [1] }], masks))).toEqual(['anonymised']);
    expect(statesOf(await store.readBack(promise))).toEqual(['kept']);
    expect(outcomesOf(await store.anonymise([{ locator: [1] }], masks))).toEqual(['already-so']);
    const { rows } = await run('SELECT amount::text, active, tags::text, mood::text, doc::text FROM kinds');
    expect(rows).toEqual([{ amount: '0.50', active: false, tags: '{}', mood: 'glad', doc: '{"b": 2}' }]);
  });
});

test('cuts dates whatever form and zone the database is set to show them in', async () => {
  const { database } = bench.engine;
  await run(
    `ALTER DATABASE ${database} SET datestyle = 'SQL, DMY'; ALTER DATABASE ${database} SET timezone = 'Asia/Kolkata'`,
  );
  try {
    await run(`CREATE TABLE dates (id int PRIMARY KEY, d date, t timestamp, z timestamptz);
      INSERT INTO dates VALUES (1, '1980-05-17', '1980-05-17 21:30:00.123', '1980-05-17 21:30:00.123+00'), (2, NULL, NULL, NULL),
        (3, 'infinity', NULL, NULL)`);
    const cut = { kind: 'truncate-date', to: 'month' } as const;
    const masks: Masks = { d: cut, t: cut, z: cut };
    await using({ table: 'dates' }, async (store) => {
      const rows = [1, 2, 3].map((id) => ({ locator: [id] }));
      expect(await store.anonymise(rows, masks)).toMatchObject([
        { outcome: 'anonymised' },
        { outcome: 'already-so' },
        { outcome: 'refused', code: 'STORE_SCHEMA' },
      ]);
      expect(outcomesOf(await store.anonymise(rows, masks))).toEqual(['already-so', 'already-so', 'refused']);
      const read = rows.map(({ locator }) => ({ locator, expect: 'masked', masks }) as const);
      expect(statesOf(await store.readBack(read))).toEqual(['kept', 'kept', 'broken']);
    });
    const { rows } =
      await run(`SELECT to_char(d, 'YYYY-MM-DD') AS d, to_char(t, 'YYYY-MM-DD HH24:MI:SS.MS') AS t,
      to_char(z AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS') AS z FROM dates WHERE id = 1`);
    expect(rows).toEqual([{ d: '1980-05-01', t: '1980-05-01 00:00:00.000', z: '1980-05-01 00:00:00.000' }]);
  } finally {
    await run(`ALTER DATABASE ${database} RESET ALL`);
  }
});

test('a numeric version moves on with a mask, so that a write based on the unmasked row fails', async () => {
  await run(
    `CREATE TABLE versioned (id int PRIMARY KEY, mail text, v int); INSERT INTO versioned VALUES (1, 'ada', 3), (2, 'bob', NULL)`,
  );
  await using({ table: 'versioned', versionColumn: 'v' }, async (store) => {
    const targets = await looked(store, [[1], [2]]);
    expect(outcomesOf(await store.anonymise(targets, { mail: { kind: 'null' } }))).toEqual([
      'anonymised',
      'anonymised',
    ]);
    const stale = await run(`UPDATE versioned SET mail = 'ada', v = 4 WHERE id = 1 AND v = 3`);
    expect(stale.rowCount).toBe(0);
    expect(outcomesOf(await store.delete(targets))).toEqual(['changed', 'deleted']);
  });
});

test('a version column may be a time, to the microsecond', async () => {
  await run(
    `CREATE TABLE stamped (id int PRIMARY KEY, at timestamptz); INSERT INTO stamped VALUES (1, '2026-03-01 00:00:00.000001Z')`,
  );
  await using({ table: 'stamped', versionColumn: 'at' }, async (store) => {
    const targets = await looked(store, [[1]]);
    await run(`UPDATE stamped SET at = '2026-03-01 00:00:00.000002Z'`);
    expect(outcomesOf(await store.delete(targets))).toEqual(['changed']);
    expect(outcomesOf(await store.delete(await looked(store, [[1]])))).toEqual(['deleted']);
  });
});

test('follows a table that is altered while the store is open', async () => {
  await run('CREATE TABLE altered (id int PRIMARY KEY); INSERT INTO altered VALUES (1), (2)');
  await using({ table: 'altered' }, async (store) => {
    const masks: Masks = { mail: { kind: 'constant', value: 'removed' } };
    expect(await store.anonymise([{ locator: [1] }], masks)).toEqual([
      { outcome: 'refused', code: 'STORE_SCHEMA' },
    ]);
    await run(`ALTER TABLE altered ADD mail text DEFAULT 'ada'`);
    expect(outcomesOf(await store.anonymise([{ locator: [1] }], masks))).toEqual(['anonymised']);
    await run('ALTER TABLE altered ALTER id TYPE bigint');
    await run('INSERT INTO altered VALUES (3000000000)');
    expect(statesOf(await store.look([[3000000000], [3000000001]]))).toEqual(['present', 'gone']);
    await run('ALTER TABLE altered ALTER id TYPE text');
    expect(statesOf(await store.look([[2]]))).toEqual(['unknown']);
    expect(outcomesOf(await store.delete([{ locator: [2] }]))).toEqual(['refused']);
    await run('ALTER TABLE altered ALTER id TYPE bigint USING id::bigint');
    expect(outcomesOf(await store.delete(await looked(store, [[2]])))).toEqual(['deleted']);
  });
});
