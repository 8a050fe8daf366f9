import type { Acted, Promised, ReadBack, Target } from '../../ports/store.ts';
import type { Asked } from '../answer-each.ts';
import { actedFailure } from '../store-failure.ts';
import { grouped, single, unknown } from './postgresql-answers.ts';
import { answersFor, columnsOf, type Key, sameKeys } from './postgresql-rows.ts';
import type { Query, Row } from './postgresql-session.ts';
import { foundStatement, PENDING, updateStatement } from './postgresql-statements.ts';
import type { Column, Table } from './postgresql-table.ts';

/** Types of the column that says what is restricted: a date-time, which is set, or a boolean, which is true. */
export const MARKERS: readonly string[] = ['timestamptz', 'timestamp', 'bool'];

interface Marking {
  /** `false`: the mark is taken away. */
  readonly on: boolean;
  readonly mayCascade: boolean;
}

/** Marks the rows that are as they were looked at. A row that is as it should be is not written. */
export async function markRows(
  query: Query,
  table: Table,
  asked: readonly Asked<Target, Key>[],
  { on, mayCascade }: Marking,
): Promise<Acted[]> {
  const marker = markerOf(table);
  if (!marker) return asked.map(() => actedFailure('STORE_SCHEMA'));
  if (table.unguarded || table.updateReplaced || (marker.spreads && !mayCascade))
    return asked.map(() => actedFailure('STORE_CONSTRAINT'));
  const versions = asked.map(({ item }) => item.version ?? null);
  const changed = grouped(await query(markStatement(table, marker, on), [...columnsOf(asked), versions]));
  await sameKeys(
    query,
    table,
    asked.filter((_, index) => changed.has(index)),
  );
  return answersFor(query, asked, changed, {
    acted: { outcome: on ? 'restricted' : 'lifted', answer: 'UPDATE 1' },
    read: marksStatement(table, marker),
    why: (rows, target) => whyNotMarked(rows, target, on),
  });
}

/** Whether the rows show that they are restricted, or that they are not. */
export async function readMarks(
  query: Query,
  table: Table,
  asked: readonly Asked<Promised, Key>[],
  on: boolean,
): Promise<ReadBack[]> {
  const marker = markerOf(table);
  if (!marker) return asked.map(() => unknown('STORE_SCHEMA'));
  const rows = grouped(await query(marksStatement(table, marker), columnsOf(asked)));
  return asked.map((_, index) => keptMark(rows.get(index), on));
}

/** `undefined` if the column is not there, has another type, or is one that names the row or its version. */
function markerOf({ marker, keys, version }: Table): Column | undefined {
  const isFit = marker?.isBuiltIn === true && MARKERS.includes(marker.type);
  return isFit && !keys.includes(marker) && marker !== version ? marker : undefined;
}

function isMarked({ sql, type }: Column): string {
  return type === 'bool' ? `(t.${sql} IS TRUE)` : `(t.${sql} IS NOT NULL)`;
}

function markOf({ type }: Column, on: boolean): string {
  if (type === 'bool') return String(on);
  return on ? 'pg_catalog.statement_timestamp()' : 'NULL';
}

/** Keys, versions → `n` of the rows that were changed. */
function markStatement(table: Table, marker: Column, on: boolean): string {
  const sets = [`${marker.sql} = ${markOf(marker, on)}`];
  return updateStatement(table, sets, `${isMarked(marker)} IS ${on ? 'FALSE' : 'TRUE'}`);
}

/** Keys → as `lookStatement`, with `marked`, and `pending` as in `fieldsStatement`. */
function marksStatement(table: Table, marker: Column): string {
  return foundStatement(table, [`${isMarked(marker)} AS marked`, PENDING]);
}

function whyNotMarked(rows: readonly Row[] | undefined, { version }: Target, on: boolean): Acted {
  const found = single(rows);
  if (found === 'ambiguous') return actedFailure('STORE_SCHEMA');
  if (!found.row) return { outcome: 'already-so' };
  if (version !== undefined && found.row['version'] !== version) return { outcome: 'changed' };
  // Otherwise a trigger kept the row as it was.
  return found.row['marked'] === on ? { outcome: 'already-so' } : actedFailure('STORE_CONSTRAINT');
}

function keptMark(rows: readonly Row[] = [], on: boolean): ReadBack {
  if (rows.some((row) => row['exact'] !== true)) return unknown('STORE_SCHEMA');
  if (rows.every((row) => row['marked'] === on)) return { state: 'kept' };
  return rows.some((row) => row['pending'] === true) ? unknown('STORE_TIMEOUT') : { state: 'broken' };
}
