import { codeOf } from '../../shared/domain/error-code.ts';
import { isLastDay, ownFaultDelay, queueSettings } from '../../shared/domain/configuration/queue-settings.ts';
import type { Delivery } from './delivery.ts';
import { ingest } from './ingest.ts';
import { type Gate, producerGate } from './producer-gate.ts';
import { type IngestCore, quarantineUnread, reportFailure } from './quarantine.ts';

/**
 * Processes one delivery of the ingest queue, unless its producer has sent too much. What fails for our own reasons is thrown, and comes again after 1, 2, 4 …
 * minutes, later every few hours: whatever is broken, the message waits in the queue for the repair. On the twelfth day,
 * while the queue still has it, it is quarantined as `OWN_FAULT`, and from there it is tried again once a day. A message
 * that stops the function is hidden for the growing time before it is touched, so that it stops no other for long.
 * Every path may run twice, late, and end anywhere: at worst the message comes again after the queue's own time.
 */
export async function takeDelivery(
  core: IngestCore,
  delivery: Delivery,
  gate: Gate = producerGate(core),
): Promise<'done' | 'again'> {
  const { body, deliveries, sentAt } = delivery;
  const isLast = isLastDay(sentAt, core.clock.now());
  // The first delivery may be late because nothing ran: it is processed all the same.
  if (isLast && deliveries > 1) return quarantineUnread(core, body, 'OWN_FAULT');
  const { visibilitySeconds } = queueSettings(core.configuration.timing).ingest;
  const delay = ownFaultDelay(deliveries);
  if (delay > visibilitySeconds) await hide(core, delivery, delay);
  try {
    if ((await gate(delivery)) === 'delayed') return 'done';
    const outcome = await ingest(core, body, deliveries);
    // It only waits for a worker to end.
    if (outcome === 'again' && delay > visibilitySeconds) await hide(core, delivery, visibilitySeconds);
    return outcome;
  } catch (error) {
    if (isLast) {
      reportFailure(core, error, sentAt);
      return quarantineUnread(core, body, 'OWN_FAULT');
    }
    if (delay <= visibilitySeconds) await hide(core, delivery, delay);
    throw error;
  }
}

/** Hiding is a help, not a promise: where it fails the message comes again after the queue's own time. */
async function hide(core: IngestCore, { receipt }: Delivery, seconds: number): Promise<void> {
  try {
    await core.queues.hide(receipt, seconds);
  } catch (error) {
    core.report('ingest.failed', { code: codeOf(error), count: 1 });
  }
}
