import type { KnownMonths } from '../domain/log/known-months.ts';
import type { LogMonth, LogMonthKey } from '../domain/log/log-month.ts';
import type { LogPage, LogPageKey } from '../domain/log/log-page.ts';
import type { Outcome } from '../domain/record/actions.ts';
import type { Instant, LogRef } from '../domain/record/ids.ts';
import type { Page } from './page.ts';
import type { NamedStage } from '../domain/record/stage-name.ts';
import type { AttemptResult, SealedIndex, VOID } from '../domain/record/work.ts';

/** A result that `seal` has not put into the log yet. */
export interface ToBeSealed {
  readonly token: string;
  /** When it was put, on the worker's clock. */
  readonly putAt: Instant;
  /** When the lease of its attempt ends: long after it, a `Y` without a result gets a `VOID`. */
  readonly until: Instant;
  /**
   * Its item cannot be read, only its token: `putAt` is the hour of that, and `until` says nothing. A result that is there
   * can be sealed all the same.
   */
  readonly damaged?: true;
}

/** One bounded batch of results with their first indexes; fixed size, at most 4 KB. */
export interface LogHead {
  /** 0 where nothing is stored. */
  readonly version: number;
  readonly size: number;
  readonly batch: readonly { readonly token: string; readonly first: number; readonly count: number }[];
  /** The batch is in the log, with its index items: the next one may begin. */
  readonly published: boolean;
}

/** What the log says was done to a holding, noted while the registry is rebuilt from it. */
export interface LoggedStage extends NamedStage {
  readonly holding: LogRef;
  readonly generation: number;
  readonly outcome: Outcome;
  /** When its attempt began: it may not have known what was received later. */
  readonly begunAt: Instant;
  /** When the result was known. */
  readonly at: Instant;
  /** Where its entry is: the result's token and the line in it. */
  readonly token: string;
  readonly line: number;
}

export interface LoggedOf extends Pick<LoggedStage, 'holding' | 'generation'> {
  readonly parts?: readonly string[];
}

/** Results of attempts and their order in the log. Only `seal` writes objects of the log. */
export interface Results {
  /** Before the result. Idempotent; may be put again by a late retry. */
  putToBeSealed(item: ToBeSealed): Promise<void>;
  /** Put if absent. `void`: the attempt was taken over and has no result. `exists`: an earlier try of the same put. */
  putResult(result: AttemptResult): Promise<'written' | 'exists' | 'void'>;
  /** The same for what an operator asked for; its token is an `actionToken`. */
  putActions(result: AttemptResult): Promise<'written' | 'exists' | 'void'>;
  /** The same for what a fact did; its token is a `factToken`. */
  putFactEntries(result: AttemptResult): Promise<'written' | 'exists' | 'void'>;
  /** The same for what was due; its token is a `statementToken`. */
  putStatement(result: AttemptResult): Promise<'written' | 'exists' | 'void'>;
  /** Of what was due only: missing ones are left out. */
  statements(tokens: readonly string[]): Promise<Map<string, AttemptResult | typeof VOID>>;
  /** Puts `VOID` if nothing is there; answers what is there then. */
  voidResult(token: string): Promise<AttemptResult | typeof VOID>;
  /** Missing ones are left out. */
  results(tokens: readonly string[]): Promise<Map<string, AttemptResult | typeof VOID>>;

  /** Oldest first, at most 100 a page. */
  toBeSealed(after?: string): Promise<Page<ToBeSealed>>;
  deleteToBeSealed(tokens: readonly string[]): Promise<void>;

  head(): Promise<LogHead>;
  /** On `next.version - 1`. */
  putHead(next: LogHead): Promise<'written' | 'moved'>;
  /** Put if absent, by the day of the token. */
  putSealed(items: readonly SealedIndex[]): Promise<void>;
  sealed(tokens: readonly string[]): Promise<Map<string, SealedIndex>>;
  /** All results of a day (`YYYY-MM-DD`) that are in the log, in order of their keys. */
  sealedOfDay(day: string): Promise<SealedIndex[]>;

  /** Put if absent: of a generation's stage the first one stays. */
  putLogged(items: readonly LoggedStage[]): Promise<void>;
  /** All stages that are noted of these generations: of the whole record, and of these parts of it. */
  logged(of: readonly LoggedOf[]): Promise<LoggedStage[]>;
}

/** How far the index has come. */
export interface LogIndexed {
  /** 0 where nothing is stored: then the log has no index. */
  readonly version: number;
  /** The number of the index; 0 where there is none. */
  readonly index: number;
  /** All entries of the log before this one are in it. */
  readonly until: number;
  /** It lacks entries of attempts that began before then: it was begun again when the log had dropped them. */
  readonly since?: Instant;
  /** How many entries before `until` it lacks for that reason. */
  readonly lacks?: number;
  /** Those that it has. */
  readonly months?: KnownMonths;
  /** When it was last compared with the log, and the last day (`YYYY-MM-DD`) that was: the next ones come next. */
  readonly checked?: { readonly at: Instant; readonly day: string };
}

/**
 * What filters and counts of the log read instead of its entries. Everything in it is derived from the log, in its order,
 * and can be derived again.
 */
export interface LogIndex {
  logIndexed(): Promise<LogIndexed>;
  /** On `next.version - 1`. */
  putLogIndexed(next: LogIndexed): Promise<'written' | 'moved'>;

  /** Missing ones are left out. */
  logMonths(keys: readonly LogMonthKey[]): Promise<readonly LogMonth[]>;
  /** Of all stores, in order of month and store, from month to month (both included); those that fit in 1 MB. */
  logMonthsBetween(period: {
    readonly index: number;
    readonly from: string;
    readonly to: string;
    readonly after?: string;
  }): Promise<Page<LogMonth>>;
  /** On `next.version - 1`. */
  putLogMonth(next: LogMonth): Promise<'written' | 'moved'>;
  /** Missing ones are left out. */
  logPages(keys: readonly LogPageKey[]): Promise<readonly LogPage[]>;
  /** On `next.version - 1`. */
  putLogPage(next: LogPage): Promise<'written' | 'moved'>;
}
