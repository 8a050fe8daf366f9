import type { Action } from './actions.ts';
import type { EntityState } from './facts.ts';
import type { AboutEntity, PlanStatus } from './holding.ts';
import type { EntityRef, Instant } from './ids.ts';
import type { PolicySet, Variant } from './policy.ts';

/** When a stage may and must be done. Instants are unrounded bounds. */
export interface Window {
  readonly notBefore?: Instant;
  readonly notAfter?: Instant;
  readonly floor: Instant;
  readonly basis: 'law' | 'policy';
}

/** A fact that decided a bound. `occurred` as it was sent; the log leaves out the dates of personal events. */
export interface WinningFact {
  readonly type: string;
  readonly occurred: string;
  readonly personal: boolean;
}

export interface PlannedStage {
  readonly action: Action;
  readonly status: PlanStatus;
  readonly window?: Window;
  readonly actAt?: Instant;
  readonly deadline?: Instant;
  readonly policy: string;
  readonly policyVersion: string;
  readonly ruleText: string;
  readonly facts: readonly WinningFact[];
  /** Why it has no date: the events and attributes that would determine it, or the conflict. */
  readonly reasons: readonly string[];
}

export interface PlanInput {
  readonly categories: readonly string[];
  readonly entities: readonly AboutEntity[];
  /** At least one; the plan takes whichever keeps longer. */
  readonly variants: readonly Variant[];
  readonly done: readonly Action[];
  readonly states: ReadonlyMap<EntityRef, EntityState>;
  readonly policies: PolicySet;
  readonly now: Instant;
}

export interface Plan {
  readonly status: PlanStatus;
  /** The first stage that is not done, when it has a date. */
  readonly next?: PlannedStage;
  readonly stages: readonly PlannedStage[];
  /** Digest of the policies in effect at `now`. */
  readonly policies: string;
  /** Sentences: rules considered, the winner and by how much, facts used and ignored, what would change the result. */
  readonly explanation: readonly string[];
}
