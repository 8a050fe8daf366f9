import type { HoldingRef, Instant } from '../domain/record/ids.ts';

/** Up to 100 holdings of one store that travel together. */
export interface LaneMessage {
  readonly kind: 'chunk';
  readonly store: string;
  readonly holdings: readonly HoldingRef[];
}

export type SweepMessage =
  /** A wake-up: the hints of this minute. */
  | { readonly kind: 'minute'; readonly minute: Instant }
  /** Every hour, and after every deployment: from the watermark to now. */
  | { readonly kind: 'hourly' }
  /** One segment of the re-plan that a new policy version, engine or time-zone database requires. */
  | { readonly kind: 're-plan'; readonly run: string; readonly segment: number }
  /** Every week: starts a proof scan. */
  | { readonly kind: 'weekly' }
  /** One segment of the proof scan named `run`. */
  | { readonly kind: 'proof'; readonly run: string; readonly segment: number }
  /** A hold or pause was released: hint what is parked under it. */
  | { readonly kind: 'release'; readonly hold: string };

/** Fan-out of an event over an entity with many holdings. The cursor item stores how far it has come. */
export interface FanOutMessage {
  readonly kind: 'fan-out';
  readonly cursor: string;
}

/** Seal the pending chunks of this hour (`YYYY-MM-DDTHH`), or of all hours after the settled hour of the head. */
export interface SealMessage {
  readonly kind: 'seal';
  readonly hour?: string;
}

/**
 * Transport, not storage: if a message is lost, the registry still has what it was about. A send that resolves is
 * durable. Messages may arrive more than once and in any order.
 */
export interface Queues {
  toLane(message: LaneMessage): Promise<void>;
  toSweep(messages: readonly SweepMessage[]): Promise<void>;
  toIngest(message: FanOutMessage): Promise<void>;
  toSeal(message: SealMessage): Promise<void>;
  /** Sends a quarantined body to the ingest queue as it was received; ingest judges it again from the start. */
  replay(body: string): Promise<void>;
}
