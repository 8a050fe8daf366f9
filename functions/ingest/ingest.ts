import type { BusEnvelope } from '../../shared/contract/bus.ts';
import { incomingOf, senderOf, API_SOURCE } from '../../shared/contract/bus.ts';
import type { ErrorCode } from '../../shared/contract/error-codes.ts';
import { parseIngestMessage } from '../../shared/contract/messages.ts';
import { dayId } from '../../shared/domain/calendar/utc-time.ts';
import type {
  Incoming,
  SentFact,
  SentRegistration,
  SentWithdrawal,
} from '../../shared/domain/record/incoming.ts';
import { canonicalLocator } from '../../shared/domain/configuration/locator.ts';
import {
  checkEvent,
  checkRegistration,
  checkWithdrawal,
  speakerOnBus,
} from '../../shared/domain/configuration/permission.ts';
import type { Speaker } from '../../shared/domain/configuration/principal.ts';
import { bodyHash, holdingRef } from '../../shared/domain/configuration/references.ts';
import { present } from '../../shared/domain/present.ts';
import type { Keys } from '../../shared/ports/keys.ts';
import type { Core } from '../../shared/protocol/core.ts';
import { continueFanOut, recordFact } from '../../shared/protocol/record-fact.ts';
import { register, withdraw } from '../../shared/protocol/register.ts';
import { refsOf } from '../../shared/protocol/refs-of.ts';
import { codeOf } from '../../shared/runtime/error-code.ts';
import { factOf } from './fact-of.ts';

export interface IngestCore extends Core {
  readonly keys: Keys;
}

/** A withdrawal that overtakes its registration waits for it this many deliveries. */
const PATIENCE = 3;

/** From this delivery on a message may be near its queue's limit: nothing acknowledged may end in a dead-letter queue. */
const LATE_DELIVERY = 8;

/**
 * One message of the ingest queue. `done`: durable, or quarantined for an operator. `again`: a worker has claimed the
 * holding, or its registration may still be under way; the message comes again, as a new one when it has come often.
 * Broken machinery throws, and then the message comes again too, until it is quarantined. Every path may run twice.
 */
export async function ingest(core: IngestCore, body: string, delivery: number): Promise<'done' | 'again'> {
  let outcome: 'done' | 'again';
  try {
    outcome = await heed(core, body, delivery);
  } catch (error) {
    if (delivery < LATE_DELIVERY) throw error;
    core.report('ingest.failed', { code: codeOf(error) });
    return quarantine(core, body, 'INTERNAL', '');
  }
  if (outcome === 'done' || delivery < LATE_DELIVERY) return outcome;
  await core.queues.replay(body);
  return 'done';
}

async function heed(core: IngestCore, body: string, delivery: number): Promise<'done' | 'again'> {
  const message = parseIngestMessage(body);
  if (!message.ok) return quarantine(core, body, message.failure.code, message.failure.path);
  if (message.value.kind === 'fan-out') {
    await continueFanOut(core, message.value.cursor);
    return 'done';
  }
  const heard = hear(core, message.value.envelope);
  if ('code' in heard) return quarantine(core, body, heard.code, heard.path, heard.producer);
  const outcome = await take(core, message.value.envelope, heard.speaker, heard.incoming, delivery);
  if (typeof outcome === 'string') return outcome;
  return quarantine(core, body, outcome.code, outcome.path, producerOf(heard.speaker));
}

interface Refused {
  readonly code: ErrorCode;
  readonly path: string;
  readonly producer?: string;
}

/** Who speaks and what is said; or why it is not taken. */
function hear(
  core: IngestCore,
  envelope: BusEnvelope,
): { readonly speaker: Speaker; readonly incoming: Incoming } | Refused {
  const sender = senderOf(envelope);
  if (!sender.ok) return sender.failure;
  const speaker = speakerOnBus(core.configuration, sender.value, API_SOURCE);
  if ('code' in speaker) return speaker;
  const producer = producerOf(speaker);
  const incoming = incomingOf(envelope);
  if (!incoming.ok) return { ...incoming.failure, ...present({ producer }) };
  return { speaker, incoming: incoming.value };
}

async function take(
  core: IngestCore,
  envelope: BusEnvelope,
  speaker: Speaker,
  incoming: Incoming,
  delivery: number,
): Promise<'done' | 'again' | Refused> {
  switch (incoming.kind) {
    case 'event':
    case 'correction':
    case 'retraction':
      return takeFact(core, envelope, speaker, incoming);
    case 'registration':
      return takeRegistration(core, speaker, incoming);
    case 'withdrawal':
      return takeWithdrawal(core, speaker, incoming, delivery);
  }
}

async function takeFact(
  core: IngestCore,
  envelope: BusEnvelope,
  speaker: Speaker,
  sent: SentFact,
): Promise<'done' | Refused> {
  const refusal = checkEvent(core.configuration, speaker, sent);
  if (refusal !== undefined) return refusal;
  const producer =
    speaker.role === 'producer' ? speaker.producer : sent.kind === 'event' ? '' : (sent.producer ?? '');
  const refs = await refsOf(core, producer);
  const entity = refs.entity(sent.entity);
  const fact = factOf(sent, refs, entity, core.clock.now(), Date.parse(envelope.time));
  const recorded = await recordFact(core, entity, fact);
  if (recorded === 'reused') return { code: 'EVENT_ID_REUSED', path: 'id' };
  core.report(recorded === 'new' ? 'ingest.accepted' : 'ingest.duplicate', { producer, count: 1 });
  return 'done';
}

async function takeRegistration(
  core: IngestCore,
  speaker: Speaker,
  sent: SentRegistration,
): Promise<'done' | 'again' | Refused> {
  const producer = producerOf(speaker);
  if (producer === undefined) return { code: 'FORBIDDEN', path: 'type' };
  const now = core.clock.now();
  const refusal = checkRegistration(core.configuration, producer, sent, now);
  if (refusal !== undefined) return refusal;
  const place = placeOf(core, sent);
  if ('code' in place) return place;
  const refs = await refsOf(core, producer);
  const ref = holdingRef(refs.key, sent.store, place.canonical);
  const outcome = await register(core, {
    ref,
    store: sent.store,
    locator: await core.keys.seal(
      { scope: sent.store, context: ref },
      dayId(now),
      Buffer.from(place.canonical, 'utf8'),
    ),
    registration: {
      producer,
      categories: sent.categories,
      purposes: sent.purposes,
      entities: sent.entities.map((entity) => ({ type: entity.type, ref: refs.entity(entity) })),
      ...present({ zone: sent.zone, attributes: sent.attributes }),
    },
    receipt: refs.event(sent.id),
  });
  core.report(outcome === 'waiting' ? 'register.waiting' : 'register.registered', {
    producer,
    store: sent.store,
  });
  return outcome === 'waiting' ? 'again' : 'done';
}

async function takeWithdrawal(
  core: IngestCore,
  speaker: Speaker,
  sent: SentWithdrawal,
  delivery: number,
): Promise<'done' | 'again' | Refused> {
  const producer = producerOf(speaker);
  if (producer === undefined) return { code: 'FORBIDDEN', path: 'type' };
  const refusal = checkWithdrawal(core.configuration, producer, sent);
  if (refusal !== undefined) return refusal;
  const place = placeOf(core, sent);
  if ('code' in place) return place;
  const refs = await refsOf(core, producer);
  const ref = holdingRef(refs.key, sent.store, place.canonical);
  const outcome = await withdraw(core, ref, producer, refs.event(sent.id));
  switch (outcome) {
    case 'withdrawn':
      return 'done';
    case 'waiting':
      return 'again';
    case 'unknown':
      return delivery < PATIENCE ? 'again' : { code: 'HOLDING_UNKNOWN', path: 'data.locator' };
  }
}

function placeOf(
  core: IngestCore,
  sent: { readonly store: string; readonly locator: readonly (string | number)[] },
): { readonly canonical: string } | Refused {
  const store = core.configuration.stores[sent.store];
  if (store === undefined) return { code: 'STORE_NOT_GRANTED', path: 'data.store' };
  const result = canonicalLocator(store.keys, sent.locator);
  return result.ok ? result : { code: result.code, path: `data.locator.${result.index}` };
}

function producerOf(speaker: Speaker): string | undefined {
  return speaker.role === 'producer' ? speaker.producer : undefined;
}

/** What could not be delivered, or ended every run that took it: nobody looks into it before an operator does. */
export function quarantineUnread(core: IngestCore, body: string): Promise<'done'> {
  return quarantine(core, body, 'DEAD_LETTER', '');
}

/** Kept, encrypted, until an operator settles it; the rest of the batch goes on. The same body is kept once. */
async function quarantine(
  core: IngestCore,
  body: string,
  code: ErrorCode,
  path: string,
  producer?: string,
): Promise<'done'> {
  const id = bodyHash(body).slice(0, 32);
  const now = core.clock.now();
  await core.registry.putQuarantined({
    id,
    receivedAt: now,
    code,
    reason: path,
    sealed: await core.keys.seal({ scope: 'quarantine', context: id }, dayId(now), Buffer.from(body, 'utf8')),
    ...present({ producer }),
  });
  core.report('ingest.quarantined', { code, count: 1, ...present({ producer }) });
  return 'done';
}
