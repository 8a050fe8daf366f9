import type { Fact } from '../../shared/domain/facts.ts';
import type { EntityRef, EventRef, Instant } from '../../shared/domain/ids.ts';
import type { NamedEntity, SentFact } from '../../shared/domain/incoming.ts';
import { bodyHash, entityRef, eventRef, normaliseId } from '../../shared/domain/references.ts';
import type { Core } from '../../shared/protocol/core.ts';
import type { Keys } from '../../shared/ports/keys.ts';

export interface Refs {
  readonly key: Uint8Array;
  entity(named: NamedEntity): EntityRef;
  event(id: string): EventRef;
}

/** Ids become keyed references here, at the edge: nothing behind it knows an id. */
export async function refsOf(
  core: Pick<Core, 'configuration'> & { readonly keys: Keys },
  producer: string,
): Promise<Refs> {
  const key = await core.keys.registryKey();
  return {
    key,
    entity: (named) => {
      const type = core.configuration.entityTypes[named.type];
      const owner = type?.ids === 'shared' ? '' : producer;
      return entityRef(key, named.type, owner, normaliseId(named.id, type?.normalise ?? []));
    },
    event: (id) => eventRef(key, producer, id),
  };
}

/**
 * What is kept of an event: declared attributes and dates, no id. `sent` is the producer's `time`, else when the bus
 * had it, and never later than now: an event from the future would escape every undo.
 */
export function factOf(sent: SentFact, refs: Refs, entity: EntityRef, now: Instant, onBus: Instant): Fact {
  const said = sent.time === undefined ? onBus : Date.parse(sent.time);
  const base = { ref: refs.event(sent.id), sent: Math.min(said, now), received: now };
  switch (sent.kind) {
    case 'event': {
      const { type, occurred, attributes } = sent;
      const told = { kind: sent.kind, type, occurred, ...(attributes === undefined ? {} : { attributes }) };
      return { ...base, ...told, bodyHash: bodyHash([entity, told]) };
    }
    case 'correction': {
      const { type, occurred, attributes } = sent;
      const kills = refs.event(sent.corrects);
      const told = {
        kind: sent.kind,
        type,
        occurred,
        kills,
        ...(attributes === undefined ? {} : { attributes }),
      };
      return { ...base, ...told, bodyHash: bodyHash([entity, told]) };
    }
    case 'retraction': {
      const told = { kind: sent.kind, type: '', kills: refs.event(sent.retracts) };
      return { ...base, ...told, bodyHash: bodyHash([entity, told]) };
    }
  }
}
