import { formatInstant, isZone } from '../../domain/calendar/calendar.ts';
import { isoUtc } from '../../domain/calendar/utc-time.ts';
import type { ClockColumn } from '../../domain/configuration/configuration.ts';
import type { Range, RangedRow } from '../../ports/store.ts';
import type { Page } from '../listing.ts';
import { findJoin } from './postgresql-joined.ts';
import { joinedRange } from './postgresql-joined-range.ts';
import {
  columnFacts,
  filterOf,
  type Listable,
  orderedBy,
  type Position,
  textsIn,
  typeOf,
} from './postgresql-listing.ts';
import { named, type Other, othersRead, rowColumns, rowIn, withOther } from './postgresql-ranged-row.ts';
import type { Query } from './postgresql-session.ts';
import type { Column, Table } from './postgresql-table.ts';

const INTEGERS: Readonly<Record<string, bigint>> = { int2: 16n, int4: 32n, int8: 64n };
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

/** Whether the rows of a range can be read in the order of a column of their own, and up to which value of it. */
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

const SCHEMA = { code: 'STORE_SCHEMA' } as const;

/** One page, in the order of the clock and then of the keys. */
export async function rangeRows(
  query: Query,
  listable: Listable,
  range: Range,
  page: { readonly limit: number; readonly at: Position | undefined },
): Promise<Page<Position, RangedRow>> {
  if (range.isOfNow === true && (await isReplica(query))) return SCHEMA;
  const other = await readable(query, listable, range);
  if (other === 'unreadable') return SCHEMA;
  const { table } = listable;
  const columns = range.columns.map((name) => table.columns.get(name));
  if (columns.includes(undefined)) return SCHEMA;
  const own = columns.filter((column) => column !== undefined);
  if (range.clock.in === undefined) return ownRange(query, listable, range, { ...page, own, other });
  const clock = other?.joined.columns.get(range.clock.column);
  const until = clock && lastValue(clock, range.clock, range.until);
  if (other === undefined || clock === undefined || until === undefined) return SCHEMA;
  return joinedRange(query, listable, range, { ...page, own, other, clock, until });
}

/** It says what the primary said a while ago. */
async function isReplica(query: Query): Promise<boolean> {
  const [server] = await query('SELECT pg_catalog.pg_is_in_recovery()::pg_catalog.text AS replica', []);
  return server?.['replica'] === 'true';
}

/** The other table, if one is read. */
async function readable(
  query: Query,
  listable: Listable,
  { joined, clock }: Range,
): Promise<Other | undefined | 'unreadable'> {
  if (joined === undefined) return clock.in === undefined ? undefined : 'unreadable';
  const { columns, ...name } = joined;
  const found = await findJoin(query, listable, name);
  if (found.state !== 'joined') return 'unreadable';
  const read = columns.map((column) => found.joined.columns.get(column));
  if (read.includes(undefined)) return 'unreadable';
  return { joined: found.joined, names: columns, columns: read.filter((column) => column !== undefined) };
}

interface Asking {
  readonly limit: number;
  readonly at: Position | undefined;
  /** Columns of the row itself besides its clock. */
  readonly own: readonly Column[];
}

async function ownRange(
  query: Query,
  listable: Listable,
  range: Range,
  { limit, at, own, other }: Asking & { readonly other: Other | undefined },
): Promise<Page<Position, RangedRow>> {
  const { table, keys } = listable;
  const filter = filterOf(table, range, 2);
  const found = await findClock(query, listable, range);
  if (found.state !== 'clocked' || filter === undefined) return SCHEMA;
  if (at !== undefined && at.length !== keys.length + 1) return SCHEMA;
  await query(IN_INDEX_ORDER, []);
  const read = [found.clock, ...own];
  const given = { table, read, filter, limit, other };
  const rows = await query(statementFor(given, at !== undefined), [
    found.until,
    ...filter.values,
    ...(at ?? []),
  ]);
  const names = [range.clock.column, ...range.columns];
  const page = rows.slice(0, limit).map((row) => rowIn(keys, row, { names, columns: read }, other));
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
  readonly other: Other | undefined;
}

function statementFor({ table, read, filter, limit, other }: Given, goesOn: boolean): string {
  const [clock] = read;
  if (clock === undefined) throw new TypeError('the clock is read first');
  const order = [clock, ...table.keys];
  const sent = order.map((column, index) => `$${index + 2 + filter.values.length}::${typeOf(column)}`);
  const begin = `ROW(${order.map((column) => orderedBy(column)).join(', ')}) OPERATOR(pg_catalog.>) ROW(${sent.join(', ')})`;
  const columns = [...rowColumns(table, read), ...(other ? othersRead(other) : [])];
  return `SELECT ${columns.join(', ')} FROM ${table.sql} AS t${other ? withOther(other) : ''}
WHERE ${[...(goesOn ? [begin] : []), inRange(clock), ...named(table), ...filter.conditions].join(' AND ')}
ORDER BY ${order.map((column) => orderedBy(column)).join(', ')} LIMIT ${limit + 1}`;
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
