import type * as Pg from 'pg';
import type { PoolClient, PoolConfig, QueryConfig } from 'pg';
import type { PostgresOptions } from './postgresql-options.ts';
import { OWN_SETTINGS } from './postgresql-settings.ts';
import { textOf } from '../store-failure.ts';
import type { StoreTools } from '../store-kind.ts';

type Pool = InstanceType<typeof Pg.Pool>;
export type Row = Readonly<Record<string, unknown>>;
export type Query = (text: string, values: readonly unknown[]) => Promise<readonly Row[]>;

/** The time that one call of the store may take, including all its transactions. */
export interface Budget {
  /** Milliseconds, at least 1. */
  remaining(): number;
  isSpent(): boolean;
}

export interface Limited extends Budget {
  /** Milliseconds, at least 1. */
  readonly limit: number;
  /** What the transaction sets besides its own settings. */
  readonly settings?: readonly string[];
}

export interface Sessions {
  budget(): Budget;
  /** Runs `work` in its own transaction, no statement of which takes longer than the limit. An error rolls it back. */
  transaction<Result>(budget: Limited, work: (query: Query) => Promise<Result>): Promise<Result>;
  quote(identifier: string): string;
  close(): Promise<void>;
}

/** Wraps an error of the driver as its cause. Any other error is a mistake in Tenure's own code. */
export class DriverError extends Error {
  constructor(cause: unknown) {
    super('the driver failed', { cause });
    this.name = 'DriverError';
  }
}

const LONGEST_LOCK_WAIT = 1000;
/** A statement that arrives later is not carried out: a COMMIT that the network holds back must not outlive the lease. */
const LONGEST_IDLE = 10_000;

export async function openSessions(options: PostgresOptions, tools: StoreTools): Promise<Sessions> {
  const driver = await import('pg');
  const pool = new driver.Pool(poolConfig(options, tools));
  // A broken connection leaves the pool by itself. Without a listener its error would end the process. The query that
  // uses the connection fails, too.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  let closed: Promise<void> | undefined;
  return {
    budget: () => startBudget(tools.timeoutSeconds),
    transaction: (budget, work) => inTransaction(pool, budget, work),
    quote: driver.escapeIdentifier,
    close: () => (closed ??= pool.end()),
  };
}

function poolConfig(options: PostgresOptions, { timeoutSeconds, connection }: StoreTools): PoolConfig {
  const endpoint = connection?.endpoint === undefined ? undefined : new URL(connection.endpoint);
  const host = endpoint?.hostname ?? options.host;
  const port = endpoint ? Number(endpoint.port) || 5432 : options.port;
  const { user } = options;
  const password = connection?.password;
  return {
    host,
    port,
    database: options.database,
    user,
    password: password && (() => password({ host, port, user })),
    ssl: tlsOf(options),
    application_name: 'tenure',
    max: 4,
    connectionTimeoutMillis: Math.min(10, timeoutSeconds) * 1000,
    keepAlive: true,
    allowExitOnIdle: true,
  };
}

/** With an authority of its own, the server's certificate has to be signed by that one. */
export function tlsOf({ tls, ca }: PostgresOptions): boolean | { readonly ca: string } {
  if (tls === 'off') return false;
  return ca === undefined ? true : { ca };
}

function startBudget(seconds: number): Budget {
  const until = performance.now() + seconds * 1000;
  return {
    remaining: () => Math.max(1, Math.ceil(until - performance.now())),
    isSpent: () => performance.now() >= until,
  };
}

function opening(milliseconds: number, settings: readonly string[] = []): string {
  const lockWait = Math.min(LONGEST_LOCK_WAIT, Math.ceil(milliseconds / 10));
  return [
    'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE',
    `SET LOCAL statement_timeout = ${milliseconds}`,
    `SET LOCAL idle_in_transaction_session_timeout = ${Math.min(LONGEST_IDLE, milliseconds)}`,
    `SET LOCAL lock_timeout = ${lockWait}`,
    ...OWN_SETTINGS,
    ...settings,
  ].join('; ');
}

async function inTransaction<Result>(
  pool: Pool,
  budget: Limited,
  work: (query: Query) => Promise<Result>,
): Promise<Result> {
  const client = await begun(pool, budget);
  let isSound = false;
  try {
    const result = await work((text, values) => run(client, budget, text, values));
    if (budget.isSpent()) throw new DriverError(TIME_OVER);
    await run(client, budget, 'COMMIT');
    isSound = true;
    return result;
  } catch (error) {
    isSound = await run(client, budget, 'ROLLBACK').then(
      () => true,
      () => false,
    );
    throw error;
  } finally {
    client.release(!isSound);
  }
}

/** A connection of a frozen Lambda instance may be dead. Nothing has happened yet, so try a new one. */
async function begun(pool: Pool, budget: Limited): Promise<PoolClient> {
  for (let isRetry = false; ; isRetry = true) {
    const client = await driven(pool.connect());
    try {
      await run(client, budget, opening(Math.min(budget.limit, budget.remaining()), budget.settings));
      return client;
    } catch (error) {
      client.release(true);
      if (isReplica(error)) throw new DriverError(READ_ONLY);
      if (isRetry || budget.isSpent()) throw error;
    }
  }
}

/** The caller has given up by now, and the record may get a hold at any time: nothing is committed any more. */
const TIME_OVER = new Error('the time of the call is over');

/** As PostgreSQL reports a write on a server that is not the primary. */
const READ_ONLY = Object.assign(new Error('the server is a replica'), { code: '25006' });

/** A replica refuses a transaction that may write, as a feature that it does not support. */
function isReplica(error: unknown): boolean {
  return error instanceof DriverError && textOf(error.cause, 'code') === '0A000';
}

async function run(
  client: PoolClient,
  budget: Budget,
  text: string,
  values?: readonly unknown[],
): Promise<Row[]> {
  // The server ends a slow statement. This timeout is for a server that no longer answers.
  const query: QueryConfig & { query_timeout: number } = {
    text,
    query_timeout: budget.remaining() + 1000,
    ...(values ? { values: values.map((value) => (Array.isArray(value) ? asArray(value) : value)) } : {}),
  };
  const { rows } = await driven(client.query<Row>(query));
  return rows;
}

/** As the driver writes an array of texts, which looks at each of thousands for what has to be escaped. */
function asArray(values: readonly unknown[]): unknown {
  if (values.length === 0 || !values.every((value) => typeof value === 'string')) return values;
  return /["\\]/.test(values.join('')) ? values : `{"${values.join('","')}"}`;
}

async function driven<Result>(call: Promise<Result>): Promise<Result> {
  try {
    return await call;
  } catch (error) {
    throw new DriverError(error);
  }
}
