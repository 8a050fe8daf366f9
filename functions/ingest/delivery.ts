import type { Instant } from '../../shared/domain/record/ids.ts';

/** A message as the ingest queue delivers it. */
export interface Delivery {
  readonly body: string;
  /** How often it was delivered, this time included. */
  readonly deliveries: number;
  /** When the queue got it: it keeps it for fourteen days from then. */
  readonly sentAt: Instant;
  /** Names this delivery to the queue. */
  readonly receipt: string;
}
