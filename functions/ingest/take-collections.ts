import { type DefinedCollection, collectionsOf } from '../../shared/domain/collections/collections-of.ts';
import { idSpellings, isRespelledUuid } from '../../shared/domain/collections/id-spellings.ts';
import { collectionRef } from '../../shared/domain/configuration/references.ts';
import { own } from '../../shared/domain/own.ts';
import type { EntityRef, EventRef, Instant } from '../../shared/domain/record/ids.ts';
import type { NamedEntity } from '../../shared/domain/record/incoming.ts';
import {
  type NamedCollection,
  registerCollections,
  type Said,
} from '../../shared/protocol/facts/register-collections.ts';
import type { Refs } from '../../shared/protocol/facts/refs-of.ts';
import { canCarry } from '../../shared/stores/can-carry.ts';
import type { Arrival } from './arrival.ts';
import type { IngestCore } from './quarantine.ts';

/** In whose ids the entities are named. */
interface Speaking {
  readonly refs: Refs;
  readonly producer: string;
}

interface Told extends Pick<Said, 'sent' | 'bringsRecords'> {
  readonly speaking: Speaking;
  readonly arrival: Arrival;
  /** Of a registration there is none. */
  readonly fact?: {
    readonly entity: EntityRef;
    readonly event: EventRef;
    readonly recorded: 'new' | 'duplicate';
  };
}

/**
 * What carries these entities' ids in stores with collections is registered, or begins again. After the fact that names
 * them is on record: a run that dies in between comes again.
 */
export async function takeCollections(
  core: IngestCore,
  named: readonly NamedEntity[],
  said: Told,
): Promise<void> {
  const collections = new Map(
    named.flatMap((entity) => collectionsNamed(core, entity, said.speaking)).map((one) => [one.ref, one]),
  );
  if (collections.size === 0) return;
  const { received, isReplayed, isRepeated } = said.arrival;
  await registerCollections(core, [...collections.values()], {
    sent: await firstSent(core, said),
    received,
    bringsRecords: said.bringsRecords,
    isReplayed,
    isRepeated,
  });
}

/** A producer may send one event twice, with two times. It is one event, sent when it was sent first. */
async function firstSent(core: IngestCore, { sent, fact }: Told): Promise<Instant> {
  if (fact?.recorded !== 'duplicate') return sent;
  const [first] = await core.registry.facts(fact.entity, [fact.event]);
  return Math.min(sent, first?.sent ?? sent);
}

function collectionsNamed(
  core: IngestCore,
  { type, id }: NamedEntity,
  { refs, producer }: Speaking,
): NamedCollection[] {
  const settings = own(core.configuration.entityTypes, type);
  if (settings === undefined) return [];
  // The records of an owned entity are its producer's own.
  const isOf = (one: DefinedCollection): boolean => settings.ids === 'shared' || one.producer === producer;
  const entity = { type, ref: refs.entity({ type, id }) };
  const ids = idSpellings(id, settings.normalise);
  return collectionsOf(core.configuration, type)
    .filter(isOf)
    .flatMap((one) =>
      ids.flatMap((each): NamedCollection[] => {
        if (!isCarried(core, one, each)) return [];
        const { store, category: collection } = one;
        const ref = collectionRef(refs.key, store, collection, each);
        return [{ ref, store, collection, producer: one.producer, entity, id: each }];
      }),
    );
}

function isCarried(core: IngestCore, { store, by, producer }: DefinedCollection, id: string): boolean {
  const settings = own(core.configuration.stores, store);
  if (settings !== undefined && canCarry(settings, { by, value: id })) return true;
  // A column of uuids has its own spelling, which has a collection, too.
  if (isRespelledUuid(id)) return false;
  core.report('register.id-impossible', { store, producer, count: 1 });
  return false;
}
