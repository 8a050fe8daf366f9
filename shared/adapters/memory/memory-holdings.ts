import { deepFreeze } from '../deep-freeze.ts';
import { memoryPartitions, memoryRows } from './memory-rows.ts';
import { shardOf } from '../../domain/record/shard.ts';
import type { EntityRef, HoldingRef } from '../../domain/record/ids.ts';
import type { Holdings } from '../../ports/holdings.ts';
import type { Holding } from '../../domain/record/holding.ts';

/** Without the scan over everything: `memory-scan.ts`. */
export interface MemoryHoldings extends Omit<Holdings, 'scanAll'> {
  allHoldings(): Holding[];
  allTombstones(): Holding[];
  allPointers(): { readonly entity: EntityRef; readonly holding: HoldingRef }[];
}

export function memoryHoldings(pageSize: number): MemoryHoldings {
  const pointers = memoryPartitions<{ readonly entity: EntityRef; readonly holding: HoldingRef }>();
  const holdings = memoryRows<Holding>();
  const tombstones = memoryPartitions<Holding>();
  return {
    async holdings(refs) {
      return new Map(
        refs.flatMap((ref) => {
          const holding = holdings.get(ref);
          return holding === undefined ? [] : [[ref, holding] as const];
        }),
      );
    },
    async writeHoldings(changes) {
      const refs = changes.map(({ after }) => after.ref);
      if (new Set(refs).size < refs.length) throw new TypeError('one holding is changed twice in one call');
      return changes.map(({ before, after }) => {
        if (after.version !== (before?.version ?? 0) + 1)
          throw new TypeError('a change raises the version by one');
        if (holdings.get(after.ref)?.version !== before?.version) return 'moved';
        holdings.put(after.ref, deepFreeze(after));
        return 'written';
      });
    },
    async putTombstone(tombstone) {
      const earlier = tombstones.of(tombstone.ref);
      const generation = String(tombstone.generation).padStart(9, '0');
      const stored = earlier.get(generation);
      if (stored === undefined || stored.version < tombstone.version)
        earlier.put(generation, deepFreeze(tombstone));
    },
    tombstones: async (ref) => tombstones.at(ref).all(),
    async putPointers(entities, holding) {
      for (const entity of entities) pointers.of(entity).put(holding, deepFreeze({ entity, holding }));
    },
    async pointers(entity, after) {
      const page = pointers.at(entity).page(pageSize, after);
      return { ...page, items: page.items.map(({ holding }) => holding) };
    },
    async scanHoldings(segment, segments, after) {
      const page = holdings.page(pageSize, after);
      return { ...page, items: page.items.filter(({ ref }) => shardOf(ref) % segments === segment) };
    },
    allHoldings: () => holdings.all(),
    allTombstones: () => tombstones.all(),
    allPointers: () => pointers.all(),
  };
}
