import type { EntityState } from '../domain/facts/facts.ts';
import type { Claim, Holding } from '../domain/record/holding.ts';
import type { EntityRef, Instant } from '../domain/record/ids.ts';
import type { Plan, PlannedStage } from '../domain/plan/plan.ts';
import type { HeldBy } from '../domain/plan/verdict.ts';
import type { Keys } from '../ports/keys.ts';
import type { LogBucket, LogIndex } from '../ports/log.ts';
import type { Locator, Presence, Store } from '../ports/store.ts';
import type { Core } from './core.ts';

/** What a lane's worker has in addition to `Core`: one store, the keys for its locators, and the deletion log. */
export interface LaneCore extends Core {
  readonly lane: string;
  readonly store: Store;
  readonly keys: Keys;
  readonly bucket: LogBucket;
  readonly index: LogIndex;
}

/** A holding that this run has claimed. `interrupted`: earlier attempts that were cut off and that no entry names yet. */
export interface Attempt {
  readonly holding: Holding & { readonly claim: Claim };
  readonly locator: Locator;
  readonly interrupted: readonly number[];
  readonly presence?: Presence;
  readonly plan?: Plan;
  /** The stage that is being carried out, as planned now. */
  readonly stage?: PlannedStage;
}

/**
 * The result of an attempt. `actedAt` is there if the store was asked to change the record. After `held`, `too-early`,
 * `stopped` and `not-written` it was not asked.
 */
export type Result =
  | {
      readonly kind: 'success';
      readonly outcome: 'deleted' | 'anonymised' | 'restricted' | 'already-so';
      readonly actedAt?: Instant;
      readonly readBackAt: Instant;
      readonly answer?: string;
    }
  | {
      readonly kind: 'failed' | 'refused';
      readonly code: string;
      readonly until?: Instant;
      readonly actedAt?: Instant;
      /** The store may have done it, and could not be read: the next attempt reads before anything else is decided. */
      readonly unread?: true;
    }
  | { readonly kind: 'changed'; readonly actedAt?: Instant }
  | { readonly kind: 'held'; readonly by: HeldBy }
  | { readonly kind: 'too-early'; readonly heldByRule?: true }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'not-written'; readonly until: Instant };

export interface Finished {
  readonly attempt: Attempt;
  readonly result: Result;
}

export type States = ReadonlyMap<EntityRef, EntityState>;
