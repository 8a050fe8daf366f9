import type { KeyColumn, KeyType } from '../../domain/configuration/configuration.ts';
import type { Place } from '../../ports/store.ts';
import { idValue, type ListedRow, namedBy, type Page } from '../listing.ts';
import type { Query, Row } from './postgresql-session.ts';
import { versionOf } from './postgresql-statements.ts';
import { canHold, type Column, KEY_COLUMNS, type Table, treeOf } from './postgresql-table.ts';

/** Key values as PostgreSQL writes them. */
export type Position = readonly string[];

const TEXT = 'pg_catalog.text';
const EXACTLY = 'COLLATE pg_catalog."C"';
const EQUALS = 'OPERATOR(pg_catalog.=)';

/** Types of a column that can carry ids. `citext` and `char(n)` take different texts as equal. */
const CARRIERS: Readonly<Record<string, KeyType>> = {
  text: 'text',
  varchar: 'text',
  int2: 'integer',
  int4: 'integer',
  int8: 'integer',
  numeric: 'decimal',
  uuid: 'uuid',
  date: 'date',
};

const LAST_SCANS = `pg_catalog.set_config('enable_seqscan', 'off', true) AS scan,
  pg_catalog.set_config('enable_incremental_sort', 'off', true) AS sort`;

/**
 * Table, column, keys → `indexed`: whether the table, or each of its partitions, has an index that finds the column's values; `loose`:
 * whether the column's collation takes different texts as equal; `nullable`: whether a key may be NULL. From then on the
 * transaction takes a scan of the table only if there is nothing else, and an index that has the keys, too, before one that
 * has not: it would read all rows of the id for each page, because the planner expects many ids where there is one.
 */
const LISTABLE = `
${treeOf('$1')}
SELECT ${LAST_SCANS},
  (SELECT coalesce(pg_catalog.bool_and(EXISTS (
    SELECT 1 FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_attribute a ON a.attrelid ${EQUALS} i.indrelid AND a.attname ${EQUALS} $2
      AND a.attnum ${EQUALS} i.indkey[0] AND a.attcollation ${EQUALS} i.indcollation[0]
    JOIN pg_catalog.pg_opclass o ON o.oid ${EQUALS} i.indclass[0]
    JOIN pg_catalog.pg_am m ON m.oid ${EQUALS} o.opcmethod AND m.amname ${EQUALS} 'btree'
    JOIN pg_catalog.pg_opclass d ON d.opcmethod ${EQUALS} o.opcmethod AND d.opcintype ${EQUALS} o.opcintype
      AND d.opcfamily ${EQUALS} o.opcfamily AND d.opcdefault
    WHERE i.indrelid ${EQUALS} leaf.oid AND i.indisvalid AND i.indpred IS NULL)), true)
  FROM tree JOIN pg_catalog.pg_class leaf ON leaf.oid ${EQUALS} tree.oid AND leaf.relkind ${EQUALS} 'r') AS indexed,
  EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_collation c ON c.oid ${EQUALS} a.attcollation
    WHERE a.attrelid ${EQUALS} pg_catalog.to_regclass($1) AND a.attname ${EQUALS} $2 AND NOT c.collisdeterministic) AS loose,
  EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a
    WHERE a.attrelid ${EQUALS} pg_catalog.to_regclass($1) AND a.attname ${EQUALS} ANY ($3::${TEXT}[]) AND NOT a.attnotnull) AS nullable`;

export interface Listable {
  readonly table: Table;
  readonly keys: readonly KeyColumn[];
}

type Found =
  /** `no-index`: nothing finds the column's values. */
  | {
      readonly state: 'listable' | 'no-index';
      readonly listing: Listing;
      readonly type: KeyType;
      readonly isNullable: boolean;
    }
  /** The column is not there; it holds no ids; the filter does not fit; or it takes different texts as equal. */
  | { readonly state: 'no-column' | 'no-ids' | 'no-filter' | 'inexact' };

/** Whether the records of a place can be listed, whatever the id. */
export async function findListing(
  query: Query,
  { table, keys }: Listable,
  place: Omit<Place, 'value'>,
): Promise<Found> {
  const by = table.columns.get(place.by);
  if (by === undefined) return { state: 'no-column' };
  const type = CARRIERS[by.type];
  if (type === undefined) return { state: 'no-ids' };
  const filter = filterOf(table, place, 2);
  if (filter === undefined) return { state: 'no-filter' };
  const { isIndexed, isExact, isNullable } = await columnFacts(query, { table, keys }, place.by);
  if (!isExact) return { state: 'inexact' };
  return { state: isIndexed ? 'listable' : 'no-index', listing: { table, by, filter }, type, isNullable };
}

export interface ColumnFacts {
  readonly isIndexed: boolean;
  readonly isExact: boolean;
  /** One of the keys may be NULL. */
  readonly isNullable: boolean;
}

const known = new WeakMap<object, Map<string, ColumnFacts>>();

/** From then on the transaction scans the table only if there is nothing else. A table as it was before has the same facts. */
export async function columnFacts(
  query: Query,
  { table, keys }: { readonly table: Pick<Table, 'sql'>; readonly keys: Listable['keys'] },
  column: string,
): Promise<ColumnFacts> {
  const names = keys.map(({ name }) => name);
  const asked = JSON.stringify([column, names]);
  const ofTable = known.get(table) ?? new Map<string, ColumnFacts>();
  known.set(table, ofTable);
  const same = ofTable.get(asked);
  if (same !== undefined) {
    await query(`SELECT ${LAST_SCANS}`, []);
    return same;
  }
  const [answer] = await query(LISTABLE, [table.sql, column, names]);
  const facts = {
    isIndexed: answer?.['indexed'] === true,
    isExact: answer?.['loose'] === false,
    isNullable: answer?.['nullable'] === true,
  };
  ofTable.set(asked, facts);
  return facts;
}

/** One page, in the order of the keys. It is read from the table itself, with the version that `look` would answer. */
export async function listRows(
  query: Query,
  { table, keys }: Listable,
  place: Place,
  { limit, at }: { readonly limit: number; readonly at: Position | undefined },
): Promise<Page<Position, ListedRow>> {
  const listable = await findListing(query, { table, keys }, place);
  if (listable.state !== 'listable') return { code: 'STORE_SCHEMA' };
  if (at !== undefined && at.length !== keys.length) return { code: 'STORE_SCHEMA' };
  const { listing, type, isNullable } = listable;
  const { by, filter } = listing;
  const value = idValue(type, place.value);
  if (value === undefined || value.includes('\0') || !canHold({ keys: [by] }, [value])) return { rows: [] };
  const { statement, places } = listStatement(listing, limit, at !== undefined);
  const begin = at === undefined ? [] : places.map((index) => at[index]);
  const found = await query(statement, [value, ...filter.values, ...begin]);
  const rows = found.slice(0, limit).map((row): ListedRow | undefined => {
    const locator = namedBy(keys, locatorIn(keys, row));
    return locator && { locator, presence: { state: 'present', version: String(row['version']) } };
  });
  const last = found[limit - 1];
  if (found.length > limit && last) return { rows, next: textsIn(keys, last) };
  const hasNull =
    isNullable && (await query(unnamedStatement(listing), [value, ...filter.values])).length > 0;
  return { rows: hasNull ? [...rows, undefined] : rows };
}

interface Listing {
  readonly table: Table;
  readonly by: Column;
  readonly filter: Filter;
}

/**
 * The column is compared as a range and ordered by, although it has only one value. For an equality the planner could walk
 * through the index of the primary key in its order instead, through the whole table. `places`: the key values that the
 * statement takes as its last parameters when it goes on after a row.
 */
function listStatement({ table, by, filter }: Listing, limit: number, goesOn: boolean) {
  const others = table.keys.flatMap((column, index) => (column === by ? [] : [{ column, index }]));
  const order = [by, ...others.map(({ column }) => column)];
  const first = 2 + filter.values.length;
  const sent = others.map(({ column }, index) => `$${first + index}::${typeOf(column)}`);
  const begin = goesOn
    ? `ROW(${order.map((one) => orderedBy(one)).join(', ')}) OPERATOR(pg_catalog.>) ROW(${[`$1::${by.base}`, ...sent].join(', ')})`
    : `${orderedBy(by)} OPERATOR(pg_catalog.>=) $1::${by.base}`;
  const conditions = [
    begin,
    `${orderedBy(by)} OPERATOR(pg_catalog.<=) $1::${by.base}`,
    ...others.map(({ column }) => `t.${column.sql} IS NOT NULL`),
    ...filter.conditions,
  ];
  const columns = [...keysAsText(table), `${versionOf(table)} AS version`];
  const statement = `SELECT ${columns.join(', ')} FROM ${table.sql} AS t
WHERE ${conditions.join(' AND ')}
ORDER BY ${order.map((one) => orderedBy(one)).join(', ')} LIMIT ${limit + 1}`;
  return { statement, places: others.map(({ index }) => index) };
}

export function keysAsText({ keys }: Table): string[] {
  return keys.map((column, index) => `t.${column.sql}::${TEXT} AS k${index + 1}`);
}

/** A row of the place that has no key. */
function unnamedStatement({ table, by, filter }: Listing): string {
  const conditions = [
    `${orderedBy(by)} OPERATOR(pg_catalog.>=) $1::${by.base}`,
    `${orderedBy(by)} OPERATOR(pg_catalog.<=) $1::${by.base}`,
    `(${table.keys.map(({ sql }) => `t.${sql} IS NULL`).join(' OR ')})`,
    ...filter.conditions,
  ];
  return `SELECT 1 FROM ${table.sql} AS t WHERE ${conditions.join(' AND ')} LIMIT 1`;
}

/** A `citext` is ordered as text: its own operators are in another schema. */
export function orderedBy(column: Column, table: 't' | 'j' = 't'): string {
  const value = `${table}.${column.sql}::${column.base}`;
  return column.type === 'citext' ? `${value}::${TEXT}` : value;
}

export function typeOf({ type, base }: Column): string {
  return type === 'citext' ? TEXT : base;
}

interface Filter {
  readonly conditions: readonly string[];
  readonly values: readonly string[];
}

/** `undefined` if a column is not there, or cannot have a value of that type. `first`: the number of its first parameter. */
export function filterOf(
  { columns }: Table,
  { where = {} }: Pick<Place, 'where'>,
  first: number,
): Filter | undefined {
  const entries = Object.entries(where);
  const conditions = entries.flatMap(([name, value], index) => {
    const column = columns.get(name);
    return (column && conditionOf(column, value, `$${index + first}`)) ?? [];
  });
  if (conditions.length < entries.length) return undefined;
  return { conditions, values: entries.map(([, value]) => String(value)) };
}

function conditionOf(
  { sql, type, isBuiltIn }: Column,
  value: string | number | boolean,
  parameter: string,
): string | undefined {
  const field = `t.${sql}`;
  if (typeof value === 'boolean')
    return isBuiltIn && type === 'bool' ? `${field} ${EQUALS} ${parameter}::pg_catalog.bool` : undefined;
  if (typeof value === 'number')
    return isBuiltIn && KEY_COLUMNS.integer.includes(type)
      ? `${field}::pg_catalog.numeric ${EQUALS} ${parameter}::pg_catalog.numeric`
      : undefined;
  const isText = ['text', 'varchar', 'bpchar', 'citext'].includes(type);
  if (isBuiltIn && !isText) return undefined;
  // The text of an enum. A cast of another type to text could be another user's code.
  const text = isText ? `${field}::${TEXT}` : `pg_catalog.format('%s', ${field})`;
  return `(${field} IS NOT NULL AND ${text} ${EXACTLY} ${EQUALS} ${parameter}::${TEXT} ${EXACTLY})`;
}

export function textsIn(keys: readonly KeyColumn[], row: Row): string[] {
  return keys.map((_, index) => String(row[`k${index + 1}`]));
}

/** PostgreSQL writes bytes as hex, and a number with all the decimals of its column. */
export function locatorIn(keys: readonly KeyColumn[], row: Row): string[] {
  return textsIn(keys, row).map((text, index) => {
    const type = keys[index]?.type;
    if (type === 'binary') return Buffer.from(text.slice(2), 'hex').toString('base64url');
    return type === 'integer' && text.includes('.') ? text.replace(/\.0+$/, '') : text;
  });
}
