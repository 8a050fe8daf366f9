import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KeyType } from '../../../shared/domain/configuration/configuration.ts';
import { canonicalLocator } from '../../../shared/domain/configuration/locator.ts';
import type { Mask, Masks } from '../../../shared/domain/record/masks.ts';
import type { PseudonymForm } from '../../../shared/domain/record/pseudonym.ts';
import type { Acted, Promised, Store } from '../../../shared/ports/store.ts';
import { type OpenOptions, type PostgresBench, postgresBench } from '../store/store-postgresql-bench.ts';
import { looked, outcomesOf, statesOf } from '../store/store-rig.ts';

/** What tables in the field have. The name of each test begins with the number of its case. */

let bench: PostgresBench;
beforeAll(async () => {
  bench = await postgresBench();
});
afterAll(() => bench.stop());

const run = (query: string | { text: string; values: unknown[] }) => bench.sql.query(query);
const rowsOf = async (table: string) => (await run(`SELECT * FROM ${table}`)).rows;
const SCHEMA: Acted = { outcome: 'refused', code: 'STORE_SCHEMA' };

async function using(options: OpenOptions, body: (store: Store) => Promise<void>): Promise<void> {
  const store = await bench.open(options);
  try {
    await body(store);
  } finally {
    await store.close();
  }
}

/** Masks rows 1 to `count`, twice, and reads them back. */
async function maskTwice(table: string, count: number, masks: Masks) {
  const rows = Array.from({ length: count }, (_, index) => ({ locator: [index + 1] }));
  const first: Acted[] = [];
  const read: string[] = [];
  await using({ table }, async (store) => {
    first.push(...(await store.anonymise(rows, masks)));
    const again = await store.anonymise(rows, masks);
    expect(outcomesOf(again)).toEqual(
      outcomesOf(first).map((outcome) => (outcome === 'anonymised' ? 'already-so' : outcome)),
    );
    const promised = rows.map(({ locator }): Promised => ({ locator, expect: 'masked', masks }));
    read.push(...statesOf(await store.readBack(promised)));
  });
  return { first, read };
}

describe('a date', () => {
  const cut = (to: 'year' | 'month' | 'day', zone: string): Mask => ({ kind: 'truncate-date', to, zone });

  test('B11: that is kept as an instant is cut in the zone of the policy', async () => {
    await run(`CREATE TABLE births (id int PRIMARY KEY, born timestamptz);
      INSERT INTO births VALUES (1, '1980-01-01 00:00+06'), (2, '1980-05-17 23:59:59.5+06'), (3, '1979-12-31 23:00+06'), (4, NULL)`);
    const { first, read } = await maskTwice('births', 4, { born: cut('year', 'Asia/Almaty') });
    expect(outcomesOf(first)).toEqual(['already-so', 'anonymised', 'anonymised', 'already-so']);
    expect(read).toEqual(['kept', 'kept', 'kept', 'kept']);
    const { rows } = await run(
      `SELECT to_char(born AT TIME ZONE 'Asia/Almaty', 'YYYY-MM-DD HH24:MI:SS') AS born FROM births ORDER BY id`,
    );
    expect(rows.map(({ born }: { born: string | null }) => born)).toEqual([
      '1980-01-01 00:00:00',
      '1980-01-01 00:00:00',
      '1979-01-01 00:00:00',
      null,
    ]);
  });

  test('B11: that a former release has cut in UTC stays in its year, also where the zone is west of it', async () => {
    await run(
      `CREATE TABLE former (id int PRIMARY KEY, born timestamptz); INSERT INTO former VALUES (1, '1979-01-01 00:00+00')`,
    );
    const { first, read } = await maskTwice('former', 1, { born: cut('year', 'America/New_York') });
    expect([outcomesOf(first), read]).toEqual([['already-so'], ['kept']]);
  });

  test('B11: that is kept as text in UTC is cut in the zone of the policy, as in documents', async () => {
    await run(`CREATE TABLE notes (id int PRIMARY KEY, t text, v varchar(24), c char(30));
      INSERT INTO notes VALUES (1, '1979-12-31T18:00:00Z', '1980-05-16T18:00:00.000Z', '1980-05-17 03:30:00+00'),
        (2, '1980-05-17T00:30:00+06:00', '1980-05-17T00:30', '1980-05-17'), (3, '1980-01-01T00:00:00Z', NULL, NULL),
        (4, 'in May 1980', NULL, NULL)`);
    const year = cut('year', 'Asia/Almaty');
    const { first, read } = await maskTwice('notes', 4, { t: year, v: year, c: year });
    expect(outcomesOf(first)).toEqual(['anonymised', 'anonymised', 'already-so', 'refused']);
    expect(read).toEqual(['kept', 'kept', 'kept', 'broken']);
    const { rows } = await run(`SELECT t, v, c::text AS c FROM notes ORDER BY id`);
    expect(rows).toEqual([
      { t: '1979-12-31T18:00:00Z', v: '1979-12-31T18:00:00.000Z', c: '1979-12-31 18:00:00+00' },
      { t: '1980-01-01T00:00:00+06:00', v: '1980-01-01T00:00', c: '1980-01-01' },
      { t: '1980-01-01T00:00:00Z', v: null, c: null },
      { t: 'in May 1980', v: null, c: null },
    ]);
  });

  test('B58: without a zone is cut as it stands, wherever the lane and the server are', async () => {
    await run(`CREATE TABLE plain (id int PRIMARY KEY, d date, t timestamp);
      INSERT INTO plain VALUES (1, '1975-05-11', '1975-01-01 00:30'), (2, 'infinity', NULL), (3, NULL, '-infinity'),
        (4, '0044-03-15 BC', NULL), (5, NULL, '12024-01-01')`);
    const { TZ } = process.env;
    process.env['TZ'] = 'Pacific/Auckland';
    try {
      expect(new Date('1975-05-11T00:00:00').toISOString()).toBe('1975-05-10T12:00:00.000Z');
      const masks = { d: cut('year', 'Pacific/Auckland'), t: cut('year', 'Pacific/Auckland') };
      const { first, read } = await maskTwice('plain', 5, masks);
      expect(first).toMatchObject([{ outcome: 'anonymised' }, SCHEMA, SCHEMA, SCHEMA, SCHEMA]);
      expect(read).toEqual(['kept', 'broken', 'broken', 'broken', 'broken']);
    } finally {
      if (TZ === undefined) delete process.env['TZ'];
      else process.env['TZ'] = TZ;
    }
    const { rows } = await run('SELECT d::text, t::text FROM plain ORDER BY id');
    expect(rows).toEqual([
      { d: '1975-01-01', t: '1975-01-01 00:00:00' },
      { d: 'infinity', t: null },
      { d: null, t: '-infinity' },
      { d: '0044-03-15 BC', t: null },
      { d: null, t: '12024-01-01 00:00:00' },
    ]);
  });
});

describe('B21: a pseudonym', () => {
  const form = (kind: PseudonymForm['kind'], length: number): Mask => ({
    kind: 'pseudonym',
    form: { kind, length },
  });

  test('of a length and form fits into columns that 37 characters do not fit into', async () => {
    await run(`CREATE DOMAIN short AS varchar(20);
      CREATE TABLE fitted (id int PRIMARY KEY, phone varchar(20), name short, mail varchar(30) UNIQUE CHECK (mail LIKE '%@%'),
        tax numeric(25), card bigint, padded char(22));
      INSERT INTO fitted SELECT i, '+49 170 ' || i, 'Ada ' || i % 2, i || '@example.org', i, 4000000000000000 + i, 'x' || i
        FROM generate_series(1, 3) i;
      INSERT INTO fitted (id) VALUES (4)`);
    const masks: Masks = {
      phone: form('characters', 20),
      name: form('characters', 16),
      mail: form('e-mail', 30),
      tax: form('digits', 25),
      card: form('digits', 18),
      padded: form('characters', 20),
    };
    const { first, read } = await maskTwice('fitted', 4, masks);
    expect(outcomesOf(first)).toEqual(['anonymised', 'anonymised', 'anonymised', 'already-so']);
    expect(read).toEqual(Array(4).fill('kept'));
    const { rows } = await run(
      `SELECT phone, name, mail, tax::text, card::text, trim(padded) AS padded FROM fitted WHERE id < 4 ORDER BY id`,
    );
    for (const row of rows)
      expect(row).toEqual({
        phone: expect.stringMatching(/^[a-z2-7]{20}$/),
        name: expect.stringMatching(/^[a-z2-7]{16}$/),
        mail: expect.stringMatching(/^[a-z2-7]{20}@p\.invalid$/),
        tax: expect.stringMatching(/^[1-9]\d{24}$/),
        card: expect.stringMatching(/^[1-9]\d{17}$/),
        padded: expect.stringMatching(/^[a-z2-7]{20}$/),
      });
    expect(rows[0].name).toBe(rows[2].name);
    expect(new Set(rows.map(({ mail }: { mail: string }) => mail)).size).toBe(3);
  });

  test('that does not fit is refused, and the row stays as it was', async () => {
    await run(`CREATE TABLE unfit (id int PRIMARY KEY, phone varchar(20), card bigint, born date, price numeric(40,2), bytes bytea, ratio float8);
      INSERT INTO unfit VALUES (1, '+49 170 1', 4, '1980-05-17', 1, 'x', 1)`);
    const before = await rowsOf('unfit');
    // Too long for the column, and in a type that never shows what was written.
    for (const [masks, shown] of [
      [{ phone: { kind: 'pseudonym' } }, 'broken'],
      [{ card: form('digits', 25) }, 'broken'],
      [{ card: form('characters', 16) }, 'unknown'],
      [{ born: form('digits', 25) }, 'unknown'],
      [{ price: form('digits', 25) }, 'unknown'],
      [{ bytes: { kind: 'pseudonym' } }, 'unknown'],
      [{ ratio: form('digits', 25) }, 'unknown'],
    ] satisfies [Masks, string][]) {
      const { first, read } = await maskTwice('unfit', 1, masks);
      expect([first, read]).toEqual([[SCHEMA], [shown]]);
    }
    expect(await rowsOf('unfit')).toEqual(before);
  });

  test('that another row of a unique column has is refused, and that row stays as it was', async () => {
    await run(`CREATE TABLE single (id int PRIMARY KEY, mail text); INSERT INTO single VALUES (1, 'ada'), (2, 'ada');
      CREATE UNIQUE INDEX ON single (mail) WHERE mail <> 'ada'`);
    await using({ table: 'single' }, async (store) => {
      const masks = { mail: form('digits', 25) };
      expect(outcomesOf(await store.anonymise([{ locator: [1] }], masks))).toEqual(['anonymised']);
      expect(await store.anonymise([{ locator: [2] }], masks)).toEqual([
        { outcome: 'refused', code: 'STORE_CONSTRAINT' },
      ]);
    });
    expect((await run('SELECT mail FROM single WHERE id = 2')).rows).toEqual([{ mail: 'ada' }]);
  });
});

test('B19: a key whose domain is over another domain is found, masked and deleted', async () => {
  await run(`CREATE DOMAIN base_id AS bigint; CREATE DOMAIN person_id AS base_id CHECK (VALUE > 0);
    CREATE DOMAIN base_mail AS varchar(40) CHECK (VALUE <> ''); CREATE DOMAIN mail AS base_mail NOT NULL;
    CREATE TABLE j (id person_id PRIMARY KEY, mail mail); INSERT INTO j VALUES (9007199254740993, 'ada'), (1, 'bob')`);
  await using({ table: 'j' }, async (store) => {
    const there = [['9007199254740993'], [1]];
    expect(statesOf(await store.look([...there, ['9007199254740995'], [-1]]))).toEqual([
      'present',
      'present',
      'gone',
      'gone',
    ]);
    const masks: Masks = { mail: { kind: 'pseudonym' } };
    expect(outcomesOf(await store.anonymise(await looked(store, there), masks))).toEqual([
      'anonymised',
      'anonymised',
    ]);
    expect(outcomesOf(await store.delete(await looked(store, there)))).toEqual(['deleted', 'deleted']);
  });
  expect(await rowsOf('j')).toEqual([]);
});

test('B62: a key beyond what JSON numbers hold is found by its digits as text, and never as a rounded number', async () => {
  await run(
    `CREATE TABLE big (id bigint PRIMARY KEY); INSERT INTO big VALUES (9007199254740993), (9007199254740992)`,
  );
  const beyond = '9007199254740993';
  await using({ table: 'big' }, async (store) => {
    expect(await store.delete([{ locator: [Number(beyond)] }])).toEqual([SCHEMA]);
    expect(outcomesOf(await store.delete(await looked(store, [[beyond]])))).toEqual(['deleted']);
  });
  expect(await rowsOf('big')).toEqual([{ id: '9007199254740992' }]);
});

describe('two ways of writing a key', () => {
  const digits = (most: number) => fc.stringMatching(new RegExp(`^\\d{1,${most}}$`));
  const decimal = fc
    .tuple(
      fc.constantFrom('', '-', '+'),
      digits(3),
      fc.constantFrom('', '.', '.0', '.5', '.50', '.05'),
      fc.constantFrom('', 'e0', 'E1', 'e-1', 'e+2'),
    )
    .map((parts) => parts.join(''));
  const timestamp = fc
    .tuple(
      fc.constantFrom('2024-02-29', '2024-03-01', '1969-12-31', '0001-01-02'),
      fc.constantFrom('T', ' '),
      fc.constantFrom('00:00:00', '23:30', '05:30:00.5', '05:30:00.500000', '05:30:00.000001'),
      fc.constantFrom('Z', '+00', '+05:30', '-00:30', '+0530', '-11:00'),
    )
    .map((parts) => parts.join(''));

  test.each<[KeyType, string, fc.Arbitrary<string>]>([
    ['decimal', 'numeric', decimal],
    ['timestamp', 'timestamptz', timestamp],
  ])('of type %s are one locator exactly if PostgreSQL takes them for one value', async (type, sql, text) => {
    const canonical = (value: string): string => {
      const result = canonicalLocator([{ name: 'id', type }], [value]);
      if (!result.ok) throw new Error(`${value} is refused`);
      return String(result.locator[0]);
    };
    const pairs = fc.sample(fc.tuple(text, text), 1000);
    const { rows } = await run({
      text: `SELECT one::${sql} = other::${sql} AS same, one::${sql} = canonical::${sql} AS kept
        FROM unnest($1::text[], $2::text[], $3::text[]) AS t(one, other, canonical)`,
      values: [
        pairs.map(([one]) => one),
        pairs.map(([, other]) => other),
        pairs.map(([one]) => canonical(one)),
      ],
    });
    for (const [index, [one, other]] of pairs.entries()) {
      const shown = `${one} and ${other}`;
      expect([shown, rows[index]]).toEqual([
        shown,
        { same: canonical(one) === canonical(other), kept: true },
      ]);
    }
    expect(rows.filter(({ same }: { same: boolean }) => same).length).toBeGreaterThan(0);
  });
});
