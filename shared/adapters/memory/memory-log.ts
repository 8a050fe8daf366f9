import type { Instant } from '../../domain/record/ids.ts';
import type { Checkpoint, CheckpointName, LogBucket, OldObjects } from '../../ports/log.ts';
import { memoryRows } from './memory-rows.ts';

export interface MemoryLogBucket extends LogBucket, OldObjects {
  /** Copies, in order of their keys; without checkpoints. */
  allObjects(): { readonly key: string; readonly bytes: Uint8Array }[];
  /** Every version of the checkpoint, from the first to the newest. Without a name, of the published one. */
  allCheckpoints(name?: CheckpointName): readonly string[];
}

/** `lock`: how many milliseconds an object cannot be taken away, by the clock. */
export function memoryLogBucket(now: () => Instant = () => 0, lock = 0): MemoryLogBucket {
  const objects = memoryRows<{ readonly key: string; readonly bytes: Uint8Array; readonly at: Instant }>();
  const minimums: string[] = [];
  const checkpoints: Readonly<Record<CheckpointName, string[]>> = { checkpoint: [], unwitnessed: [] };
  const newest = (all: readonly string[]): Checkpoint | undefined => {
    const text = all.at(-1);
    return text === undefined ? undefined : { text, tag: String(all.length) };
  };
  const below = (prefix: string) => objects.all().filter(({ key }) => key.startsWith(prefix));
  return {
    async putIfAbsent(key, bytes) {
      if (objects.get(key) !== undefined) return 'exists';
      objects.put(key, { key, bytes: copy(bytes), at: now() });
      return 'written';
    },
    async get(key) {
      const there = objects.get(key);
      return there && copy(there.bytes);
    },
    checkpoint: async (name = 'checkpoint') => newest(checkpoints[name]),
    async putCheckpoint(text, tag, name = 'checkpoint') {
      if (tag !== newest(checkpoints[name])?.tag) return 'moved';
      checkpoints[name].push(text);
      return 'written';
    },
    writtenAt: async (key) => objects.get(key)?.at,
    firstKeys: async (prefix) =>
      below(prefix)
        .slice(0, 1000)
        .map(({ key }) => key),
    async drop(prefix) {
      const [open, locked] = [below(prefix).filter(({ at }) => at + lock <= now()), below(prefix).length];
      for (const { key } of open) objects.delete(key);
      return open.length === locked ? 'gone' : 'locked';
    },
    minimumIndex: async () => newest(minimums),
    async putMinimumIndex(text, tag) {
      if (tag !== newest(minimums)?.tag) return 'moved';
      minimums.push(text);
      return 'written';
    },
    allObjects: () => objects.all().map(({ key, bytes }) => ({ key, bytes: copy(bytes) })),
    allCheckpoints: (name = 'checkpoint') => [...checkpoints[name]],
  };
}

/** `slice` of a Buffer would be a view on the same bytes. */
function copy(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}
