import type { StoreFailure } from '../../ports/store.ts';
import { networkFailure, textOf } from '../store-failure.ts';

/** `row`: others of the batch may do better without the row concerned. `batch`: it would hit any of them. */
export interface PostgresFailure {
  readonly code: StoreFailure;
  readonly scope: 'row' | 'batch';
}

/**
 * By SQLSTATE, longest prefix first (https://www.postgresql.org/docs/current/errcodes-appendix.html). A row's mistake
 * fails the whole statement, so these say which failures are worth a split.
 */
const STATES: readonly (readonly [prefix: string, code: StoreFailure, scope: 'row' | 'batch'])[] = [
  ['55P03', 'STORE_TIMEOUT', 'row'], // lock not available: somebody holds one row
  ['57014', 'STORE_TIMEOUT', 'batch'], // statement timeout
  ['57P', 'STORE_UNREACHABLE', 'batch'], // shutting down, starting up
  ['25006', 'STORE_UNREACHABLE', 'batch'], // read-only: no longer the primary
  ['42501', 'STORE_DENIED', 'batch'],
  ['28', 'STORE_DENIED', 'batch'],
  ['08', 'STORE_UNREACHABLE', 'batch'],
  ['53', 'STORE_THROTTLED', 'batch'], // out of connections, memory, disk
  ['40', 'STORE_THROTTLED', 'row'], // deadlock, serialization
  ['22', 'STORE_SCHEMA', 'row'], // a value the column cannot hold
  ['23', 'STORE_CONSTRAINT', 'row'],
  ['27', 'STORE_CONSTRAINT', 'row'], // a trigger changed the row meanwhile
  ['44', 'STORE_CONSTRAINT', 'row'],
  ['P0', 'STORE_CONSTRAINT', 'row'], // raised by a trigger
  ['0A', 'STORE_SCHEMA', 'batch'],
  ['3D', 'STORE_SCHEMA', 'batch'],
  ['3F', 'STORE_SCHEMA', 'batch'],
  ['42', 'STORE_SCHEMA', 'batch'],
];

/**
 * Never looks at a message: it may quote a row. What has no SQLSTATE is the driver's word for a connection that was lost
 * or, when the time is over, for one that it stopped waiting for.
 */
export function postgresFailure(error: unknown, isTimeOver: boolean): PostgresFailure {
  const network = networkFailure(error);
  if (network) return { code: network, scope: 'batch' };
  const state = textOf(error, 'code');
  if (state === undefined || !/^[0-9A-Z]{5}$/.test(state)) {
    return { code: isTimeOver ? 'STORE_TIMEOUT' : 'STORE_UNREACHABLE', scope: 'batch' };
  }
  const known = STATES.find(([prefix]) => state.startsWith(prefix));
  return known ? { code: known[1], scope: known[2] } : { code: 'STORE_ERROR', scope: 'batch' };
}
