import type { Configuration, StoreConfiguration } from '../configuration/configuration.ts';
import { own } from '../own.ts';
import { tableName } from './shown-name.ts';
import type { CoveredPlaces } from './coverage-settings.ts';

/** What the stores of a configuration cover in the database, bucket, or account and region of this one. */
export function coveredPlaces(
  { stores, producers }: Pick<Configuration, 'stores' | 'producers'>,
  lane: string,
): CoveredPlaces {
  const one = own(stores, lane);
  const all = Object.entries(stores);
  const beside = all.filter(([, store]) => one !== undefined && isBeside(one, store));
  const sameRegion = all.filter(([, { kind, region }]) => kind === one?.kind && region === one.region);
  return {
    tables: unique(beside.flatMap(([, store]) => tableOf(store) ?? [])),
    prefixes: unique(
      beside.flatMap(([name, store]) =>
        textOf(store, 'bucket') === undefined ? [] : prefixesOf({ producers }, name, store),
      ),
    ),
    buckets: unique(sameRegion.flatMap(([, store]) => textOf(store, 'bucket') ?? [])),
  };
}

/** In one database or bucket; without either, in one region of the account. */
function isBeside(one: StoreConfiguration, other: StoreConfiguration): boolean {
  if (one.kind !== other.kind) return false;
  const same = ['host', 'port', 'database', 'bucket'].every(
    (option) => own(one.options, option) === own(other.options, option),
  );
  const isSomewhere = own(one.options, 'host') !== undefined || own(one.options, 'bucket') !== undefined;
  return same && (isSomewhere || one.region === other.region);
}

function tableOf(store: StoreConfiguration): string | undefined {
  const table = textOf(store, 'table');
  const schema = textOf(store, 'schema');
  return table === undefined || schema === undefined ? table : tableName(schema, table);
}

/** Of the keys that some producer may register. */
function prefixesOf(
  { producers }: Pick<Configuration, 'producers'>,
  name: string,
  store: StoreConfiguration,
): readonly string[] {
  const granted = Object.values(producers).flatMap((producer) => own(producer.stores, name)?.prefixes ?? []);
  return granted.map((prefix) => `${textOf(store, 'prefix') ?? ''}${prefix}`);
}

function textOf({ options }: StoreConfiguration, option: string): string | undefined {
  const value = own(options, option);
  return typeof value === 'string' ? value : undefined;
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)].toSorted((a, b) => (a < b ? -1 : 1));
}
