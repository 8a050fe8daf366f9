import type { StoreConfiguration } from '../domain/configuration/configuration.ts';
import type { Place } from '../ports/store.ts';
import { isStoreKind, storeKind } from './kinds.ts';

/** Whether some record of the store can carry this id in the declared place, as far as that is known without the store. */
export function canCarry(
  { kind, keys }: Pick<StoreConfiguration, 'kind' | 'keys'>,
  place: Pick<Place, 'by' | 'value'>,
): boolean {
  // Stores in memory carry any id. What else is not a kind was refused when the configuration was loaded.
  return !isStoreKind(kind) || storeKind(kind).canCarry(keys, place);
}
