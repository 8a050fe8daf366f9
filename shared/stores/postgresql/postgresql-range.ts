import type { JsonValue } from '../../domain/canonical-json.ts';
import { formatInstant, isZone } from '../../domain/calendar/calendar.ts';
import { isoUtc } from '../../domain/calendar/utc-time.ts';
import type { ClockColumn } from '../../domain/configuration/configuration.ts';
import type { Document, Range, RangedRow } from '../../ports/store.ts';
import { namedBy, type Page } from '../listing.ts';
import {
  columnFacts,
  filterOf,
  keysAsText,
  type Listable,
  locatorIn,
  orderedBy,
  type Position,
  textsIn,
  typeOf,
} from './postgresql-listing.ts';
import type { Query, Row } from './postgresql-session.ts';
import { versionOf } from './postgresql-statements.ts';
import type { Column, Table } from './postgresql-table.ts';

const TEXT = 'pg_catalog.text';
const INTEGERS: Readonly<Record<string, bigint>> = { int2: 16n, int4: 32n, int8: 64n };
const NUMBERS = ['int2', 'int4', 'int8', 'numeric', 'float4', 'float8'];
const MILLISECONDS = { seconds: 1000, milliseconds: 1 } as const;

/**
 * The rows of one clock may be many, or one: their keys are sorted as they come from the index. Anything but the order of
 * the index would read all rows of the range for each page.
 */
const IN_INDEX_ORDER = `SELECT pg_catalog.set_config('enable_incremental_sort', 'on', true) AS sort,
  pg_catalog.set_config('enable_bitmapscan', 'off', true) AS bitmap`;

export type Clocked =
  | {
      readonly state: 'clocked';
      readonly clock: Column;
      readonly until: string;
      readonly isNullable: boolean;
    }
  /** It is not there; its values are not what the configuration says; or nothing finds them in order. */
  | { readonly state: 'no-column' | 'no-clock' | 'no-index' };

/** Whether the rows of a range can be read, and up to which value of the clock. */
export async function findClock(
  query: Query,
  { table, keys }: Listable,
  { clock, until }: Pick<Range, 'clock' | 'until'>,
): Promise<Clocked> {
  const column = table.columns.get(clock.column);
  if (column === undefined) return { state: 'no-column' };
  const last = lastValue(column, clock, until);
  if (last === undefined) return { state: 'no-clock' };
  const { isIndexed, isNullable } = await columnFacts(query, { table, keys }, clock.column);
  if (!isIndexed) return { state: 'no-index' };
  return { state: 'clocked', clock: column, until: last, isNullable };
}

/** One page, in the order of the clock and then of the keys. */
export async function rangeRows(
  query: Query,
  { table, keys }: Listable,
  range: Range,
  { limit, at }: { readonly limit: number; readonly at: Position | undefined },
): Promise<Page<Position, RangedRow>> {
  const columns = range.columns.map((name) => table.columns.get(name));
  const filter = filterOf(table, range, 2);
  const found = await findClock(query, { table, keys }, range);
  if (found.state !== 'clocked' || filter === undefined) return { code: 'STORE_SCHEMA' };
  const isWrong = at !== undefined && at.length !== keys.length + 1;
  if (isWrong || columns.includes(undefined)) return { code: 'STORE_SCHEMA' };
  await query(IN_INDEX_ORDER, []);
  const read = [found.clock, ...columns.filter((column) => column !== undefined)];
  const given = { table, read, filter, limit };
  const values = [found.until, ...filter.values, ...(at ?? [])];
  const rows = await query(statementFor(given, at !== undefined), values);
  const names = [range.clock.column, ...range.columns];
  const page = rows.slice(0, limit).map((row): RangedRow | undefined => {
    const locator = namedBy(keys, locatorIn(keys, row));
    return locator && { locator, version: String(row['version']), values: documentOf(names, read, row) };
  });
  const last = rows[limit - 1];
  if (rows.length > limit && last) return { rows: page, next: [String(last['c1']), ...textsIn(keys, last)] };
  const unnamed = statementOfUnnamed(given);
  const hasNull = found.isNullable && (await query(unnamed, [found.until, ...filter.values])).length > 0;
  return { rows: hasNull ? [...page, undefined] : page };
}

interface Given {
  readonly table: Table;
  /** The clock, then the others. */
  readonly read: readonly Column[];
  readonly filter: { readonly conditions: readonly string[]; readonly values: readonly string[] };
  readonly limit: number;
}

function statementFor({ table, read, filter, limit }: Given, goesOn: boolean): string {
  const [clock] = read;
  if (clock === undefined) throw new TypeError('the clock is read first');
  const order = [clock, ...table.keys];
  const sent = order.map((column, index) => `$${index + 2 + filter.values.length}::${typeOf(column)}`);
  const begin = `ROW(${order.map(orderedBy).join(', ')}) OPERATOR(pg_catalog.>) ROW(${sent.join(', ')})`;
  const columns = [
    ...keysAsText(table),
    ...read.map((column, index) => `${asText(column)} AS c${index + 1}`),
    `${versionOf(table)} AS version`,
  ];
  return `SELECT ${columns.join(', ')} FROM ${table.sql} AS t
WHERE ${[...(goesOn ? [begin] : []), inRange(clock), ...named(table), ...filter.conditions].join(' AND ')}
ORDER BY ${order.map(orderedBy).join(', ')} LIMIT ${limit + 1}`;
}

/** A row of the range that has no key. */
function statementOfUnnamed({ table, read: [clock], filter }: Given): string {
  if (clock === undefined) throw new TypeError('the clock is read first');
  const conditions = [
    inRange(clock),
    `(${table.keys.map(({ sql }) => `t.${sql} IS NULL`).join(' OR ')})`,
    ...filter.conditions,
  ];
  return `SELECT 1 FROM ${table.sql} AS t WHERE ${conditions.join(' AND ')} LIMIT 1`;
}

function inRange(clock: Column): string {
  return `${orderedBy(clock)} OPERATOR(pg_catalog.<=) $1::${clock.base}`;
}

function named({ keys }: Table): string[] {
  return keys.map(({ sql }) => `t.${sql} IS NOT NULL`);
}

/** A cast of a type that is not PostgreSQL's own to text could be another user's code. */
function asText({ sql, isBuiltIn, type }: Column): string {
  const value = `t.${sql}`;
  if (isBuiltIn || type === 'citext') return `${value}::${TEXT}`;
  return `CASE WHEN pg_catalog.num_nulls(${value}) OPERATOR(pg_catalog.=) 0 THEN pg_catalog.format('%s', ${value}) END`;
}

/** Whether the column holds such clocks. */
export function isClock(column: Column, clock: ClockColumn): boolean {
  return lastValue(column, clock, { at: 0, date: '1970-01-01' }) !== undefined;
}

/** The last value that is not after the instant; `undefined` if the column does not hold such clocks. */
export function lastValue(
  { type, isBuiltIn }: Column,
  { unit, zone }: ClockColumn,
  { at, date }: Range['until'],
): string | undefined {
  if (!isBuiltIn) return undefined;
  if (unit !== undefined) {
    const milliseconds = MILLISECONDS[unit];
    if (type === 'numeric') return (at / milliseconds).toFixed(3);
    const bits = INTEGERS[type];
    if (bits === undefined) return undefined;
    const whole = BigInt(Math.floor(at / milliseconds));
    const most = 2n ** (bits - 1n) - 1n;
    return String(whole < most ? whole : most);
  }
  switch (type) {
    case 'timestamptz':
      return isoUtc(at);
    case 'date':
      return date;
    case 'timestamp':
      // Without a zone it is not known which instants they are.
      if (zone === undefined || !isZone(zone)) return undefined;
      return formatInstant(at, zone).replace(/([+-]\d\d:\d\d|Z)$/, '');
    default:
      return undefined;
  }
}

function documentOf(names: readonly string[], columns: readonly Column[], row: Row): Document {
  return Object.fromEntries(
    names.map((name, index): [string, JsonValue] => [name, valueOf(columns[index], row[`c${index + 1}`])]),
  );
}

function valueOf(column: Column | undefined, text: unknown): JsonValue {
  if (typeof text !== 'string') return null;
  if (column?.isBuiltIn !== true) return text;
  if (column.type === 'bool') return text === 'true';
  // As an instant is written: the session's zone is UTC.
  if (column.type === 'timestamptz') return text.replace(/^(\d{4}-\d\d-\d\d) (.*)\+00$/, '$1T$2Z');
  return NUMBERS.includes(column.type) && String(Number(text)) === text ? Number(text) : text;
}
