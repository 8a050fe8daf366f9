import type { BusEnvelope } from '../../shared/contract/bus.ts';
import type { Instant } from '../../shared/domain/record/ids.ts';
import { seconds } from '../../shared/protocol/seconds.ts';
import type { IngestCore } from './quarantine.ts';

export interface Arrival {
  /**
   * When the bus had it. A sender may choose this time, so it counts only as far as the clocks of the bus and of this
   * function can differ: else a record could be registered in a year to come, and be new again after each disposal.
   * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html
   */
  readonly onBus: Instant;
  readonly received: Instant;
  readonly isReplayed: boolean;
  /** An earlier run may have died with the message. */
  readonly isRepeated: boolean;
}

/**
 * Not before the bus had it, whatever this clock says. What comes again from the archive was received when the bus had
 * it first: it is compared with what was disposed of since.
 */
export function arrivalOf(
  { clock, configuration }: IngestCore,
  envelope: Pick<BusEnvelope, 'time' | 'replay-name'>,
  delivery: number,
): Arrival {
  const now = clock.now();
  const onBus = Math.min(Date.parse(envelope.time), now + seconds(configuration.timing.clockTolerance));
  const isReplayed = envelope['replay-name'] !== undefined;
  const received = isReplayed ? endOfSecond(onBus) : Math.max(now, endOfSecond(onBus));
  return { onBus, received, isReplayed, isRepeated: isReplayed || delivery > 1 };
}

/**
 * When the producer says that it sent it, else when the bus had it; never later than the bus had it. Not the clock at
 * each delivery: a message that comes again would then be a later one, and could bring back what was withdrawn.
 */
export function sentAt({ time }: { readonly time?: string }, onBus: Instant): Instant {
  return time === undefined ? onBus : Math.min(Date.parse(time), endOfSecond(onBus));
}

/** The bus says whole seconds. */
function endOfSecond(onBus: Instant): Instant {
  return Math.floor(onBus / 1000) * 1000 + 999;
}
