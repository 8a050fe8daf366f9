import type { Checkpoint, LogBucket } from '../../ports/log.ts';
import { memoryRows } from './memory-rows.ts';

export interface MemoryLogBucket extends LogBucket {
  /** Copies, in order of their keys; without checkpoints. */
  allObjects(): { readonly key: string; readonly bytes: Uint8Array }[];
  /** Every version of the checkpoint, from the first to the newest. */
  allCheckpoints(): readonly string[];
}

export function memoryLogBucket(): MemoryLogBucket {
  const objects = memoryRows<{ readonly key: string; readonly bytes: Uint8Array }>();
  const checkpoints: string[] = [];
  const newest = (): Checkpoint | undefined => {
    const text = checkpoints.at(-1);
    return text === undefined ? undefined : { text, tag: String(checkpoints.length) };
  };
  return {
    async putIfAbsent(key, bytes) {
      if (objects.get(key) !== undefined) return 'exists';
      objects.put(key, { key, bytes: copy(bytes) });
      return 'written';
    },
    async get(key) {
      const there = objects.get(key);
      return there && copy(there.bytes);
    },
    checkpoint: async () => newest(),
    async putCheckpoint(text, tag) {
      if (tag !== newest()?.tag) return 'moved';
      checkpoints.push(text);
      return 'written';
    },
    allObjects: () => objects.all().map(({ key, bytes }) => ({ key, bytes: copy(bytes) })),
    allCheckpoints: () => [...checkpoints],
  };
}

/** `slice` of a Buffer would be a view on the same bytes. */
function copy(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}
