import type * as Pg from 'pg';
import type { PoolClient, PoolConfig, QueryConfig } from 'pg';
import type { PostgresOptions } from './postgresql-options.ts';
import type { StoreTools } from '../store-kind.ts';

type Pool = InstanceType<typeof Pg.Pool>;
export type Row = Readonly<Record<string, unknown>>;
export type Query = (text: string, values: readonly unknown[]) => Promise<readonly Row[]>;

/** The time that one call of the store may take, all its transactions together. */
export interface Budget {
  /** Milliseconds, at least 1. */
  remaining(): number;
  isSpent(): boolean;
}

export interface Sessions {
  budget(): Budget;
  /** Runs `work` in a transaction of its own; what it throws, rolls back. */
  transaction<Result>(budget: Budget, work: (query: Query) => Promise<Result>): Promise<Result>;
  quote(identifier: string): string;
  close(): Promise<void>;
}

/** What the driver threw, as its cause: an answer of the engine, or none. Any other error is a mistake of ours. */
export class DriverError extends Error {
  constructor(cause: unknown) {
    super('the driver failed', { cause });
    this.name = 'DriverError';
  }
}

const LONGEST_LOCK_WAIT = 1000;

export async function openSessions(options: PostgresOptions, tools: StoreTools): Promise<Sessions> {
  const driver = await import('pg');
  const pool = new driver.Pool(poolConfig(options, tools));
  // A connection that breaks leaves the pool by itself. Unheard, its error would end the process; whoever is using it
  // learns of it from the query that fails.
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
    ssl: options.tls === 'verify',
    application_name: 'tenure',
    max: 4,
    connectionTimeoutMillis: Math.min(10, timeoutSeconds) * 1000,
    keepAlive: true,
    allowExitOnIdle: true,
  };
}

function startBudget(seconds: number): Budget {
  const until = performance.now() + seconds * 1000;
  return {
    remaining: () => Math.max(1, Math.ceil(until - performance.now())),
    isSpent: () => performance.now() >= until,
  };
}

/**
 * Settings are the transaction's own, because a connection pooler may hand the connection to somebody else in between.
 * - `row_security = off`: rows that a policy hides are an error; otherwise they would look gone.
 * - `synchronous_commit`: what we report as deleted must outlive a crash of the server.
 * - the text forms of values must not depend on how the database is set up: versions and dates are compared as text.
 */
function opening(milliseconds: number): string {
  const lockWait = Math.min(LONGEST_LOCK_WAIT, Math.ceil(milliseconds / 10));
  return [
    'BEGIN ISOLATION LEVEL READ COMMITTED',
    `SET LOCAL statement_timeout = ${milliseconds}`,
    `SET LOCAL idle_in_transaction_session_timeout = ${milliseconds}`,
    `SET LOCAL lock_timeout = ${lockWait}`,
    'SET LOCAL row_security = off',
    'SET LOCAL synchronous_commit = on',
    "SET LOCAL datestyle = 'ISO, YMD'",
    "SET LOCAL intervalstyle = 'iso_8601'",
    "SET LOCAL timezone = 'UTC'",
    "SET LOCAL bytea_output = 'hex'",
    'SET LOCAL extra_float_digits = 1',
  ].join('; ');
}

async function inTransaction<Result>(
  pool: Pool,
  budget: Budget,
  work: (query: Query) => Promise<Result>,
): Promise<Result> {
  const client = await begun(pool, budget);
  let isSound = false;
  try {
    const result = await work((text, values) => run(client, budget, text, values));
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

/** A connection that slept with its Lambda may be dead without knowing it: nothing has happened yet, so try a new one. */
async function begun(pool: Pool, budget: Budget): Promise<PoolClient> {
  for (let isRetry = false; ; isRetry = true) {
    const client = await driven(pool.connect());
    try {
      await run(client, budget, opening(budget.remaining()));
      return client;
    } catch (error) {
      client.release(true);
      if (isRetry || budget.isSpent()) throw error;
    }
  }
}

async function run(
  client: PoolClient,
  budget: Budget,
  text: string,
  values?: readonly unknown[],
): Promise<Row[]> {
  // The server ends a slow statement; this ends our waiting for a server that no longer answers.
  const query: QueryConfig & { query_timeout: number } = {
    text,
    query_timeout: budget.remaining() + 1000,
    ...(values ? { values: [...values] } : {}),
  };
  const { rows } = await driven(client.query<Row>(query));
  return rows;
}

async function driven<Result>(call: Promise<Result>): Promise<Result> {
  try {
    return await call;
  } catch (error) {
    throw new DriverError(error);
  }
}
