import type { DatasetConfiguration } from '../../../shared/domain/configuration/configuration.ts';
import type { Store } from '../../../shared/ports/store.ts';
import { type PostgresBench, postgresBench } from '../../conformance/store/store-postgresql-bench.ts';
import { LOGS } from '../../support/datasets/rows-world.ts';

/** Of the hand-written deletion, in rows. */
const BATCH = 1000;
export const TABLES = ['ours', 'bare', 'least'] as const;
export type Whose = (typeof TABLES)[number];
/** Rows are written so far apart. */
const MILLISECONDS = 1237;

export const KEYS = [{ name: 'id', type: 'integer' }] as const;
/** Rows of about 200 bytes, each about an account. */
export const EVENTS: DatasetConfiguration = {
  category: LOGS.category,
  producer: LOGS.producer,
  clock: { 'record.created': { column: 'created_at' } },
  by: 'record.created',
  entities: { contract: 'account_id' },
};

/**
 * Equal tables in one PostgreSQL: one for a lane, one for what a developer would write by hand, one for the least that
 * a program needs that can say which rows went. Indexes on the clock and on the account, as an application has them.
 */
export interface DatasetTables {
  readonly bench: PostgresBench;
  readonly store: Store;
  /** Deletes the next rows of the other table by the clock, and answers how many went. */
  deleteBatch(): Promise<number>;
  vacuum(table: Whose): Promise<void>;
  left(table: Whose): Promise<number>;
  stop(): Promise<void>;
}

/** `before`: when the last row was written. */
export async function datasetTables(
  count: number,
  { accounts, before, whose = TABLES }: { accounts: number; before: number; whose?: readonly Whose[] },
): Promise<DatasetTables> {
  const bench = await postgresBench();
  const { sql } = bench;
  const first = new Date(before - count * MILLISECONDS).toISOString();
  for (const table of whose) {
    await sql.query(`CREATE TABLE ${table} (id bigint PRIMARY KEY, account_id bigint NOT NULL,
      created_at timestamptz NOT NULL, kind text NOT NULL, payload text NOT NULL)`);
    await sql.query(
      `INSERT INTO ${table} SELECT n, n::bigint * 7919 % $1, $2::timestamptz + n * interval '${MILLISECONDS} milliseconds',
         'page.viewed', repeat(md5(n::text), 4) FROM generate_series(1, $3::int) AS n`,
      [accounts, first, count],
    );
    await sql.query(`CREATE INDEX ON ${table} (created_at)`);
    await sql.query(`CREATE INDEX ON ${table} (account_id)`);
    await sql.query(`VACUUM ANALYZE ${table}`);
  }
  let after = '-infinity';
  return {
    bench,
    store: await bench.open({ table: 'ours', keys: KEYS, timeoutSeconds: 60 }),
    async deleteBatch() {
      const { rows } = await sql.query<{ n: number; last: string | null }>(
        `WITH batch AS (SELECT id FROM bare WHERE created_at >= $1 AND created_at <= $2 ORDER BY created_at LIMIT ${BATCH}),
           gone AS (DELETE FROM bare USING batch WHERE bare.id = batch.id RETURNING created_at)
         SELECT count(*)::int AS n, max(created_at)::text AS last FROM gone`,
        [after, new Date(before).toISOString()],
      );
      after = rows[0]?.last ?? after;
      return rows[0]?.n ?? 0;
    },
    async vacuum(table) {
      await sql.query(`VACUUM ${table}`);
    },
    async left(table) {
      const { rows } = await sql.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`);
      return rows[0]?.n ?? 0;
    },
    stop: () => bench.stop(),
  };
}
