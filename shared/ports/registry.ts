import type { EntityState, Fact } from '../domain/facts/facts.ts';
import type { WideHold } from '../domain/record/hold.ts';
import type { Holding } from '../domain/record/holding.ts';
import type { EntityRef, HoldingRef, Instant } from '../domain/record/ids.ts';

/** An advisory note that a holding may be due in a minute (an instant at second 0). */
export interface Hint {
  readonly minute: Instant;
  readonly holding: HoldingRef;
  /** The holding's deadline when the hint was written; used by overdue lists. */
  readonly deadline?: Instant;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Opaque; absent on the last page. */
  readonly next?: string;
}

/** A chunk that is being disposed of now. Ignored after `until` + tolerance. */
export interface InFlight {
  readonly lane: string;
  readonly token: string;
  readonly holdings: readonly HoldingRef[];
  readonly until: Instant;
}

/** The progress of a long-running job: a fan-out, or a segment of a scan. */
export interface Cursor {
  readonly id: string;
  readonly at: Instant;
  readonly entity?: EntityRef;
  readonly after?: string;
  /**
   * For a fan-out: holdings that were disposed of from this instant on may have been disposed of before the fact was
   * known.
   */
  readonly since?: Instant;
  readonly done?: boolean;
  readonly count?: number;
}

export interface PolicyVersionRecord {
  /** Digest of the policies in effect together with engine and time-zone database versions. */
  readonly digest: string;
  readonly effectiveFrom: Instant;
  readonly recordedAt: Instant;
}

/** A message that could not be processed, with a sealed body. Kept until an operator settles it. */
export interface Quarantined {
  readonly id: string;
  readonly receivedAt: Instant;
  readonly code: string;
  readonly reason: string;
  readonly producer?: string;
  readonly sealed: string;
}

/**
 * The registry: one table. Every write is one conditional write (no transaction), so a method that answers `written`
 * is durable, and one that answers `moved` changed nothing. Reads are strongly consistent unless said otherwise.
 */
export interface Registry {
  /**
   * `new`, or `duplicate` when the same body is stored under this entity and event id, or `reused` when a different one
   * is. A `duplicate` that was sent earlier lowers the stored `sent` and writes nothing else. `reused` writes nothing.
   */
  putFact(entity: EntityRef, fact: Fact): Promise<'new' | 'duplicate' | 'reused'>;
  /** All facts of an entity, in any order. */
  history(entity: EntityRef): Promise<Fact[]>;
  /** One answer for every entity asked for; version 0 where nothing is stored. */
  states(entities: readonly EntityRef[]): Promise<Map<EntityRef, EntityState>>;
  /** `state.version` is the version read; the stored one is one higher. */
  putState(entity: EntityRef, state: EntityState): Promise<'written' | 'moved'>;

  /** Idempotent; a pointer is never rewritten. */
  putPointer(entity: EntityRef, holding: HoldingRef): Promise<void>;
  pointers(entity: EntityRef, after?: string): Promise<Page<HoldingRef>>;

  holding(ref: HoldingRef): Promise<Holding | undefined>;
  /** At most 100 per call. Missing holdings are left out. */
  holdings(refs: readonly HoldingRef[]): Promise<Map<HoldingRef, Holding>>;
  /** Writes `next` if the stored version is `next.version - 1` (absent for version 1). */
  putHolding(next: Holding): Promise<'written' | 'moved'>;
  /**
   * Writes an earlier generation's tombstone if absent. Called before the next generation replaces the holding's item.
   */
  putTombstone(tombstone: Holding): Promise<void>;
  tombstones(ref: HoldingRef): Promise<Holding[]>;

  /** Durable, idempotent. */
  putHint(hint: Hint): Promise<void>;
  /** Hints of one hour and shard in order of their minutes; with `minute`, only those of it. */
  hints(hour: Instant, shard: number, options?: { minute?: Instant; after?: string }): Promise<Page<Hint>>;
  /** Whether exactly this hint is stored. Only the proof scan asks. */
  hasHint(minute: Instant, holding: HoldingRef): Promise<boolean>;
  /** The oldest hour that may hold an unsettled hint. */
  watermark(): Promise<Instant | undefined>;
  /** Moves it forwards only. */
  moveWatermark(from: Instant | undefined, to: Instant): Promise<'written' | 'moved'>;

  /** All that are in force; released ones are left out. */
  wideHolds(): Promise<WideHold[]>;
  wideHold(id: string): Promise<WideHold | undefined>;
  /**
   * `refused` when a hold of this id was released, or has a different scope: an id is used once. Placing the same hold
   * again gives `written`.
   */
  placeWideHold(hold: WideHold): Promise<'written' | 'refused'>;
  /** Marks the hold released, even if it was not placed before. */
  releaseWideHold(hold: WideHold): Promise<void>;
  park(hold: string, holding: HoldingRef): Promise<void>;
  parked(hold: string, after?: string): Promise<Page<HoldingRef>>;
  unpark(hold: string, holding: HoldingRef): Promise<void>;

  putInFlight(chunk: InFlight): Promise<void>;
  inFlight(lane: string): Promise<InFlight[]>;
  deleteInFlight(lane: string, token: string): Promise<void>;

  /** Takes up to `wanted` from the lane's allowance of this hour and answers how many it got. */
  takeAllowance(lane: string, hour: Instant, wanted: number, cap: number): Promise<number>;

  putCursor(cursor: Cursor): Promise<void>;
  cursor(id: string): Promise<Cursor | undefined>;
  deleteCursor(id: string): Promise<void>;

  /** Writes the record if absent. Returns the stored one. */
  recordPolicies(
    record: PolicyVersionRecord,
  ): Promise<{ readonly record: PolicyVersionRecord; readonly isNew: boolean }>;

  /** One page of a segmented scan over the holdings (only re-plan and proof may call it). */
  scanHoldings(segment: number, segments: number, after?: string): Promise<Page<Holding>>;

  putQuarantined(item: Quarantined): Promise<void>;
  quarantined(after?: string): Promise<Page<Quarantined>>;
  quarantinedItem(id: string): Promise<Quarantined | undefined>;
  /** Removes it once an operator settled it. */
  removeQuarantined(id: string): Promise<'removed' | 'unknown'>;
}
