import type { LegalHold, NamedAttempt, WideHold } from '../domain/record/hold.ts';
import type { HoldingRef, Instant } from '../domain/record/ids.ts';
import type { Page } from './page.ts';

/**
 * Wide holds and pauses, the records of all legal holds, and what is parked under any hold. Holds on one entity are in
 * force by its state.
 */
export interface Holds {
  /**
   * All holds and pauses in force, in one query. Strongly consistent. An adopted table has the pause `RESTORED` of
   * everything until `confirmRestored` was called for a table of its name.
   */
  wideHolds(): Promise<WideHold[]>;
  wideHold(id: string): Promise<WideHold | undefined>;
  /** `refused`: a hold of this id was released, or has another scope: ids are used once. The same again is `written`. */
  placeWideHold(hold: WideHold): Promise<'written' | 'refused'>;
  /** Marks it released for ever, also when no such hold is there yet. */
  releaseWideHold(hold: WideHold): Promise<void>;
  /** A person says that the adopted table knows everything again. */
  confirmRestored(at: Instant): Promise<void>;

  /**
   * The record of a legal hold, put if absent, before the hold is in force. `refused`: a hold of this id was released, or
   * has another scope. The same again is `written` and changes nothing.
   */
  recordHold(hold: LegalHold): Promise<'written' | 'refused'>;
  holdRecord(id: string): Promise<LegalHold | undefined>;
  /** Marks the record released for ever, also when there is none yet. The first release stands. */
  recordRelease(hold: LegalHold): Promise<void>;
  /** The first answer stands: what is noted again is nothing. */
  recordInFlight(id: string, inFlight: readonly NamedAttempt[]): Promise<void>;
  /** Records of all legal holds, also of those that were released, in the order of their ids; at most 100 a page. */
  holdRecords(after?: string): Promise<Page<LegalHold>>;

  park(hold: string, holdings: readonly HoldingRef[]): Promise<void>;
  parked(hold: string, after?: string): Promise<Page<HoldingRef>>;
  unpark(hold: string, holdings: readonly HoldingRef[]): Promise<void>;
}
