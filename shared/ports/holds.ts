import type { WideHold } from '../domain/record/hold.ts';
import type { HoldingRef, Instant } from '../domain/record/ids.ts';
import type { Page } from './page.ts';

/** Wide holds and pauses, and what is parked under any hold. Holds on one entity are in its state. */
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
  park(hold: string, holdings: readonly HoldingRef[]): Promise<void>;
  parked(hold: string, after?: string): Promise<Page<HoldingRef>>;
  unpark(hold: string, holdings: readonly HoldingRef[]): Promise<void>;
}
