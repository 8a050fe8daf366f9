import type { StoreConnection } from '../../shared/stores/store-kind.ts';

/** How a store is reached, and what policies will ask of it. */
export interface StoreReach {
  readonly connection?: StoreConnection;
  /** Asked for with every connection to a database. */
  readonly password?: (who: { host: string; port: number; user: string }) => Promise<string>;
  /** The key that the configuration names for the store's data. */
  readonly laneKey?: string;
  readonly deletes: boolean;
  /** Fields that some policy masks here. */
  readonly masked: readonly string[];
}
