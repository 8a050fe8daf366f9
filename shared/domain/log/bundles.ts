/** The length of an entry is written in two bytes. https://c2sp.org/tlog-tiles */
export const MAX_ENTRY_BYTES = 65_535;

const LENGTH_BYTES = 2;

/** Entries as one object: each with its length before it. Throws a RangeError for an entry above MAX_ENTRY_BYTES. */
export function packEntries(entries: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    entries.flatMap((entry) => {
      if (entry.length > MAX_ENTRY_BYTES)
        throw new RangeError(`an entry has ${entry.length} bytes; at most ${MAX_ENTRY_BYTES} are possible`);
      return [Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry];
    }),
  );
}

/** Nothing if these are not exactly that number of entries: bytes are missing, or others follow. */
export function unpackEntries(bytes: Uint8Array, count: number): readonly Uint8Array[] | undefined {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    const [high, low] = bytes.subarray(at, at + LENGTH_BYTES);
    if (high === undefined || low === undefined) return undefined;
    const start = at + LENGTH_BYTES;
    at = start + high * 256 + low;
    if (at > bytes.length || entries.length === count) return undefined;
    entries.push(bytes.subarray(start, at));
  }
  return entries.length === count ? entries : undefined;
}
