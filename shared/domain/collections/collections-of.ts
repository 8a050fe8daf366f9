import type { CollectionConfiguration, Configuration } from '../configuration/configuration.ts';
import { own } from '../own.ts';
import type { Holding } from '../record/holding.ts';

/** A collection, and the store that it is in. */
export interface DefinedCollection extends CollectionConfiguration {
  readonly store: string;
}

/** The collections of entities of one type, in all stores. */
export function collectionsOf({ stores }: Pick<Configuration, 'stores'>, type: string): DefinedCollection[] {
  return Object.entries(stores).flatMap(([store, { collections = [] }]) =>
    collections.filter(({ entity }) => entity === type).map((each) => ({ ...each, store })),
  );
}

/**
 * How a holding's collection is configured now: its name is the category, once in a store. Nothing if it is no longer, or
 * if another entity type, or another producer's own ids, have its name since: the same id would then find the records of
 * another entity.
 */
export function collectionOf(
  { stores, entityTypes }: Pick<Configuration, 'stores' | 'entityTypes'>,
  { store, collection, variants }: Pick<Holding, 'store' | 'collection' | 'variants'>,
): DefinedCollection | undefined {
  const found = own(stores, store)?.collections?.find(({ category }) => category === collection);
  if (found === undefined) return undefined;
  const isShared = own(entityTypes, found.entity)?.ids === 'shared';
  const isAbout = variants.some(
    ({ producer, entities }) =>
      (isShared || producer === found.producer) && entities.some(({ type }) => type === found.entity),
  );
  return isAbout ? { ...found, store } : undefined;
}
