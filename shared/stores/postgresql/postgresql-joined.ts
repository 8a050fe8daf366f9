import * as z from 'zod';
import type { JoinedTable } from '../../domain/configuration/configuration.ts';
import { type ColumnFacts, columnFacts, type Listable } from './postgresql-listing.ts';
import type { Query } from './postgresql-session.ts';
import type { Column, Table } from './postgresql-table.ts';

const TEXT = 'pg_catalog.text';
const EQUALS = 'OPERATOR(pg_catalog.=)';
const JOINED = 'OPERATOR(pg_catalog.||)';

/** Another table, of which each row of the store's own names at most one row. */
export interface Joined {
  readonly name: JoinedTable;
  readonly sql: string;
  readonly columns: ReadonlyMap<string, Column>;
  readonly key: Column;
  /** Of the store's own table. */
  readonly by: Column;
  readonly byFacts: ColumnFacts;
}

export type FoundJoin =
  | { readonly state: 'joined'; readonly joined: Joined }
  /**
   * `no-table`: the table is not there, or its rows are in several. `no-column`: the key, or what names it. `no-match`: one
   * cannot be a value of the other. `not-unique`: several rows may have one key.
   */
  | { readonly state: 'no-table' | 'no-column' | 'no-match' | 'not-unique' };

const INTEGERS = ['int2', 'int4', 'int8'];
const KEYS = [...INTEGERS, 'uuid', 'text', 'varchar'];

/** A constraint that is checked later can be broken until then. */
const UNIQUE = `SELECT c.relkind ${EQUALS} 'r' AND NOT EXISTS (
    SELECT 1 FROM pg_catalog.pg_inherits h WHERE h.inhparent ${EQUALS} c.oid) AS plain,
  EXISTS (SELECT 1 FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_attribute a ON a.attrelid ${EQUALS} i.indrelid AND a.attname ${EQUALS} $2
      AND a.attnum ${EQUALS} i.indkey[0]
    WHERE i.indrelid ${EQUALS} c.oid AND i.indisunique AND i.indisvalid AND i.indimmediate
      AND i.indpred IS NULL AND i.indnkeyatts ${EQUALS} 1) AS "isUnique"
FROM pg_catalog.pg_class c WHERE c.oid ${EQUALS} pg_catalog.to_regclass($1)`;

/** Whether each row names at most one row of the other table. */
export async function findJoin(
  query: Query,
  { table, keys }: Listable,
  name: JoinedTable,
): Promise<FoundJoin> {
  const sql = table.beside(name.table);
  const [facts] = await query(UNIQUE, [sql, name.key]);
  if (facts?.['plain'] !== true) return { state: 'no-table' };
  const columns = await table.describe(query, sql);
  const [key, by] = [columns.get(name.key), table.columns.get(name.by)];
  if (key === undefined || by === undefined) return { state: 'no-column' };
  if (!areAlike(key, by)) return { state: 'no-match' };
  const byFacts = await columnFacts(query, { table, keys }, name.by);
  const keyFacts = await columnFacts(query, { table: { sql }, keys: [] }, name.key);
  if (!byFacts.isExact || !keyFacts.isExact) return { state: 'no-match' };
  if (facts['isUnique'] !== true) return { state: 'not-unique' };
  return { state: 'joined', joined: { name, sql, columns, key, by, byFacts } };
}

function areAlike(key: Column, by: Column): boolean {
  if (!key.isBuiltIn || !by.isBuiltIn || !KEYS.includes(key.type)) return false;
  return key.type === by.type || (INTEGERS.includes(key.type) && INTEGERS.includes(by.type));
}

/** The row of the table `j` is the one that the row of `t` names. */
export function isNamed({ key, by }: Joined, named = `j.${key.sql}::${key.base}`): string {
  return `t.${by.sql}::${by.base} ${EQUALS} ${named}`;
}

export const OTHER_VERSION = `'=' ${JOINED} j.xmin::${TEXT}`;

/** The version of the other row. NULL if it is not there. */
export function otherVersion(joined: Joined): string {
  return `(SELECT ${OTHER_VERSION} FROM ${joined.sql} AS j WHERE ${isNamed(joined)})`;
}

/** Versions of a row and of the one that it names, and where that one is: a deletion of the row knows it from here alone. */
export interface BothVersions {
  readonly own: string;
  readonly other: string;
  readonly table: JoinedTable;
}

const Written = z.tuple([z.string(), z.string(), z.string(), z.string(), z.string()]);

/** A version of a row alone begins with `=` or `none`. */
export function written({ own, other, table }: BothVersions): string {
  return JSON.stringify([own, other, table.table, table.key, table.by]);
}

/** Nothing for the version of a row alone. */
export function bothVersions(version: string | undefined): BothVersions | undefined {
  if (version?.startsWith('[') !== true) return undefined;
  const [own, other, table, key, by] = Written.parse(JSON.parse(version));
  return { own, other, table: { table, key, by } };
}

/** Keys of the other table, versions → how many of those rows are not as they were, but for what this transaction wrote. */
export function movedStatement({ sql, key }: Pick<Joined, 'sql' | 'key'>): string {
  return `SELECT pg_catalog.count(*) AS moved
FROM ROWS FROM (pg_catalog.unnest($1::${key.base}[]), pg_catalog.unnest($2::${TEXT}[])) AS k(key, version)
WHERE NOT EXISTS (SELECT 1 FROM ${sql} AS j WHERE j.${key.sql}::${key.base} ${EQUALS} k.key
  AND (${OTHER_VERSION} ${EQUALS} k.version
    OR j.xmin::${TEXT} ${EQUALS} pg_catalog.pg_current_xact_id()::pg_catalog.xid::${TEXT}))`;
}

/** Whether the other table gives its rows in the order of the column, and the store's own those that name one of them. */
export async function isSweepable(
  query: Query,
  { keys }: Table,
  { sql, by, byFacts }: Joined,
  clock: string,
): Promise<'sweepable' | 'no-index' | 'no-own-index' | 'nullable'> {
  const { isIndexed } = await columnFacts(query, { table: { sql }, keys: [] }, clock);
  if (!isIndexed) return 'no-index';
  if (!byFacts.isIndexed && !keys.slice(0, 1).includes(by)) return 'no-own-index';
  return byFacts.isNullable ? 'nullable' : 'sweepable';
}
