import { parseFact } from '../../shared/contract/cloud-event.ts';
import type { SentFact } from '../../shared/domain/record/incoming.ts';
import { checkEvent } from '../../shared/domain/configuration/permission.ts';
import type { Caller, Speaker } from '../../shared/domain/configuration/principal.ts';
import type { ApiPorts, Operation } from './api-ports.ts';
import { type Asked, noteActions } from './note-actions.ts';
import { type Accepted, type Judged, publishBatch, rejected } from './publish-batch.ts';

/** Lifecycle events, corrections and retractions, each as a CloudEvent. */
export const sendEvents: Operation<'sendEvents'> = async (ports, { caller, principal, input, faultyItems }) =>
  publishBatch(ports, {
    route: 'POST /v1/events',
    items: input.events,
    faultyItems,
    judge: (item) => judge(ports, caller, item),
    before: (accepted) => noteActions(ports, principal, accepted.flatMap(askedBy)),
  });

/** What an operator changes of another's events. What a producer says is in the fact history. */
function askedBy({ speaker, incoming }: Accepted): readonly Asked[] {
  if (speaker.role !== 'operator') return [];
  switch (incoming.kind) {
    case 'correction':
      return [{ did: 'correct', event: { producer: incoming.producer ?? '', id: incoming.corrects } }];
    case 'retraction':
      return [{ did: 'retract', event: { producer: incoming.producer ?? '', id: incoming.retracts } }];
    case 'event':
    case 'registration':
    case 'withdrawal':
      return [];
  }
}

function judge({ configuration }: ApiPorts, caller: Caller, item: unknown): Judged {
  const parsed = parseFact(item);
  if (!parsed.ok) return parsed;
  const speaker = speakerFor(caller, parsed.value);
  if (speaker.role === 'producer') {
    const { source } = configuration.producers[speaker.producer] ?? {};
    if (source !== parsed.value.source) return rejected('SOURCE_MISMATCH', 'source');
  }
  const checked = checkEvent(configuration, speaker, parsed.value);
  if (!checked.ok) return rejected(checked.code, checked.path);
  return { ok: true, speaker, incoming: parsed.value };
}

/**
 * A principal that is both a producer and an operator acts as an operator only to correct or retract another producer's
 * event.
 */
function speakerFor(caller: Caller, sent: SentFact): Speaker {
  const { producer } = caller;
  if (producer === undefined) return { role: 'operator' };
  const another = sent.kind !== 'event' && sent.producer !== undefined && sent.producer !== producer;
  return another && caller.operator ? { role: 'operator' } : { role: 'producer', producer };
}
