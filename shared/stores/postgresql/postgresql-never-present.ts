import type { NeverPresent } from '../../domain/coverage/survey.ts';
import type { Surveying } from '../surveying.ts';
import type { Query } from './postgresql-session.ts';
import { type Table, treeOf } from './postgresql-table.ts';

/** Rows that are looked at where no index says whether the column has values. */
const SAMPLE = 10_000;
const MILLISECONDS = 10_000;

/** Column, table → whether an index of the table begins with the column. Of a partitioned table, all partitions have it. */
const INDEXED = `
SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] AND a.attname = $2
  JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
  JOIN pg_catalog.pg_am m ON m.oid = x.relam AND m.amname = 'btree'
  WHERE i.indrelid = pg_catalog.to_regclass($1) AND i.indisvalid AND i.indpred IS NULL) AS indexed,
  pg_catalog.set_config('enable_seqscan', 'off', true) AS scan`;

const SIZE = `
${treeOf('$1')}
SELECT coalesce(sum(greatest(c.reltuples, 0)), 0)::float8 AS rows, bool_or(c.reltuples < 0) AS unknown
FROM tree t JOIN pg_catalog.pg_class c ON c.oid = t.oid WHERE c.relkind = 'r'`;

interface Looking {
  /** The store's own table. */
  readonly describe: (query: Query) => Promise<Table | undefined>;
  readonly transaction: <Result>(work: (query: Query) => Promise<Result>, most?: number) => Promise<Result>;
  readonly tried: Surveying['tried'];
}

/** Whether columns have values: for certain where an index tells, else in some thousand rows, others each day. */
export async function neverPresentIn(
  names: readonly string[],
  { describe, transaction, tried }: Looking,
): Promise<NeverPresent[]> {
  const found: NeverPresent[] = [];
  for (const name of names) {
    const answer = await tried('never-present', () =>
      transaction(async (query): Promise<NeverPresent> => {
        const table = await describe(query);
        if (table === undefined) return unknownValues(name);
        const column = table.columns.get(name);
        if (column === undefined) return { name, state: 'absent', looked: 'all' };
        return { name, ...(await valuesOf(query, table.sql, { name, sql: `t.${column.sql}` })) };
      }, MILLISECONDS),
    );
    found.push(answer ?? unknownValues(name));
  }
  return found;
}

export function unknownValues(name: string): NeverPresent {
  return { name, state: 'unknown', looked: 'sample' };
}

async function valuesOf(
  query: Query,
  table: string,
  { name, sql }: { readonly name: string; readonly sql: string },
): Promise<Pick<NeverPresent, 'state' | 'looked'>> {
  const [facts] = await query(INDEXED, [table, name]);
  if (facts?.['indexed'] === true) {
    const first = await query(
      `SELECT 1 FROM ${table} AS t WHERE ${sql} IS NOT NULL ORDER BY ${sql} LIMIT 1`,
      [],
    );
    return { state: first.length > 0 ? 'found' : 'none', looked: 'all' };
  }
  const [size] = await query(SIZE, [table]);
  const rows = Number(size?.['rows'] ?? 0);
  const isSmall = size?.['unknown'] === false && rows <= SAMPLE / 2;
  // SYSTEM takes whole pages, so the others are not read.
  const percent = Math.max(0.0001, Math.min(100, (100 * SAMPLE) / Math.max(1, rows)));
  const sample = isSmall || rows === 0 ? '' : `TABLESAMPLE SYSTEM (${percent})`;
  const [seen] = await query(
    `SELECT count(*)::int4 AS all, count(s.v)::int4 AS found
     FROM (SELECT ${sql} AS v FROM ${table} AS t ${sample} LIMIT ${SAMPLE}) AS s`,
    [],
  );
  const isAll = sample === '' && Number(seen?.['all'] ?? 0) < SAMPLE;
  return { state: Number(seen?.['found'] ?? 0) > 0 ? 'found' : 'none', looked: isAll ? 'all' : 'sample' };
}
