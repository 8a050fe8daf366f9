import { emptyState, fold, refold, sentEarlier } from '../../../shared/domain/facts/fold.ts';
import type { EntityState, Fact, FoldProfile } from '../../../shared/domain/facts/facts.ts';
import type { EventRef } from '../../../shared/domain/record/ids.ts';

/** One entity whose facts arrive one after the other; what a function does with ports, without the ports. */
export interface ToldEntity {
  arrives(fact: Fact): void;
  readonly state: EntityState;
  readonly history: readonly Fact[];
  /** How often the whole history was read. */
  readonly histories: number;
}

export function toldEntity(profile: FoldProfile): ToldEntity {
  let state = emptyState(profile);
  let histories = 0;
  const history = new Map<EventRef, Fact>();
  return {
    arrives(fact) {
      const stored = history.get(fact.ref);
      const kept = stored === undefined ? fact : sentEarlier(stored, fact);
      if (kept !== undefined) history.set(fact.ref, kept);
      const folded = stored === undefined ? fold(state, state, fact, profile) : 'history';
      if (folded === 'history') histories += 1;
      const next = folded === 'history' ? refold(state, [...history.values()], profile) : folded;
      state = { ...next, version: state.version + 1 };
    },
    get state() {
      return state;
    },
    get history() {
      return [...history.values()];
    },
    get histories() {
      return histories;
    },
  };
}
