import type { DatasetConfiguration } from '../../../shared/domain/configuration/configuration.ts';
import { type Finding, note } from '../preflight-finding.ts';
import type { ReachedCollection } from '../preflight-reach.ts';

/** Requests of people reach rows by a collection of their category, and by nothing else. */
export function withoutRequests(
  name: string,
  { category, entities = {} }: DatasetConfiguration,
  collections: readonly ReachedCollection[],
): readonly Finding[] {
  const types = Object.keys(entities);
  if (types.length === 0 || collections.some((collection) => collection.category === category)) return [];
  return [
    note(
      name,
      `the dataset ${category}: what a person asks for does not reach its rows before their clocks let them go; if they are about people, add a collection of ${category} by ${types.join(' or ')}`,
    ),
  ];
}
