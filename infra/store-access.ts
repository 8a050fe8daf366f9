import { actionsOf, rulesIn } from '../shared/domain/configuration/check-producers.ts';
import type { Configuration } from '../shared/domain/configuration/configuration.ts';
import { own } from '../shared/domain/own.ts';
import { storeKind } from '../shared/stores/kinds.ts';
import type { StoreCall, StorePlace } from '../shared/stores/store-kind.ts';

/** What a lane's role may do in its store: nothing where no permission of AWS is needed. */
export interface StoreAccess {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/** From the kind's own data, for those calls that some policy can come to in this store. */
export function storeAccess(
  configuration: Configuration,
  store: string,
  place: Omit<StorePlace, 'region'>,
): StoreAccess {
  const settings = own(configuration.stores, store);
  if (settings === undefined) return { actions: [], resources: [] };
  const kind = storeKind(settings.kind);
  const resources = kind.resources(kind.options.parse(settings.options), {
    ...place,
    region: settings.region,
  });
  if (resources.length === 0) return { actions: [], resources: [] };
  const calls: StoreCall[] = ['look', 'readBack', ...verbsIn(configuration, store)];
  return { actions: [...new Set(calls.flatMap((call) => kind.permissions[call]))].toSorted(), resources };
}

/** Deleting and masking, if a category that may be registered here asks for it. */
function verbsIn(configuration: Configuration, store: string): ('delete' | 'anonymise')[] {
  const actions = rulesIn(configuration, store).flatMap(actionsOf);
  return (['delete', 'anonymise'] as const).filter((verb) => actions.includes(verb));
}
