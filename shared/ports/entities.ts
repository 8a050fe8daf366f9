import type { EntityState, Fact } from '../domain/facts/facts.ts';
import type { EntityRef, EventRef } from '../domain/record/ids.ts';

/** Facts of entities, and their folded states. Reads are strongly consistent. */
export interface Entities {
  /**
   * `new`, or `duplicate` when the same body is stored under this entity and event id, or `reused` when another one is.
   * A `duplicate` that was sent earlier lowers the stored `sent` and writes nothing else. `reused` writes nothing.
   */
  putFact(entity: EntityRef, fact: Fact): Promise<'new' | 'duplicate' | 'reused'>;
  /** All facts of an entity, in any order. */
  history(entity: EntityRef): Promise<Fact[]>;
  /** Those of these facts that are there. 100 to a request. */
  facts(entity: EntityRef, refs: readonly EventRef[]): Promise<Fact[]>;
  /** One answer for every entity asked for; version 0 where nothing is stored. 100 to a request. */
  states(entities: readonly EntityRef[]): Promise<Map<EntityRef, EntityState>>;
  /** On `state.version`; the stored one is one higher. */
  putState(entity: EntityRef, state: EntityState): Promise<'written' | 'moved'>;
  /** Ids that contain capital letters, kept with what they are in lower case. Idempotent. */
  putSpellings(spellings: readonly Spelling[]): Promise<void>;
}

/** `folded`: the entity that the same id in lower case would be. */
export interface Spelling {
  readonly folded: EntityRef;
  readonly spelled: EntityRef;
  readonly type: string;
}
