import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { afterEach, expect, test } from 'vitest';
import { type LocalPostgres, startPostgres } from '../../../local/engines/postgres.ts';
import { installedBinaries } from '../../../local/engines/postgres-binaries.ts';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function started(native?: string): Promise<LocalPostgres> {
  const engine = await startPostgres(native);
  cleanUps.push(() => engine.stop());
  return engine;
}

async function ask(engine: Omit<LocalPostgres, 'stop' | 'down' | 'up'>, question: string): Promise<unknown> {
  const { host, port, user, password, database } = engine;
  const client = new Client({ host, port, user, password, database });
  await client.connect();
  try {
    return Object.values((await client.query({ text: question })).rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

async function privateCopy(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'private-'));
  cleanUps.push(() => rm(folder, { recursive: true, force: true }));
  expect((await stat(folder)).mode & 0o077).toBe(0);
  await cp(installedBinaries(), join(folder, 'native'), { recursive: true, verbatimSymlinks: true });
  return join(folder, 'native');
}

test('starts a real server, also as root, and removes everything when it stops', async () => {
  const engine = await started();
  const data = String(await ask(engine, 'SHOW data_directory'));
  expect(await ask(engine, 'SHOW server_version')).toMatch(/^18\./);
  expect((await stat(data)).isDirectory()).toBe(true);
  await engine.stop();
  await engine.stop();
  await expect(stat(join(data, '..'))).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(ask(engine, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('is down and up again with its data, on the same port', async () => {
  const engine = await started();
  await ask(engine, 'CREATE TABLE kept AS SELECT 42 AS answer');
  await engine.down();
  await expect(ask(engine, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await engine.up();
  expect(await ask(engine, 'SELECT answer FROM kept')).toBe(42);
});

test('starts from binaries below a folder that other users cannot enter, also when npm made no links there', async () => {
  const native = await privateCopy();
  const lib = join(native, 'lib');
  const links = (await readdir(lib, { withFileTypes: true })).filter((entry) => entry.isSymbolicLink());
  expect(links.length).toBeGreaterThan(0);
  for (const { name } of links) await rm(join(lib, name));
  const engine = await started(native);
  expect(await ask(engine, 'SELECT 6 * 7')).toBe(42);
});

test('runs two servers side by side, each reachable only from this machine and only with its own password', async () => {
  const [one, two] = await Promise.all([started(), started()]);
  expect(one.port).not.toBe(two.port);
  expect(await ask(one, 'SELECT 1')).toBe(1);
  expect(await ask(two, 'SHOW listen_addresses')).toBe('127.0.0.1');
  await expect(ask({ ...one, password: two.password }, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
});

test('says what to do when the binaries do not run', async () => {
  const native = await privateCopy();
  await rm(join(native, 'bin', 'initdb'));
  await expect(startPostgres(native)).rejects.toMatchObject({
    code: 'ENGINE_FAILED',
    message: expect.stringContaining('PostgreSQL could not be started'),
  });
});

/** A separate process that starts a server, prints its address, and waits. */
async function startedElsewhere(): Promise<{ child: ChildProcess; engine: LocalPostgres }> {
  const module = JSON.stringify(new URL('../../../local/engines/postgres.ts', import.meta.url).href);
  const script = `
    const engine = await (await import(${module})).startPostgres();
    console.log(JSON.stringify(engine));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  cleanUps.push(async () => child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, engine: JSON.parse(line.toString()) as LocalPostgres };
}

test.each(['SIGINT', 'SIGKILL'] as const)(
  'leaves no server and no files when its process dies of %s',
  async (signal) => {
    const { child, engine } = await startedElsewhere();
    const data = String(await ask(engine, 'SHOW data_directory'));
    child.kill(signal);
    await once(child, 'exit');
    await expect
      .poll(
        async () =>
          stat(join(data, '..')).then(
            () => 'there',
            () => 'gone',
          ),
        { timeout: 20_000, interval: 100 },
      )
      .toBe('gone');
    await expect(ask(engine, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  },
);

test('a process that only starts a server and returns still ends', async () => {
  const module = JSON.stringify(new URL('../../../local/engines/postgres.ts', import.meta.url).href);
  const script = `console.log((await (await import(${module})).startPostgres()).port)`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
  const timer = sleep(50_000, 'still running', { ref: false });
  const ended = once(child, 'exit').then(([code]) => code as unknown);
  expect(await Promise.race([ended, timer])).toBe(0);
});
