import * as z from 'zod';
import { API_SOURCE } from '../../shared/contract/bus.ts';
import type { Configuration } from '../../shared/domain/configuration/configuration.ts';
import { producerBySource } from '../../shared/domain/configuration/principal.ts';
import { bodyHash } from '../../shared/domain/configuration/references.ts';
import {
  BEHIND_SECONDS,
  HEARTBEAT_SECONDS,
  quotaDelay,
} from '../../shared/domain/configuration/queue-settings.ts';
import { own } from '../../shared/domain/own.ts';
import { seconds } from '../../shared/protocol/seconds.ts';
import { quotas } from '../../shared/runtime/quotas.ts';
import type { Instant } from '../../shared/domain/record/ids.ts';
import type { Delivery } from './delivery.ts';
import type { IngestCore } from './quarantine.ts';

/** Says whether a delivery is processed now. `delayed`: it was sent again, and comes later. */
export type Gate = (delivery: Delivery) => Promise<'open' | 'delayed'>;

/** A process notes at most this often that a producer is behind. */
const NOTE_AGAIN_SECONDS = 300;

/**
 * Holds back what a producer sends to the bus beyond its quota: the message is sent again as a new one, with a delay, so
 * it is never lost, does not count as a failure, and is not in flight meanwhile (SQS allows 120,000 messages in flight).
 * As long as a producer has messages that wait, its chunks stand still: an extension may be among them. This is noted
 * before the message is sent again.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
 */
export function producerGate(core: IngestCore): Gate {
  const allowed = quotas(core);
  const noted = new Map<string, Instant>();

  async function noteBehind(producer: string): Promise<void> {
    const now = core.clock.now();
    if (now - (noted.get(producer) ?? -Infinity) < seconds(NOTE_AGAIN_SECONDS)) return;
    const note = await core.registry.noteBehind(producer, { now, until: now + seconds(BEHIND_SECONDS) });
    noted.set(producer, now);
    if (note === 'new') core.report('ingest.behind', { producer });
  }

  return async ({ body, deliveries, sentAt }) => {
    // It was counted when it came first, and comes again because of a failure of our own.
    if (deliveries > 1) return 'open';
    const sender = senderOf(core.configuration, body);
    if (sender === undefined) return 'open';
    const { producer, isCounted } = sender;
    if (core.clock.now() - sentAt > seconds(HEARTBEAT_SECONDS)) await noteBehind(producer);
    if (isCounted || (await allowed.take(producer, 1)).kind === 'taken') return 'open';
    await noteBehind(producer);
    await core.queues.replay(body, { group: producer, delaySeconds: quotaDelay(bodyHash(body)) });
    return 'delayed';
  };
}

const Sent = z.looseObject({
  source: z.string(),
  'replay-name': z.string().optional().catch(undefined),
  detail: z.looseObject({ tenureproducer: z.string().optional() }).optional().catch(undefined),
});

/** Also of JSON that is refused: its faults are in `detail`, and the bus writes the rest. */
function sentIn(body: string): z.output<typeof Sent> | undefined {
  try {
    return Sent.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}

/**
 * Whose message it is, by what the bus guarantees: also of one that is refused later. The api has counted what it
 * accepted. What comes again from the archive was counted when it came first: only who may start a replay can bring it,
 * and held back by the quota a replay would take as long as the time that it covers.
 */
function senderOf(
  configuration: Configuration,
  body: string,
): { readonly producer: string; readonly isCounted: boolean } | undefined {
  const sent = sentIn(body);
  if (sent === undefined) return undefined;
  const { source, detail } = sent;
  const isOfApi = source === API_SOURCE;
  const isCounted = isOfApi || sent['replay-name'] !== undefined;
  const producer = isOfApi ? detail?.tenureproducer : producerBySource(configuration, source);
  if (producer === undefined || own(configuration.producers, producer) === undefined) return undefined;
  return { producer, isCounted };
}
