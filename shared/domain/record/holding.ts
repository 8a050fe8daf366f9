import type { Outcome, StoreAction } from './actions.ts';
import type { AboutEntity, Attributes, PlanStatus } from './about.ts';
import type { HoldingRef, EntityRef, Instant } from './ids.ts';
import type { NamedStage } from './stage-name.ts';

/** Limits of one holding. What would exceed one is refused with a code. */
export const MOST_VARIANTS = 50;
export const MOST_ENTITIES = 100;
export const MOST_PURPOSES = 20;
export const MOST_HOLDING_BYTES = 64 * 1024;

/** What one producer registered with one content. */
export interface HoldingVariant {
  readonly producer: string;
  /** Digest of categories, purposes, entities, zone and attributes: equal contents are equal here. */
  readonly content: string;
  readonly categories: readonly string[];
  readonly purposes: readonly string[];
  readonly entities: readonly AboutEntity[];
  readonly zone?: string;
  readonly attributes?: Attributes;
  /** When it was sent; the latest time if the same content was sent again. Not later than `received`. */
  readonly sent: Instant;
  /** When the latest message with this content was folded. The write lag runs from here. */
  readonly received: Instant;
  /** When this content was first registered in this generation, if it came again since. Otherwise it is `received`. */
  readonly registeredAt?: Instant;
  /** Version of the holding that first folded this content. A stage done before it is due again. */
  readonly since: number;
  /** Version of the holding that folded the latest message. An attempt decided on an older version did not know it. */
  readonly folded: number;
}

/** A content of an earlier generation: the same message again changes nothing. */
export interface KnownContent {
  readonly producer: string;
  readonly content: string;
  readonly sent: Instant;
}

/** The stored result of `plan`: enough to wake up. Explanations are recomputed, never stored. */
export interface Decision {
  readonly status: PlanStatus;
  /** Digest of the policies of this holding's categories, of the planner and of the time-zone database. */
  readonly policies: string;
  readonly stage?: StoreAction;
  readonly actAt?: Instant;
  readonly deadline?: Instant;
  /** Why it has no date, or what is wrong with its date: a code for lists, such as `conflict` or `undetermined`. */
  readonly reason?: string;
  /** A fact that is known already changes the rules then: it is planned again, whatever its date. */
  readonly changesAt?: Instant;
}

/** When a decision wants the holding to be looked at; it has no date of its own, if this is absent. */
export function lookAtOf(decision: Decision | undefined): Instant | undefined {
  const { actAt, changesAt } = decision ?? {};
  if (actAt === undefined || changesAt === undefined) return actAt ?? changesAt;
  return Math.min(actAt, changesAt);
}

/** In maps: one generation of a holding. */
export function generationName({ ref, generation }: Pick<Holding, 'ref' | 'generation'>): string {
  return `${ref} ${generation}`;
}

/** A stage that was carried out. */
export interface StageDone extends NamedStage {
  readonly outcome: Outcome;
  readonly at: Instant;
  /**
   * Where its entry is, sealed with the log's key of the year in which this generation was registered: the registry alone
   * does not lead to the log. Equal for equal outcomes of one attempt.
   */
  readonly link: string;
  /** Version of the holding that the act was decided on. */
  readonly version: number;
  /**
   * Digest of the facts that decided the window, and of the policies: tells later whether facts or policies moved it. A
   * tombstone has neither: the entry names facts and rule, too, so a digest would lead to it.
   */
  readonly facts: string;
  readonly policies: string;
}

/**
 * `pending`: the settlement of a former generation made it; not planned yet. `active`: planned. `disposed`: a
 * tombstone. `withdrawn`: nothing is registered any more.
 */
export const HOLDING_STATES = ['pending', 'active', 'disposed', 'withdrawn'] as const;
export type HoldingState = (typeof HOLDING_STATES)[number];

/** What a person has to look at, with the instant at which it arose. */
export const REMARKS = [
  /** A registration and a withdrawal of one producer were sent in the same millisecond: the registration stays. */
  'SENT_TOGETHER',
  /** A registration arrived after a withdrawal that was sent later: it counts for nothing. */
  'REGISTRATION_VOID',
  /** A fact arrived after a disposal that it would have forbidden. */
  'DISPOSED_BEFORE_FACT',
] as const;
export type Remark = (typeof REMARKS)[number];

/**
 * One row, item or object of one store, or a collection: all records that carry one entity's id. At most 1 KB stored with
 * one entity and one stage.
 */
export interface Holding {
  readonly ref: HoldingRef;
  /** Grows by one with every write; every write is conditional on it. */
  readonly version: number;
  /** From 1; a holding registered again at the same locator after disposal or withdrawal is the next one. */
  readonly generation: number;
  readonly state: HoldingState;
  readonly store: string;
  /** The name of the collection. Its locator is the entity's id alone. Absent: it is a single record. */
  readonly collection?: string;
  /** Encrypted canonical locator, bound to `ref`. Absent on a tombstone. A withdrawn holding keeps it for a while. */
  readonly locator?: string;
  /** When this generation was first registered: its year selects K_log. */
  readonly registeredAt: Instant;
  readonly variants: readonly HoldingVariant[];
  /** By producer: the latest `sent` of its withdrawals. Registrations sent before it count for nothing. */
  readonly withdrawnAt?: Readonly<Record<string, Instant>>;
  /** Contents of earlier generations, at most `MOST_VARIANTS`. */
  readonly known?: readonly KnownContent[];
  /** Contents sent until then were dropped from `known`: an unknown message that is not later is quarantined. */
  readonly knownFrom?: Instant;
  readonly decision?: Decision;
  /** The earliest minute on record whose hint will have this holding looked at. */
  readonly hintAt?: Instant;
  /** Not acted on because of this hold or pause; `entity` names where an entity's hold lies. */
  readonly parked?: { readonly hold: string; readonly entity?: EntityRef };
  readonly done?: readonly StageDone[];
  /** Of a collection: the latest page of a stage that has not ended. Its records are disposed of all the same. */
  readonly partly?: StageDone;
  /** A collection of which only records are left that are registered on their own, and have to stay longer. */
  readonly kept?: { readonly records: number; readonly at: Instant };
  /** It is due, and stays for a reason that is found in its store. It is looked at again then; a day later it is late. */
  readonly waitsUntil?: Instant;
  readonly askedIn?: AskedIn;
  /** The `actAt` of which applications were told that it comes. */
  readonly toldOf?: Instant;
  readonly remarks?: Readonly<Partial<Record<Remark, Instant>>>;
  /** Of a tombstone: until the last check it can be seen whether its record has come back. */
  readonly probe?: Probe;
  /** What was deleted may be in backups for that number of days afterwards: the most that was said at a deletion of it. */
  readonly recoveryDays?: number;
  /** Of a tombstone: when a person last asked, or it was looked at after that, and what the store answered. */
  readonly look?: Look;
  /**
   * The record of the former generation was in its store again, which began this one: when the check that found it was due.
   * The entry about that has its name from it.
   */
  readonly cameBack?: Instant;
}

/** Of a vendor's record: the chunk that has the request about it, or had it. */
export interface AskedIn {
  readonly producer: string;
  readonly minute: Instant;
  readonly id: string;
  /** Of the holding that was written with this. Nothing else of it changed then. */
  readonly version: number;
}

/** Whether nothing was planned since this version. */
export function isAsOf({ version, askedIn }: Pick<Holding, 'version' | 'askedIn'>, decided: number): boolean {
  return version === decided || (version === decided + 1 && askedIn?.version === version);
}

/** A tombstone with one has the attributes of its variants, too: a record that has come back is planned by them. */
export interface Probe {
  /** Encrypted like the locator of a holding that is not disposed of. */
  readonly locator: string;
  /** When the store is asked next: a full hour, unless a person has asked for it. */
  readonly at: Instant;
}

export const LOOKED = ['gone', 'there', 'unread'] as const;

/** Asked of the store without anything being done about the answer. It changes no check. */
export interface Look {
  /** When it was asked for. */
  readonly at: Instant;
  /** Absent: not yet. `unread`: nothing leads to the record any more. */
  readonly seen?: (typeof LOOKED)[number];
}

/** What was carried out of its stages, also where one has not ended. */
export function carriedOut({ done = [], partly }: Pick<Holding, 'done' | 'partly'>): readonly StageDone[] {
  return partly === undefined ? done : [...done, partly];
}
