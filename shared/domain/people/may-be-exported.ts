import type { Configuration } from '../configuration/configuration.ts';
import type { OutsideRegions } from '../configuration/check-stores.ts';
import { own } from '../own.ts';

/**
 * Whether a record of these categories may be in a copy for a person: copies are made in the deployment's region. As soon
 * as one policy does not allow the region, a category that no policy has may not be in a copy either, because it is
 * unknown where its data may be.
 */
export function mayBeExported(
  { requests: { notExported }, policies }: Pick<Configuration, 'requests' | 'policies'>,
  categories: readonly string[],
): boolean {
  if (notExported.length === 0) return true;
  const allowed = policies.policies.filter(({ name }) => !notExported.includes(name));
  return categories.every((category) =>
    allowed.some((policy) => own(policy.categories, category) !== undefined),
  );
}

/** Copies for people are made in the deployment's region, which is acknowledged for ids only unless it says more. */
export function withoutExports(
  configuration: Configuration,
  outside: readonly OutsideRegions[],
): Configuration {
  const notExported = outside.filter(({ exports }) => exports !== true).map(({ policy }) => policy);
  return { ...configuration, requests: { ...configuration.requests, notExported } };
}
