import type { Instant } from '../domain/record/ids.ts';

/** What the index stores about a chunk: enough for filters, and nothing that identifies a person. */
export interface ChunkIndex {
  /** `<hour>/<token>/<n>`, e.g. `2026-03-01T10/01J.../0`; the object's key below `chunks/`. */
  readonly chunk: string;
  readonly state: 'pending' | 'sealed' | 'void';
  readonly putAt: Instant;
  readonly store: string;
  readonly rules: readonly string[];
  /** Entries by outcome. */
  readonly counts: Readonly<Record<string, number>>;
  /** Index of its first entry in the log, once sealed. */
  readonly first?: number;
}

/** One bounded batch of chunks with their first indexes; fixed size, at most 4 KB. */
export interface LogHead {
  /** 0 when nothing is stored. */
  readonly version: number;
  readonly size: number;
  readonly batch: readonly { readonly chunk: string; readonly first: number; readonly count: number }[];
  /** The batch's index items (and tiles) are written, so the next batch may begin. */
  readonly published: boolean;
  /** All chunks of hours before this one (`YYYY-MM-DDTHH`) are sealed or void. */
  readonly settledHour?: string;
}

/** Append-only: a chunk never changes after it was written. */
export interface LogBucket {
  /** Writes only if there is no object with this key (`If-None-Match: *`). */
  putIfAbsent(key: string, bytes: Uint8Array): Promise<'written' | 'exists'>;
  get(key: string): Promise<Uint8Array | undefined>;
}

export interface LogIndex {
  /** Writes only if absent, so that a late retry never turns a sealed chunk back into a pending one. */
  putPending(index: ChunkIndex): Promise<void>;
  /** State `sealed` with `first`, or `void`. Repeating an identical call changes nothing. */
  settle(
    chunk: string,
    result: { readonly state: 'sealed'; readonly first: number } | { readonly state: 'void' },
  ): Promise<void>;
  /** The pending chunks of this hour (`YYYY-MM-DDTHH`). A consistent read. */
  pending(hour: string): Promise<ChunkIndex[]>;
  /** All chunks of an hour, any state. */
  ofHour(hour: string): Promise<ChunkIndex[]>;
  /** All chunks of a day (`YYYY-MM-DD`), in order of their keys. */
  ofDay(day: string): Promise<ChunkIndex[]>;
  head(): Promise<LogHead>;
  /** Writes if the stored version is `next.version - 1`. */
  putHead(next: LogHead): Promise<'written' | 'moved'>;
}
