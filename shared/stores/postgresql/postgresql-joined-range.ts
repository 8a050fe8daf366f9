import type { Range, RangedRow } from '../../ports/store.ts';
import type { Page } from '../listing.ts';
import { isNamed, isSweepable } from './postgresql-joined.ts';
import { filterOf, type Listable, orderedBy, type Position, textsIn, typeOf } from './postgresql-listing.ts';
import { named, type Other, otherColumns, othersRead, rowColumns, rowIn } from './postgresql-ranged-row.ts';
import type { Query, Row } from './postgresql-session.ts';
import type { Column, Table } from './postgresql-table.ts';

const SCHEMA = { code: 'STORE_SCHEMA' } as const;
const TEXT = 'pg_catalog.text';

/** As for a range in the order of a column of its own, which must not be sorted as a whole either. */
export const IN_ORDER = `SELECT pg_catalog.set_config('enable_incremental_sort', 'on', true) AS sort,
  pg_catalog.set_config('enable_hashjoin', 'off', true) AS hash,
  pg_catalog.set_config('enable_mergejoin', 'off', true) AS merge,
  pg_catalog.set_config('enable_bitmapscan', 'off', true) AS bitmap`;

interface Asking {
  readonly limit: number;
  /** The clock and the key of a row of the other table, and the keys of a row that names it; without those it was the last. */
  readonly at: Position | undefined;
  readonly own: readonly Column[];
  readonly other: Other;
  /** Of the other table. */
  readonly clock: Column;
  /** Its last value. */
  readonly until: string;
}

/**
 * One page, in the order of the other table's clock and key, and then of the row's keys. Of the other table, the
 * number of rows is read that the page may have: one that no row names takes a place in it.
 */
export async function joinedRange(
  query: Query,
  listable: Listable,
  range: Range,
  { limit, at, own, other, clock, until }: Asking,
): Promise<Page<Position, RangedRow>> {
  const { table, keys } = listable;
  const { joined } = other;
  const filter = filterOf(table, range, 2);
  if (filter === undefined) return SCHEMA;
  if ((await isSweepable(query, table, joined, range.clock.column)) !== 'sweepable') return SCHEMA;
  if (at !== undefined && at.length !== 2 && at.length !== keys.length + 2) return SCHEMA;
  await query(IN_ORDER, []);
  const statement = statementFor({ table, clock, own, other, filter: filter.conditions }, limit, {
    first: 2 + filter.values.length,
    at,
  });
  const rows = await query(statement, [until, ...filter.values, ...(at ?? [])]);
  const read = { names: range.columns, columns: own };
  const page = rows.slice(0, limit).flatMap((row) => (isAlone(row) ? [] : [rowIn(keys, row, read, other)]));
  const last = rows[limit - 1];
  if (rows.length <= limit || last === undefined) return { rows: page };
  const begins = [String(last['clock']), String(last['named'])];
  return { rows: page, next: isAlone(last) ? begins : [...begins, ...textsIn(keys, last)] };
}

/** A row of the other table that no row names. */
function isAlone(row: Row): boolean {
  return row['k1'] === null;
}

interface Given {
  readonly table: Table;
  readonly clock: Column;
  readonly own: readonly Column[];
  readonly other: Other;
  readonly filter: readonly string[];
}

function statementFor(
  { table, clock, own, other, filter }: Given,
  limit: number,
  { first, at }: { readonly first: number; readonly at: Position | undefined },
): string {
  const { joined } = other;
  const begin = [clock, joined.key].map((column, index) => `$${first + index}::${typeOf(column)}`);
  const sent = table.keys.map((column, index) => `$${first + 2 + index}::${typeOf(column)}`);
  const isInside = at !== undefined && at.length > 2;
  const ordered = [clock, joined.key].map((column) => orderedBy(column, 'j'));
  const others = [
    `${ordered[0]} OPERATOR(pg_catalog.<=) $1::${clock.base}`,
    `j.${joined.key.sql} IS NOT NULL`,
    ...(at === undefined
      ? []
      : [
          `ROW(${ordered.join(', ')}) OPERATOR(pg_catalog.${isInside ? '>=' : '>'}) ROW(${begin.join(', ')})`,
        ]),
  ];
  const keys = table.keys.map((column) => orderedBy(column));
  const rest = isInside
    ? [
        `(ROW(j.o1, j.o2) OPERATOR(pg_catalog.>) ROW(${begin.join(', ')}) OR ROW(${keys.join(', ')}) OPERATOR(pg_catalog.>) ROW(${sent.join(', ')}))`,
      ]
    : [];
  const ours = [isNamed(joined, 'j.o2'), ...named(table), ...filter, ...rest];
  const columns = [
    ...table.keys.map((_, index) => `t.k${index + 1}`),
    ...own.map((_, index) => `t.c${index + 1}`),
    't.version',
    ...othersRead(other),
    'j.clock',
    'j.named',
  ];
  const order = table.keys.map((_, index) => `t.r${index + 1}`);
  return `SELECT ${columns.join(', ')} FROM (
  SELECT ${[...ordered.map((value, index) => `${value} AS o${index + 1}`), `j.${clock.sql}::${TEXT} AS clock`, `j.${joined.key.sql}::${TEXT} AS named`, ...otherColumns(other)].join(', ')}
  FROM ${joined.sql} AS j WHERE ${others.join(' AND ')} ORDER BY ${ordered.join(', ')} LIMIT ${limit + 1}
) AS j LEFT JOIN LATERAL (
  SELECT ${[...rowColumns(table, own), ...keys.map((value, index) => `${value} AS r${index + 1}`)].join(', ')}
  FROM ${table.sql} AS t WHERE ${ours.join(' AND ')} ORDER BY ${keys.join(', ')} LIMIT ${limit + 1}
) AS t ON true
ORDER BY j.o1, j.o2, ${order.join(', ')} LIMIT ${limit + 1}`;
}
