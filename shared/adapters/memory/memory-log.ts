import type { ChunkIndex, LogBucket, LogIndex } from '../../ports/log.ts';
import { deepFreeze } from '../deep-freeze.ts';
import { EMPTY_HEAD, settledOtherwise } from '../log-states.ts';
import { memoryPartitions, memoryRows } from './memory-rows.ts';

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

const HOURS_OF_A_DAY = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0'));

export interface MemoryLogIndex extends LogIndex {
  /** In order of their keys. */
  allChunks(): ChunkIndex[];
}

export function memoryLogIndex(): MemoryLogIndex {
  /** By hour, so that a day's chunks are found without reading those of ten years. */
  const hours = memoryPartitions<ChunkIndex>();
  let stored = EMPTY_HEAD;
  return {
    async putPending(index) {
      const chunks = hours.of(hourOfChunk(index.chunk));
      if (chunks.get(index.chunk) === undefined) {
        chunks.put(index.chunk, deepFreeze({ ...index, state: 'pending' }));
      }
    },
    async settle(chunk, result) {
      const index = hours.at(hourOfChunk(chunk)).get(chunk);
      const first = result.state === 'sealed' ? result.first : undefined;
      // A void chunk has no first entry, so this also tells sealed and void apart.
      if (index === undefined || (index.state !== 'pending' && index.first !== first)) {
        throw settledOtherwise();
      }
      hours.of(hourOfChunk(chunk)).put(chunk, deepFreeze({ ...index, ...result }));
    },
    pending: async (hour) =>
      hours
        .at(hour)
        .all()
        .filter(({ state }) => state === 'pending'),
    ofHour: async (hour) => hours.at(hour).all(),
    ofDay: async (day) => HOURS_OF_A_DAY.flatMap((hour) => hours.at(`${day}T${hour}`).all()),
    head: async () => stored,
    async putHead(next) {
      if (stored.version !== next.version - 1) return 'moved';
      stored = deepFreeze(next);
      return 'written';
    },
    allChunks: () => hours.all(),
  };
}

function hourOfChunk(chunk: string): string {
  return chunk.slice(0, 'YYYY-MM-DDTHH'.length);
}
