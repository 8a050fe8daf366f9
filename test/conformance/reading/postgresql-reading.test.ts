import { createHash } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonValue } from '../../../shared/domain/canonical-json.ts';
import type { Document, Locator, Read, Store } from '../../../shared/ports/store.ts';
import { type OpenOptions, type PostgresBench, postgresBench } from '../store/store-postgresql-bench.ts';
import { statesOf } from '../store/store-rig.ts';
import { toRead } from './reading-suite.ts';

let bench: PostgresBench;
beforeAll(async () => {
  bench = await postgresBench();
});
afterAll(() => bench.stop());

const run = (text: string, values: unknown[] = []) => bench.sql.query(text, values);

async function reading(options: OpenOptions, locators: readonly Locator[]): Promise<Read[]> {
  const store: Store = await bench.open(options);
  try {
    return await store.read(toRead(locators));
  } finally {
    await store.close();
  }
}

async function documentOf(table: string, more: Partial<OpenOptions> = {}): Promise<Document> {
  const [read] = await reading({ table, ...more }, [[1]]);
  if (read?.state !== 'document') throw new Error(`expected a document, not ${JSON.stringify(read)}`);
  return read.document;
}

const DIGITS = '1234567890123456789012345678901234567890';

test.each<[type: string, literal: string, expected: JsonValue]>([
  ['text', "E'quotes \" \\\\ and \\n\\u0001 ü 🇦🇶'", 'quotes " \\ and \n\u0001 ü 🇦🇶'],
  ['text', "''", ''],
  ['text', 'NULL', null],
  ['char(5)', "'ab'", 'ab   '],
  ['smallint', '-7', -7],
  ['bigint', '9007199254740991', 9007199254740991],
  ['bigint', '9007199254740993', '9007199254740993'],
  ['numeric', DIGITS, DIGITS],
  ['numeric', `0.${DIGITS}`, `0.${DIGITS}`],
  ['numeric', '0.10', 0.1],
  ['double precision', "'-0'", -0],
  ['numeric', "'NaN'", 'NaN'],
  ['numeric', "'Infinity'", 'Infinity'],
  ['numeric', '1e400', `1${'0'.repeat(400)}`],
  ['real', '0.1', 0.1],
  ['double precision', '1e22', 1e22],
  ['double precision', '5e-324', 5e-324],
  ['double precision', "'-Infinity'", '-Infinity'],
  ['double precision', "'NaN'", 'NaN'],
  ['boolean', 'true', true],
  ['bytea', "'\\x00ff41'", Buffer.from([0, 255, 65]).toString('base64')],
  ['bytea', "''", ''],
  ['bytea', `'\\x${'ab'.repeat(200)}'`, Buffer.alloc(200, 0xab).toString('base64')],
  ['bytea[]', "ARRAY['\\x00ff'::bytea, NULL, '\\x']", ['AP8=', null, '']],
  ['date', "'1980-05-17'", '1980-05-17'],
  ['date', "'0044-03-15 BC'", '0044-03-15 BC'],
  ['date', "'infinity'", 'infinity'],
  ['timestamptz', "'1980-05-17 23:30:00.123456+02'", '1980-05-17T21:30:00.123456+00:00'],
  ['timestamp', "'1980-05-17 23:30'", '1980-05-17T23:30:00'],
  ['time', "'23:30'", '23:30:00'],
  ['interval', "'1 year 2 days 3 hours'", 'P1Y2DT3H'],
  ['money', '12.5', '$12.50'],
  ['uuid', "'0190F3C2-7E4B-7C3A-9D55-1F2E3D4C5B6A'", '0190f3c2-7e4b-7c3a-9d55-1f2e3d4c5b6a'],
  ['inet', "'10.0.0.1/8'", '10.0.0.1/8'],
  ['bit(3)', "B'101'", '101'],
  ['point', "'(1,2)'", '(1,2)'],
  ['int4range', "'[1,5)'", '[1,5)'],
  ['tsvector', "'ada:1'", "'ada':1"],
  [
    'int[]',
    "'{{1,2},{3,NULL}}'",
    [
      [1, 2],
      [3, null],
    ],
  ],
  ['text[]', `'{"a,b","NULL",NULL,"x\\"y"}'`, ['a,b', 'NULL', null, 'x"y']],
  ['numeric[]', `'{${DIGITS},0.5,NaN}'`, [DIGITS, 0.5, 'NaN']],
  ['jsonb', `'{"b":[1,{"c":null}],"a":"x"}'`, { a: 'x', b: [1, { c: null }] }],
  ['jsonb', `'{"n":${DIGITS},"m":1.50,"e":1e3}'`, { n: DIGITS, m: 1.5, e: 1000 }],
  ['jsonb', `'"text"'`, 'text'],
  ['jsonb', "'null'", null],
  ['json', `'{"a":1e400,"b":-0.5E-3}'`, { a: '1e400', b: -0.0005 }],
  ['json', `'{"a":"first","a":"second"}'`, '{"a":"first","a":"second"}'],
  ['json', `'[{"a\\\\":"x: \\"y\\":"},{"b":{}}]'`, [{ 'a\\': 'x: "y":' }, { b: {} }]],
  ['json', `'{"__proto__":{"a":1}}'`, JSON.parse('{"__proto__":{"a":1}}') as JsonValue],
  ['json', `'{"half":"\\ud800"}'`, '{"half":"\\ud800"}'],
  ['jsonb[]', `ARRAY['{"a":1}'::jsonb, 'null', NULL]`, [{ a: 1 }, null, null]],
  ['json[]', `ARRAY['{"a":1,"a":2}'::json]`, ['{"a":1,"a":2}']],
])('a column of type %s with %s is read without loss', async (type, literal, expected) => {
  const table = `typed_${createHash('md5')
    .update(type + literal)
    .digest('hex')}`;
  await run(`CREATE TABLE ${table} (id bigint PRIMARY KEY, value ${type})`);
  await run(`INSERT INTO ${table} VALUES (1, ${literal})`);
  expect(await documentOf(table)).toStrictEqual({ id: 1, value: expected });
});

describe('a row', () => {
  test('has every column that its table has now, whatever its name', async () => {
    await run(`CREATE TABLE "Odd ""Table""" (id bigint PRIMARY KEY, "r" text, "f" text, "t" text, "n" int, "k1" text,
      "a.b" text, "O'Brien; --" text, "ü" text, "__proto__" text, "document" text, "size" text, dropped text,
      twice int GENERATED ALWAYS AS (n * 2) STORED);
      ALTER TABLE "Odd ""Table""" DROP COLUMN dropped, ADD COLUMN added text DEFAULT 'later'`);
    await run(`INSERT INTO "Odd ""Table""" (id, r, f, t, n, k1, "a.b", "O'Brien; --", "ü", "__proto__", document, size)
      VALUES (1, 'r', 'f', 't', 21, 'k', 'a', 'o', 'u', 'p', 'd', 's')`);
    const document = await documentOf('Odd "Table"');
    expect(Object.entries(document)).toEqual([
      ['id', 1],
      ['r', 'r'],
      ['f', 'f'],
      ['t', 't'],
      ['n', 21],
      ['k1', 'k'],
      ['a.b', 'a'],
      ["O'Brien; --", 'o'],
      ['ü', 'u'],
      ['__proto__', 'p'],
      ['document', 'd'],
      ['size', 's'],
      ['twice', 42],
      ['added', 'later'],
    ]);
  });

  test('of a table with a thousand columns is read', async () => {
    const names = Array.from({ length: 1000 }, (_, index) => `c${index}`);
    await run(`CREATE TABLE wide (id bigint PRIMARY KEY, ${names.map((name) => `${name} int`).join(', ')})`);
    await run('INSERT INTO wide (id, c999) VALUES (1, 7)');
    const document = await documentOf('wide');
    expect(Object.keys(document)).toHaveLength(1001);
    expect([document['c0'], document['c999']]).toEqual([null, 7]);
  });

  test('of a partition or an inheriting table is read like any other', async () => {
    await run(`CREATE TABLE parted (id bigint PRIMARY KEY, name text) PARTITION BY RANGE (id);
      CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10);
      INSERT INTO parted VALUES (1, 'ada')`);
    expect(await documentOf('parted')).toEqual({ id: 1, name: 'ada' });
  });

  test('whose key names several rows is read from none', async () => {
    await run(
      `CREATE TABLE twins (id bigint, name text); INSERT INTO twins VALUES (1, 'a'), (1, 'b'), (2, 'c')`,
    );
    expect(await reading({ table: 'twins' }, [[1], [2]])).toEqual([
      { state: 'unknown', code: 'STORE_SCHEMA' },
      { state: 'document', document: { id: 2, name: 'c' } },
    ]);
  });
});

describe('a row that is too large', () => {
  const MOST = 4 * 1024 * 1024;

  test.each([
    ['text', 'text', `repeat('x', ${MOST})`, MOST],
    [
      'bytes, which are longer as base64',
      'bytea',
      `decode(repeat('ab', 3 * 1024 * 1024), 'hex')`,
      3 * 1024 * 1024,
    ],
    ['JSON', 'jsonb', `to_jsonb(ARRAY[repeat('x', ${MOST})])`, MOST],
    ['a compressed list', 'text[]', `array_fill(repeat('x', 1024), ARRAY[5000])`, 5000 * 1024],
    ['text that is longer as JSON', 'text', `repeat(E'\\u0001', 1024 * 1024)`, 6 * 1024 * 1024],
    ['a hundred megabytes', 'text', `repeat('x', 100 * 1024 * 1024)`, 100 * 1024 * 1024],
  ])('because of %s is said to be, and the others are read', async (_, type, value, bytes) => {
    const table = `large_${createHash('md5').update(value).digest('hex')}`;
    await run(`CREATE TABLE ${table} (id bigint PRIMARY KEY, value ${type});
      INSERT INTO ${table} VALUES (1, ${value}), (2, NULL)`);
    const [large, small] = await reading({ table }, [[1], [2]]);
    expect(large).toEqual({ state: 'too-large', bytes: expect.any(Number) as number });
    expect(large?.state === 'too-large' && (large.bytes ?? 0)).toBeGreaterThanOrEqual(bytes);
    expect(small).toEqual({ state: 'document', document: { id: 2, value: null } });
  });

  test('is as large as it may be, and is read', async () => {
    await run(`CREATE TABLE largest (id bigint PRIMARY KEY, value text);
      INSERT INTO largest SELECT i, repeat('x', ${MOST} + i - length('{"id":0,"value":""}')) FROM generate_series(0, 1) i`);
    const read = await reading({ table: 'largest' }, [[0], [1]]);
    expect(statesOf(read)).toEqual(['document', 'too-large']);
    expect(read[1]).toEqual({ state: 'too-large', bytes: MOST + 1 });
  });

  test('JSON that is nested without end stays a text', async () => {
    const deep = `${'['.repeat(3000)}${']'.repeat(3000)}`;
    await run(`CREATE TABLE deep (id bigint PRIMARY KEY, value json)`);
    await run('INSERT INTO deep VALUES (1, $1)', [deep]);
    expect(await documentOf('deep')).toEqual({ id: 1, value: deep });
    await run('UPDATE deep SET value = $1', [`${'['.repeat(100)}${']'.repeat(100)}`]);
    expect(Array.isArray((await documentOf('deep'))['value'])).toBe(true);
  });
});

test('long JSON stays a text, so that what a batch takes of memory is bounded', async () => {
  await run(`CREATE TABLE long_json (id bigint PRIMARY KEY, first jsonb, second jsonb, third json)`);
  const list = (length: number) => `(SELECT jsonb_agg(1) FROM generate_series(1, ${length}))`;
  await run(`INSERT INTO long_json VALUES (1, ${list(200_000)}, ${list(100_000)}, '[1]')`);
  const { first, second, third } = await documentOf('long_json');
  expect(first).toBe(`[${Array(200_000).fill('1').join(', ')}]`);
  expect(second).toEqual(Array(100_000).fill(1));
  expect(third).toEqual([1]);
});

describe('what other users of the database make', () => {
  async function as(user: string, statements: string): Promise<void> {
    const { host, port, database } = bench.engine;
    const client = new Client({ host, port, database, user, password: user });
    await client.connect();
    try {
      await client.query(statements);
    } finally {
      await client.end();
    }
  }

  test('types with casts of their own are read as texts, and no cast runs', async () => {
    await run(`CREATE SCHEMA shop; CREATE ROLE lane LOGIN PASSWORD 'lane'; CREATE ROLE mallory LOGIN PASSWORD 'mallory';
      CREATE SEQUENCE public.trapped; GRANT USAGE ON SEQUENCE public.trapped TO public;
      GRANT USAGE ON SCHEMA shop TO lane; GRANT USAGE, CREATE ON SCHEMA shop TO mallory`);
    const trap = (name: string, type: string, result: string) =>
      `CREATE FUNCTION shop.${name}(shop.${type}) RETURNS ${result} LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_catalog.nextval('public.trapped'); RAISE 'trapped'; END $$;
       CREATE CAST (shop.${type} AS ${result}) WITH FUNCTION shop.${name}(shop.${type}) AS ASSIGNMENT;`;
    await as(
      'mallory',
      `CREATE TYPE shop.mood AS ENUM ('glad', 'so "so"'); CREATE TYPE shop.place AS (street text, number int);
       CREATE DOMAIN shop.mail AS text CHECK (VALUE <> '');
       ${trap('mood_json', 'mood', 'json')} ${trap('place_json', 'place', 'json')} ${trap('mood_text', 'mood', 'text')}
       ${trap('place_text', 'place', 'text')}
       CREATE TABLE shop.people (id bigint PRIMARY KEY, mood shop.mood, place shop.place, mail shop.mail,
         moods shop.mood[], places shop.place[], nowhere shop.place);
       GRANT SELECT ON shop.people TO lane;
       INSERT INTO shop.people VALUES (1, 'so "so"', ROW('a, b', 7), 'ada@example.org', '{glad,NULL}',
         ARRAY[ROW('x', 1)::shop.place], ROW(NULL, NULL))`,
    );
    await expect(as('lane', `SELECT row_to_json(p) FROM shop.people p`)).rejects.toThrow('trapped');
    await run('ALTER SEQUENCE public.trapped RESTART');
    expect(await documentOf('people', { schema: 'shop', user: 'lane', password: 'lane' })).toEqual({
      id: 1,
      mood: 'so "so"',
      place: '("a, b",7)',
      mail: 'ada@example.org',
      moods: '{glad,NULL}',
      places: '{"(x,1)"}',
      nowhere: '(,)',
    });
    expect((await run('SELECT is_called FROM public.trapped')).rows).toEqual([{ is_called: false }]);
  });

  test('a user who may not read all columns, or not all rows, reads none', async () => {
    await run(`CREATE ROLE half LOGIN PASSWORD 'half'; CREATE TABLE halves (id bigint PRIMARY KEY, a text, b text);
      INSERT INTO halves VALUES (1, 'a', 'b'); GRANT SELECT (id, a) ON halves TO half`);
    const half = { table: 'halves', user: 'half', password: 'half' };
    expect(await reading(half, [[1]])).toEqual([{ state: 'unknown', code: 'STORE_DENIED' }]);
    await run(`GRANT SELECT ON halves TO half; ALTER TABLE halves ENABLE ROW LEVEL SECURITY`);
    expect(await reading(half, [[1]])).toEqual([{ state: 'unknown', code: 'STORE_DENIED' }]);
    await run(`ALTER TABLE halves DISABLE ROW LEVEL SECURITY`);
    expect(statesOf(await reading(half, [[1]]))).toEqual(['document']);
  });

  test('a row that another transaction has locked is read as it was committed', async () => {
    await run(
      `CREATE TABLE locked (id bigint PRIMARY KEY, name text); INSERT INTO locked VALUES (1, 'before')`,
    );
    const client = await bench.sql.connect();
    try {
      await client.query(`BEGIN; UPDATE locked SET name = 'after'; DELETE FROM locked`);
      expect(await documentOf('locked')).toEqual({ id: 1, name: 'before' });
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  });
});
