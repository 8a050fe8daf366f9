import { refused } from '../../shared/domain/checked.ts';
import type { Speaker } from '../../shared/domain/configuration/principal.ts';
import { eventRef } from '../../shared/domain/configuration/references.ts';
import { checkRequestFact, REQUEST_EVENTS } from '../../shared/domain/people/request-fact.ts';
import type { Fact } from '../../shared/domain/facts/facts.ts';
import type { Instant } from '../../shared/domain/record/ids.ts';
import type { SentFact } from '../../shared/domain/record/incoming.ts';
import { factOf } from '../../shared/protocol/facts/fact-of.ts';
import { refsOf } from '../../shared/protocol/facts/refs-of.ts';
import { recordRequest } from '../../shared/protocol/people/record-link.ts';
import { type Arrival, sentAt } from './arrival.ts';
import type { IngestCore, Untaken } from './quarantine.ts';
import { takeCollections } from './take-collections.ts';

/** A fact of a request of a person. The api has checked who asks; a correction of one there is none. */
export async function takeRequestFact(
  core: IngestCore,
  speaker: Speaker,
  sent: SentFact,
  arrival: Arrival,
): Promise<{ readonly ok: true; readonly value: 'done' } | Untaken> {
  const checked = checkRequestFact(core.configuration, speaker, sent);
  if (!checked.ok) return checked;
  const { producer } = checked.value;
  const { onBus, received, isReplayed } = arrival;
  const refs = await refsOf(core, producer);
  const entity = refs.entity(sent.entity);
  const now = isReplayed ? received : core.clock.now();
  const event = (id: string) => eventRef(refs.key, REQUEST_EVENTS, id);
  const fact = factOf(sent, { refs: { ...refs, event }, entity, now, sentAt: sentAt(sent, onBus) });
  const person = { type: sent.entity.type, ref: entity };
  const recorded = await recordRequest(core, person, fact, {
    spelling: refs.spelling(sent.entity),
    // As soon as the fact can be seen, the request is closed if there is nothing of the person.
    beforeFold: (put) =>
      takeCollections(core, [sent.entity], {
        speaking: { refs, producer },
        sent: countsFrom(fact),
        bringsRecords: false,
        arrival,
        fact: { entity, event: fact.ref, recorded: put },
      }),
  });
  if (recorded === 'reused') return refused('EVENT_ID_REUSED', 'id');
  const whose = producer === '' ? {} : { producer };
  core.report(recorded === 'new' ? 'ingest.accepted' : 'ingest.duplicate', { ...whose, count: 1 });
  return { ok: true, value: 'done' };
}

/** A request covers what was registered until then: the collection that it makes itself is among that. */
function countsFrom({ occurred, sent }: Fact): Instant {
  return occurred === undefined ? sent : Math.min(Date.parse(occurred), sent);
}
