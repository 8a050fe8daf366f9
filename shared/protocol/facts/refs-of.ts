import type { EntityRef, EventRef } from '../../domain/record/ids.ts';
import type { NamedEntity } from '../../domain/record/incoming.ts';
import { entityRef, eventRef, normaliseId } from '../../domain/configuration/references.ts';
import { yearOf } from '../../domain/calendar/utc-time.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { Spelling } from '../../ports/entities.ts';
import { type Keys, LogKeyMissing } from '../../ports/keys.ts';
import type { Core } from '../core.ts';

export interface Refs {
  readonly key: Uint8Array;
  entity(named: NamedEntity): EntityRef;
  /** Nothing for an id without capital letters: most are written in one way only. */
  spelling(named: NamedEntity): Spelling | undefined;
  event(id: string): EventRef;
}

/** Ids become keyed references here, at the edge: the code inside it knows no id. */
export async function refsOf(
  core: Pick<Core, 'configuration'> & { readonly keys: Keys },
  producer: string,
): Promise<Refs> {
  const key = await core.keys.registryKey();
  const refOf = (type: string, id: string): EntityRef =>
    entityRef(key, type, core.configuration.entityTypes[type]?.ids === 'shared' ? '' : producer, id);
  const normal = ({ type, id }: NamedEntity): string =>
    normaliseId(id, core.configuration.entityTypes[type]?.normalise ?? []);
  return {
    key,
    entity: (named) => refOf(named.type, normal(named)),
    spelling(named) {
      const { type } = named;
      const id = normal(named);
      const lower = id.toLowerCase();
      return lower === id ? undefined : { folded: refOf(type, lower), spelled: refOf(type, id), type };
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
