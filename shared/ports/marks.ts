import type { Instant } from '../domain/record/ids.ts';

/** Which stores have records that are registered on their own. */
export interface RegisteredMarks {
  /** Of which one was, at any time. */
  readonly stores: ReadonlySet<string>;
  /** Absent: no walk over all holdings has ended yet. */
  readonly walked?: MarksWalked;
}

/** Walks over all holdings that have marked the store of each record. */
export interface MarksWalked {
  /** The adopted table that was walked; `-` for one that was not restored. */
  readonly of: string;
  /** When the first of them in a row ended. */
  readonly first: Instant;
  /** An instant before which the latest of those did not begin that began after the first had ended. */
  readonly last?: Instant;
}

export interface Marks {
  /** From then on the store is marked, for ever. It is marked before the first of its records is registered. */
  markRegistered(store: string): Promise<void>;
  /** Replaces what was noted before. */
  noteMarksWalked(walked: MarksWalked): Promise<void>;
  /** Strongly consistent. */
  registeredMarks(): Promise<RegisteredMarks>;
}
