import type { ConfigurationProblem } from './configuration-problem.ts';
import type { RetentionConfig } from './configuration-schema.ts';
import type { Configuration, StoreConfiguration } from './configuration.ts';
import { quietProblem } from '../guard/quiet-hours.ts';
import { own } from '../own.ts';
import { present } from '../present.ts';
import type { PolicySet } from './policy.ts';
import { placeOf } from './store-place.ts';
import { didYouMean } from '../suggest.ts';

/** Mistakes in stores and entity types, apart from what producers are granted. */
export function checkStores(configuration: Configuration): ConfigurationProblem[] {
  return [
    ...Object.entries(configuration.stores).flatMap(([name, store]) => repeatedKeys(name, store)),
    ...Object.entries(configuration.stores).flatMap(([name, store]) => wrongQuietHours(name, store)),
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

function wrongQuietHours(name: string, { quietHours }: StoreConfiguration): ConfigurationProblem[] {
  const message = quietHours && quietProblem(quietHours);
  return message === undefined ? [] : [{ path: `stores.${name}.quietHours`, message }];
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

export type AcknowledgedRegions = NonNullable<RetentionConfig['acknowledgedRegions']>;

/** A policy that allows no store in the region of the deployment. */
export interface OutsideRegions {
  readonly policy: string;
  readonly regions: readonly string[];
  /** Why it is there all the same. */
  readonly reason?: string;
  /** Copies for people may be made there, too. Absent: its records are left out of them. */
  readonly exports?: true;
}

/**
 * A deployment is a place of data itself: its bus, its archive, its registry and its quarantine hold ids. Each policy,
 * with every version, that does not allow the region.
 */
export function outsideRegions(
  { policies }: PolicySet,
  region: string,
  acknowledged: AcknowledgedRegions,
): readonly OutsideRegions[] {
  const found = new Map<string, OutsideRegions>();
  const { policies: named = [], reason, exports } = own(acknowledged, region) ?? {};
  for (const { name, regions } of policies) {
    if (regions.includes(region)) continue;
    const isAcknowledged = named.includes(name) && reason !== undefined;
    found.set(name, { policy: name, regions, ...(isAcknowledged && present({ reason, exports })) });
  }
  return [...found.values()];
}

export function checkOwnRegion(
  policies: PolicySet,
  region: string,
  acknowledged: AcknowledgedRegions,
): ConfigurationProblem[] {
  return outsideRegions(policies, region, acknowledged).flatMap(({ policy, regions, reason }) => {
    if (reason !== undefined) return [];
    const way = `acknowledgedRegions: { '${region}': { policies: ['${policy}'], reason: '…' } }`;
    const message = `the bus, its archive, the registry and the quarantine hold ids, and would be in ${region}, but the policy "${policy}" allows data in ${regions.join(', ')} only; deploy there, or remove the policy from this deployment, or write why this region is acceptable: ${way}`;
    return [{ path: 'deployment.region', message }];
  });
}

/** What is acknowledged has to be needed: a list that says too much hides the next policy. */
export function checkAcknowledged(
  { policies }: PolicySet,
  acknowledged: AcknowledgedRegions,
): ConfigurationProblem[] {
  return Object.entries(acknowledged).flatMap(([region, { policies: named }]) =>
    named.flatMap((name, index) => {
      const path = `acknowledgedRegions.${region}.policies.${index}`;
      const versions = policies.filter((policy) => policy.name === name);
      if (versions.length === 0) {
        const names = policies.map((policy) => policy.name);
        return [{ path, message: `no policy is named "${name}"${didYouMean(name, names) || '; remove it'}` }];
      }
      if (versions.some(({ regions }) => !regions.includes(region))) return [];
      return [{ path, message: `the policy "${name}" allows ${region}; remove it from this list` }];
    }),
  );
}
