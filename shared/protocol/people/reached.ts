import type { PersonRequest } from '../../domain/people/request.ts';
import type { EntityRef } from '../../domain/record/ids.ts';
import type { Core } from '../core.ts';
import { linksOf } from './links.ts';

export interface Reached {
  readonly entities: readonly EntityRef[];
  /** Accounts that are left alone, because they are another person's, too. */
  readonly leftAlone: number;
}

/**
 * The entities that a request reaches: the person first, then the accounts by which applications know the person, in the
 * order of their references, so that pages can be told by their number.
 */
export async function reachedBy(
  core: Pick<Core, 'registry' | 'configuration'>,
  { entity, entityType }: Pick<PersonRequest, 'entity' | 'entityType'>,
): Promise<Reached> {
  const { linked, shared } = await linksOf(core, { type: entityType, ref: entity });
  return { entities: [entity, ...linked.map(({ ref }) => ref).toSorted()], leftAlone: shared.length };
}
