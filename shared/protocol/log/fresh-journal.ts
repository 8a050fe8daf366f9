import type { LogBucket } from '../../ports/log.ts';

/** What a run remembers at most of the objects that it wrote. */
const MOST_BYTES = 32_000_000;

const JOURNAL = 'entries/';

/**
 * The bucket, which remembers what this run has written into the journal. What was written here and is there, is what
 * was written first: so it need not be read again, which would be two requests a batch.
 */
export function rememberingJournal(bucket: LogBucket): LogBucket {
  const fresh = new Map<string, Uint8Array>();
  let bytesLeft = MOST_BYTES;
  return {
    ...bucket,
    async putIfAbsent(key, bytes) {
      const written = await bucket.putIfAbsent(key, bytes);
      if (written === 'written' && key.startsWith(JOURNAL) && bytes.length <= bytesLeft) {
        fresh.set(key, bytes);
        bytesLeft -= bytes.length;
      }
      return written;
    },
    get: async (key) => fresh.get(key) ?? bucket.get(key),
  };
}
