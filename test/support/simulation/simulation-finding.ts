import type { HoldingRef, Instant } from '../../../shared/domain/record/ids.ts';

/** What a run did that it should not have done. */
export interface Finding {
  readonly what: string;
  readonly ref: HoldingRef;
  readonly place: string;
  readonly at: Instant;
}
