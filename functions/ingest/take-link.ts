import { refused } from '../../shared/domain/checked.ts';
import { checkLink } from '../../shared/domain/people/check-link.ts';
import type { Speaker } from '../../shared/domain/configuration/principal.ts';
import type { NamedEntity, SentLink } from '../../shared/domain/record/incoming.ts';
import { refsOf } from '../../shared/protocol/facts/refs-of.ts';
import { recordLink } from '../../shared/protocol/people/record-link.ts';
import { type Arrival, sentAt } from './arrival.ts';
import type { IngestCore, Untaken } from './quarantine.ts';
import { takeCollections } from './take-collections.ts';

/** An application says that an entity of its own is a person. */
export async function takeLink(
  core: IngestCore,
  speaker: Speaker,
  sent: SentLink,
  arrival: Arrival,
): Promise<{ readonly ok: true; readonly value: 'done' } | Untaken> {
  if (speaker.role !== 'producer') return refused('FORBIDDEN', 'type');
  const { producer } = speaker;
  const { onBus, received, isReplayed } = arrival;
  const checked = checkLink(core.configuration, producer, sent);
  if (!checked.ok) return checked;
  const refs = await refsOf(core, producer);
  const about = (named: NamedEntity) => ({ type: named.type, ref: refs.entity(named) });
  const now = isReplayed ? received : core.clock.now();
  const sentOn = Math.min(sentAt(sent, onBus), now);
  const recorded = await recordLink(core, {
    person: about(sent.entity),
    linked: about(sent.linked),
    event: refs.event(sent.id),
    sent: sentOn,
    received: now,
    spelling: refs.spelling(sent.entity),
    linkedSpelling: refs.spelling(sent.linked),
    // As soon as the account is known as the person's, a request of the person is closed if nothing of both is left.
    beforeFold: (put) =>
      takeCollections(core, [sent.entity, sent.linked], {
        speaking: { refs, producer },
        sent: sentOn,
        bringsRecords: false,
        arrival,
        fact: { entity: refs.entity(sent.entity), event: refs.event(sent.id), recorded: put },
      }),
  });
  if (recorded === 'reused') return refused('EVENT_ID_REUSED', 'id');
  core.report(recorded === 'new' ? 'ingest.accepted' : 'ingest.duplicate', { producer, count: 1 });
  return { ok: true, value: 'done' };
}
