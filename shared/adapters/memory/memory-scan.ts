import { factsIn, oddOf } from '../../domain/facts/odd-entity.ts';
import { present } from '../../domain/present.ts';
import { shardOf } from '../../domain/record/shard.ts';
import type { Holdings } from '../../ports/holdings.ts';
import type { MemoryEntities } from './memory-entities.ts';
import type { MemoryHoldings } from './memory-holdings.ts';

/** The entities of a segment come with its last page. */
export function memoryScan(entities: MemoryEntities, holdings: MemoryHoldings): Pick<Holdings, 'scanAll'> {
  return {
    async scanAll(segment, segments, after) {
      const own = await holdings.scanHoldings(segment, segments, after);
      const again = own.items.filter(({ generation }) => generation > 1);
      const earlier = (await Promise.all(again.map(({ ref }) => holdings.tombstones(ref)))).flat();
      const page = { ...own, earlier, damagedEarlier: [] };
      if (page.next !== undefined) return { ...page, entities: [] };
      const pointing = holdings.entitiesPointing();
      const spellings = entities.allSpellings();
      // Years of censuses are simulated: what is as it should be is passed over quickly.
      const maybeOdd = new Set(spellings.keys());
      for (const [ref, { dangling }] of entities.allStates())
        if (!pointing.has(ref) || dangling.length > 0) maybeOdd.add(ref);
      const odd = [...maybeOdd]
        .filter((ref) => shardOf(ref) % segments === segment)
        .flatMap((ref) => {
          const own = spellings.get(ref) ?? [];
          const state = entities.allStates().get(ref);
          return oddOf({
            ref,
            hasHoldings: pointing.has(ref),
            ...present({ facts: state && factsIn(state) }),
            spellings: { count: own.length, ...present({ type: own[0]?.type }) },
          });
        });
      return { ...page, entities: odd };
    },
  };
}
