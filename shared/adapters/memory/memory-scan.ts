import { type EntityTraces, factsIn, oddOf } from '../../domain/facts/odd-entity.ts';
import { present } from '../../domain/present.ts';
import type { EntityRef } from '../../domain/record/ids.ts';
import { shardOf } from '../../domain/record/shard.ts';
import type { Holdings } from '../../ports/holdings.ts';
import type { MemoryEntities } from './memory-entities.ts';
import type { MemoryHoldings } from './memory-holdings.ts';

/** The entities of a segment come with its last page. */
export function memoryScan(entities: MemoryEntities, holdings: MemoryHoldings): Pick<Holdings, 'scanAll'> {
  function tracesOf(ref: EntityRef, withHoldings: ReadonlySet<EntityRef>): EntityTraces {
    const state = entities.allStates().get(ref);
    const spellings = entities.allSpellings().get(ref) ?? [];
    return {
      ref,
      hasHoldings: withHoldings.has(ref),
      ...present({ facts: state && factsIn(state) }),
      spellings: { count: spellings.length, ...present({ type: spellings[0]?.type }) },
    };
  }
  return {
    async scanAll(segment, segments, after) {
      const page = await holdings.scanHoldings(segment, segments, after);
      if (page.next !== undefined) return { ...page, entities: [] };
      const withHoldings = new Set(holdings.allPointers().map(({ entity }) => entity));
      const all = new Set([
        ...entities.allStates().keys(),
        ...withHoldings,
        ...entities.allSpellings().keys(),
      ]);
      const own = [...all].filter((ref) => shardOf(ref) % segments === segment);
      return { ...page, entities: own.flatMap((ref) => oddOf(tracesOf(ref, withHoldings))) };
    },
  };
}
