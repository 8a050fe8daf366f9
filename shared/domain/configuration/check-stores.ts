import canonicalize from 'canonicalize';
import type { ConfigurationProblem } from './configuration-problem.ts';
import type { Configuration, StoreConfiguration } from './configuration.ts';
import { own } from '../own.ts';
import { didYouMean } from '../suggest.ts';

/** What is wrong with stores and entity types by themselves. */
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
    const message = `the key column "${key.name}" is named twice; a key names each column once`;
    return [{ path: `stores.${name}.keys.${index}.name`, message }];
  });
}

/** Options that say where a store is, of whatever kind; others say how to treat what lies there. */
const PLACE = ['host', 'port', 'database', 'schema', 'table', 'bucket'];

/** One record is one holding: under two names it could be granted twice, and disposed of under either. */
function samePlaces({ stores }: Configuration): ConfigurationProblem[] {
  const seen = new Map<string, string>();
  return Object.entries(stores).flatMap(([name, { kind, region, options }]) => {
    const place =
      canonicalize({ kind, region, at: PLACE.map((option) => own(options, option) ?? null) }) ?? '';
    const other = seen.get(place);
    seen.set(place, other ?? name);
    if (other === undefined || PLACE.every((option) => own(options, option) === undefined)) return [];
    const message = `this is the same place as the store "${other}"; one place is one store, and prefixes divide it among producers`;
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
      `the event "${event}" of the policy "${policy}" happens to "${entity}", which is not declared${hint}`,
    );
  }
  return [...missing.values()].map((message) => ({ path: 'entityTypes', message }));
}
