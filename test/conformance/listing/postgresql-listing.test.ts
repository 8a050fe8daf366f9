import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KeyColumn } from '../../../shared/domain/configuration/configuration.ts';
import type { Locator, Place } from '../../../shared/ports/store.ts';
import { type PostgresBench, postgresBench } from '../store/store-postgresql-bench.ts';
import { allOf } from './listing-suite.ts';
import { postgresTables } from './postgresql-tables.ts';

let bench: PostgresBench;
beforeAll(async () => {
  bench = await postgresBench();
  await bench.sql.query('CREATE EXTENSION IF NOT EXISTS citext');
});
afterAll(() => bench.stop());

const { run, using, listOnce, owned } = postgresTables(() => bench);
const SCHEMA = { state: 'unknown', code: 'STORE_SCHEMA' };

describe('an id in a column of another type', () => {
  test.each<[type: string, owners: string[], found: [id: string, ids: number[]][]]>([
    [
      'text',
      ["'a'", "'A'", "'a '", "''", 'NULL', "'é'", "E'e\\u0301'"],
      [
        ['a', [0]],
        ['', [3]],
        ['é', [5]],
        ['e\u0301', [6]],
        ['null', []],
        ['a\0', []],
        ['%', []],
      ],
    ],
    [
      'varchar(5)',
      ["'a'", "'abcde'"],
      [
        ['a', [0]],
        ['abcdef', []],
        ['x'.repeat(3000), []],
      ],
    ],
    [
      'smallint',
      ['1', '-1', '32767'],
      [
        ['1', [0]],
        ['-1', [1]],
        ['01', []],
        ['+1', []],
        ['1.0', []],
        ['1 ', []],
        ['70000', []],
        ['a', []],
        ['', []],
        ['9'.repeat(40), []],
        ['9'.repeat(50), []],
        ["1' OR true", []],
      ],
    ],
    [
      'bigint',
      ['9007199254740993', '42'],
      [
        ['9007199254740993', [0]],
        ['9007199254740992', []],
        ['042', []],
        ['4e1', []],
        ['0x2A', []],
        ['NaN', []],
      ],
    ],
    [
      'numeric',
      ['1.50', '42'],
      [
        ['1.5', [0]],
        ['1.50', []],
        ['42', [1]],
        ['42.0', []],
        ['NaN', []],
        ['Infinity', []],
      ],
    ],
    [
      'uuid',
      ["'0190f3c2-7e4b-7c3a-9d55-1f2e3d4c5b6a'"],
      [
        ['0190f3c2-7e4b-7c3a-9d55-1f2e3d4c5b6a', [0]],
        ['0190F3C2-7E4B-7C3A-9D55-1F2E3D4C5B6A', []],
        ['0190f3c27e4b7c3a9d551f2e3d4c5b6a', []],
        ['{0190f3c2-7e4b-7c3a-9d55-1f2e3d4c5b6a}', []],
        ['0190f3c2', []],
        ['a', []],
      ],
    ],
    [
      'date',
      ["'2024-02-29'", "'infinity'"],
      [
        ['2024-02-29', [0]],
        ['2023-02-29', []],
        ['infinity', []],
        ['today', []],
        ['29.2.2024', []],
      ],
    ],
  ])('%s: gives an empty list and no error where no row can carry it', async (type, owners, found) => {
    const name = `owners_${type.replaceAll(/\W/g, '')}`;
    await owned(name, type, owners);
    await using({ table: name }, async (store) => {
      for (const [value, ids] of found)
        expect([value, await allOf(store, { by: 'owner', value }, 1)]).toEqual([
          value,
          ids.map((id) => [id]),
        ]);
    });
  });

  test('is refused where the column takes different texts as equal, or holds no ids', async () => {
    await run(`CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level1', deterministic = false)`);
    for (const [index, type] of [
      'citext',
      'char(5)',
      'text COLLATE loose',
      'bytea',
      'timestamptz',
      'boolean',
      'jsonb',
      'text[]',
    ].entries()) {
      await owned(`loose_${index}`, type, []);
      expect([type, await listOnce(`loose_${index}`, { by: 'owner', value: 'a' })]).toEqual([type, SCHEMA]);
    }
  });
});

describe('key columns of every type', () => {
  const KEYS: readonly KeyColumn[] = [
    { name: 'a', type: 'text' },
    { name: 'b', type: 'integer' },
    { name: 'c', type: 'uuid' },
    { name: 'd', type: 'date' },
    { name: 'e', type: 'timestamp' },
    { name: 'f', type: 'binary' },
    { name: 'g', type: 'decimal' },
  ];
  const values = [
    ["'a'", "'B'", "'Ä'", "''", "'a b'", "E'\\\\x'"],
    ['-9223372036854775808', '0', '10', '9'],
    ["'0190f3c2-7e4b-7c3a-9d55-1f2e3d4c5b6a'", "'00000000-0000-0000-0000-000000000000'"],
    ["'2024-02-29'", "'0001-01-01'"],
    ["'2026-03-01 09:30:00.25+01'", "'2026-03-01 09:30:00Z'"],
    ["'\\x00ff'", "'\\x'"],
    ['1.50', '-0.001', '12345678901234567890.5'],
  ];

  test('are listed in their order, each once, and every locator finds its row', async () => {
    await run(`CREATE TABLE every_key (a text COLLATE "en-x-icu", b bigint, c uuid, d date, e timestamptz, f bytea, g numeric,
      owner int, PRIMARY KEY (a, b, c, d, e, f, g))`);
    await run('CREATE INDEX ON every_key (owner)');
    const sources = values.map(
      (each, index) => `(VALUES ${each.map((value) => `(${value})`).join(', ')}) AS s${index}(v)`,
    );
    await run(`INSERT INTO every_key SELECT s0.v, s1.v, s2.v::uuid, s3.v::date, s4.v::timestamptz, s5.v::bytea, s6.v,
      (s1.v % 2 = 0)::int FROM ${sources.join(', ')}`);
    await using({ table: 'every_key', keys: KEYS }, async (store) => {
      const whole = await allOf(store, { by: 'owner', value: '1' }, 1000);
      expect(whole).toHaveLength(6 * 3 * 2 * 2 * 2 * 2 * 3);
      expect(new Set(whole.map((one) => JSON.stringify(one))).size).toBe(whole.length);
      expect(await allOf(store, { by: 'owner', value: '1' }, 7)).toEqual(whole);
      const found = await store.look(whole.slice(0, 100));
      expect(found.filter(({ state }) => state !== 'present')).toEqual([]);
      const { rows } = await run('SELECT a FROM every_key WHERE owner = 1 ORDER BY a, b, c, d, e, f, g');
      expect(whole.map(([a]) => a)).toEqual(rows.map(({ a }) => a));
    });
  });

  test('one that carries the id is compared, too, and a citext is ordered', async () => {
    await run('CREATE TABLE composite (owner uuid, name citext, PRIMARY KEY (owner, name))');
    const keys: readonly KeyColumn[] = [
      { name: 'owner', type: 'uuid' },
      { name: 'name', type: 'text' },
    ];
    const owner = '0190f3c2-7e4b-7c3a-9d55-1f2e3d4c5b6a';
    for (const name of ['b', 'A', 'c', 'D'])
      await run('INSERT INTO composite VALUES ($1, $2)', [owner, name]);
    await run('INSERT INTO composite VALUES (gen_random_uuid(), $1)', ['b']);
    await using({ table: 'composite', keys }, async (store) => {
      for (const limit of [1, 2, 3, 4, 5]) {
        const all = await allOf(store, { by: 'owner', value: owner }, limit);
        expect(all.map(([, name]) => String(name)).toSorted()).toEqual(['A', 'D', 'b', 'c']);
      }
    });
  });

  test('a row that no locator can name does not stop the others, and the list never ends as complete', async () => {
    await run('CREATE TABLE odd (day date UNIQUE, owner int)');
    await run('CREATE INDEX ON odd (owner)');
    await run(
      `INSERT INTO odd VALUES ('-infinity', 1), ('2024-01-01', 1), ('2024-01-02', 1), ('infinity', 1), ('2024-01-03', 2), (NULL, 3), ('2024-01-04', 3), ('2024-01-05', 4)`,
    );
    const keys: readonly KeyColumn[] = [{ name: 'day', type: 'date' }];
    const pages = (value: string, limit: number) =>
      using({ table: 'odd', keys }, async (store) => {
        const found: Locator[] = [];
        let after: string | undefined;
        for (;;) {
          const listed = await store.list({ by: 'owner', value }, limit, after);
          if (listed.state === 'unknown') return { found, end: listed.code };
          found.push(...listed.locators);
          if (listed.next === undefined) return { found, end: 'end' };
          after = listed.next;
        }
      });
    for (const limit of [1, 2, 10]) {
      expect(await pages('1', limit)).toEqual({
        found: [['2024-01-01'], ['2024-01-02']],
        end: 'STORE_SCHEMA',
      });
      expect(await pages('2', limit)).toEqual({ found: [['2024-01-03']], end: 'end' });
      expect(await pages('3', limit)).toEqual({ found: [['2024-01-04']], end: 'STORE_SCHEMA' });
      expect(await pages('4', limit)).toEqual({ found: [['2024-01-05']], end: 'end' });
    }
  });
});

describe('a constant filter', () => {
  beforeAll(async () => {
    await run("CREATE TYPE kind AS ENUM ('invoice', 'note')");
    await owned('filtered', 'int', ['1', '1', '1', '1', '1', '2']);
    await run(
      `ALTER TABLE filtered ADD kind text, ADD state kind, ADD count int, ADD price numeric(10,2), ADD "Is it" boolean, ADD code char(5), ADD day date`,
    );
    const set = (id: number, values: string) =>
      run(`UPDATE filtered SET (kind, state, count, price, "Is it", code) = (${values}) WHERE id = ${id}`);
    await set(0, "'invoice', 'invoice', 1, 1.50, true, 'ab'");
    await set(1, "'Invoice', 'note', 0, 0, false, 'AB'");
    await set(2, "'invoice ', 'invoice', 1, 1.5, true, 'ab'");
    await set(5, "'invoice', 'invoice', 1, 1.50, true, 'ab'");
  });

  test.each<[where: NonNullable<Place['where']>, ids: number[]]>([
    [{ kind: 'invoice' }, [0]],
    [{ kind: 'INVOICE' }, []],
    [{ kind: "' OR true" }, []],
    [{ kind: 'null' }, []],
    [{ state: 'invoice' }, [0, 2]],
    [{ state: 'nothing' }, []],
    [{ count: 1 }, [0, 2]],
    [{ count: 1.5 }, []],
    [{ count: 1e21 }, []],
    [{ price: 1.5 }, [0, 2]],
    [{ 'Is it': true }, [0, 2]],
    [{ 'Is it': false }, [1]],
    [{ code: 'ab' }, [0, 2]],
    [{ kind: 'invoice', count: 1, 'Is it': true }, [0]],
    [{ kind: 'invoice', count: 0 }, []],
    [{}, [0, 1, 2, 3, 4]],
  ])('%j finds the rows with these values, and none in which a column is NULL', async (where, ids) => {
    await using({ table: 'filtered' }, async (store) => {
      for (const limit of [1, 10])
        expect(await allOf(store, { by: 'owner', value: '1', where }, limit)).toEqual(ids.map((id) => [id]));
    });
  });

  test.each<[NonNullable<Place['where']>]>([
    [{ kind: 1 }],
    [{ kind: true }],
    [{ count: '1' }],
    [{ count: true }],
    [{ 'Is it': 'true' }],
    [{ 'Is it': 1 }],
    [{ day: '2024-01-01' }],
    [{ nowhere: 'x' }],
    [{ kind: 'invoice', nowhere: 1 }],
  ])('%j is refused: the column is not there, or cannot have such a value', async (where) => {
    expect(await listOnce('filtered', { by: 'owner', value: '1', where })).toEqual(SCHEMA);
  });
});
