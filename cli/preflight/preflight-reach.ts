import type {
  DatasetConfiguration,
  FactColumn,
  StoreConfiguration,
} from '../../shared/domain/configuration/configuration.ts';
import type { Mask } from '../../shared/domain/record/masks.ts';
import type { Place } from '../../shared/ports/store.ts';
import type { DatabaseLoginKind, StoreConnection } from '../../shared/stores/store-kind.ts';

import type { tlsProblem } from './preflight-tls.ts';

/** How to reach a store, and what the policies require of it. */
export interface StoreReach {
  readonly connection?: StoreConnection;
  /** Called for every connection to a database. */
  readonly password?: (who: { host: string; port: number; user: string }) => Promise<string>;
  /** What `password` gives. Default: `password`. */
  readonly login?: DatabaseLoginKind;
  /** What the name of a host is an alias of, if it is one. Default: what DNS says. */
  readonly aliasOf?: (host: string) => Promise<string | undefined>;
  /** The addresses that a name leads to. Default: what DNS says. */
  readonly addressesOf?: (host: string) => Promise<readonly string[]>;
  /** What is wrong with the server at an address of HTTPS. Default: what a connection shows. */
  readonly tlsProblemOf?: typeof tlsProblem;
  /** The key that the configuration names for the store's data. */
  readonly laneKey?: string;
  readonly deletes: boolean;
  /** Fields that a policy masks in this store. */
  readonly masked: readonly string[];
  /** Each mask of a whole field. */
  readonly masks?: readonly (readonly [field: string, mask: Mask])[];
  /** Those of the masked fields that a record may lack. */
  readonly optional?: readonly string[];
  readonly collections?: readonly ReachedCollection[];
  readonly datasets?: readonly DatasetConfiguration[];
  readonly facts?: readonly FactColumn[];
  /** All stores of the configuration, by name. */
  readonly stores?: Readonly<Record<string, StoreConfiguration>>;
}

/** What the configuration says of a collection, for the store that it is in. */
export interface ReachedCollection extends Omit<Place, 'value'> {
  readonly category: string;
}
