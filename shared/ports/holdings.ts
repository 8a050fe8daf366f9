import type { OddEntity } from '../domain/record/attention.ts';
import type { HoldingRef, EntityRef } from '../domain/record/ids.ts';
import type { Page } from './page.ts';
import type { Holding } from '../domain/record/holding.ts';

/** From what was read to what is to be there. `before` is absent where no item is stored. */
export interface HoldingChange {
  readonly before: Holding | undefined;
  /** `after.version` is `before.version + 1` (1 where nothing is stored). */
  readonly after: Holding;
}

/** An item that cannot be read: it was changed by hand, or something else wrote it. */
export interface DamagedHolding {
  readonly ref: HoldingRef;
  /** Where that much can be read. */
  readonly store?: string;
  readonly code: string;
}

/** Missing ones are left out of both. */
export interface HoldingsRead {
  readonly holdings: ReadonlyMap<HoldingRef, Holding>;
  readonly damaged: readonly DamagedHolding[];
}

export interface HoldingsPage extends Page<Holding> {
  readonly damaged: readonly DamagedHolding[];
}

/** Holdings, their tombstones, and which holdings an entity has. Reads are strongly consistent. */
export interface Holdings {
  /** Up to 100 a request; missing ones are left out. A damaged one fails the call. */
  holdings(refs: readonly HoldingRef[]): Promise<Map<HoldingRef, Holding>>;
  /** The same, but a damaged one is told apart and stops no other. An item of an unknown schema fails the call. */
  readHoldings(refs: readonly HoldingRef[]): Promise<HoldingsRead>;
  /**
   * One conditional write each, 25 to a request, answered one by one in order. `moved`: another version is stored, and
   * this change wrote nothing. Two changes of one holding in one call are refused (`TypeError`).
   * A change whose answer is lost may have been written: reading again shows the version.
   */
  writeHoldings(changes: readonly HoldingChange[]): Promise<('written' | 'moved')[]>;
  /**
   * An earlier generation's tombstone, put before its successor takes the holding's item. In place of one of an older
   * version only: a run that found the holding moved may have put that one.
   */
  putTombstone(tombstone: Holding): Promise<void>;
  tombstones(ref: HoldingRef): Promise<Holding[]>;
  /** Of many holdings at once, 100 to a request; missing ones are left out. */
  tombstonesAt(of: readonly Pick<Holding, 'ref' | 'generation'>[]): Promise<Holding[]>;
  /** Idempotent; a pointer is never rewritten. */
  putPointers(entities: readonly EntityRef[], holding: HoldingRef): Promise<void>;
  /** At most 100 a page. */
  pointers(entity: EntityRef, after?: string): Promise<Page<HoldingRef>>;
  /** Those of these holdings that the entity has a pointer to. 100 to a request. */
  pointersAmong(entity: EntityRef, refs: readonly HoldingRef[]): Promise<HoldingRef[]>;
  /** One page of a segmented scan over the holdings. Only re-plan and census may call it. */
  scanHoldings(segment: number, segments: number, after?: string): Promise<HoldingsPage>;
  /**
   * The same, with the earlier generations on the way, and the entities that something is odd about: each one once, judged by
   * all its items.
   */
  scanAll(segment: number, segments: number, after?: string): Promise<ScanPage>;
}

export interface ScanPage extends HoldingsPage {
  /** Tombstones of earlier generations, wherever they lie between the holdings. */
  readonly earlier: readonly Holding[];
  readonly damagedEarlier: readonly Pick<DamagedHolding, 'code'>[];
  readonly entities: readonly OddEntity[];
}
