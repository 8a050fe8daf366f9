import { hourId } from '../../../shared/domain/calendar/utc-time.ts';
import type { MemoryLogBucket, MemoryLogIndex } from '../../../shared/adapters/memory/memory-log.ts';
import type { ChunkIndex, LogBucket, LogIndex } from '../../../shared/ports/log.ts';
import { VOID } from '../../../shared/protocol/chunk-key.ts';
import { altered } from '../altered.ts';
import { type World } from './world.ts';

/** All chunks of the model lie in this hour. */
export const HOUR = hourId(Date.parse('2026-03-01T10:00:00Z'));

export interface Log {
  readonly bucket: LogBucket;
  readonly index: LogIndex;
}

/** An index whose items any writer overwrites. */
export function overwrittenIndex(it: World): MemoryLogIndex {
  const chunks = new Map<string, ChunkIndex>();
  const all = (): ChunkIndex[] => [...chunks.values()].toSorted((a, b) => (a.chunk < b.chunk ? -1 : 1));
  return altered(it.index, () => ({
    putPending: async (index) => void chunks.set(index.chunk, { ...index, state: 'pending' }),
    async settle(chunk, result) {
      const known = chunks.get(chunk);
      if (known !== undefined) chunks.set(chunk, { ...known, ...result });
    },
    pending: async () => all().filter(({ state }) => state === 'pending'),
    allChunks: all,
  }));
}
/** A bucket in which the empty object of a voiding overwrites what is there. */
export function voidingBucket(it: World): MemoryLogBucket {
  const voided = new Set<string>();
  return altered(it.bucket, (bucket) => ({
    async putIfAbsent(key, bytes) {
      if (bytes.length > 0) return voided.has(key) ? 'exists' : bucket.putIfAbsent(key, bytes);
      voided.add(key);
      return 'written';
    },
    get: async (key) => (voided.has(key) ? VOID : bucket.get(key)),
    allObjects: () => [
      ...bucket.allObjects().filter(({ key }) => !voided.has(key)),
      ...[...voided].toSorted().map((key) => ({ key, bytes: VOID })),
    ],
  }));
}
/** 412 is always taken for a retry of one's own. */
export const takesForOwn = ({ bucket, index }: Log): Log => ({
  index,
  bucket: altered(bucket, () => ({
    async putIfAbsent(key, bytes) {
      await bucket.putIfAbsent(key, bytes);
      return 'written';
    },
  })),
});
/** 412 always makes a new chunk. */
export const takesForForeign = ({ bucket, index }: Log): Log => ({
  index,
  bucket: altered(bucket, () => ({ get: async () => undefined })),
});
/** Voiding marks the index item and leaves the key free. */
export const marksOnly = ({ bucket, index }: Log): Log => {
  const marked = new Set<string>();
  return {
    index,
    bucket: altered(bucket, () => ({
      async putIfAbsent(key) {
        marked.add(key);
        return 'written';
      },
      get: async (key) => (marked.has(key) ? VOID : bucket.get(key)),
    })),
  };
};
/** The object is put before its index item. */
export const objectFirst = ({ bucket, index }: Log): Log => {
  let waiting: ChunkIndex | undefined;
  return {
    index: altered(index, () => ({
      putPending: async (item) => {
        waiting = item;
      },
    })),
    bucket: altered(bucket, () => ({
      async putIfAbsent(key, bytes) {
        const answer = await bucket.putIfAbsent(key, bytes);
        if (waiting !== undefined) await index.putPending(waiting);
        return answer;
      },
    })),
  };
};
/** Pending items are read before the head. */
export const pendingFirst = ({ bucket, index }: Log): Log => {
  let early: ChunkIndex[] | undefined;
  return {
    bucket,
    index: altered(index, () => ({
      async head() {
        early = await index.pending(HOUR);
        return index.head();
      },
      pending: async (hour) => early ?? index.pending(hour),
    })),
  };
};
/** The next batch is accepted before the index items of this one are written. */
export const nextAtOnce = ({ bucket, index }: Log): Log => ({
  bucket,
  index: altered(index, () => ({ head: async () => ({ ...(await index.head()), published: true }) })),
});
