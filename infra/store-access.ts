import { asDataset } from '../shared/domain/columns/fact-columns.ts';
import { actionsOf, rulesIn } from '../shared/domain/configuration/check-producers.ts';
import type { Configuration } from '../shared/domain/configuration/configuration.ts';
import { requestsOf } from '../shared/domain/coverage/check-coverage.ts';
import { own } from '../shared/domain/own.ts';
import { storeKind } from '../shared/stores/kinds.ts';
import type { StoreCall, StoreGrant, StorePlace } from '../shared/stores/store-kind.ts';

/**
 * What a lane's role may do in its store, derived from the kind's own data, for the calls that the policies and collections
 * can require, and for surveys. The first grant is for all that is done with single records. Empty if no AWS permission is needed.
 */
export function storeAccess(
  configuration: Configuration,
  store: string,
  place: Omit<StorePlace, 'region'>,
): readonly StoreGrant[] {
  const settings = own(configuration.stores, store);
  if (settings === undefined) return [];
  const { region, restricts, keys, collections = [], datasets = [], facts = [] } = settings;
  const kind = storeKind(settings.kind);
  const options = kind.options.parse(settings.options);
  const where = { ...place, region };
  const resources = kind.resources(options, where);
  if (resources.length === 0) return [];
  const verbs = verbsIn(configuration, store);
  const calls: Exclude<StoreCall, 'list' | 'range' | 'survey'>[] = [
    'look',
    'readBack',
    'read',
    ...verbs,
    // How long backups have what was deleted.
    ...(verbs.includes('delete') ? (['recovery'] as const) : []),
    // Not only rules restrict: a person's request may, in every store that can.
    ...(restricts ? (['restrict'] as const) : []),
    ...(collections.length > 0 ? (['idsOf'] as const) : []),
  ];
  const lists = collections.flatMap(({ by }) => kind.listAccess(options, where, keys, by));
  const ranges = [...datasets, ...facts.map(asDataset)].flatMap((dataset) =>
    kind.rangeAccess(options, where, dataset),
  );
  const surveys = settings.coverage === false ? [] : kind.surveyAccess(options, where, requestsOf(settings));
  return joined(
    calls.map((call) => ({ actions: kind.permissions[call], resources })),
    [...lists, ...ranges, ...surveys],
  );
}

/** One grant for all with the same resources, and none for what a former one allows. */
function joined(records: readonly StoreGrant[], others: readonly StoreGrant[]): readonly StoreGrant[] {
  const all = Map.groupBy([...records, ...others], ({ resources }) => JSON.stringify(resources));
  const grants = [...all.values()].map((same): StoreGrant => ({
    actions: [...new Set(same.flatMap(({ actions }) => actions))].toSorted(),
    resources: same[0]?.resources ?? [],
  }));
  return grants.flatMap((grant, index) => {
    const more = grant.actions.filter(
      (action) => !grants.slice(0, index).some((former) => includes(former, action, grant.resources)),
    );
    return more.length === 0 ? [] : [{ ...grant, actions: more }];
  });
}

function includes(former: StoreGrant, action: string, resources: readonly string[]): boolean {
  return former.actions.includes(action) && resources.every((each) => former.resources.includes(each));
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
