import type { HoldingRef, Instant } from '../domain/record/ids.ts';
import type { Page } from './page.ts';

/** "Look at this holding in this minute" (an instant at second 0). Advisory: duplicates and stale ones are harmless. */
export interface Hint {
  readonly minute: Instant;
  readonly holding: HoldingRef;
  readonly lane: string;
  readonly producer: string;
  /** The holding's deadline when the hint was written. */
  readonly deadline?: Instant;
  /**
   * Applications are to be told that the disposal comes: the lane has nothing to do yet. It is another hint than one of the
   * same minute for the lane, and `hasHint` does not see it. A former release takes it for one for the lane, which finds that
   * nothing is due.
   */
  readonly tells?: true;
}

/** Where the sweep is in one shard: every hint up to `after` was handed to the lanes. */
export interface ShardCursor {
  readonly shard: number;
  /** 0 where nothing is stored. */
  readonly version: number;
  /** Absent: at the beginning. Ordered like hints: by minute, then by holding. */
  readonly after?: { readonly minute: Instant; readonly holding: HoldingRef };
}

export interface Hints {
  /** Durable when it resolves; idempotent. */
  putHints(hints: readonly Hint[]): Promise<void>;
  /** Hints after the cursor with a minute ≤ `until`, in order; a page is what fits in 1 MB. One request a page. */
  hintsAfter(cursor: ShardCursor, until: Instant): Promise<Page<Hint>>;
  /** Whether exactly this hint is on record. Only the census asks. */
  hasHint(hint: Pick<Hint, 'minute' | 'holding'>): Promise<boolean>;
  /** All shards, one request. */
  cursors(): Promise<ShardCursor[]>;
  /** On the version read: `next.version - 1`. Answers in order. */
  moveCursors(next: readonly ShardCursor[]): Promise<('written' | 'moved')[]>;
}
