/** Append-only: a chunk never changes after it was written. */
export interface LogBucket {
  /** Writes only if there is no object with this key (`If-None-Match: *`). */
  putIfAbsent(key: string, bytes: Uint8Array): Promise<'written' | 'exists'>;
  get(key: string): Promise<Uint8Array | undefined>;
}
