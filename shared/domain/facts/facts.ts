import type { Attributes } from '../record/about.ts';
import type { EventRef, Instant, Occurred } from '../record/ids.ts';

/**
 * A durable lifecycle event of one entity. `kind`: an `event` happened; a `correction` happened instead of the event
 * `about`; a `retraction` says that the event `about` never was.
 */
export interface Fact {
  readonly ref: EventRef;
  readonly kind: 'event' | 'correction' | 'retraction';
  readonly type: string;
  /** Absent on a retraction. May be in the future. */
  readonly occurred?: Occurred;
  /**
   * The event's `time`, or if it has none, when the bus received it. Never later than `received`. Of an event that was
   * sent more than once, the earliest.
   */
  readonly sent: Instant;
  readonly received: Instant;
  /** The event that a correction or retraction is about; absent on an event. */
  readonly about?: EventRef;
  /** Only attributes that a policy declares for this event. */
  readonly attributes?: Attributes;
  /** SHA-256 of the canonical body, without the time of sending: the same id with another hash is refused. */
  readonly bodyHash: string;
}

/** One occurrence as the state keeps it. `sent` of a correction is that of the event it corrects. */
export interface Occurrence {
  readonly ref: EventRef;
  readonly occurred: Occurred;
  readonly sent: Instant;
  readonly attributes?: Attributes;
}

/** A correction or retraction that counts for nothing, because the event that it is about has not arrived. */
export interface Dangling {
  readonly ref: EventRef;
  /** What it names. */
  readonly about: EventRef;
  readonly received: Instant;
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
  /** Each occurrence is about the purpose that its attribute `purpose` names: those of other purposes do not matter to it. */
  readonly byPurpose?: true;
}

/** Facts of one entity, folded: one small item answers "may I act?". */
export interface EntityState {
  /** 0 when no item is stored. */
  readonly version: number;
  readonly profile: string;
  readonly occurrences: Readonly<Record<string, readonly Occurrence[]>>;
  /** How often the state was rebuilt from the history. `fold` compares it. */
  readonly rebuilt: number;
  /** Oldest first. When an event arrives that one of them names, the history is read; `too-many`: at every event. */
  readonly dangling: readonly Dangling[] | 'too-many';
  /** Types that are too large for a small item. They are left out of `occurrences`: read the history. `all`: every type. */
  readonly truncated?: readonly string[] | 'all';
  /** Legal holds on this entity, by id. */
  readonly holds: readonly string[];
  /** Those of `holds` that also keep records from being restricted. Absent if there are none. */
  readonly freezing?: readonly string[];
}
