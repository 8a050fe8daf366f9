import type { Acted, Target } from '../../ports/store.ts';
import type { Asked } from '../answer-each.ts';
import { grouped } from './postgresql-answers.ts';
import { DriverError, type Query, type Row } from './postgresql-session.ts';
import { lookStatement } from './postgresql-statements.ts';
import type { Table } from './postgresql-table.ts';

/** Key values in PostgreSQL's form. */
export type Key = readonly string[];

/** SQLSTATE `triggered_data_change_violation`. */
const TRIGGERED_CHANGE = '27000';

/** One array for each key column. */
export function columnsOf(asked: readonly Asked<unknown, Key>[]): string[][] {
  return (asked[0]?.key ?? []).map((_, column) => asked.map(({ key }) => key[column] ?? ''));
}

/**
 * A trigger may have given a row another key: it would be changed, but be found nowhere. All triggers have run when this
 * asks. The whole transaction is rolled back, and the batch divided until the row is alone.
 */
export async function sameKeys(
  query: Query,
  table: Table,
  written: readonly Asked<unknown, Key>[],
): Promise<void> {
  if (!table.updateTriggered || written.length === 0) return;
  await query('SET CONSTRAINTS ALL IMMEDIATE', []);
  const found = grouped(await query(lookStatement(table), columnsOf(written)));
  if (written.some((_, index) => !found.has(index))) throw new DriverError({ code: TRIGGERED_CHANGE });
}

interface Answers {
  /** For each row that was changed. */
  readonly acted: Acted;
  /** Reads the others. */
  readonly read: string;
  readonly why: (rows: readonly Row[] | undefined, target: Target) => Acted;
}

/** An answer for each: the rows that were not changed are read to find out why. */
export async function answersFor(
  query: Query,
  asked: readonly Asked<Target, Key>[],
  changed: Pick<ReadonlySet<number>, 'has' | 'size'>,
  { acted, read, why }: Answers,
): Promise<Acted[]> {
  const left = asked.filter((_, index) => !changed.has(index));
  if (left.length === 0) return asked.map(() => acted);
  const found = grouped(await query(read, columnsOf(left)));
  const reasons = new Map(left.map(({ id, item }, index) => [id, why(found.get(index), item)]));
  return asked.map(({ id }) => reasons.get(id) ?? acted);
}
