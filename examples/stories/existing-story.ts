import type { Happening } from './happening.ts';
import type { StoryRecord } from './story.ts';

/** A record that was there before Tenure, and that its application registers neither then nor later. */
export interface ExistingRecord extends Pick<StoryRecord, 'key' | 'fields'> {
  /** The id that it carries, of the entity that it belongs to. */
  readonly of: string;
  /** When it was made, if it says so itself. */
  readonly at?: number;
}

/** The application's own data, by store. */
export interface Existing extends Happening {
  readonly kind: 'existing';
  readonly records: Readonly<Record<string, readonly ExistingRecord[]>>;
  /** Statements in the database of a store: what else lies there. */
  readonly besides?: Readonly<Record<string, string>>;
}

/** One event about each of these entities, over HTTP. */
export interface Told extends Happening {
  readonly kind: 'told';
  readonly by: string;
  readonly type: string;
  readonly entityType: string;
  readonly ids: readonly string[];
  /** A date, or a date-time with offset; may lie in the past. */
  readonly occurred: string;
}

/** A producer files an erasure request for an entity of its own. */
export interface ErasureFiled extends Happening {
  readonly kind: 'erasure-filed';
  readonly by: string;
  readonly id: string;
  readonly entity: { readonly type: string; readonly id: string };
}

/** What the daily census says will go: collections, by store and day. */
export interface Forecasted extends Happening {
  readonly kind: 'forecasted';
  readonly goes: readonly { readonly store: string; readonly on: string; readonly collections: number }[];
}

/** What the daily surveys say will go: rows with clocks of their own. */
export interface RowsForecasted extends Happening {
  readonly kind: 'rows-forecasted';
  /** The last day (UTC) that is shown. */
  readonly until: string;
  /** `due`: what may go already. `comes`: what will go from then on, until that day. */
  readonly rows: Readonly<Record<string, { readonly due: number; readonly comes: number }>>;
}

/** How many records of these entities each store has now, as read from the stores themselves. */
export interface Counted extends Happening {
  readonly kind: 'counted';
  readonly called: string;
  readonly ids: readonly string[];
  readonly left: Readonly<Record<string, number>>;
}

/** How many of the records with clocks of their own each store has now, made before a time and from then on. */
export interface Aged extends Happening {
  readonly kind: 'aged';
  readonly stores: Readonly<
    Record<string, { readonly before: number; readonly older: number; readonly newer: number }>
  >;
}

/** What the daily survey of a store has found that no store of the configuration covers, and of its rows with clocks. */
export interface Covered extends Happening {
  readonly kind: 'covered';
  readonly store: string;
  readonly uncovered?: readonly string[];
  readonly rows?: { readonly count: number; readonly noClock: number; readonly overdue: number };
}

/** An operator stops everything that a policy disposes of, or lets it go on. */
export interface Paused extends Happening {
  readonly kind: 'paused' | 'resumed';
  readonly policy: string;
}

/** A legal hold on an entity. */
export interface HoldOnEntity extends Happening {
  readonly kind: 'hold-on-entity';
  readonly id: string;
  readonly entity: { readonly type: string; readonly id: string; readonly producer: string };
  readonly matter: string;
  readonly reason: string;
}

export interface HoldLifted extends Happening {
  readonly kind: 'hold-lifted';
  readonly id: string;
  readonly reason: string;
}

/** What the policy files would change, with the versions that are to come, before they are in effect. */
export interface Planned extends Happening {
  readonly kind: 'planned';
  /** Collections that would be due at once. */
  readonly dueAtOnce: { readonly store: string; readonly collections: number };
}

/** New policies wait for a person, who lets them come into effect. */
export interface Activated extends Happening {
  readonly kind: 'activated';
  /** Categories of datasets whose rows nothing has counted. */
  readonly uncounted: readonly string[];
}

/** A breaker has stopped a rule, and a person says that it was not meant so, or that it was. */
export interface Stopped extends Happening {
  readonly kind: 'aborted' | 'approved';
  readonly lane: string;
  readonly policy: string;
  readonly rule: string;
  /** Disposed of before it stopped. */
  readonly records: number;
}

export type ExistingStep =
  | Existing
  | Told
  | ErasureFiled
  | Forecasted
  | RowsForecasted
  | Counted
  | Aged
  | Covered
  | Paused
  | HoldOnEntity
  | HoldLifted
  | Planned
  | Activated
  | Stopped;

/** The story of a company with too many records to tell one by one. Steps are in order of time. */
export interface ExistingStory {
  /** The policy's name. */
  readonly name: string;
  readonly title: string;
  readonly about: readonly string[];
  /** The time zone in which times are shown. */
  readonly zone: string;
  readonly steps: readonly ExistingStep[];
  /** Texts in the records, keys and ids above. A test searches for them in everything that Tenure itself writes. */
  readonly planted: readonly string[];
}
