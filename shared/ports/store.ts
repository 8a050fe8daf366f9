import type { Survey, SurveyQuestion } from '../domain/coverage/survey.ts';
import type { JsonValue } from '../domain/canonical-json.ts';
import type { ClockColumn, JoinedTable } from '../domain/configuration/configuration.ts';
import type { Instant } from '../domain/record/ids.ts';
import type { VendorTimes } from '../domain/record/asked.ts';
import type { Masks } from '../domain/record/masks.ts';

/** Key values in the order that the store's options declare; `binary` as base64url text. */
export type Locator = readonly (string | number)[];

/** `version`: the record's version, if the kind of store has one. Actions are conditional on it. */
export interface Target {
  readonly locator: Locator;
  readonly version?: string;
  /** Of a vendor: names the request, the same each time that it is sent. */
  readonly request?: string;
}

/** Codes, never text: a driver's messages may quote data. */
export type StoreFailure =
  | 'STORE_UNREACHABLE'
  | 'STORE_TIMEOUT'
  | 'STORE_THROTTLED'
  | 'STORE_DENIED'
  | 'STORE_CONSTRAINT'
  | 'STORE_SCHEMA'
  | 'STORE_ERROR';

/** After one of these it is not known whether the call took effect: only its answer may have been lost. */
export const UNCERTAIN: readonly StoreFailure[] = ['STORE_UNREACHABLE', 'STORE_TIMEOUT', 'STORE_ERROR'];

export type Presence =
  | { readonly state: 'gone' }
  | { readonly state: 'present'; readonly version?: string }
  | { readonly state: 'unknown'; readonly code: StoreFailure };

export type Acted =
  | {
      readonly outcome: 'deleted' | 'anonymised' | 'restricted' | 'lifted' | 'already-so';
      readonly answer?: string;
    }
  /** A vendor will do it; `readBack` asks later what came of it. `follow`: what it needs for that. It may tell who it is about. */
  | { readonly outcome: 'requested'; readonly follow?: string; readonly retryAfterSeconds?: number }
  /** A vendor says that it has done it. */
  | { readonly outcome: 'confirmed'; readonly answer?: string }
  | { readonly outcome: 'changed' }
  | { readonly outcome: 'refused'; readonly code: StoreFailure | 'STORE_LOCKED'; readonly until?: Instant }
  /** `retryAfterSeconds`: only of a vendor, which has told when to ask again. */
  | { readonly outcome: 'failed'; readonly code: StoreFailure; readonly retryAfterSeconds?: number };

export interface Promised {
  readonly locator: Locator;
  readonly expect: 'gone' | 'masked' | 'restricted' | 'unrestricted';
  /** With `masked`: the masks that must hold. */
  readonly masks?: Masks;
  /** Of a vendor: what its answer to the request said, if it said anything. */
  readonly follow?: string;
}

/** `kept`: the store shows what the action promised, or the record is gone. */
export type ReadBack =
  | { readonly state: 'kept' }
  | { readonly state: 'broken' }
  /** Of a vendor, where nothing can be read: it says that it has done it, that it will not, or nothing yet. */
  | { readonly state: 'confirmed' }
  | { readonly state: 'pending'; readonly retryAfterSeconds?: number }
  | { readonly state: 'refused'; readonly code: StoreFailure }
  | { readonly state: 'unknown'; readonly code: StoreFailure };

/** One record of a person's export. `into`: the key in the bucket of exports, for kinds that keep files. */
export interface ToRead {
  readonly locator: Locator;
  readonly into: string;
}

export type Read =
  /** A row or an item. A number that JavaScript cannot hold exactly is its text; bytes are base64. */
  | { readonly state: 'document'; readonly document: Document }
  /** The store itself copied it to `into`. `sha256`: of its content, as hex. */
  | {
      readonly state: 'file';
      readonly bytes: number;
      readonly sha256: string;
      readonly mediaType?: string;
      /** Small letters and digits, at most eight. */
      readonly extension?: string;
    }
  | { readonly state: 'gone' }
  /** Larger than a document or a file of an export may be. `bytes`: how large, if the store knows it. */
  | { readonly state: 'too-large'; readonly bytes?: number }
  | { readonly state: 'unknown'; readonly code: StoreFailure };

export type Document = Readonly<Record<string, JsonValue>>;

/** All records of a collection that carry one id. `by` and `where` are the configuration's, `value` is the entity's id. */
export interface Place {
  readonly by: string;
  readonly value: string;
  /** Each field has to have this value. A record without the field is in no such place. */
  readonly where?: Readonly<Record<string, string | number | boolean>>;
}

export type Listed =
  | {
      readonly state: 'listed';
      readonly locators: readonly Locator[];
      /**
       * What `look` would have answered for each of them at that moment, when `idsOf` would have found it in the place.
       * Absent where the list may not have the newest records yet, as that of an index: then both have to be asked.
       */
      readonly seen?: readonly Presence[];
      /** The rest comes after it; absent at the end. It may contain key values: seal it wherever it is kept. */
      readonly next?: string;
    }
  | { readonly state: 'unknown'; readonly code: StoreFailure };

/** `id`: the only one for which `list` has the record. `out`: no list has it, whatever the id. */
export type Member =
  | { readonly state: 'in'; readonly id: string }
  | { readonly state: 'out' }
  | { readonly state: 'unknown'; readonly code: StoreFailure };

/** The rows of a dataset: all whose clock is not after an instant. */
export interface Range {
  readonly clock: ClockColumn;
  /** A clock with a time is not after `at`, a date not after `date` (`YYYY-MM-DD`). */
  readonly until: { readonly at: Instant; readonly date: string };
  /** Columns that are read besides the clock. */
  readonly columns: readonly string[];
  /** Another table and those of its columns that are read. The clock may be one of them, and is in no other table. */
  readonly joined?: JoinedTable & { readonly columns: readonly string[] };
  /** Each field has to have this value. A row without the field is not in the range. */
  readonly where?: Readonly<Record<string, string | number | boolean>>;
  /** The configuration's, for kinds that read rows by an index that is named. */
  readonly index?: string;
  /** The configuration allows that all records are read. */
  readonly scan?: true;
  /** What is read has to be so now: a replica, which may be late, does not answer. */
  readonly isOfNow?: true;
}

export interface RangedRow {
  readonly locator: Locator;
  /**
   * For `delete` only: with it, the row is `changed` unless everything that was read here is as it was, even if what
   * `look` gives is the same. It may contain values: seal it wherever it is kept.
   * What was read of another table has to be as it was, too.
   */
  readonly version?: string;
  /** By column. A number that JavaScript cannot hold exactly is its text; NULL, or what is not there, is `null`. */
  readonly values: Document;
  /** The same of the other table; `null` if it does not have the row. */
  readonly joined?: Document | null;
}

export type Ranged =
  | {
      readonly state: 'ranged';
      readonly rows: readonly RangedRow[];
      /** The rest comes after it; absent at the end. It contains key values: seal it wherever it is kept. */
      readonly next?: string;
    }
  | { readonly state: 'unknown'; readonly code: StoreFailure };

/** How long what was deleted can still be got back, as far as the store's settings show it. */
export interface Recovery {
  /** For that number of days after a deletion, at least. */
  readonly days: number;
  /** The settings name no other copies. What is copied without them, as by a job of its owner, no store can show. */
  readonly isWhole: boolean;
  /** Why settings could not be read. */
  readonly code?: StoreFailure;
}

/** The most records that one call lists. */
export const MOST_LISTED = 5000;
/** For that number of records, a call of any store has time. A larger batch of a store is only tried. */
export const SURE_BATCH = 1000;

/** Of a document as JSON. A store does not send more than that over the network for one record. */
export const MOST_DOCUMENT_BYTES = 4 * 1024 * 1024;

/**
 * A place where data lives. Every method answers for every item of its batch, in order, and never throws for what a
 * store can answer: an unreachable store is `unknown` or `failed` for each item. All are safe to repeat.
 */
export interface Store {
  /** How many records of a place are best listed, acted on and read back at once: 1 to `MOST_LISTED`. */
  readonly batch: number;
  /** How many batches of different records may be deleted and read back at the same time. */
  readonly atOnce: number;
  /** It is a vendor's: what is asked for is done later, and told later. */
  readonly vendor?: VendorTimes;
  look(batch: readonly Locator[]): Promise<Presence[]>;
  /**
   * Conditional on the version from `look`, where the store supports it. `changed` if the record was rewritten since.
   */
  delete(batch: readonly Target[]): Promise<Acted[]>;
  /** Repeatable: an already masked record is `already-so`. */
  anonymise(batch: readonly Target[], masks: Masks): Promise<Acted[]>;
  /**
   * Marks records as blocked, or with `on: false` takes the mark away: `restricted` or `lifted`. Nothing else in a record
   * changes. Conditional like `delete`. Repeatable: a record that is gone, or that is as it should be, is `already-so`.
   */
  restrict(batch: readonly Target[], on: boolean): Promise<Acted[]>;
  readBack(batch: readonly Promised[]): Promise<ReadBack[]>;
  /**
   * The newest version of each record, restricted or not, for a copy that a person gets. A document is in memory, so a
   * batch has to be small. A file that was copied before is copied again, over the former copy.
   */
  read(batch: readonly ToRead[]): Promise<Read[]>;
  /**
   * The records of a place, in the store's order, each once: at most `limit` (1 to `MOST_LISTED`), from the beginning or
   * after a former answer's `next`. A record that is there from the first page to the last is on one of them. A page may
   * have fewer records, or none, and still a `next`. A value that no record can carry gives an empty list. A record of the
   * place that no locator can name is left out, and the list then ends with `STORE_SCHEMA`: it never ends as complete. So
   * does an `after` that these settings cannot have given: begin again. Never scans a whole table: without an index it
   * is `STORE_SCHEMA`.
   */
  list(place: Place, limit: number, after?: string): Promise<Listed>;
  /**
   * In which of the places with this `by` and `where` each record is, read as strictly as in `look`. A record that is gone
   * is `out`, unless its locator alone says where it is.
   */
  idsOf(batch: readonly Locator[], place: Omit<Place, 'value'>): Promise<Member[]>;
  /**
   * What lies beside the store's own records that no store covers. Only reads; at most a fixed number of requests, within
   * the time of one call. A part that cannot be seen is named, and the others are seen all the same. Nothing in the answer
   * is personal: names of tables, columns and prefixes are left out, or cut, unless they can only be names of structures.
   */
  survey(question: SurveyQuestion): Promise<Survey>;
  /**
   * The rows of a range, each once, as `list` gives the records of a place: with the same promises about pages, limits,
   * positions and rows without a name. They come in the order of their clock where the kind can read them in it, otherwise
   * in the store's own order: nothing may depend on it. A row whose clock is NULL is in no range. One whose clock is not a date
   * may be. A row whose clock is changed in between may come twice, or not at all. Without an index of the clock, or where
   * the column is not what `clock` says, it is `STORE_SCHEMA`: all records are read only if `scan` says so, or where a kind
   * has no other way.
   */
  range(range: Range, limit: number, after?: string): Promise<Ranged>;
  /** Its settings as they are now. What cannot be read counts as no days, and is not the whole. */
  recovery(): Promise<Recovery>;
  close(): Promise<void>;
}
