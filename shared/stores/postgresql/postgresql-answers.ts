import type { Acted, Presence, Promised, ReadBack, StoreFailure, Target } from '../../ports/store.ts';
import { isDocumentFieldMasked, maskDocumentField } from '../document-dates.ts';
import type { Row } from './postgresql-session.ts';
import type { MaskedColumn } from './postgresql-statements.ts';
import { actedFailure } from '../store-failure.ts';

export function unknown(code: StoreFailure): { readonly state: 'unknown'; readonly code: StoreFailure } {
  return { state: 'unknown', code };
}

const ALREADY_SO: Acted = { outcome: 'already-so' };
const CHANGED: Acted = { outcome: 'changed' };

/** Rows by the index of the item that they belong to. */
export function grouped(rows: readonly Row[]): Map<number, Row[]> {
  return Map.groupBy(rows, ({ n }) => Number(n) - 1);
}

/** The indexes of the items that rows belong to. */
export function placesOf(rows: readonly Row[]): ReadonlySet<number> {
  return new Set(rows.map(({ n }) => Number(n) - 1));
}

/**
 * Several rows for one locator, or a row that is only equal by collation, mean that the store's key columns are wrong.
 */
export function single(rows: readonly Row[] | undefined): { readonly row: Row | undefined } | 'ambiguous' {
  const [row, second] = rows ?? [];
  return second || (row && row['exact'] !== true) ? 'ambiguous' : { row };
}

export function presenceOf(rows: readonly Row[] | undefined): Presence {
  const found = single(rows);
  if (found === 'ambiguous') return unknown('STORE_SCHEMA');
  return found.row ? { state: 'present', version: String(found.row['version']) } : { state: 'gone' };
}

export function whyNot(rows: readonly Row[] | undefined, { version }: Target): Acted {
  const found = single(rows);
  if (found === 'ambiguous') return actedFailure('STORE_SCHEMA');
  if (!found.row) return ALREADY_SO;
  // The row is unchanged: a trigger or a rule of the database kept it.
  return version === undefined || found.row['version'] === version
    ? actedFailure('STORE_CONSTRAINT')
    : CHANGED;
}

interface Write {
  readonly place: string;
  readonly part: string;
  readonly texts: readonly (string | null)[];
}

export function masking(
  rows: readonly Row[] | undefined,
  { version }: Target,
  columns: readonly MaskedColumn[],
  key: Uint8Array,
): { readonly answer: Acted; readonly write?: Write } {
  const found = single(rows);
  if (found === 'ambiguous') return { answer: actedFailure('STORE_SCHEMA') };
  const { row } = found;
  if (!row) return { answer: ALREADY_SO };
  if (version !== undefined && row['version'] !== version) return { answer: CHANGED };
  if (columns.every((column, index) => isFieldMasked(row, index, column, key))) return { answer: ALREADY_SO };
  const texts: (string | null)[] = [];
  for (const [index, column] of columns.entries()) {
    const masked = maskDocumentField(textOf(row, index), column.mask, key);
    if (!masked.fits) return { answer: actedFailure('STORE_SCHEMA') };
    texts.push(masked.value === null || masked.value === undefined ? null : String(masked.value));
  }
  return {
    answer: { outcome: 'anonymised', answer: 'UPDATE 1' },
    write: { place: String(row['place']), part: String(row['part']), texts },
  };
}

const KEPT: ReadBack = { state: 'kept' };

export function kept(
  rows: readonly Row[] | undefined,
  { expect, masks }: Promised,
  columns: readonly MaskedColumn[],
  key: Uint8Array,
): ReadBack {
  if (!rows) return KEPT;
  if (rows.some((row) => row['exact'] !== true)) return unknown('STORE_SCHEMA');
  const isKept =
    expect === 'masked' &&
    masks !== undefined &&
    rows.every((row) => columns.every((column, index) => isFieldMasked(row, index, column, key)));
  if (isKept) return KEPT;
  return rows.some((row) => row['pending'] === true) ? unknown('STORE_TIMEOUT') : { state: 'broken' };
}

function isFieldMasked(row: Row, index: number, { mask }: MaskedColumn, key: Uint8Array): boolean {
  if (mask.kind === 'constant') return row[`c${index}`] === true;
  return isDocumentFieldMasked(textOf(row, index), mask, key);
}

function textOf(row: Row, index: number): string | null {
  const text = row[`f${index}`];
  return typeof text === 'string' ? text : null;
}
