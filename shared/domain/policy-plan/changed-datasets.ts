import type { Configuration } from '../configuration/configuration.ts';
import { digestOf, effectivePolicies, policyOf } from '../configuration/effective-policies.ts';
import type { PolicySet } from '../configuration/policy.ts';
import type { Instant } from '../record/ids.ts';
import type { PlannedSets } from './planned-sets.ts';

export interface ChangedDataset {
  readonly store: string;
  readonly category: string;
}

/**
 * Datasets whose policy is another one by these sets. Their rows are not registered, so no plan counts how many of them
 * become due.
 */
export function changedDatasets(
  { stores }: Pick<Configuration, 'stores'>,
  { from, to }: PlannedSets,
  now: Instant,
): readonly ChangedDataset[] {
  const saysOf = (set: PolicySet | undefined, category: string): string =>
    digestOf((set && policyOf(category, effectivePolicies(set, now))) ?? null);
  return Object.entries(stores).flatMap(([store, { datasets = [] }]) =>
    datasets.flatMap(({ category }) =>
      saysOf(from, category) === saysOf(to, category) ? [] : [{ store, category }],
    ),
  );
}
