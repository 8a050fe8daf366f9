import { actionsOf, rulesIn } from '../shared/domain/configuration/check-producers.ts';
import type { Configuration } from '../shared/domain/configuration/configuration.ts';
import { own } from '../shared/domain/own.ts';
import { storeKind } from '../shared/stores/kinds.ts';
import type { StoreCall, StorePlace } from '../shared/stores/store-kind.ts';

/** What a lane's role may do in its store; empty if no AWS permission is needed. */
export interface StoreAccess {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/** Derived from the kind's own data, for the calls that the policies can require in this store. */
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
  // Not only rules restrict: a person's request may, in every store that can.
  const restricts: StoreCall[] = settings.restricts ? ['restrict'] : [];
  const calls: StoreCall[] = ['look', 'readBack', 'read', ...verbsIn(configuration, store), ...restricts];
  return { actions: [...new Set(calls.flatMap((call) => kind.permissions[call]))].toSorted(), resources };
}

/**
 * `delete` wherever a category may be registered, whatever its rules say: a person may ask for erasure. `anonymise` only if
 * a rule requires it, or if something has masks.
 */
function verbsIn(configuration: Configuration, store: string): ('delete' | 'anonymise')[] {
  const asked = rulesIn(configuration, store);
  if (asked.length === 0) return [];
  const anonymises = asked.some(
    (rules) => actionsOf(rules).includes('anonymise') || Object.keys(rules.masks ?? {}).length > 0,
  );
  return anonymises ? ['delete', 'anonymise'] : ['delete'];
}
