import type { ChunkIndex, LogBucket, LogIndex } from '../ports/log.ts';
import { deepFreeze } from './deep-freeze.ts';
import { EMPTY_HEAD, settledOtherwise } from './log-states.ts';
import { memoryRows } from './memory-rows.ts';

export interface MemoryLogBucket extends LogBucket {
  /** Copies, in order of their keys. */
  allObjects(): { readonly key: string; readonly bytes: Uint8Array }[];
}

export function memoryLogBucket(): MemoryLogBucket {
  const objects = memoryRows<{ readonly key: string; readonly bytes: Uint8Array }>();
  return {
    async putIfAbsent(key, bytes) {
      if (objects.get(key) !== undefined) return 'exists';
      objects.put(key, { key, bytes: bytes.slice() });
      return 'written';
    },
    get: async (key) => objects.get(key)?.bytes.slice(),
    allObjects: () => objects.all().map(({ key, bytes }) => ({ key, bytes: bytes.slice() })),
  };
}

export interface MemoryLogIndex extends LogIndex {
  /** In order of their keys. */
  allChunks(): ChunkIndex[];
}

export function memoryLogIndex(): MemoryLogIndex {
  const chunks = memoryRows<ChunkIndex>();
  let stored = EMPTY_HEAD;
  return {
    async putPending(index) {
      if (chunks.get(index.chunk) === undefined)
        chunks.put(index.chunk, deepFreeze({ ...index, state: 'pending' }));
    },
    async settle(chunk, result) {
      const index = chunks.get(chunk);
      const first = result.state === 'sealed' ? result.first : undefined;
      if (
        index === undefined ||
        (index.state !== 'pending' && (index.state !== result.state || index.first !== first))
      ) {
        throw settledOtherwise();
      }
      chunks.put(chunk, deepFreeze({ ...index, ...result }));
    },
    pending: async (hour) => chunks.all(`${hour}/`).filter(({ state }) => state === 'pending'),
    ofHour: async (hour) => chunks.all(`${hour}/`),
    ofDay: async (day) => chunks.all(`${day}T`),
    head: async () => stored,
    async putHead(next) {
      if (stored.version !== next.version - 1) return 'moved';
      stored = deepFreeze(next);
      return 'written';
    },
    allChunks: () => chunks.all(),
  };
}
