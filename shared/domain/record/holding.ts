import type { Action, Outcome } from './actions.ts';
import type { EntityRef, EventRef, HoldingRef, Instant } from './ids.ts';

export type AttributeValue = string | number | boolean;
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** An entity a holding is about. The type selects the rules' events; the reference finds its facts. */
export interface AboutEntity {
  readonly type: string;
  readonly ref: EntityRef;
}

/**
 * What one producer registered. A producer that registers again with the same zone and attributes adds to this; with
 * different ones it gets a second registration, and the plan follows whichever keeps longer.
 */
export interface Registration {
  readonly producer: string;
  readonly categories: readonly string[];
  readonly purposes: readonly string[];
  readonly entities: readonly AboutEntity[];
  readonly zone?: string;
  readonly attributes?: Attributes;
}

/** The stored result of `plan`: enough to wake up and to claim. Explanations are recomputed, never stored. */
export interface Decision {
  readonly status: PlanStatus;
  /** Digest of the policies that were in effect. */
  readonly policies: string;
  readonly stage?: Action;
  readonly actAt?: Instant;
  readonly deadline?: Instant;
}

/**
 * `due`: the next stage has a date. `undetermined`: an event or attribute is missing. `never`: kept permanently.
 * `not-computable`: the rule says so. `conflict`: notBefore > notAfter, kept. `done`: no stage is left.
 */
export type PlanStatus = 'due' | 'undetermined' | 'never' | 'not-computable' | 'conflict' | 'done';

export interface Claim {
  readonly token: string;
  readonly leaseUntil: Instant;
  readonly stage: Action;
  /** 1 for the first attempt at this stage of this generation. */
  readonly attempt: number;
  readonly claimedAt: Instant;
  /** The holding's version that this claim wrote: an outcome with another version has to read again. */
  readonly version: number;
  /** Earlier attempts whose lease ended: a take-over settles their chunks before it does anything else. */
  readonly former?: readonly FormerAttempt[];
  /**
   * This attempt could not learn from the store what the former attempts did, and did nothing itself: the next one
   * replaces it.
   */
  readonly unread?: true;
}

/** An attempt that was taken over; its chunks are at `<hour of claimedAt>/<token>/<n>`. */
export interface FormerAttempt {
  readonly token: string;
  readonly claimedAt: Instant;
  readonly attempt: number;
}

/** A stage that was carried out, with the place of its entry in the deletion log. */
export interface StageDone {
  readonly stage: Action;
  readonly outcome: Outcome;
  readonly at: Instant;
  readonly chunk: string;
  readonly line: number;
}

/**
 * `pending`: registered, not yet planned. `active`: planned. `claimed`: one worker's, until the lease ends.
 * `disposed`: a tombstone. `withdrawn`: nothing is registered any more.
 */
export type HoldingState = 'pending' | 'active' | 'claimed' | 'disposed' | 'withdrawn';

/** One row, item or object of one store. At most 1 KB stored with one entity and one stage. */
export interface Holding {
  readonly ref: HoldingRef;
  /** Grows by one with every write; every write is conditional on it. */
  readonly version: number;
  /** From 1; a holding registered again at the same locator after disposal is the next one. */
  readonly generation: number;
  readonly state: HoldingState;
  readonly store: string;
  /** Encrypted canonical locator, bound to `ref`. Absent on a tombstone. */
  readonly locator?: string;
  /** When this generation was first registered. */
  readonly registeredAt: Instant;
  readonly registrations: readonly Registration[];
  readonly decision?: Decision;
  /** The earliest recorded hint for this holding; absent when none is needed. */
  readonly hintAt?: Instant;
  /** A worker saw the record in its store at least once in this generation. */
  readonly seen?: boolean;
  /** Attempts begun at the stage that is next. */
  readonly attempts?: number;
  /** Failures in a row at the stage that is next; sets the back-off. */
  readonly failures?: number;
  readonly done?: readonly StageDone[];
  readonly claim?: Claim;
  /** The hold or pause for which the holding was set aside; `entity` is set when the hold is on an entity. */
  readonly parked?: { readonly hold: string; readonly entity?: EntityRef };
  /**
   * The latest registrations and withdrawals, including those of earlier generations: a repeated one changes nothing.
   */
  readonly receipts?: readonly EventRef[];
  /** Set when facts that arrived after the store call would have kept the record. */
  readonly disposedBeforeFact?: boolean;
}
