import type { EntityState, Fact } from '../../domain/facts/facts.ts';
import { sentEarlier } from '../../domain/facts/fold.ts';
import type { EntityRef } from '../../domain/record/ids.ts';
import { ABSENT_STATE } from '../absent-state.ts';
import { deepFreeze } from '../deep-freeze.ts';
import { memoryPartitions } from './memory-rows.ts';
import type { Entities, Spelling } from '../../ports/entities.ts';

export interface MemoryEntities extends Entities {
  allStates(): ReadonlyMap<EntityRef, EntityState>;
  allFacts(): { readonly entity: EntityRef; readonly fact: Fact }[];
  /** By what they are in lower case. */
  allSpellings(): ReadonlyMap<EntityRef, readonly Spelling[]>;
}

export function memoryEntities(): MemoryEntities {
  const facts = memoryPartitions<{ readonly entity: EntityRef; readonly fact: Fact }>();
  const states = new Map<EntityRef, EntityState>();
  const spellings = memoryPartitions<Spelling>();
  return {
    async putFact(entity, fact) {
      const history = facts.of(entity);
      const stored = history.get(fact.ref);
      if (stored !== undefined) {
        if (stored.fact.bodyHash !== fact.bodyHash) return 'reused';
        const earlier = sentEarlier(stored.fact, fact);
        if (earlier !== undefined) history.put(fact.ref, deepFreeze({ entity, fact: earlier }));
        return 'duplicate';
      }
      history.put(fact.ref, deepFreeze({ entity, fact }));
      return 'new';
    },
    async history(entity) {
      const all = facts.at(entity).all();
      return all.map(({ fact }) => fact);
    },
    async facts(entity, refs) {
      return [...new Set(refs)].flatMap((ref) => facts.at(entity).get(ref)?.fact ?? []);
    },
    async states(entities) {
      return new Map(entities.map((entity) => [entity, states.get(entity) ?? ABSENT_STATE]));
    },
    async putState(entity, state) {
      if ((states.get(entity) ?? ABSENT_STATE).version !== state.version) return 'moved';
      states.set(entity, deepFreeze({ ...state, version: state.version + 1 }));
      return 'written';
    },
    async putSpellings(all) {
      for (const one of all) spellings.of(one.folded).put(one.spelled, deepFreeze(one));
    },
    allSpellings: () => Map.groupBy(spellings.all(), ({ folded }) => folded),
    allStates: () => states,
    allFacts: () => facts.all(),
  };
}
