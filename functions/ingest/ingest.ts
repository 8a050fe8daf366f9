import type { BusEnvelope } from '../../shared/contract/bus.ts';
import { incomingOf, senderOf, API_SOURCE } from '../../shared/contract/bus.ts';
import { parseIngestMessage } from '../../shared/contract/messages.ts';
import { refused } from '../../shared/domain/checked.ts';
import { REFUSED_FROM, SENT_AGAIN_FROM } from '../../shared/domain/configuration/queue-settings.ts';
import { LINKED, type SentFact } from '../../shared/domain/record/incoming.ts';
import { checkEvent, speakerOnBus } from '../../shared/domain/configuration/permission.ts';
import type { Speaker } from '../../shared/domain/configuration/principal.ts';
import { present } from '../../shared/domain/present.ts';
import { policiesAt } from '../../shared/protocol/policies.ts';
import { continueFanOut, recordFact } from '../../shared/protocol/record-fact.ts';
import { noteChangedFact } from '../../shared/protocol/facts/fact-entries.ts';
import { checkConcernedEvent } from '../../shared/protocol/facts/check-concerned-event.ts';
import { noteReplayed } from '../../shared/protocol/restore/restored.ts';
import { refsOf } from '../../shared/protocol/facts/refs-of.ts';
import { factOf } from '../../shared/protocol/facts/fact-of.ts';
import { type Arrival, arrivalOf, sentAt } from './arrival.ts';
import { isTooLarge } from './cut-message.ts';
import { DONE, type IngestCore, quarantine, type Taken, type Untaken } from './quarantine.ts';
import { reachOfChild, recordUnlinked } from '../../shared/protocol/people/record-link.ts';
import { takeRequestFact } from './take-request-fact.ts';
import { retryOwnFault, retryRefused } from './retry-quarantined.ts';
import { takeCollections } from './take-collections.ts';
import { noteColumns, takeColumn } from './take-column.ts';
import { takeHold } from './take-hold.ts';
import { takeLink } from './take-link.ts';
import { producerOf, takeRegistration, takeWithdrawal } from './take-registration.ts';

/**
 * Processes one message of the ingest queue. `done`: it is durable, or quarantined for an operator. `again`: a worker
 * has the holding in its chunk; the message is delivered again, or sent again as a new one after two deliveries. What
 * is thrown is our own fault: `takeDelivery` has the message delivered again. Every path may run twice.
 */
export async function ingest(core: IngestCore, body: string, delivery: number): Promise<'done' | 'again'> {
  const outcome = await processMessage(core, body, delivery);
  if (outcome === 'done' || delivery < SENT_AGAIN_FROM) return outcome;
  await core.queues.replay(body);
  return 'done';
}

/** What only the registry can tell, so that the api accepts it. */
const ONLY_HERE: ReadonlySet<Untaken['code']> = new Set<Untaken['code']>([
  'CONCERNED_NOT_GRANTED',
  'EVENT_ID_REUSED',
  'HOLDING_TOO_LARGE',
  'ITEM_TOO_LARGE',
  'REGISTRATION_TOO_OLD',
]);

/**
 * The only place that quarantines a refused message. What this release or its configuration refuses, and another
 * function of Tenure has accepted or sent, waits first: while one release is deployed over another, the newer `ingest`
 * takes it.
 */
async function processMessage(core: IngestCore, body: string, delivery: number): Promise<'done' | 'again'> {
  const taken = await takeMessage(core, body, delivery);
  if (taken.ok) return taken.value;
  if (taken.isOurs === true && delivery < REFUSED_FROM) throw new NotTakenYet(taken);
  return quarantine(core, body, taken);
}

/** `takeDelivery` has the message delivered again. */
class NotTakenYet extends Error {
  readonly code = 'MESSAGE_OF_ANOTHER_RELEASE';
  constructor({ code, path }: Untaken) {
    super(
      `Another function of Tenure has sent a message that this one refuses (${code} at ${path || 'its top'}): deploy all functions from one release.`,
    );
    this.name = 'NotTakenYet';
  }
}

async function takeMessage(core: IngestCore, body: string, delivery: number): Promise<Taken> {
  const message = parseIngestMessage(body);
  if (!message.ok) return message;
  if (message.value.kind === 'fan-out') {
    await continueFanOut(core, message.value);
    return DONE;
  }
  if (message.value.kind === 'heartbeat') {
    const { sent, isReplayed } = message.value;
    // Where nothing is ever sent, lanes need it all the same, and may not make it.
    await core.keys.registryKey();
    await noteColumns(core);
    await core.registry.putHeartbeat(sent);
    if (isReplayed === true && core.adopted !== undefined) await noteReplayed(core, core.adopted, sent);
    return DONE;
  }
  if (message.value.kind === 'retry') {
    await retryOwnFault(core, message.value.id, (again) => takeMessage(core, again, delivery + 1));
    return DONE;
  }
  if (message.value.kind === 'column-fact' || message.value.kind === 'column-read')
    return takeColumn(core, message.value, delivery);
  if (message.value.kind === 'retry-refused') return takeRefused(core, message.value, delivery);
  if (message.value.kind === 'hold') {
    await takeHold(core, message.value);
    return DONE;
  }
  if (message.value.kind === 'newer') return { ...refused('BODY_INVALID', message.value.path), isOurs: true };
  const { envelope } = message.value;
  const sender = senderOf(envelope);
  if (!sender.ok) return sender;
  const speaker = speakerOnBus(core.configuration, sender.value, API_SOURCE);
  if (!speaker.ok) return speaker;
  // What could not be quarantined whole is refused at once, not after it has failed for days.
  const taken = isTooLarge(body)
    ? refused('ITEM_TOO_LARGE', '')
    : await takeFrom(
        core,
        { speaker: speaker.value, isRequest: sender.value.tenurerequest === true },
        envelope,
        delivery,
      );
  if (taken.ok) return taken;
  return {
    ...taken,
    ...present({ producer: producerOf(speaker.value) }),
    ...(envelope.source === API_SOURCE && !ONLY_HERE.has(taken.code) ? { isOurs: true } : {}),
  };
}

/**
 * While a deployment lasts, this function may still have the former policies: the message waits for the new ones. If
 * they do not come, others came instead, whose own re-plan tries the message again.
 */
async function takeRefused(
  core: IngestCore,
  {
    id,
    policies,
    isReplayed,
  }: { readonly id: string; readonly policies: string; readonly isReplayed: boolean },
  delivery: number,
): Promise<Taken> {
  if (policies !== policiesAt(core, core.clock.now())) {
    if (isReplayed || delivery >= REFUSED_FROM) return DONE;
    throw new NotTakenYet(refused('BODY_INVALID', 'detail.policies'));
  }
  await retryRefused(core, id, (again) => takeMessage(core, again, delivery + 1));
  return DONE;
}

interface Sender {
  readonly speaker: Speaker;
  /** The api made it for a request of a person. No other sender can say so. */
  readonly isRequest: boolean;
}

async function takeFrom(
  core: IngestCore,
  { speaker, isRequest }: Sender,
  envelope: BusEnvelope,
  delivery: number,
): Promise<Taken> {
  const incoming = incomingOf(envelope);
  if (!incoming.ok) return incoming;
  const sent = incoming.value;
  const arrival = arrivalOf(core, envelope, delivery);
  switch (sent.kind) {
    case 'event':
    case 'correction':
    case 'retraction':
      return isRequest && envelope.source === API_SOURCE
        ? takeRequestFact(core, speaker, sent, arrival)
        : takeFact(core, speaker, sent, arrival);
    case 'link':
      return takeLink(core, speaker, sent, arrival);
    case 'registration':
      return takeRegistration(core, speaker, sent, arrival);
    case 'withdrawal':
      return takeWithdrawal(core, speaker, sent, arrival);
  }
}

async function takeFact(
  core: IngestCore,
  speaker: Speaker,
  sent: SentFact,
  arrival: Arrival,
): Promise<Taken> {
  const { onBus, received, isReplayed } = arrival;
  const checked = checkEvent(core.configuration, speaker, sent);
  if (!checked.ok) return checked;
  const { producer } = checked.value;
  const refs = await refsOf(core, producer);
  const concerned = await checkConcernedEvent(core, speaker, sent, refs);
  if (!concerned.ok) return concerned;
  const entity = refs.entity(sent.entity);
  const now = isReplayed ? received : core.clock.now();
  const fact = factOf(sent, { refs, entity, now, sentAt: sentAt(sent, onBus) });
  const recorded = await recordFact(core, entity, fact, { spelling: refs.spelling(sent.entity) });
  if (recorded === 'reused') return refused('EVENT_ID_REUSED', 'id');
  const person = { type: sent.entity.type, ref: entity };
  const by = speaker.role;
  const [type] = fact.kind === 'correction' ? [fact.type] : concerned.value;
  if (fact.kind === 'retraction' && (type === undefined || type === LINKED))
    await recordUnlinked(core, person, fact);
  await reachOfChild(core, person, fact);
  await takeCollections(core, [sent.entity], {
    speaking: { refs, producer },
    sent: fact.sent,
    bringsRecords: fact.kind === 'event',
    arrival,
    fact: { entity, event: fact.ref, recorded },
  });
  if (fact.about !== undefined)
    await noteChangedFact(core, { entity, fact, put: recorded, producer, by, ...present({ type }) });
  core.report(recorded === 'new' ? 'ingest.accepted' : 'ingest.duplicate', { producer, count: 1 });
  return DONE;
}
