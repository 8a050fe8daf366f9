import type { LogBucket } from '../../ports/log.ts';
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
