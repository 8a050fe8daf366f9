import type { Timing } from './configuration.ts';

/** How a queue delivers: queues are deployed with these numbers, and substitutes for SQS use them, too. */
export interface QueueSettings {
  /** How long a message that was received stays hidden. */
  readonly visibilitySeconds: number;
  /** Deliveries of one message. When the last one failed, the message goes to the dead-letter queue. */
  readonly deliveries: number;
  /** Messages that a function receives at once, at most. */
  readonly batchSize: number;
}

/** The lane's settings are those of every lane. */
export type QueueKind = 'ingest' | 'sweep' | 'seal' | 'lane';

/** Deliveries for failures of our own. */
const FEW = 5;
/** A chunk that no worker has is found again from its hints: more deliveries mean that a person should look. */
const LANE = 12;
const BATCH = 10;

export function queueSettings(timing: Timing): Readonly<Record<QueueKind, QueueSettings>> {
  const visibilitySeconds = timing.functionTimeout + timing.clockTolerance;
  // The next hour repeats what a sweep or seal has not done.
  const repeated = { visibilitySeconds, deliveries: FEW, batchSize: BATCH };
  // A message that meets a claim comes again until the claim has ended, at the latest after a lease and a take-over:
  // these deliveries are not failures.
  const whileClaimed = Math.ceil((2 * timing.lease) / visibilitySeconds);
  return {
    ingest: { ...repeated, deliveries: FEW + whileClaimed },
    sweep: repeated,
    seal: repeated,
    // Chunks are delivered alone: each has the whole lease for itself. A lease begins within a function timeout after its
    // bell was received. So a bell whose worker died comes again when that lease is over on any clock, and is not
    // dropped as one that comes while somebody works.
    lane: {
      visibilitySeconds: timing.functionTimeout + timing.lease + 2 * timing.clockTolerance,
      deliveries: LANE,
      batchSize: 1,
    },
  };
}

/**
 * From this delivery on `ingest` settles a message itself, because what was acknowledged must not end in a dead-letter
 * queue. One delivery is left after it, for a function that dies.
 */
export function lateDelivery(timing: Timing): number {
  return queueSettings(timing).ingest.deliveries - 1;
}
