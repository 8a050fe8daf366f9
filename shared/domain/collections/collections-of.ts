import type { CollectionConfiguration, Configuration } from '../configuration/configuration.ts';
import { own } from '../own.ts';

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

/** A holding's collection: its name is the category, once in a store. Nothing if it is no longer configured. */
export function collectionNamed(
  { stores }: Pick<Configuration, 'stores'>,
  store: string,
  name: string,
): DefinedCollection | undefined {
  const found = own(stores, store)?.collections?.find(({ category }) => category === name);
  return found === undefined ? undefined : { ...found, store };
}
