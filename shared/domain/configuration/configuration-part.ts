import { coveredPlaces } from '../coverage/covered-places.ts';
import type { Configuration, StoreConfiguration } from './configuration.ts';

/** The content of a function's `config.json`: its part of the configuration, and the release that compiled it. */
export interface DeployedConfiguration extends Configuration {
  readonly software: string;
}

/** A function that gets its own part of the configuration. */
export type ConfiguredFunction = 'ingest' | 'api' | 'sweep' | 'seal';

/** Each function gets only what it needs: only the api knows principals, and only lanes know where data is stored. */
export function configurationOf(name: ConfiguredFunction, whole: Configuration): Configuration {
  const stores = Object.fromEntries(
    Object.entries(whole.stores).map(([store, own]) => [store, withoutOptions(own)]),
  );
  switch (name) {
    case 'api':
      return { ...whole, stores };
    case 'ingest':
      return { ...withoutRequests(whole), producers: withoutPrincipals(whole), stores };
    case 'sweep':
      return { ...withoutPeople(whole), producers: {}, stores };
    case 'seal':
      return { ...withoutRequests(whole), producers: {}, stores: {}, policies: { policies: [] } };
  }
}

/** A lane knows its own store only. Of producers it has to know which may have a record kept longer. */
export function laneConfiguration(lane: string, whole: Configuration): Configuration {
  return {
    ...withoutRequests(whole),
    producers: ofLane(lane, withoutPrincipals(whole)),
    stores: Object.fromEntries(
      Object.entries(only(lane, whole.stores)).map(([name, store]) => [
        name,
        withCovered(store, name, whole),
      ]),
    ),
  };
}

/** What its survey compares with. */
function withCovered(store: StoreConfiguration, name: string, whole: Configuration): StoreConfiguration {
  return store.coverage === false ? store : { ...store, covered: coveredPlaces(whole, name) };
}

function ofLane(lane: string, producers: Configuration['producers']): Configuration['producers'] {
  return Object.fromEntries(
    Object.entries(producers).map(([name, producer]) => [
      name,
      { ...producer, stores: only(lane, producer.stores) },
    ]),
  );
}

function only<Value>(lane: string, stores: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(stores).filter(([store]) => store === lane));
}

function withoutPeople({ fourEyes: _fourEyes, ...whole }: Configuration): Configuration {
  return { ...whole, operators: [], auditors: [] };
}

/** Only the api and the sweep compute the deadlines of requests. */
function withoutRequests(whole: Configuration): Configuration {
  const none = { regimes: {}, jurisdictions: {} };
  return { ...withoutPeople(whole), requests: { ...whole.requests, ...none } };
}

function withoutPrincipals({ producers }: Configuration): Configuration['producers'] {
  return Object.fromEntries(
    Object.entries(producers).map(([name, producer]) => [name, { ...producer, principals: [] }]),
  );
}

function withoutOptions(store: StoreConfiguration): StoreConfiguration {
  return { ...store, options: {} };
}
