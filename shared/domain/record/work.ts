import type { Outcome } from './actions.ts';
import type { Asked } from './asked.ts';
import type { EntityRef, HoldingRef, Instant } from './ids.ts';
import type { Entry, NoteEntry } from './entry.ts';
import type { NamedStage } from './stage-name.ts';
import type { Waiting } from './waiting.ts';

/** Holdings that are worked on together. */
export const CHUNK_SIZE = 100;
/** The compressed size of a result. A DynamoDB item may have 400 KB. */
export const MOST_RESULT_BYTES = 250 * 1024;

/** Names one chunk. Sorts by time for each producer. Nothing in it identifies a person. */
export interface ChunkKey {
  readonly lane: string;
  readonly producer: string;
  /** The earliest minute of its hints; of a dataset, `MINUTE_OF_DATASETS`. */
  readonly minute: Instant;
  /** Digest of the keys of the hints that it was made from: the same page gives the same chunk again. Of a dataset, its reference. */
  readonly id: string;
}

/** Something that was about to be done to a record, or was done, by an attempt that could not say what came of it. */
export interface ActedOn extends NamedStage {
  readonly ref: HoldingRef;
  readonly generation: number;
  /** Version of the holding that the act was decided on. */
  readonly version: number;
  /** When the store was looked at. */
  readonly lookedAt: Instant;
  /**
   * Of a collection: the locators of its records that are acted on, as JSON, sealed like the holding's own locator. Of a
   * dataset: those of its rows, each with what decided it.
   */
  readonly records?: string;
  /** At a vendor: the request. */
  readonly asked?: Asked;
}

/** Rows of a dataset that a pass has gone by: they are as they were, and the next pass reads them again. */
export interface GoneBy {
  /** By a legal hold. */
  readonly held: number;
  /** Not due by their own plan, though their clock is not after the cutoff. */
  readonly early: number;
  /** A clock or another column says nothing that can be taken. */
  readonly undated: number;
  /** Also those that were refused, or had changed. */
  readonly failed: number;
  /** Due, and kept by a person, or counted by a dry run. */
  readonly waits: readonly WaitingRows[];
}

export interface WaitingRows extends Omit<Waiting, 'count'> {
  readonly records: number;
  /** They are looked at again then. */
  readonly until: Instant;
}

/**
 * How far the pages of a collection, or of a dataset, have come. A pass goes from the beginning to the end of the list of its records.
 * Without it the first pass begins again: nothing else depends on it.
 */
export interface PageProgress {
  /** Digest of the generation, stage and place that it is about: of another one, it tells nothing. */
  readonly of: string;
  /** The next page begins after it: what the store's `list` answered, sealed like the holding's own locator. */
  readonly after?: string;
  /** When this pass began, and the holding's version then: it may not have seen what was registered since. */
  readonly lookedAt: Instant;
  readonly version: number;
  /** Since this pass began, nothing was done, had failed or had changed. */
  readonly clean: boolean;
  /** Records disposed of since the chunk was made. */
  readonly records: number;
  /** Of this pass: records that stay because they are registered on their own. */
  readonly kept: number;
  /** The last failure of this pass. */
  readonly code?: string;
  /** Until when the store refuses records of this pass; the earliest date of all. */
  readonly until?: Instant;
  /** In this pass some went, or it is not known whether they did: it does not wait until that date. */
  readonly again?: true;
  /** A pass had failures: the next one does not begin before then. */
  readonly notBefore?: Instant;
  /** Of a dataset: what this pass has gone by. */
  readonly goneBy?: GoneBy;
}

/** A durable work item: up to `CHUNK_SIZE` holdings of one producer in one lane. */
export interface Chunk extends ChunkKey {
  /** The first one is random, so that a chunk that is put again after its deletion is another one. Then + 1 a write. */
  readonly version: number;
  readonly refs: readonly HoldingRef[];
  /** It is about the rows of the lane's dataset of this category: then `refs` has the dataset's reference alone. */
  readonly dataset?: string;
  /** Of a dataset: since when its rows are to be read. Its minute says nothing. */
  readonly since?: Instant;
  /** The earliest deadline of its holdings, as the hints said. */
  readonly deadline?: Instant;
  /** Nothing is done before then: back-off. */
  readonly notBefore?: Instant;
  /** Attempts begun. */
  readonly attempts: number;
  /** Failed attempts in a row; sets the back-off. */
  readonly failures: number;
  /** The code of its last failure, and the codes that entries told since `at`, for a day. */
  readonly failure?: { readonly code: string; readonly at: Instant; readonly told: readonly string[] };
  /** Acted on by attempts whose result is missing or could not be read back. */
  readonly uncertain: readonly ActedOn[];
  /** What keeps holdings of it waiting that are due, as its last attempt found. */
  readonly waits?: readonly Waiting[];
  /** Of the collections among its holdings that are worked on. */
  readonly progress?: Readonly<Record<HoldingRef, PageProgress>>;
  /** The token of the attempt against which this version was written: a take-over that comes again goes on without writing. */
  readonly fencedFor?: string;
}

/** Who works on a chunk, until when, and what is being acted on. At most one a chunk. */
export interface WorkRecord {
  readonly lane: string;
  /** `ChunkKey.id` and what else names the chunk. */
  readonly chunk: ChunkKey;
  /** `<hour>.<random>`: the hour names the partition of its result. */
  readonly token: string;
  readonly begunAt: Instant;
  readonly until: Instant;
  readonly refs: readonly HoldingRef[];
  /** Written just before the store is changed. */
  readonly actedOn: readonly ActedOn[];
}

/** What an attempt came to for one holding. Private: stays in the table, sealed, and never comes into the log. */
export interface ResultLine extends ActedOn {
  readonly outcome: Outcome;
  /** A page of a collection: the stage has not ended. `records` are those of which it is still uncertain what came. */
  readonly more?: true;
  /** This number of records is left, and stays because they are registered on their own: their deletion does not end the holding. */
  readonly kept?: number;
  /** The line of its entry in `entries`; absent where the outcome makes none. */
  readonly entry?: number;
  /** When the result was known. */
  readonly at: Instant;
  /** `held`: by which hold; `entity` where it is a hold on an entity. */
  readonly hold?: { readonly id: string; readonly entity?: EntityRef };
  /** `refused`: until when, if the store says so. */
  readonly until?: Instant;
  readonly code?: string;
  /** `deleted`: for how many days backups may have it, if that is known. */
  readonly recoveryDays?: number;
  /** Digests that go into the holding's `StageDone`. */
  readonly facts: string;
  readonly policies: string;
}

/** What one attempt came to. Put if absent: the fence between an attempt and the one that takes over. */
export interface AttemptResult {
  readonly token: string;
  readonly store: string;
  /** In the order of their keyed references: the order in which holdings were worked on would lead back to them. */
  readonly entries: readonly Entry[];
  readonly lines: readonly SealedLines[];
  /**
   * By the root of an entry's page: the references of its records, sorted, 22 characters each without a separator. Of what
   * was due: its lines, sorted, with an end of line after each.
   */
  readonly lists?: Readonly<Record<string, string>>;
  /** What an operator asked for, what a fact did, or what was due, instead of an attempt. Such a result has no entries. */
  readonly actions?: readonly NoteEntry[];
}

/** The lines of all holdings that were registered in one year, sealed with that year's key of the log. */
export interface SealedLines {
  readonly year: number;
  readonly sealed: string;
}

const OPERATORS = '.operator-';

/** Of a result with what an operator asked for: `<hour>.operator-<random>`. */
export function actionToken(hour: string, random: string): string {
  return `${hour}${OPERATORS}${random}`;
}

/** Such results lie apart: who may write them can write no result of an attempt. */
export function isActionToken(token: string): boolean {
  return token.includes(OPERATORS);
}

const FACTS = '.fact-';

/** Of a result with what a fact did: `<hour>.fact-<digest>`. The same fact has the same token. */
export function factToken(hour: string, digest: string): string {
  return `${hour}${FACTS}${digest}`;
}

/** Such results lie apart, too: who may write them can say nothing of a disposal, and nothing for an operator. */
export function isFactToken(token: string): boolean {
  return token.includes(FACTS);
}

const STATEMENTS = '.statement-';

/**
 * Of a result with what was due in some days: `<hour>.statement-<part>-<digest>`, and no part for what comes after them.
 * Sorts by part, so that `seal` takes the parts first. The same days of the same registry have the same token.
 */
export function statementToken(hour: string, part: number | undefined, digest: string): string {
  const name = part === undefined ? 'whole' : String(part).padStart(6, '0');
  return `${hour}${STATEMENTS}${name}-${digest}`;
}

/** Such results lie apart, too: who may write them can say only what was due. */
export function isStatementToken(token: string): boolean {
  return token.includes(STATEMENTS);
}

/** An attempt that was taken over before it wrote its result: it has none and can write none any more. */
export const VOID = 'VOID';

/** The first index of a result's entries in the log, and what filters need. */
export interface SealedIndex {
  readonly token: string;
  readonly first: number;
  readonly count: number;
  readonly store: string;
  readonly rules: readonly string[];
  /** Entries by outcome. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Its entries by rule and outcome, each once. Absent in what was sealed before this was counted. */
  readonly sums?: readonly EntrySum[];
}

/** Entries of one rule and outcome. `records`: an entry is about one record, or about those of its page. */
export interface EntrySum {
  readonly rule: string;
  readonly outcome: string;
  readonly entries: number;
  readonly records: number;
}
