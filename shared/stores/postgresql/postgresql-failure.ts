import type { StoreFailure } from '../../ports/store.ts';
import { networkFailure, textOf } from '../store-failure.ts';

/**
 * `row`: the rest of the batch may succeed without this row. `slow`: some rows may succeed on their own. `batch`: every row
 * would fail.
 */
export interface PostgresFailure {
  readonly code: StoreFailure;
  readonly scope: 'row' | 'slow' | 'batch';
}

/**
 * By SQLSTATE, longest prefix first (https://www.postgresql.org/docs/current/errcodes-appendix.html). One bad row fails
 * the whole statement, so the scope says which failures are worth splitting the batch.
 */
const STATES: readonly (readonly [prefix: string, code: StoreFailure, scope: PostgresFailure['scope']])[] = [
  ['55P03', 'STORE_TIMEOUT', 'row'], // lock not available: another session holds one row
  ['25P03', 'STORE_TIMEOUT', 'batch'], // idle in a transaction
  ['25P04', 'STORE_TIMEOUT', 'batch'], // transaction timeout
  ['40003', 'STORE_UNREACHABLE', 'batch'], // not known whether it was done
  ['55000', 'STORE_SCHEMA', 'batch'], // published for replication, but without a replica identity
  ['57014', 'STORE_TIMEOUT', 'slow'], // statement timeout
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

/** Of the server itself. Any other state that is not listed is one that code of the table chose. */
const INTERNAL = /^(58|F0|HV|XX)/;

/**
 * Never reads the message, which may quote a row. An error with a context was raised by code that is attached to the
 * table, perhaps for one row only. An error without a SQLSTATE means that the connection was lost or,
 * when the time is over, that the driver stopped waiting.
 */
export function postgresFailure(error: unknown, isTimeOver: boolean): PostgresFailure {
  const network = networkFailure(error);
  if (network) return { code: network, scope: 'batch' };
  const state = textOf(error, 'code');
  if (state === undefined || !/^[0-9A-Z]{5}$/.test(state)) {
    return { code: isTimeOver ? 'STORE_TIMEOUT' : 'STORE_UNREACHABLE', scope: 'batch' };
  }
  const [, code, scope] = STATES.find(([prefix]) => state.startsWith(prefix)) ?? [];
  if (textOf(error, 'where') === undefined) return { code: code ?? 'STORE_ERROR', scope: scope ?? 'batch' };
  const own = INTERNAL.test(state) ? 'STORE_ERROR' : 'STORE_CONSTRAINT';
  return { code: code ?? own, scope: scope === 'slow' ? scope : 'row' };
}
