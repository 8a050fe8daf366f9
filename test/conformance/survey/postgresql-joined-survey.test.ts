import { describe, expect, test } from 'vitest';
import type { ClockColumn } from '../../../shared/domain/configuration/configuration.ts';
import type { Count, DatasetQuestion } from '../../../shared/domain/coverage/survey.ts';
import type { OpenOptions } from '../store/store-postgresql-bench.ts';
import { EDGES, exactly, surveyedPostgres } from './surveyed-postgres.ts';

const { bench, run, counted: countedIn } = await surveyedPostgres();
const IN = { table: 'contracts', key: 'id', by: 'contract_id' };

function question(clock: Partial<ClockColumn> = {}, more: Partial<DatasetQuestion> = {}): DatasetQuestion {
  return { category: 'messages', clock: { column: 'ended_at', in: IN, ...clock }, edges: EDGES, ...more };
}

async function counted(one: DatasetQuestion, options: Partial<OpenOptions> = {}) {
  const { found, notSeen } = await countedIn({ table: 'messages', timeoutSeconds: 60, ...options }, [one]);
  return { found: found[0], notSeen };
}

const estimated = (...counts: number[]): Count[] => counts.map((count) => ({ count, counted: 'estimate' }));

const TABLES = `CREATE TABLE contracts (id int PRIMARY KEY, ended_at timestamptz);
  CREATE TABLE messages (id bigint PRIMARY KEY, contract_id bigint, kind text);
  CREATE INDEX ON contracts (ended_at); CREATE INDEX ON messages (contract_id);`;

describe('rows whose clock is in another table', () => {
  test('are counted between days by a clock of each type, and those without a contract, or of one that goes on, have none', async () => {
    await run(`CREATE TABLE contracts (id int PRIMARY KEY, at timestamptz, day date, local timestamp, n bigint);
      CREATE TABLE messages (id bigint PRIMARY KEY, contract_id bigint);
      CREATE INDEX ON contracts (at); CREATE INDEX ON contracts (day); CREATE INDEX ON contracts (local);
      CREATE INDEX ON contracts (n); CREATE INDEX ON messages (contract_id);
      INSERT INTO contracts SELECT row_number() OVER (), v::timestamptz, v::timestamptz::date,
        v::timestamptz::timestamp, CASE WHEN isfinite(v::timestamptz) THEN extract(epoch FROM v::timestamptz)::bigint END
      FROM unnest(ARRAY['1975-05-05', '-infinity', '1970-01-01T00:00:00Z', '2023-12-31T23:59:59Z',
        '2024-01-01T00:00:00Z', '2025-12-31T23:59:59Z', '2026-01-01T00:00:00Z', 'infinity', NULL]) AS v;
      -- Contract 1 has no messages, and contract n has n of them. Contract 10 does not exist.
      INSERT INTO messages SELECT row_number() OVER (), c FROM generate_series(2, 10) AS c, generate_series(1, c);
      INSERT INTO messages VALUES (100, NULL), (101, NULL)`);
    const oldest = Date.parse('2023-12-31T23:59:59Z');
    const dated = {
      category: 'messages',
      rows: exactly(2 + 3, 4, 5, 6, 7 + 8),
      noClock: { count: 9 + 10 + 2, counted: 'exact' },
    };
    expect(await counted(question({ column: 'at' }))).toEqual({ found: { ...dated, oldest }, notSeen: [] });
    const day = await counted(question({ column: 'day' }));
    expect(day.found).toEqual({ ...dated, oldest: Date.parse('2023-12-31') });
    expect((await counted(question({ column: 'local', zone: 'UTC' }))).found).toEqual({ ...dated, oldest });
    expect((await counted(question({ column: 'n', unit: 'seconds' }))).found).toEqual({
      category: 'messages',
      rows: exactly(3, 4, 5, 6, 7),
      noClock: { count: 2 + 8 + 9 + 10 + 2, counted: 'exact' },
      oldest,
    });
  });

  test('of a category of its own are told apart by a field of the row', async () => {
    await run(`${TABLES} INSERT INTO contracts VALUES (1, '2023-05-05'), (2, '2024-05-05'), (3, NULL), (4, '2030-01-01');
      INSERT INTO messages SELECT n, n % 5, CASE WHEN n <= 4 OR n % 5 = 1 THEN 'b' ELSE 'a' END
      FROM generate_series(1, 50) AS n`);
    expect((await counted(question({}, { where: { kind: 'a' } }))).found).toEqual({
      category: 'messages',
      rows: exactly(0, 0, 9, 0, 9),
      noClock: { count: 9 + 10, counted: 'exact' },
      // Contract 1 is older, and no row of it counts.
      oldest: Date.UTC(2024, 4, 5),
    });
  });

  test('are none in tables that are empty', async () => {
    await run(TABLES);
    expect(await counted(question())).toEqual({
      found: { category: 'messages', rows: exactly(0, 0, 0, 0, 0), noClock: { count: 0, counted: 'exact' } },
      notSeen: [],
    });
  });

  test('of a partitioned table are counted together', async () => {
    await run(`CREATE TABLE contracts (id uuid PRIMARY KEY, ended_at date); CREATE INDEX ON contracts (ended_at);
      CREATE TABLE messages (id bigint, contract_id uuid, PRIMARY KEY (id)) PARTITION BY RANGE (id);
      CREATE TABLE messages_a PARTITION OF messages FOR VALUES FROM (1) TO (3);
      CREATE TABLE messages_b PARTITION OF messages DEFAULT; CREATE INDEX ON messages (contract_id);
      INSERT INTO contracts VALUES (md5('a')::uuid, '2024-05-05'), (md5('b')::uuid, '2025-05-05');
      INSERT INTO messages VALUES (1, md5('a')::uuid), (2, md5('b')::uuid), (3, md5('b')::uuid), (4, md5('c')::uuid)`);
    expect((await counted(question())).found).toMatchObject({
      rows: exactly(0, 0, 1, 2, 0),
      noClock: { count: 1, counted: 'exact' },
    });
  });

  test('are not counted where they could not be read in the order of the clock either', async () => {
    const refused = {
      found: { category: 'messages' },
      notSeen: [{ part: 'datasets', code: 'STORE_SCHEMA' }],
    };
    await run(
      `${TABLES} INSERT INTO contracts VALUES (1, '2024-05-05'); INSERT INTO messages VALUES (1, 1, 'a')`,
    );
    expect((await counted(question())).found).toMatchObject({ rows: exactly(0, 0, 1, 0, 0) });
    for (const one of [
      question({ in: { ...IN, table: 'nowhere' } }),
      question({ in: { ...IN, by: 'kind' } }),
      question({ column: 'nowhere' }),
      question({ column: 'id' }),
    ])
      expect(await counted(one)).toEqual(refused);
    for (const change of [
      'DROP INDEX messages_contract_id_idx',
      'DROP INDEX contracts_ended_at_idx; CREATE INDEX ON messages (contract_id)',
      'CREATE INDEX ON contracts (ended_at); ALTER TABLE contracts DROP CONSTRAINT contracts_pkey',
    ]) {
      await run(change);
      expect(await counted(question())).toEqual(refused);
    }
  });

  test('are not counted where the other table may not be read, or is locked, and that is said', async () => {
    await run(`${TABLES} DROP ROLE IF EXISTS narrow; CREATE ROLE narrow LOGIN PASSWORD 'narrow';
      GRANT SELECT ON messages TO narrow; GRANT SELECT (id) ON contracts TO narrow`);
    expect(await counted(question(), { user: 'narrow', password: 'narrow' })).toEqual({
      found: { category: 'messages' },
      notSeen: [{ part: 'datasets', code: 'STORE_DENIED' }],
    });
    await run('DROP OWNED BY narrow; DROP ROLE narrow');
    const locker = await bench.sql.connect();
    await locker.query('BEGIN; LOCK TABLE contracts IN ACCESS EXCLUSIVE MODE');
    try {
      const { found, notSeen } = await counted(question(), { timeoutSeconds: 3 });
      expect(found).toEqual({ category: 'messages' });
      expect(notSeen.map(({ part }) => part)).toEqual(['datasets']);
    } finally {
      await locker.query('ROLLBACK');
      locker.release();
    }
  });

  test('that are many are counted from the oldest contract on, and the rest is estimated from a sample', async () => {
    // 13 contracts of each month from 2023 on, with 300 messages each; the last 20 go on.
    await run(`${TABLES} INSERT INTO contracts
        SELECT n, CASE WHEN n < 468 THEN '2023-01-01'::timestamptz + (n / 13) * interval '1 month' END
        FROM generate_series(0, 487) AS n;
      INSERT INTO messages SELECT n, n % 488, repeat('x', 40) FROM generate_series(1, 488 * 300) AS n;
      INSERT INTO contracts SELECT n, '2030-01-01' FROM generate_series(1000, 1004) AS n;
      INSERT INTO messages SELECT 10000000 + n, n FROM generate_series(1001, 1004) AS n;`);
    const { found, notSeen } = await counted(question());
    expect(notSeen).toEqual([]);
    const { rows = [], noClock } = found ?? {};
    expect(rows.map(({ counted: how }) => how)).toEqual(['exact', 'exact', 'exact', 'estimate', 'exact']);
    // A year has 46,800 rows: the 100,000th is of 2025.
    expect([0, 1, 2, 4].map((index) => rows[index]?.count)).toEqual([0, 46_800, 46_800, 4]);
    expect(Math.abs((rows[3]?.count ?? 0) - 46_800)).toBeLessThan(10_000);
    expect(noClock?.counted).toBe('estimate');
    expect(Math.abs((noClock?.count ?? 0) - 20 * 300)).toBeLessThan(2000);
    expect(found?.oldest).toBe(Date.UTC(2023, 0, 1));
  });

  test('are estimated after a hundred thousand contracts whose rows have gone', async () => {
    await run(`${TABLES} INSERT INTO contracts
        SELECT n, '2020-01-01'::timestamptz + n * interval '10 minutes' FROM generate_series(1, 110000) AS n;
      INSERT INTO contracts VALUES (1200000, '2025-05-05'), (1200001, '2030-01-01');
      INSERT INTO messages SELECT n, 1200000 + n % 2 FROM generate_series(1, 500) AS n`);
    const { found, notSeen } = await counted(question());
    expect(notSeen).toEqual([]);
    expect(found).toEqual({
      category: 'messages',
      rows: [...exactly(0), ...estimated(0, 0, 250), ...exactly(250)],
      noClock: { count: 0, counted: 'exact' },
    });
  });
});
