import { parseFact } from '../../shared/contract/cloud-event.ts';
import type { SentFact, SentLink } from '../../shared/domain/record/incoming.ts';
import { checkEvent } from '../../shared/domain/configuration/permission.ts';
import { checkLink } from '../../shared/domain/people/check-link.ts';
import type { Caller, Speaker } from '../../shared/domain/configuration/principal.ts';
import { checkConcernedEvent } from '../../shared/protocol/facts/check-concerned-event.ts';
import { refsOf } from '../../shared/protocol/facts/refs-of.ts';
import type { ApiPorts, Operation } from './api-ports.ts';
import { type Asked, noteActions } from './note-actions.ts';
import { type Accepted, type Judged, publishBatch, rejected } from './publish-batch.ts';

/** Lifecycle events, corrections and retractions, each as a CloudEvent. */
export const sendEvents: Operation<'sendEvents'> = async (
  ports,
  { caller, principal, input, faultyItems },
) => {
  const registry = factsOf(ports);
  return publishBatch(ports, {
    route: 'POST /v1/events',
    items: input.events,
    faultyItems,
    judge: (item) => judge({ ...ports, registry }, caller, item),
    before: (accepted) => noteActions(ports, principal, accepted.flatMap(askedBy)),
  });
};

type Facts = Pick<ApiPorts['registry'], 'facts'>;

/** Reads each event once a batch, and never a history: a request takes no longer because an entity has many facts. */
function factsOf({ registry }: ApiPorts): Facts {
  const read = new Map<string, ReturnType<Facts['facts']>>();
  return {
    facts(entity, refs) {
      const name = [entity, ...refs].join(' ');
      const facts = read.get(name) ?? registry.facts(entity, refs);
      read.set(name, facts);
      return facts;
    },
  };
}

/** What an operator changes of another's events. What a producer says is in the fact history. */
function askedBy({ speaker, incoming }: Accepted): readonly Asked[] {
  if (speaker.role !== 'operator') return [];
  switch (incoming.kind) {
    case 'correction':
      return [{ did: 'correct', event: { producer: incoming.producer ?? '', id: incoming.corrects } }];
    case 'retraction':
      return [{ did: 'retract', event: { producer: incoming.producer ?? '', id: incoming.retracts } }];
    case 'event':
    case 'link':
    case 'registration':
    case 'withdrawal':
      return [];
  }
}

interface Judging extends Pick<ApiPorts, 'configuration' | 'keys'> {
  readonly registry: Facts;
}

/** `ingest` checks all of it again: what is corrected may arrive in between, or be a correction of too many others. */
async function judge(ports: Judging, caller: Caller, item: unknown): Promise<Judged> {
  const { configuration } = ports;
  const parsed = parseFact(item);
  if (!parsed.ok) return parsed;
  const speaker = speakerFor(caller, parsed.value);
  if (speaker.role === 'producer') {
    const { source } = configuration.producers[speaker.producer] ?? {};
    if (source !== parsed.value.source) return rejected('SOURCE_MISMATCH', 'source');
  }
  if (parsed.value.kind === 'link') {
    if (speaker.role !== 'producer') return rejected('FORBIDDEN', 'type');
    const linked = checkLink(configuration, speaker.producer, parsed.value);
    return linked.ok ? { ok: true, speaker, incoming: parsed.value } : rejected(linked.code, linked.path);
  }
  const checked = checkEvent(configuration, speaker, parsed.value);
  if (!checked.ok) return rejected(checked.code, checked.path);
  const accepted: Judged = { ok: true, speaker, incoming: parsed.value };
  if (parsed.value.kind === 'event') return accepted;
  const refs = await refsOf(ports, checked.value.producer);
  const concerned = await checkConcernedEvent(ports, speaker, parsed.value, refs);
  return concerned.ok ? accepted : rejected(concerned.code, concerned.path);
}

/**
 * A principal that is both a producer and an operator acts as an operator only to correct or retract another producer's
 * event.
 */
function speakerFor(caller: Caller, sent: SentFact | SentLink): Speaker {
  const { producer } = caller;
  if (producer === undefined) return { role: 'operator' };
  const another = 'producer' in sent && sent.producer !== undefined && sent.producer !== producer;
  return another && caller.operator ? { role: 'operator' } : { role: 'producer', producer };
}
