import type { Instant } from '../record/ids.ts';
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
/** A bell that is lost costs an hour: the sweep rings every chunk that waits. More deliveries mean that workers die. */
const LANE = 12;
const BATCH = 10;
/** The most that SQS allows. `ingest` ends a message by its age; only a function that cannot start uses them up. */
const MOST = 1000;

export function queueSettings(timing: Timing): Readonly<Record<QueueKind, QueueSettings>> {
  const visibilitySeconds = timing.functionTimeout + timing.clockTolerance;
  // The next hour repeats what a sweep or seal has not done.
  const repeated = { visibilitySeconds, deliveries: FEW, batchSize: BATCH };
  return {
    ingest: { ...repeated, deliveries: MOST },
    sweep: repeated,
    seal: repeated,
    // Bells are delivered alone: each chunk has the whole lease for itself. A lease begins within a function timeout after its
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
 * From this delivery on a registration that waits for a worker goes back as a new message, as often as it takes: so the
 * age of the oldest message in the queue tells how far `ingest` is behind, and an alarm can watch it.
 */
export const SENT_AGAIN_FROM = 2;

/**
 * From this delivery on `ingest` quarantines what another function of Tenure sent or accepted and it refuses itself. The
 * delays before it add up to an hour, which is longer than a deployment lasts in which the two are of different releases.
 */
export const REFUSED_FROM = 7;

/** What waits longer in the queue of `ingest` is behind. Longer than a registration waits there for a worker. */
export function behindSeconds(timing: Timing): number {
  return Math.max(900, SENT_AGAIN_FROM * queueSettings(timing).ingest.visibilitySeconds);
}

const MINUTE = 60;
const LONGEST_DELAY = 4 * 3600;

/** Seconds after which a message comes again that failed for our own reasons: a minute, doubled up to four hours. */
export function ownFaultDelay(deliveries: number): number {
  return Math.min(LONGEST_DELAY, MINUTE * 2 ** (Math.max(1, deliveries) - 1));
}

const DAY = 86_400_000;
/** Of the fourteen days that the queue keeps a message, twelve are for repairs. */
const LAST_DAY = 12 * DAY;

/** Whether the queue will soon lose a message that it got at this time. */
export function isLastDay(sentAt: Instant, now: Instant): boolean {
  return now >= sentAt + LAST_DAY;
}

/** The code of messages that are quarantined because of our own faults, and tried again by themselves. */
export const OWN_FAULT = 'OWN_FAULT';

/** Once a day. */
export function isRetryDue(
  { receivedAt, triedAt = receivedAt }: { readonly receivedAt: Instant; readonly triedAt?: Instant },
  now: Instant,
): boolean {
  return now >= triedAt + DAY;
}

/** How old the newest heartbeat may be, and how long an event may wait: lanes act only on facts that are not older. */
export const HEARTBEAT_SECONDS = 300;

/**
 * For how long a producer counts as behind after one of its messages was late or was delayed. Longer than a delay, and
 * the five minutes in which a process does not note it again.
 */
export const BEHIND_SECONDS = 1800;

/**
 * Seconds until a message beyond the quota comes again: 10 to 14 minutes, spread by its hash. SQS delays by at most 15
 * minutes. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
export function quotaDelay(hash: string): number {
  return 600 + (Number.parseInt(hash.slice(0, 6), 16) % 240);
}
