import type { JsonValue } from '../../domain/canonical-json.ts';
import type { KeyColumn } from '../../domain/configuration/configuration.ts';
import { present } from '../../domain/present.ts';
import type { Document, RangedRow } from '../../ports/store.ts';
import { exactJson, plainNumber } from '../exact-json.ts';
import { namedBy } from '../listing.ts';
import { isNamed, type Joined, OTHER_VERSION, written } from './postgresql-joined.ts';
import { keysAsText, locatorIn } from './postgresql-listing.ts';
import type { Row } from './postgresql-session.ts';
import { versionOf } from './postgresql-statements.ts';
import type { Column, Table } from './postgresql-table.ts';

/*
 * A row of a range as a statement gives it: `k1` … its keys, `c1` … its columns, `version`; of the other table `other`, the
 * version of its row, and `j1` … its columns. `other` is NULL if it does not have the row.
 */

const TEXT = 'pg_catalog.text';
const JSON_TYPES = ['json', 'jsonb'];
const NUMBERS = ['int2', 'int4', 'int8', 'numeric', 'float4', 'float8'];

export interface Read {
  readonly names: readonly string[];
  readonly columns: readonly Column[];
}

/** What is read of the other table. */
export interface Other extends Read {
  readonly joined: Joined;
}

export function rowColumns(table: Table, read: readonly Column[]): string[] {
  return [
    ...keysAsText(table),
    ...read.map((column, index) => `${asText(column, 't')} AS c${index + 1}`),
    `${versionOf(table)} AS version`,
  ];
}

/** Columns of the other table's rows, named `j`. */
export function otherColumns({ columns }: Other): string[] {
  return [
    `${OTHER_VERSION} AS other`,
    ...columns.map((column, index) => `${asText(column, 'j')} AS j${index + 1}`),
  ];
}

export function othersRead({ columns }: Other): string[] {
  return ['j.other', ...columns.map((_, index) => `j.j${index + 1}`)];
}

/** A limit of one keeps the planner from reading the other table in another order than that of the rows. */
export function withOther(other: Other): string {
  const { joined } = other;
  return `
LEFT JOIN LATERAL (SELECT ${otherColumns(other).join(', ')} FROM ${joined.sql} AS j
  WHERE ${isNamed(joined)} LIMIT 1) AS j ON true`;
}

export function named({ keys }: Table): string[] {
  return keys.map(({ sql }) => `t.${sql} IS NOT NULL`);
}

/** `undefined` if no locator can name it. */
export function rowIn(
  keys: readonly KeyColumn[],
  row: Row,
  { names, columns }: Read,
  other: Other | undefined,
): RangedRow | undefined {
  const locator = namedBy(keys, locatorIn(keys, row));
  if (locator === undefined) return undefined;
  const own = String(row['version']);
  const found = typeof row['other'] === 'string' ? row['other'] : undefined;
  const version =
    other === undefined || found === undefined
      ? own
      : written({ own, other: found, table: other.joined.name });
  const joined = other && (found === undefined ? null : documentOf('j', other, row));
  return { locator, version, values: documentOf('c', { names, columns }, row), ...present({ joined }) };
}

/** A cast of a type that is not PostgreSQL's own to text could be another user's code. */
function asText({ sql, isBuiltIn, type }: Column, table: 't' | 'j'): string {
  const value = `${table}.${sql}`;
  if (isBuiltIn || type === 'citext') return `${value}::${TEXT}`;
  return `CASE WHEN pg_catalog.num_nulls(${value}) OPERATOR(pg_catalog.=) 0 THEN pg_catalog.format('%s', ${value}) END`;
}

function documentOf(prefix: 'c' | 'j', { names, columns }: Read, row: Row): Document {
  const values: Record<string, JsonValue> = {};
  for (const [index, name] of names.entries())
    values[name] = valueOf(columns[index], row[`${prefix}${index + 1}`]);
  return values;
}

/**
 * A value of the column, of which this is the text, as rules and ids take it. A list, or JSON that cannot be read as it is,
 * is a list with that text: it must not pass for one value, which no hold and no condition would know.
 */
export function valueOf(column: Column | undefined, text: unknown): JsonValue {
  if (typeof text !== 'string') return null;
  if (column === undefined) return text;
  if (isList(column)) return [text];
  if (!column.isBuiltIn) return text;
  if (JSON_TYPES.includes(column.type)) {
    const read = exactJson(text);
    return read === undefined ? [text] : read.value;
  }
  if (column.type === 'bool') return text === 'true';
  // As an instant is written: the session's zone is UTC.
  if (column.type === 'timestamptz')
    return text[10] === ' ' && text.endsWith('+00') ? `${text.slice(0, 10)}T${text.slice(11, -3)}Z` : text;
  return (NUMBERS.includes(column.type) ? plainNumber(text) : undefined) ?? text;
}

/** As the catalog writes the type of an array, whosever type its elements have. */
export function isList({ base }: Pick<Column, 'base'>): boolean {
  return base.endsWith('[]');
}
