import type { Instant } from '../record/ids.ts';

/**
 * How far a column of facts was read: the instant of which it was read to its end, or before 1970 if it was not yet. Then it
 * says, negated, since when the column is known. So a mark only grows.
 */
export type ColumnMark = number;

export function notReadSince(instant: Instant): ColumnMark {
  return -instant;
}

/** Since when the column is known, if it was never read to its end. */
export function unreadSince(mark: ColumnMark): Instant | undefined {
  return mark <= 0 ? -mark : undefined;
}
