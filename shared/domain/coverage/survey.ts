import type { ClockColumn } from '../configuration/configuration.ts';
import type { Instant } from '../record/ids.ts';
import type { CoveredPlaces } from './coverage-settings.ts';

export interface SurveyQuestion {
  /** By all stores of the configuration, this one included. */
  readonly covered: CoveredPlaces;
  /** Also the other tables or buckets of the account and region. */
  readonly account: boolean;
  /** Also the names of attributes, from a sample of items. */
  readonly sample: boolean;
  /** Fields of the store's own records that must not have values. */
  readonly neverPresent: readonly string[];
  /** Another number each day: another part of a large store is sampled. */
  readonly turn: number;
  /** Whose rows are counted by their clock. */
  readonly datasets: readonly DatasetQuestion[];
}

export interface DatasetQuestion {
  readonly category: string;
  readonly clock: ClockColumn;
  readonly where?: Readonly<Record<string, string | number | boolean>>;
  /** The lane may read the whole store: each pass over the dataset does. */
  readonly scan?: true;
  /** In order, at least one. Rows whose clocks lie between the same two are counted together. */
  readonly edges: readonly ClockEdge[];
}

/** A clock with a time is before it if it is before `at`; a date, if it is before `date` (`YYYY-MM-DD`). */
export interface ClockEdge {
  readonly at: Instant;
  readonly date: string;
}

/** Parts of a survey. Each is seen to its end, or named in `notSeen`. */
export const SURVEY_PARTS = [
  'records',
  'tables',
  'columns',
  'attributes',
  'prefixes',
  'buckets',
  'never-present',
  'datasets',
] as const;
export type SurveyPart = (typeof SURVEY_PARTS)[number];

export interface NotSeen {
  readonly part: SurveyPart;
  /**
   * A failure of the store; `TOO_MANY` if a limit was reached: what was seen until then is in the answer; or `NOT_ASKED` if
   * the configuration does not ask for it.
   */
  readonly code: string;
}

/** `at-least`: counting ended early. */
export const COUNTED = ['exact', 'estimate', 'at-least'] as const;
export interface Count {
  readonly count: number;
  readonly counted: (typeof COUNTED)[number];
}

/** A column or attribute whose name looks as if it held personal data. */
export interface PersonalField {
  readonly looksLike: string;
  /** Absent if the name itself could be personal. */
  readonly name?: string;
}

export const PLACE_KINDS = ['table', 'prefix', 'bucket'] as const;
export type PlaceKind = (typeof PLACE_KINDS)[number];

/** Tables, prefixes or buckets that no store of the configuration covers. Nothing in it is personal. */
export interface UncoveredPlace {
  readonly kind: PlaceKind;
  /** With `*` in place of what could be an id. */
  readonly name: string;
  /** How many places have this name. */
  readonly places: number;
  /** Rows, items or objects; absent if that is not known. */
  readonly records?: Count;
  readonly oldest?: Instant;
  readonly personal: readonly PersonalField[];
}

/** The rows of a dataset. What is absent could not be counted. */
export interface DatasetCounts {
  readonly category: string;
  /** By clock: before the first edge, between each two, and from the last edge on. What is not a time is in the first. */
  readonly rows?: readonly Count[];
  /** NULL, or without the field. */
  readonly noClock?: Count;
  /** The earliest clock that is not before the first edge, as far as was looked. */
  readonly oldest?: Instant;
}

export const NEVER_PRESENT_STATES = ['absent', 'none', 'found', 'unknown'] as const;

/** `absent`: there is no such field. `none`: it has no values, as far as was looked. */
export interface NeverPresent {
  readonly name: string;
  readonly state: (typeof NEVER_PRESENT_STATES)[number];
  readonly looked: 'all' | 'sample';
}

export interface Survey {
  /** The store's own records; absent if they could not be counted. */
  readonly records?: Count;
  /** Fields of the store's own records that look personal. */
  readonly personal: readonly PersonalField[];
  readonly uncovered: readonly UncoveredPlace[];
  readonly neverPresent: readonly NeverPresent[];
  readonly datasets: readonly DatasetCounts[];
  readonly notSeen: readonly NotSeen[];
}
