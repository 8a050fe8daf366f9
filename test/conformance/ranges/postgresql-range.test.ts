import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Range } from '../../../shared/ports/store.ts';
import { readClock } from '../../../shared/domain/datasets/clock-value.ts';
import { postgresTables } from '../listing/postgresql-tables.ts';
import { type PostgresBench, postgresBench } from '../store/store-postgresql-bench.ts';
import { ranges, rowsOf, UNTIL } from './range-suite.ts';

let bench: PostgresBench;
beforeAll(async () => {
  bench = await postgresBench();
});
afterAll(() => bench.stop());

const { run, using, owned } = postgresTables(() => bench);
const SCHEMA = { state: 'unknown', code: 'STORE_SCHEMA' };
let tables = 0;

describe('rows of a table', () => {
  ranges({
    isOrdered: true,
    hasFields: true,
    async using(rows, body) {
      tables += 1;
      const table = `events_${tables}`;
      await run(`CREATE TABLE ${table} (id bigint PRIMARY KEY, at timestamptz, kind text, size int)`);
      await run(`CREATE INDEX ON ${table} (at)`);
      const write = async ({ id, at, kind = null, size = null }: (typeof rows)[number]): Promise<void> => {
        const values = 'at = excluded.at, kind = excluded.kind, size = excluded.size';
        await run(`INSERT INTO ${table} VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO UPDATE SET ${values}`, [
          id,
          at,
          kind,
          size,
        ]);
      };
      for (const row of rows) await write(row);
      await using({ table }, (store) => body(store, write));
    },
  });
});

const rangeOf = (clock: Omit<Range['clock'], 'column'> = {}): Range => ({
  clock: { column: 'owner', ...clock },
  until: UNTIL,
  columns: [],
});

describe('a clock of another type', () => {
  test.each<[type: string, clock: Omit<Range['clock'], 'column'>, values: string[], read: unknown[]]>([
    [
      'timestamptz',
      {},
      [
        "'2026-03-01T00:00:00.000001Z'",
        "'2026-02-28T23:59:59.123456+00'",
        "'2026-03-01 00:00+05:30'",
        "'-infinity'",
        "'infinity'",
        'NULL',
        "'0044-03-15 BC'",
      ],
      ['-infinity', '0044-03-15 00:00:00+00 BC', '2026-02-28T18:30:00Z', '2026-02-28T23:59:59.123456Z'],
    ],
    [
      'timestamp',
      { zone: 'Europe/Berlin' },
      ["'2026-03-01 01:00:00'", "'2026-03-01 01:00:00.001'", "'2025-10-26 02:30:00'"],
      ['2025-10-26 02:30:00', '2026-03-01 01:00:00'],
    ],
    ['date', {}, ["'2026-03-01'", "'2026-03-02'", "'infinity'"], ['2026-03-01']],
    [
      'bigint',
      { unit: 'seconds' },
      ['1772323200', '1772323201', '-1', '9223372036854775807'],
      [-1, 1_772_323_200],
    ],
    ['bigint', { unit: 'milliseconds' }, ['1772323200000', '1772323200001'], [1_772_323_200_000]],
    ['int', { unit: 'seconds' }, ['1772323200', '2147483647'], [1_772_323_200]],
    ['smallint', { unit: 'seconds' }, ['32767'], [32_767]],
    [
      'numeric',
      { unit: 'seconds' },
      ['1772323199.9995', '1772323200', '1772323200.5'],
      [1_772_323_199.9995, 1_772_323_200],
    ],
  ])('%s with %o: gives what is not after the instant, and its text', async (type, clock, values, read) => {
    tables += 1;
    const table = `clocks_${tables}`;
    await owned(table, type, values);
    await using({ table }, async (store) => {
      const rows = await rowsOf(store, rangeOf(clock), 1);
      expect(rows.map((row) => row.values['owner'])).toEqual(read);
    });
  });

  test.each<[type: string, clock: Omit<Range['clock'], 'column'>, value: string]>([
    ['timestamp', {}, "'2026-01-01'"],
    ['timestamp', { unit: 'seconds' }, "'2026-01-01'"],
    ['timestamptz', { unit: 'seconds' }, "'2026-01-01'"],
    ['bigint', {}, '1'],
    ['double precision', { unit: 'seconds' }, '1'],
    ['text', {}, "'2026-01-01'"],
    ['text', { unit: 'seconds' }, "'1'"],
  ])('%s with %o is refused: it is not what the configuration says', async (type, clock, value) => {
    tables += 1;
    const table = `wrong_${tables}`;
    await owned(table, type, [value]);
    await using({ table }, async (store) => {
      expect(await store.range(rangeOf(clock), 10)).toEqual(SCHEMA);
    });
  });

  test('gives values from which the instant can be read, never earlier than it was', async () => {
    await owned('exact', 'timestamptz', ["'2026-01-01 00:00:00.000001+00'", "'2026-01-01 12:00:00+00'"]);
    await using({ table: 'exact' }, async (store) => {
      const clocks = (await rowsOf(store, rangeOf(), 10)).map(({ values }) =>
        readClock(values['owner'], {}, { until: UNTIL.at, declared: [] }),
      );
      expect(clocks).toEqual([
        { kind: 'dated', occurred: '2026-01-01T00:00:00.001Z' },
        { kind: 'dated', occurred: '2026-01-01T12:00:00.000Z' },
      ]);
    });
  });
});

describe('a range is refused', () => {
  test.each([
    ['there is no index', undefined],
    ['the clock is its second column', '(id, owner)'],
    ['it is partial', '(owner) WHERE id > 10'],
  ])('where nothing gives the rows in order: %s', async (_, index) => {
    tables += 1;
    const table = `bare_${tables}`;
    await run(`CREATE TABLE ${table} (id bigint PRIMARY KEY, owner timestamptz)`);
    if (index !== undefined) await run(`CREATE INDEX ON ${table} ${index}`);
    await run(`INSERT INTO ${table} VALUES (1, '2026-01-01')`);
    await using({ table }, async (store) => {
      expect(await store.range(rangeOf(), 10)).toEqual(SCHEMA);
      await run(`CREATE INDEX ON ${table} (owner DESC NULLS LAST, id)`);
      expect((await rowsOf(store, rangeOf(), 10)).map(({ locator }) => locator)).toEqual([[1]]);
    });
  });

  test('where a column is not there', async () => {
    await owned('narrow', 'timestamptz', ["'2026-01-01'"]);
    await using({ table: 'narrow' }, async (store) => {
      expect(await store.range({ ...rangeOf(), columns: ['country'] }, 10)).toEqual(SCHEMA);
      expect(await store.range({ ...rangeOf(), where: { country: 'DE' } }, 10)).toEqual(SCHEMA);
      expect(await store.range({ ...rangeOf(), clock: { column: 'Owner' } }, 10)).toEqual(SCHEMA);
      await run('DROP TABLE narrow');
      expect(await store.range(rangeOf(), 10)).toEqual(SCHEMA);
    });
  });

  test('at its end, where a row has no key: the others were given', async () => {
    await run('CREATE TABLE keyless (id bigint UNIQUE, owner timestamptz)');
    await run('CREATE INDEX ON keyless (owner)');
    await run("INSERT INTO keyless VALUES (1, '2026-01-01'), (NULL, '2025-01-01'), (3, '2026-01-02')");
    await using({ table: 'keyless' }, async (store) => {
      const first = await store.range(rangeOf(), 10);
      expect(first.state === 'ranged' && first.rows.map(({ locator }) => locator)).toEqual([[1], [3]]);
      expect(await store.range(rangeOf(), 10, first.state === 'ranged' ? first.next : '')).toEqual(SCHEMA);
    });
  });
});

test('values of other columns are given as attributes have them, and foreign types as their text', async () => {
  await run("CREATE TYPE mood AS ENUM ('good', 'bad')");
  await run(
    'CREATE TABLE attributed (id bigint PRIMARY KEY, owner timestamptz, b bool, m mood, n numeric, d numeric(10, 2), big bigint, j jsonb, u uuid)',
  );
  await run('CREATE INDEX ON attributed (owner)');
  await run(
    `INSERT INTO attributed VALUES (1, '2026-01-01', true, 'bad', 1.5, 42, 9007199254740993, '{"a": 1}', '0190f3c2-7e4b-7c3a-9d55-1f2e3d4c5b6a'), (2, '2026-01-02', NULL, NULL, NULL, NULL, NULL, NULL, NULL)`,
  );
  const columns = ['b', 'm', 'n', 'd', 'big', 'j', 'u'];
  await using({ table: 'attributed' }, async (store) => {
    const rows = await rowsOf(store, { ...rangeOf(), columns }, 1);
    expect(rows.map(({ values }) => columns.map((name) => values[name]))).toEqual([
      [true, 'bad', 1.5, 42, '9007199254740993', { a: 1 }, '0190f3c2-7e4b-7c3a-9d55-1f2e3d4c5b6a'],
      columns.map(() => null),
    ]);
  });
});

test('each page reads its own rows of the index and no others', async () => {
  await run('CREATE TABLE large (id bigint PRIMARY KEY, owner timestamptz)');
  await run(
    "INSERT INTO large SELECT n, '2026-01-01'::timestamptz + n * interval '1 second' FROM generate_series(1, 20000) n",
  );
  await run('CREATE INDEX large_owner ON large (owner)');
  await run('VACUUM ANALYZE large');
  const readSoFar = async (): Promise<number> => {
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const { rows } = await run(
      "SELECT idx_tup_read AS n FROM pg_stat_user_indexes WHERE indexrelname = 'large_owner'",
    );
    return Number((rows as { n: string }[])[0]?.n);
  };
  const before = await readSoFar();
  await using({ table: 'large' }, async (store) => {
    expect((await rowsOf(store, rangeOf(), 500)).length).toBe(20_000);
  });
  // A connection that ends has told what it read.
  const read = (await readSoFar()) - before;
  expect(read).toBeGreaterThanOrEqual(20_000);
  expect(read).toBeLessThan(30_000);
});
