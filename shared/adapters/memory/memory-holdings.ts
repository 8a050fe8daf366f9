import { deepFreeze } from '../deep-freeze.ts';
import { memoryPartitions, memoryRows } from './memory-rows.ts';
import { shardOf } from '../../domain/record/shard.ts';
import type { EntityRef, HoldingRef } from '../../domain/record/ids.ts';
import { AdapterError } from '../adapter-error.ts';
import type { DamagedHolding, Holdings, HoldingsRead } from '../../ports/holdings.ts';
import type { Holding } from '../../domain/record/holding.ts';

/** Without the scan over everything: `memory-scan.ts`. */
export interface MemoryHoldings extends Omit<Holdings, 'scanAll'> {
  /** From now on the item cannot be read, as if somebody had changed it by hand; or it was restored. */
  damage(ref: HoldingRef, isDamaged?: boolean): void;
  allHoldings(): Holding[];
  allTombstones(): Holding[];
  /** Every entity that has a pointer. */
  entitiesPointing(): ReadonlySet<EntityRef>;
  allPointers(): { readonly entity: EntityRef; readonly holding: HoldingRef }[];
}

export function memoryHoldings(pageSize: number): MemoryHoldings {
  const pointers = memoryPartitions<{ readonly entity: EntityRef; readonly holding: HoldingRef }>();
  const pointing = new Set<EntityRef>();
  const holdings = memoryRows<Holding>();
  const tombstones = memoryPartitions<Holding>();
  const unreadable = new Set<HoldingRef>();

  function readEach(items: readonly Holding[]): { items: Holding[]; damaged: DamagedHolding[] } {
    const damaged = items.filter(({ ref }) => unreadable.has(ref));
    return {
      items: items.filter(({ ref }) => !unreadable.has(ref)),
      damaged: damaged.map(({ ref, store }) => ({ ref, store, code: 'ITEM_INVALID' })),
    };
  }

  async function readHoldings(refs: readonly HoldingRef[]): Promise<HoldingsRead> {
    const { items, damaged } = readEach(refs.flatMap((ref) => holdings.get(ref) ?? []));
    return { holdings: new Map(items.map((holding) => [holding.ref, holding])), damaged };
  }

  return {
    async holdings(refs) {
      if (refs.some((ref) => unreadable.has(ref)))
        throw new AdapterError('ITEM_INVALID', 'A holding item cannot be read: a test damaged it.');
      return new Map((await readHoldings(refs)).holdings);
    },
    readHoldings,
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
      const generation = nameOfGeneration(tombstone.generation);
      const stored = earlier.get(generation);
      if (stored === undefined || stored.version < tombstone.version)
        earlier.put(generation, deepFreeze(tombstone));
    },
    tombstones: async (ref) => tombstones.at(ref).all(),
    tombstonesAt: async (of) =>
      of.flatMap(({ ref, generation }) => tombstones.at(ref).get(nameOfGeneration(generation)) ?? []),
    async putPointers(entities, holding) {
      for (const entity of entities) {
        pointing.add(entity);
        pointers.of(entity).put(holding, deepFreeze({ entity, holding }));
      }
    },
    async pointers(entity, after) {
      const page = pointers.at(entity).page(pageSize, after);
      return { ...page, items: page.items.map(({ holding }) => holding) };
    },
    async pointersAmong(entity, refs) {
      return [...new Set(refs)].filter((ref) => pointers.at(entity).get(ref) !== undefined);
    },
    async scanHoldings(segment, segments, after) {
      const page = holdings.page(pageSize, after);
      const own = page.items.filter(({ ref }) => shardOf(ref) % segments === segment);
      return { ...page, ...readEach(own) };
    },
    damage(ref, isDamaged = true) {
      if (isDamaged) unreadable.add(ref);
      else unreadable.delete(ref);
    },
    entitiesPointing: () => pointing,
    allHoldings: () => holdings.all(),
    allTombstones: () => tombstones.all(),
    allPointers: () => pointers.all(),
  };
}

function nameOfGeneration(generation: number): string {
  return String(generation).padStart(9, '0');
}
