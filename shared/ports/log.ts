/** Append-only: a chunk never changes after it was written. */
export interface LogBucket {
  /** Writes only if there is no object with this key (`If-None-Match: *`). */
  putIfAbsent(key: string, bytes: Uint8Array): Promise<'written' | 'exists'>;
  /** What was written first: it is what was sealed, whatever came later. Nothing if nothing was ever written. */
  get(key: string): Promise<Uint8Array | undefined>;
}
