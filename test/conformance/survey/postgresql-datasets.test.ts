import { describe, expect, test } from 'vitest';
import type { DatasetQuestion } from '../../../shared/domain/coverage/survey.ts';
import type { OpenOptions } from '../store/store-postgresql-bench.ts';
import { edge, EDGES, exactly, surveyedPostgres } from './surveyed-postgres.ts';

const { bench, run, counted: countedIn } = await surveyedPostgres();

const question = (
  column: string,
  more: Partial<DatasetQuestion> & { readonly unit?: 'seconds'; readonly zone?: string } = {},
): DatasetQuestion => {
  const { unit, zone, ...rest } = more;
  const clock = { column, ...(unit && { unit }), ...(zone && { zone }) };
  return { category: column, clock, edges: EDGES, ...rest };
};

const counted = (datasets: readonly DatasetQuestion[], options: Partial<OpenOptions> = {}) =>
  countedIn({ table: 'own', timeoutSeconds: 30, ...options }, datasets);

describe('rows of a dataset', () => {
  test('are counted between days by a clock of each type, those without one and those that are not times apart', async () => {
    await run(`CREATE TABLE own (id bigint PRIMARY KEY, at timestamptz, day date, local timestamp, n bigint,
        exact numeric(14, 2) GENERATED ALWAYS AS (n) STORED);
      CREATE INDEX ON own (at); CREATE INDEX ON own (day); CREATE INDEX ON own (local); CREATE INDEX ON own (n);
      CREATE INDEX ON own (exact);
      INSERT INTO own SELECT row_number() OVER (), v::timestamptz, v::timestamptz::date, v::timestamptz::timestamp,
        CASE WHEN isfinite(v::timestamptz) THEN extract(epoch FROM v::timestamptz)::bigint END
      FROM unnest(ARRAY['-infinity', '1970-01-01T00:00:00Z', '2023-12-31T23:59:59Z', '2024-01-01T00:00:00Z',
        '2024-06-01T12:00:00Z', '2025-12-31T23:59:59Z', '2026-01-01T00:00:00Z', 'infinity', NULL]) AS v`);
    const { found, notSeen } = await counted([
      question('at'),
      question('day'),
      question('local', { zone: 'UTC' }),
      question('n', { unit: 'seconds' }),
      question('exact', { unit: 'seconds' }),
    ]);
    const oldest = Date.parse('2023-12-31T23:59:59Z');
    const dated = { rows: exactly(2, 1, 2, 1, 2), noClock: { count: 1, counted: 'exact' } };
    expect(found).toEqual([
      { category: 'at', ...dated, oldest },
      { category: 'day', ...dated, oldest: Date.parse('2023-12-31') },
      { category: 'local', ...dated, oldest },
      ...['n', 'exact'].map((category) => ({
        category,
        rows: exactly(1, 1, 2, 1, 1),
        noClock: { count: 3, counted: 'exact' },
        oldest,
      })),
    ]);
    expect(notSeen).toEqual([]);
  });

  test('of a category of its own are told apart by a field', async () => {
    await run(`CREATE TABLE own (id int PRIMARY KEY, at timestamptz, kind text); CREATE INDEX ON own (at);
      INSERT INTO own SELECT n, '2024-05-05', CASE WHEN n <= 3 THEN 'a' ELSE 'b' END FROM generate_series(1, 10) n;
      INSERT INTO own VALUES (11, NULL, 'a'), (12, NULL, 'b'), (13, '2030-01-01', 'a'), (14, '2030-01-01', NULL)`);
    const { found } = await counted([question('at', { where: { kind: 'a' } })]);
    expect(found).toMatchObject([
      { rows: exactly(0, 0, 3, 0, 1), noClock: { count: 1 }, oldest: Date.UTC(2024, 4, 5) },
    ]);
  });

  test('of a partitioned table are counted together', async () => {
    await run(`CREATE TABLE own (id int, at timestamptz, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
      CREATE TABLE own_a PARTITION OF own FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
      CREATE TABLE own_b PARTITION OF own DEFAULT; CREATE INDEX ON own (at);
      INSERT INTO own VALUES (1, '2024-05-05'), (2, '2025-05-05'), (3, '2026-05-05')`);
    expect((await counted([question('at')])).found).toMatchObject([{ rows: exactly(0, 0, 1, 1, 1) }]);
  });

  test('are not counted without an index, where the column is another one, or where it may not be read', async () => {
    await run(`CREATE TABLE own (id int PRIMARY KEY, at timestamptz, text text); CREATE INDEX ON own (text);
      INSERT INTO own VALUES (1, '2024-05-05', 'x')`);
    const elsewhere = question('id', { unit: 'seconds', where: { nowhere: 'a' } });
    for (const one of [question('at'), question('text'), question('nowhere'), elsewhere])
      expect(await counted([one])).toEqual({
        found: [{ category: one.category }],
        notSeen: [{ part: 'datasets', code: 'STORE_SCHEMA' }],
      });
    await run(`DROP ROLE IF EXISTS narrow; CREATE ROLE narrow LOGIN PASSWORD 'narrow';
      GRANT SELECT (id) ON own TO narrow; CREATE INDEX ON own (at)`);
    expect(await counted([question('at')], { user: 'narrow', password: 'narrow' })).toEqual({
      found: [{ category: 'at' }],
      notSeen: [{ part: 'datasets', code: 'STORE_DENIED' }],
    });
    await run('DROP OWNED BY narrow; DROP ROLE narrow');
  });

  test('that are many are counted from the oldest on, and the rest is estimated from a sample', async () => {
    await run(`CREATE TABLE own (id int PRIMARY KEY, at timestamptz); 
      INSERT INTO own SELECT n, '2023-01-01'::timestamptz + n * interval '1 minute' FROM generate_series(1, 1400000) n;
      INSERT INTO own SELECT -n FROM generate_series(1, 20000) n;
      INSERT INTO own SELECT 2000000 + n, '2030-01-01' FROM generate_series(1, 7) n; CREATE INDEX ON own (at)`);
    const { found, notSeen } = await counted([question('at')]);
    const [{ rows = [], noClock } = {}] = found;
    // 2023 has 525,600 minutes, 2024 has 527,040: the millionth row is in it.
    expect(rows.map(({ counted: how }) => how)).toEqual(['exact', 'exact', 'estimate', 'estimate', 'exact']);
    expect([rows[1]?.count, rows[4]?.count]).toEqual([525_599, 7]);
    expect(Math.abs((rows[2]?.count ?? 0) - 527_040)).toBeLessThan(100_000);
    expect(Math.abs((rows[3]?.count ?? 0) - 347_361)).toBeLessThan(100_000);
    expect(noClock).toEqual({ count: 10_000, counted: 'at-least' });
    expect(notSeen).toEqual([]);
    // A forecast asks for hundreds of days: texts that are read again for each row would take a minute.
    const days = Array.from({ length: 600 }, (_, n) =>
      edge(new Date(Date.UTC(2023, 0, 2) + n * 86_400_000).toISOString().slice(0, 10)),
    );
    const byDay = await counted([question('at', { edges: days })]);
    expect(byDay.notSeen).toEqual([]);
    expect(byDay.found[0]?.rows?.slice(0, 600)).toEqual(
      exactly(...days.map((_, n) => (n === 0 ? 1439 : 1440))),
    );
  }, 120_000);

  test('that are locked are not counted, and that is said', async () => {
    await run('CREATE TABLE own (id int PRIMARY KEY, at timestamptz); CREATE INDEX ON own (at)');
    const locker = await bench.sql.connect();
    await locker.query('BEGIN; LOCK TABLE own IN ACCESS EXCLUSIVE MODE');
    try {
      const { found, notSeen } = await counted([question('at')], { timeoutSeconds: 3 });
      expect(found).toEqual([{ category: 'at' }]);
      expect(notSeen.map(({ part }) => part)).toEqual(['datasets']);
    } finally {
      await locker.query('ROLLBACK');
      locker.release();
    }
  });
});
