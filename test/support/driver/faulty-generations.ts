import type { Holding } from '../../../shared/domain/record/holding.ts';
import type { HoldingRef } from '../../../shared/domain/record/ids.ts';
import type { LaneCore } from '../../../shared/protocol/lane-core.ts';
import { altered } from '../altered.ts';
import { type World } from './world.ts';

export type Wrap = (core: LaneCore, it: World) => LaneCore;

/** A claim is no reason to wait: the registration merges into it. */
export const mergesIntoClaim: Wrap = (core) => ({
  ...core,
  registry: altered(core.registry, (registry) => ({
    async holding(ref) {
      const holding = await registry.holding(ref);
      return holding?.state === 'claimed' ? { ...holding, state: 'active' } : holding;
    },
  })),
});
/** A take-over leaves the former attempt's chunk alone. */
export const leavesChunk: Wrap = (core) => ({
  ...core,
  bucket: altered(core.bucket, (bucket) => ({
    putIfAbsent: async (key, bytes) => (bytes.length === 0 ? 'written' : bucket.putIfAbsent(key, bytes)),
  })),
});
/** A worker whose chunk was voided by a take-over writes another one. */
export const writesAnother: Wrap = (core) => {
  const own = new Map<HoldingRef, Holding>();
  return {
    ...core,
    registry: altered(core.registry, (registry) => ({
      async putHolding(next) {
        const answer = await registry.putHolding(next);
        if (answer === 'written' && next.state === 'claimed') own.set(next.ref, next);
        return answer;
      },
      holdings: async (refs) => (own.size > 0 ? own : registry.holdings(refs)),
    })),
  };
};
/** The next generation takes the item before the tombstone is put aside. */
export const replacesFirst: Wrap = (core) => {
  let waiting: Holding | undefined;
  return {
    ...core,
    registry: altered(core.registry, (registry) => ({
      putTombstone: async (tombstone) => {
        waiting = tombstone;
      },
      async putHolding(next) {
        const answer = await registry.putHolding(next);
        if (waiting !== undefined) await registry.putTombstone(waiting);
        waiting = undefined;
        return answer;
      },
    })),
  };
};
/** The next generation takes the item whatever its version is. */
export const ignoresVersion: Wrap = (core, it) => ({
  ...core,
  registry: altered(core.registry, (registry) => ({
    putHolding: (next) => registry.putHolding({ ...next, version: (it.holding('1')?.version ?? 0) + 1 }),
  })),
});
/** Tombstones of all generations under one key. */
export const oneTombstone: Wrap = (core) => ({
  ...core,
  registry: altered(core.registry, (registry) => ({
    putTombstone: (tombstone) => registry.putTombstone({ ...tombstone, generation: 1 }),
  })),
});
