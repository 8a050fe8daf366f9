import type { Outcome, StoreAction } from './actions.ts';
import type { LogRef } from './ids.ts';

/**
 * One attempt's outcome in the deletion log: one per (holding, generation, stage, attempt that came to a result). Holds
 * keyed references only: no identifier, locator or content. Instants are ISO 8601 in UTC.
 */
export interface Entry {
  readonly v: 2;
  /** The attempt that wrote it. */
  readonly token: string;
  readonly holding: LogRef;
  readonly generation: number;
  readonly stage: StoreAction;
  /** What part of the record, if not the whole: words of the configuration only. */
  readonly part?: string;
  /** Another attempt had acted before, and could not say what came of it. */
  readonly interrupted?: true;
  readonly categories: readonly string[];
  readonly store: string;
  /** `pseudonymised`: anonymised with at least one pseudonym mask. `interrupted` is told by the field above. */
  readonly outcome: Outcome | 'pseudonymised';
  /** Of a collection or dataset only. */
  readonly page?: EntryPage;
  /** Kinds of masks by field, never values. */
  readonly masks?: Readonly<Record<string, string>>;
  /** The entities that the holding is about. */
  readonly subjects: readonly { readonly type: string; readonly ref: LogRef }[];
  readonly policy: string;
  readonly policyVersion: string;
  readonly rule: string;
  /**
   * Left out where a personal event plays a part; if that is personal by month: of all dates of its month, or of a part of
   * the month.
   */
  readonly window?: { readonly notBefore?: string; readonly notAfter?: string; readonly floor?: string };
  readonly basis?: 'law' | 'policy';
  /** Dates of personal events are left out. */
  readonly facts: readonly { readonly type: string; readonly occurred?: string }[];
  readonly due?: string;
  readonly leased: string;
  readonly acted?: string;
  readonly readBack?: string;
  /** What the store answered: a code, never its text. */
  readonly answer?: string;
  /** `refused` until then, if known. */
  readonly until?: string;
  /**
   * `deleted`: when backups and old versions are gone too, by the configuration and the store's settings at that time;
   * `unknown` if they do not say it.
   */
  readonly unrecoverableAt?: string;
  readonly software: string;
  readonly tzdata: string;
}

/** What one attempt did to the records of a collection, or to those rows of a dataset that one rule decided. */
export interface EntryPage {
  /** How many records were read back as the stage promises. */
  readonly records: number;
  /** RFC 9162 §2.1.1: the tree hash (hex) of their references, sorted. Absent if there are none. */
  readonly root?: string;
  /** Records that stay because they are registered on their own. */
  readonly kept?: number;
  readonly failed?: number;
  /** Written again since they were looked at: the next attempt decides again. */
  readonly changed?: number;
  /** The stage has not ended: others follow. */
  readonly more?: true;
  /**
   * Of a dataset: when the first and the last of its rows were due; where an attempt was interrupted, of all rows that it
   * acted on by this rule. Of those that were due for more than a day, the end of the day. Absent where a personal event
   * plays a part.
   */
  readonly range?: { readonly first: string; readonly last: string };
  /** Of a dataset, in one entry of each attempt: rows that a legal hold keeps, and rows without a clock that can be taken. */
  readonly held?: number;
  readonly undated?: number;
}

export const OPERATOR_ACTIONS = [
  'pause',
  'resume',
  'approve',
  'abort',
  'correct',
  'retract',
  'replay',
  'discard',
  'hold',
  'release',
  'request',
  'activate',
  'restore-replay',
  'confirm-vendor',
  'propose',
  'withdraw',
] as const;
export type OperatorAction = (typeof OPERATOR_ACTIONS)[number];

/**
 * What an operator asked for, in the deletion log before it is done: an operator can change what is disposed of and when,
 * so no such change is without an entry. An entry alone says that it was asked for: the request may have failed then, and
 * may have come again with an entry of its own.
 */
export interface ActionEntry {
  readonly v: 2;
  readonly token: string;
  readonly did: OperatorAction;
  /** Keyed reference of the principal that asked, with its session. Absent: Tenure did it by itself. */
  readonly by?: LogRef;
  readonly at: string;
  /** `pause`, `resume`, `approve`, `abort`, `restore-replay`, `confirm-vendor`: which lane; absent if it was all of them. */
  readonly lane?: string;
  /** Of these: only this policy, or only this rule of it, as it is written. */
  readonly policy?: string;
  readonly rule?: string;
  /** `approve`: how many records beyond the limit. */
  readonly records?: number;
  /**
   * Keyed reference of the event that is corrected or retracted, of the message in quarantine, of the legal hold, or of the
   * request. `confirm-vendor`: of the record, as in its entries.
   */
  readonly target?: LogRef;
  /** `hold`, `release`: keyed reference of the matter. Absent if it cannot be read any more. */
  readonly matter?: LogRef;
  /** `request`: what the person asked for, and what happened to it. */
  readonly request?: {
    readonly kind: string;
    readonly step: string;
    /** Of a copy that was made: how many records it has, and how many were left out. */
    readonly records?: number;
    readonly leftOut?: number;
  };
  /**
   * Where two people are needed. `ref`: keyed reference of what was proposed. `did`: of `propose` and `withdraw`, what was to
   * be done. `by`: of all others, who had proposed it: `by` of the entry is who confirmed it. Both by the key of the year in
   * which it was proposed.
   */
  readonly proposal?: { readonly ref: LogRef; readonly did?: OperatorAction; readonly by?: LogRef };
  /** `activate`: digest of the policies that lanes may dispose of records by, and how many became due, if that was counted. */
  readonly policies?: { readonly digest: string; readonly newlyDue?: number };
  /** `restore-replay`: when the backup of the store was made. */
  readonly since?: string;
  readonly software: string;
}

interface FactLine {
  readonly v: 2;
  readonly token: string;
  /** When it was received, or found out: rounded up to the minute, as no time may lead from the registry to the log. */
  readonly at: string;
  readonly software: string;
}

/** A correction or retraction has become a fact. It says nothing of the dates that it changed. */
export interface ChangedFactEntry extends FactLine {
  readonly did: 'corrected' | 'retracted';
  /** Whose event it is. */
  readonly producer: string;
  readonly by: 'producer' | 'operator';
  /** The type of the event, if it has arrived. */
  readonly type?: string;
  /** Keyed reference of the event that was corrected or retracted. */
  readonly target: LogRef;
}

/**
 * `disposed-before-fact`: a fact arrived that would have kept what had been disposed of before. One for each generation of
 * a holding. `came-back`: what had been deleted was in its store again when that was checked.
 */
export interface AfterwardsEntry extends FactLine {
  readonly did: 'disposed-before-fact' | 'came-back';
  readonly holding: LogRef;
  readonly generation: number;
  readonly store: string;
  /** What had been carried out by then, with the place of its entry in its result; absent where there is none. */
  readonly stages: readonly {
    readonly stage: StoreAction;
    /** What part of the record, if not the whole. */
    readonly part?: string;
    readonly outcome: Outcome;
    readonly entry?: { readonly token: string; readonly line: number };
  }[];
  /** Until then, backups and old versions may still have what was deleted; `unknown` as in the entry of the deletion. */
  readonly unrecoverableAt?: string;
}

/** What a fact did that came late or changed another one, and what was found out after a disposal. */
export type FactEntry = ChangedFactEntry | AfterwardsEntry;

/**
 * A key that signs the log from now on. A tree that has this entry, signed by a key that is trusted, makes this key
 * trusted, and nothing else does.
 */
export interface RotationEntry {
  readonly v: 2;
  readonly token: string;
  readonly did: 'rotate-key';
  readonly at: string;
  /** As a C2SP vkey. */
  readonly key: string;
  readonly software: string;
}

/** Entries before this index are dropped from now on, because they are older than the log keeps them. */
export interface DropEntry {
  readonly v: 2;
  readonly token: string;
  readonly did: 'drop';
  readonly at: string;
  /** A number of whole bundles. */
  readonly before: number;
  readonly software: string;
}

/**
 * What had come of a record that was due in the days that are stated. `settled`: a stage was carried out in these days, and
 * no other one was due at their end. `later`: the same after these days, before it was counted. At their end one was due,
 * and `held`: a legal hold or a pause keeps it; `waits`: something in its store or a person does; `open`: none of these.
 */
export const DUE_STATES = ['settled', 'later', 'held', 'waits', 'open'] as const;
export type DueState = (typeof DUE_STATES)[number];
export type DueCounts = Readonly<Record<DueState, number>>;

interface OfDays {
  readonly v: 2;
  readonly token: string;
  /** When the last of the days ended. */
  readonly at: string;
  /** The days (YYYY-MM-DD, UTC) that are stated, both included. */
  readonly first: string;
  readonly last: string;
  /** Of a registry that was restored from a backup: its own name, as it may state days that were stated before. */
  readonly registry?: string;
  /** How many records are listed, by what had come of them. */
  readonly due: DueCounts;
  readonly software: string;
}

/** A part of the records that were due in these days. They lie in a list, like the records of a page (`due-line.ts`). */
export interface DueListEntry extends OfDays {
  readonly did: 'due-list';
  /** From 0 on. */
  readonly part: number;
  readonly records: number;
  /** The tree hash (hex) of the lines, sorted. */
  readonly root: string;
}

/** All that was due in these days: what the parts say, added up. It comes after them. */
export interface StatementEntry extends OfDays {
  readonly did: 'statement';
  readonly parts: number;
  /** The tree hash (hex) of the roots of the parts as text, in their order. */
  readonly root: string;
  /** Records whose key of the log was destroyed: no part lists them. */
  readonly unlinked?: number;
  /** The rows of datasets have no holdings. Of each dataset, how far back its rows go. */
  readonly datasets?: readonly DatasetClock[];
  /** Datasets that the entry has no room for. */
  readonly datasetsLeftOut?: number;
}

/** What the newest survey of its store had found of a dataset when the statement was made. */
export interface DatasetClock {
  readonly store: string;
  readonly category: string;
  /** Absent: it was not surveyed, and nothing is known. */
  readonly surveyed?: string;
  /**
   * The day (YYYY-MM-DD, UTC) of the oldest clock that can be, as far as the survey looked. `none`: no row has one. Absent:
   * it is not known, or `personal`.
   */
  readonly oldest?: string;
  /** The clock is the date of a personal event, and stays out of the log. */
  readonly personal?: true;
  /** Rows without a clock, or with one that cannot be; absent if they could not be counted. */
  readonly unreadable?: number;
  /** `estimate` or `at-least`: not all rows were counted. */
  readonly counted?: 'exact' | 'estimate' | 'at-least';
}

/** What stands in the log besides the outcomes of attempts. */
export type NoteEntry = ActionEntry | FactEntry | RotationEntry | DropEntry | DueListEntry | StatementEntry;
