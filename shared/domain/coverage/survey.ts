import type { Instant } from '../record/ids.ts';

/** What stores of the configuration hold in one database, bucket, or account and region. */
export interface CoveredPlaces {
  /** With their schema, as `tableName` writes it, if the engine has schemas. */
  readonly tables: readonly string[];
  /** Prefixes of keys that some producer may register; the empty one covers the whole bucket. */
  readonly prefixes: readonly string[];
  readonly buckets: readonly string[];
}

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
  readonly notSeen: readonly NotSeen[];
}
