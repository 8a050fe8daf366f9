import { parseFact } from '../../shared/contract/cloud-event.ts';
import type { Incoming, SentFact, SentLink } from '../../shared/domain/record/incoming.ts';
import { checkLink } from '../../shared/domain/people/check-link.ts';
import type { Caller, Speaker } from '../../shared/domain/configuration/principal.ts';
import type { ApiPorts, Operation } from './api-ports.ts';
import { checkFact, type Judging } from './four-eyes/check-fact.ts';
import { CHANGE_EVENTS, noteOf } from './four-eyes/change-events.ts';
import { propose } from './four-eyes/do-or-propose.ts';
import { type Asked, noteActions } from './note-actions.ts';
import { type Accepted, type Batch, type Judged, publishBatch, rejected } from './publish-batch.ts';

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
    ...(ports.configuration.fourEyes !== undefined && { byTwo: byTwo(ports, principal) }),
  });
};

/** An operator sends corrections and retractions only. */
function byTwo(ports: ApiPorts, principal: string): NonNullable<Batch['byTwo']> {
  return {
    needs: ({ speaker }) => speaker.role === 'operator',
    propose: (accepted) =>
      propose(ports, principal, CHANGE_EVENTS, {
        events: changesIn(accepted.map(({ incoming }) => incoming)),
      }),
  };
}

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

/** What a producer says is in the fact history. */
function askedBy({ speaker, incoming }: Accepted): readonly Asked[] {
  return speaker.role === 'operator' ? changesIn([incoming]).flatMap(noteOf) : [];
}

function changesIn(incoming: readonly Incoming[]): readonly SentFact[] {
  return incoming.flatMap((sent) => {
    switch (sent.kind) {
      case 'correction':
      case 'retraction':
        return [sent];
      case 'event':
      case 'link':
      case 'registration':
      case 'withdrawal':
        return [];
    }
  });
}

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
  return checkFact(ports, speaker, parsed.value);
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
