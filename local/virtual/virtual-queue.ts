import { present } from '../../shared/domain/present.ts';
import type { QueueSettings } from '../../shared/domain/configuration/queue-settings.ts';
import type { Instant } from '../../shared/domain/record/ids.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Agenda } from './agenda.ts';
import { fairQueue } from './fair-queue.ts';

export interface Message {
  readonly id: string;
  readonly body: string;
  readonly sentAt: Instant;
  /** How often it was received, this time included. */
  readonly deliveries: number;
  /** Whose message it is, for the order in which a fair queue delivers. */
  readonly group?: string;
}

/**
 * A queue as SQS keeps it, on a virtual clock.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
 */
export interface VirtualQueue {
  readonly name: string;
  /** The message is durable at once, and visible after the delay. */
  send(body: string, delaySeconds?: number, group?: string): void;
  /** How many messages are visible. */
  visible(): number;
  /**
   * Takes a batch of visible messages, from this place on, else in the order of a fair queue, and hides them. Those that are not deleted are visible again
   * after the visibility timeout, or dead if this was their last delivery.
   */
  receive(from?: number): readonly Message[];
  /** A message that was received comes again only after this number of seconds, counted from now. */
  hide(id: string, seconds: number): void;
  /** The message was worked on. Deleting it again changes nothing. */
  delete(message: Message): void;
  /** All that was sent and is neither deleted nor dead: visible, hidden or delayed. */
  messages(): readonly Message[];
  /** Messages that were never deleted, in all their deliveries. */
  deadLetters(): readonly Message[];
}

export interface QueueOptions {
  readonly name: string;
  readonly settings: QueueSettings;
  readonly clock: Clock;
  readonly agenda: Agenda;
  /** A message became visible. */
  readonly ring?: () => void;
  /** A message is dead. */
  readonly dead?: (message: Message) => void;
}

export function virtualQueue({ name, settings, clock, agenda, ring, dead }: QueueOptions): VirtualQueue {
  interface Kept extends Message {
    deliveries: number;
    /** Takes back what the agenda still has about it. */
    forget: () => void;
  }
  const kept = new Map<string, Kept>();
  const visible: Kept[] = [];
  const fair = fairQueue<Kept>();
  const deadLetters: Message[] = [];
  let sent = 0;

  function show(message: Kept): void {
    visible.push(message);
    ring?.();
  }

  function timeOut(message: Kept): void {
    fair.landed(message);
    if (message.deliveries < settings.deliveries) return show(message);
    kept.delete(message.id);
    deadLetters.push(message);
    dead?.(message);
  }

  return {
    name,
    send(body, delaySeconds = 0, group) {
      sent += 1;
      const now = clock.now();
      const message: Kept = {
        id: `${name}-${sent}`,
        body,
        sentAt: now,
        deliveries: 0,
        ...present({ group }),
        forget: () => undefined,
      };
      kept.set(message.id, message);
      message.forget = agenda.add(now + delaySeconds * 1000, () => show(message));
    },
    visible: () => visible.length,
    receive(from = 0) {
      if (from === 0) fair.order(visible);
      const batch = visible.splice(from, settings.batchSize);
      const visibleAt = clock.now() + settings.visibilitySeconds * 1000;
      for (const message of batch) {
        message.deliveries += 1;
        fair.received(message);
        message.forget = agenda.add(visibleAt, () => timeOut(message));
      }
      return batch;
    },
    hide(id, seconds) {
      const message = kept.get(id);
      if (message === undefined || visible.includes(message)) return;
      message.forget();
      message.forget = agenda.add(clock.now() + seconds * 1000, () => timeOut(message));
    },
    delete({ id }) {
      const message = kept.get(id);
      if (message === undefined) return;
      kept.delete(id);
      fair.landed(message);
      message.forget();
      const place = visible.indexOf(message);
      if (place >= 0) visible.splice(place, 1);
    },
    messages: () => [...kept.values()],
    deadLetters: () => deadLetters,
  };
}
