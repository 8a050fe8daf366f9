import { refused } from '../../shared/domain/checked.ts';
import { dayId } from '../../shared/domain/calendar/utc-time.ts';
import { checkRegistration, checkWithdrawal } from '../../shared/domain/configuration/permission.ts';
import type { Speaker } from '../../shared/domain/configuration/principal.ts';
import { holdingRef } from '../../shared/domain/configuration/references.ts';
import { present } from '../../shared/domain/present.ts';
import type { SentRegistration, SentWithdrawal } from '../../shared/domain/record/incoming.ts';
import { type Refs, refsOf } from '../../shared/protocol/facts/refs-of.ts';
import { registeredOn } from '../../shared/protocol/facts/registered-on.ts';
import { leaveNamed } from '../../shared/protocol/people/leave-shared.ts';
import { reachNamed } from '../../shared/protocol/people/record-link.ts';
import { register, withdraw } from '../../shared/protocol/registration.ts';
import { type Arrival, sentAt } from './arrival.ts';
import { DONE, type IngestCore, type Taken } from './quarantine.ts';
import { takeCollections } from './take-collections.ts';

const AGAIN: Taken = { ok: true, value: 'again' };

/** A producer holds a record. */
export async function takeRegistration(
  core: IngestCore,
  speaker: Speaker,
  sent: SentRegistration,
  arrival: Arrival,
): Promise<Taken> {
  const producer = producerOf(speaker);
  if (producer === undefined) return refused('FORBIDDEN', 'type');
  const now = core.clock.now();
  const place = checkRegistration(core.configuration, producer, sent, now);
  if (!place.ok) return place;
  const refs = await refsOf(core, producer);
  const received = await registeredOn(core, arrival);
  const at = await sealedPlace(core, refs, sent.store, place.value.canonical);
  const { categories, purposes, zone, attributes } = sent;
  const entities = sent.entities.map((entity) => ({
    type: entity.type,
    ref: refs.entity(entity),
    ...present({ role: entity.role }),
  }));
  await core.registry.putSpellings(sent.entities.flatMap((entity) => refs.spelling(entity) ?? []));
  await leaveNamed(core, entities);
  const registered = await register(core, {
    ...at,
    content: { producer, categories, purposes, entities, ...present({ zone, attributes }) },
    sent: sentAt(sent, arrival.onBus),
    received,
  });
  if (registered.kind === 'refused') return refused(registered.code, 'data');
  await reachNamed(core, entities, arrival);
  // An account may be known from its records only, and is its person's by them.
  await takeCollections(core, sent.entities, {
    speaking: { refs, producer },
    sent: sentAt(sent, arrival.onBus),
    bringsRecords: true,
    arrival,
  });
  core.report(registered.kind === 'again' ? 'register.waiting' : 'register.registered', {
    producer,
    store: sent.store,
  });
  return registered.kind === 'again' ? AGAIN : DONE;
}

/** A producer takes back what it registered. */
export async function takeWithdrawal(
  core: IngestCore,
  speaker: Speaker,
  sent: SentWithdrawal,
  { onBus, received }: Arrival,
): Promise<Taken> {
  const producer = producerOf(speaker);
  if (producer === undefined) return refused('FORBIDDEN', 'type');
  const place = checkWithdrawal(core.configuration, producer, sent);
  if (!place.ok) return place;
  const refs = await refsOf(core, producer);
  const at = await sealedPlace(core, refs, sent.store, place.value.canonical);
  const fact = { ...at, producer, sent: sentAt(sent, onBus), received };
  const { kind } = await withdraw(core, fact);
  if (kind === 'done') core.report('register.withdrawn', { producer });
  return kind === 'again' ? AGAIN : DONE;
}

/** Which holding it is, and its locator sealed under today's data key. */
async function sealedPlace(core: IngestCore, { key }: Refs, store: string, canonical: string) {
  const ref = holdingRef(key, store, canonical);
  const bytes = Buffer.from(canonical, 'utf8');
  const locator = await core.keys.encrypt({ scope: store, context: ref }, dayId(core.clock.now()), bytes);
  return { ref, store, locator };
}

export function producerOf(speaker: Speaker): string | undefined {
  return speaker.role === 'producer' ? speaker.producer : undefined;
}
