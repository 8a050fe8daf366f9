import { own } from '../own.ts';
import { prefixesOverlap } from './check-prefixes.ts';
import type { Configuration, ProducerConfiguration } from './configuration.ts';

/**
 * Producers of which a message can say that a record of this producer in this store has to stay longer: the producer
 * itself, all that may register the same record, and all that may send an event about a shared entity to a policy of
 * its categories.
 */
export function extendersOf(
  configuration: Pick<Configuration, 'producers' | 'policies' | 'entityTypes'>,
  producer: string,
  store: string,
): ReadonlySet<string> {
  const { producers, policies, entityTypes } = configuration;
  const all = Object.entries(producers);
  const grants = own(producers, producer);
  // It was taken out of the configuration, so it is not known who else was granted the same.
  if (grants === undefined) return new Set([producer, ...Object.keys(producers)]);
  const registrants = all.filter(([name, other]) => name === producer || mayShare(grants, other, store));
  const categories = new Set(registrants.flatMap(([, other]) => other.categories));
  const shared = policies.policies
    .filter((policy) => Object.keys(policy.categories).some((category) => categories.has(category)))
    .flatMap(({ events }) => Object.entries(events))
    .flatMap(([type, { entity }]) => (own(entityTypes, entity)?.ids === 'shared' ? [type] : []));
  const speakers = all.filter(([, { events }]) => shared.some((type) => events.includes(type)));
  return new Set([...registrants, ...speakers].map(([name]) => name));
}

function mayShare(a: ProducerConfiguration, b: ProducerConfiguration, store: string): boolean {
  const [mine, theirs] = [own(a.stores, store), own(b.stores, store)];
  return (mine?.prefixes ?? []).some((one) =>
    (theirs?.prefixes ?? []).some((other) => prefixesOverlap(one, other)),
  );
}
