import type { EntityRef, EventRef } from '../../domain/record/ids.ts';
import type { NamedEntity } from '../../domain/record/incoming.ts';
import { entityRef, eventRef, normaliseId } from '../../domain/configuration/references.ts';
import { yearOf } from '../../domain/calendar/utc-time.ts';
import type { Holding } from '../../domain/record/holding.ts';
import { type Keys, LogKeyMissing } from '../../ports/keys.ts';
import type { Core } from '../core.ts';

export interface Refs {
  readonly key: Uint8Array;
  entity(named: NamedEntity): EntityRef;
  event(id: string): EventRef;
}

/** Ids become keyed references here, at the edge: the code inside it knows no id. */
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

/** The key of the holding's entries. Nothing when it was destroyed: the holding is unlinked from the log. */
export async function logKeyOf(
  keys: Pick<Keys, 'logKey'>,
  { registeredAt }: Pick<Holding, 'registeredAt'>,
): Promise<Uint8Array | undefined> {
  try {
    return await keys.logKey(yearOf(registeredAt));
  } catch (error) {
    if (error instanceof LogKeyMissing) return undefined;
    throw error;
  }
}
