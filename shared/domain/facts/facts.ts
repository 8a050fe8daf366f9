import type { Attributes } from '../record/holding.ts';
import type { EventRef, Instant, Occurred } from '../record/ids.ts';

/**
 * A durable lifecycle event of one entity. `kind`: an `event` happened; a `correction` happened instead of the event
 * `kills`; a `retraction` says that `kills` never happened.
 */
export interface Fact {
  readonly ref: EventRef;
  readonly kind: 'event' | 'correction' | 'retraction';
  readonly type: string;
  /** Absent on a retraction. May be in the future. */
  readonly occurred?: Occurred;
  /** The event's `time`, or if it has none, when the bus received it. Never later than `received`. */
  readonly sent: Instant;
  readonly received: Instant;
  readonly kills?: EventRef;
  /** Only attributes that a policy declares for this event. */
  readonly attributes?: Attributes;
  /** SHA-256 of the canonical body: the same id with another hash is refused. */
  readonly bodyHash: string;
}

/** One occurrence as the state keeps it. `sent` of a correction is that of the event it corrects. */
export interface Occurrence {
  readonly ref: EventRef;
  readonly occurred: Occurred;
  readonly sent: Instant;
  readonly attributes?: Attributes;
}

/** What the fold keeps of each event type. A state that was folded with another profile is rebuilt from the history. */
export interface FoldProfile {
  readonly types: Readonly<Record<string, TypeProfile>>;
  /** Digest of `types`: stored with the state, compared when it is read. */
  readonly digest: string;
}
export interface TypeProfile {
  /** Events that undo this one. */
  readonly undoneBy: readonly string[];
  /** Whether rules need more than the first and the last occurrence. */
  readonly keepAll: boolean;
}

/** Facts of one entity, folded: one small item answers "may I act?". */
export interface EntityState {
  /** 0 when no item is stored. */
  readonly version: number;
  readonly profile: string;
  readonly occurrences: Readonly<Record<string, readonly Occurrence[]>>;
  /** Events that were retracted or corrected, including those that have not arrived yet. */
  readonly killed: readonly EventRef[];
  /** Types with more occurrences than a small item holds. They are left out of `occurrences`: read the history. */
  readonly truncated?: readonly string[];
  /** Legal holds on this entity, by id. */
  readonly holds: readonly string[];
}
