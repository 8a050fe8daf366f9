import type { ConfigurationProblem } from './configuration-problem.ts';
import type { Configuration, StoreConfiguration } from './configuration.ts';
import { placeOf } from './store-place.ts';
import { didYouMean } from '../suggest.ts';

/** Mistakes in stores and entity types, apart from what producers are granted. */
export function checkStores(configuration: Configuration): ConfigurationProblem[] {
  return [
    ...Object.entries(configuration.stores).flatMap(([name, store]) => repeatedKeys(name, store)),
    ...samePlaces(configuration),
    ...unknownEntityTypes(configuration),
  ];
}

function repeatedKeys(name: string, { keys }: StoreConfiguration): ConfigurationProblem[] {
  return keys.flatMap((key, index) => {
    if (keys.findIndex((other) => other.name === key.name) === index) return [];
    const message = `the key column "${key.name}" is listed twice; list each column once`;
    return [{ path: `stores.${name}.keys.${index}.name`, message }];
  });
}

/** If two stores were the same place, one record could be granted twice and disposed of under either name. */
function samePlaces({ stores }: Configuration): ConfigurationProblem[] {
  const seen = new Map<string, string>();
  return Object.entries(stores).flatMap(([name, store]) => {
    const place = placeOf(store);
    if (place === undefined) return [];
    const other = seen.get(place);
    seen.set(place, other ?? name);
    if (other === undefined) return [];
    const message = `these options name the same place as the store "${other}"; configure one store, and divide it among producers by prefixes`;
    return [{ path: `stores.${name}.options`, message }];
  });
}

function unknownEntityTypes({ policies, entityTypes }: Configuration): ConfigurationProblem[] {
  const known = Object.keys(entityTypes);
  const events = policies.policies.flatMap(({ name, events: declared }) =>
    Object.entries(declared).map(([event, { entity }]) => ({ policy: name, event, entity })),
  );
  const missing = new Map<string, string>();
  for (const { policy, event, entity } of events) {
    if (known.includes(entity) || missing.has(entity)) continue;
    const hint = didYouMean(entity, known) || `; declare it: ${entity}: { ids: 'owned' }`;
    missing.set(
      entity,
      `the event "${event}" of the policy "${policy}" happens to an entity of type "${entity}", which is not declared${hint}`,
    );
  }
  return [...missing.values()].map((message) => ({ path: 'entityTypes', message }));
}
