import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import {
  EngineError,
  installedBinaries,
  runnableBinaries,
  serverUser,
  type ServerUser,
  sharedTemporaryFolder,
} from './postgres-binaries.ts';

export interface LocalPostgres {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Ends the server and keeps its data: what a store that is down looks like. */
  down(): Promise<void>;
  /** Starts it again, on the same port. */
  up(): Promise<void>;
  /** Ends the server and removes all its files. Safe to repeat. */
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const USER = 'tenure';
const START_ATTEMPTS = 5;
const READY_SECONDS = 60;
const STOP_SECONDS = 10;

/**
 * Waits in its own session for our end of the pipe to close, which happens however we die, then ends the server and
 * removes its files. A line on the pipe means that `stop` did so.
 */
const GUARDIAN = `
read -r stopped && exit 0
pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) && kill -INT "$pid" 2>/dev/null
tries=0
while [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null && [ $tries -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
[ -n "$pid" ] && kill -9 "$pid" 2>/dev/null
rm -rf "$1" 2>/dev/null || { sleep 3; rm -rf "$1"; }
`;

/**
 * Starts a real PostgreSQL server with an empty database on a free loopback port. Works as root, and from a checkout
 * below a folder that other users cannot enter. Data is not durable (no fsync): it is for trying things out and tests.
 * `native` is a folder with the server's `bin`, `lib` and `share`; without it, the one that npm installed.
 */
export async function startPostgres(native = installedBinaries()): Promise<LocalPostgres> {
  const user = serverUser();
  const folder = await mkdtemp(join(sharedTemporaryFolder(user), 'tenure-postgres-'));
  const guardian = spawn('/bin/sh', ['-c', GUARDIAN, 'guardian', folder], {
    detached: true,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guardian.on('error', () => {});
  guardian.unref();
  (guardian.stdin as Socket).unref();
  const dismiss = async () => {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    guardian.stdin.end('stopped\n');
  };
  try {
    const binaries = await runnableBinaries(native, user, folder);
    const data = join(folder, 'data');
    await mkdir(data, { mode: 0o700 });
    if (user.uid !== undefined && user.gid !== undefined) {
      await chown(data, user.uid, user.gid);
      await chown(folder, user.uid, user.gid);
    }
    await chmod(folder, 0o700);
    const password = randomBytes(18).toString('base64url');
    await initialise(binaries, folder, user, password);
    const { port, server } = await serve(binaries, folder, user, password);
    let current = server;
    let stopped: Promise<void> | undefined;
    return {
      host: HOST,
      port,
      user: USER,
      password,
      database: 'postgres',
      down: () => end(current),
      async up() {
        current = launch(binaries, folder, user, port);
        if (!(await accepts(current, port, password))) {
          throw await failure(folder, 'the server did not come up again');
        }
      },
      stop: () => (stopped ??= end(current).then(dismiss)),
    };
  } catch (error) {
    await dismiss();
    throw error;
  }
}

async function initialise(
  binaries: string,
  folder: string,
  user: ServerUser,
  password: string,
): Promise<void> {
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, password, { mode: 0o644 });
  const child = run(join(binaries, 'bin/initdb'), folder, user, [
    `--pgdata=${join(folder, 'data')}`,
    `--username=${USER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync',
  ]);
  const code = await ended(child);
  await rm(passwordFile, { force: true });
  if (code !== 0) throw await failure(folder, `initdb ended with ${code}`);
}

/** Between our finding a free port and the server's taking it another process may: then we take the next one. */
async function serve(
  binaries: string,
  folder: string,
  user: ServerUser,
  password: string,
): Promise<{ port: number; server: ChildProcess }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const server = launch(binaries, folder, user, port);
    if (await accepts(server, port, password)) return { port, server };
    await end(server);
    if (attempt === START_ATTEMPTS) throw await failure(folder, 'the server did not come up');
  }
}

function launch(binaries: string, folder: string, user: ServerUser, port: number): ChildProcess {
  const server = run(join(binaries, 'bin/postgres'), folder, user, [
    '-D',
    join(folder, 'data'),
    `--port=${port}`,
    `--listen_addresses=${HOST}`,
    '--unix_socket_directories=',
    '--fsync=off',
    '--synchronous_commit=off',
    '--full_page_writes=off',
    '--shared_buffers=32MB',
    '--timezone=UTC',
    '--log_timezone=UTC',
  ]);
  server.unref();
  return server;
}

/** Whether the server took its port and answers a query. */
async function accepts(server: ChildProcess, port: number, password: string): Promise<boolean> {
  const until = performance.now() + READY_SECONDS * 1000;
  while (server.exitCode === null && server.signalCode === null && performance.now() < until) {
    const client = new pg.Client({ host: HOST, port, user: USER, password, database: 'postgres' });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query('select 1');
      return true;
    } catch {
      await sleep(20);
    } finally {
      await client.end().catch(() => {});
    }
  }
  return false;
}

/** Fast shutdown, then by force. */
async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null || server.pid === undefined) return;
  const gone = ended(server);
  server.kill('SIGINT');
  const timer = setTimeout(() => server.kill('SIGKILL'), STOP_SECONDS * 1000);
  await gone;
  clearTimeout(timer);
}

function run(command: string, folder: string, user: ServerUser, args: string[]): ChildProcess {
  const output = openSync(join(folder, 'server.log'), 'a');
  try {
    // Its own session: a Ctrl-C in the terminal reaches us, and we decide when the server ends.
    const child = spawn(command, args, {
      ...user,
      cwd: folder,
      detached: true,
      env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', output, output],
    });
    child.on('error', () => {});
    return child;
  } finally {
    closeSync(output);
  }
}

function ended(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) return resolve(child.exitCode);
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'nothing'));
    child.once('error', (error) => resolve(error.message));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, HOST, () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

async function failure(folder: string, what: string): Promise<EngineError> {
  const log = await readFile(join(folder, 'server.log'), 'utf8').catch(() => '');
  const last = log.trim().split('\n').slice(-5).join(' | ');
  return new EngineError(
    'ENGINE_FAILED',
    `PostgreSQL could not be started: ${what}. It said: ${last || 'nothing'}`,
  );
}
