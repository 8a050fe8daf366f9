import type { PersonRequest } from '../../domain/people/request.ts';
import type { EntityRef } from '../../domain/record/ids.ts';
import type { Core } from '../core.ts';
import { linksOf } from './links.ts';

/**
 * The entities that a request reaches: the person first, then the accounts by which applications know the person, in the
 * order of their references, so that pages can be told by their number.
 */
export async function reachedBy(
  core: Pick<Core, 'registry' | 'configuration'>,
  { entity, entityType }: Pick<PersonRequest, 'entity' | 'entityType'>,
): Promise<readonly EntityRef[]> {
  const { linked } = await linksOf(core, { type: entityType, ref: entity });
  return [entity, ...linked.map(({ ref }) => ref).toSorted()];
}
