import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { demoClient } from '../../local/demo-client.ts';
import { tenure } from '../support/run-tenure.ts';

const ROOT = new URL('../../', import.meta.url).pathname;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenure-start-'));
  // PostgreSQL runs as another user when this process is root, and needs a folder that this user can enter.
  await chmod(folder, 0o755);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Run {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly ended: Promise<number | null>;
}

function start(...args: string[]): Run {
  const child = spawn(process.execPath, ['local/start.ts', ...args], {
    cwd: ROOT,
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (texts.stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (texts.stderr += String(chunk)));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, stdout: () => texts.stdout, stderr: () => texts.stderr, ended };
}

async function until(run: Run, ready: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await ready())) {
    if (run.child.exitCode !== null) throw new Error(`ended with ${run.child.exitCode}: ${run.stderr()}`);
    await sleep(20);
  }
}

describe('npm start', () => {
  test.each([['--exti'], ['exit']])('does not run with “%s”: a line says how to', async (flag) => {
    const run = start(flag);
    expect(await run.ended).toBe(2);
    expect(run.stdout()).toBe('');
    expect(run.stderr()).toMatch(/^Usage: npm start .*\n$/);
  });

  test('that is stopped in the middle of its start leaves no file', async () => {
    const run = start('--exit');
    await until(run, async () => (await readdir(folder)).some((name) => name.startsWith('tenure-postgres-')));
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(130);
    expect(run.stderr()).toBe('');
    expect(await readdir(folder)).toEqual([]);
  }, 900_000);

  test('twice at the same time, stopped in the middle of the stories, leaves no file', async () => {
    const runs = [start('--json'), start()];
    for (const run of runs)
      await until(run, () => `${run.stdout()}${run.stderr()}`.includes('Paloma Parties'));
    for (const run of runs) {
      run.child.kill('SIGTERM');
      // npm passes on a signal that the terminal has already sent.
      run.child.kill('SIGINT');
    }
    expect(await Promise.all(runs.map((run) => run.ended))).toEqual([130, 130]);
    expect(runs[0]?.stdout()).toBe('');
    expect(runs[1]?.stderr()).toBe('');
    expect(await readdir(folder)).toEqual([]);
  }, 900_000);

  test('with --exit verifies every receipt, and leaves the log: its audit finds nothing, and names a changed file', async () => {
    const run = start('--exit');
    expect(await run.ended).toBe(0);
    expect(run.stderr()).toBe('');
    expect(run.stdout()).toContain('6 of 6 stories passed.');
    expect(run.stdout()).toMatch(
      /^The deletion log was audited, and a receipt of each of its [1-9]\d* entries verified\.$/m,
    );
    const [, root] = /^Root (\S{44}), key tenure-demo\/deletion-log\+\S+$/m.exec(run.stdout()) ?? [];
    const [, log = '', key = ''] = /^npx tenure log audit --log (\S+) --key (\S+)$/m.exec(run.stdout()) ?? [];
    expect(await readdir(folder)).toEqual([basename(log)]);
    const audit = () => tenure(['log', 'audit', '--log', log, '--key', key]);
    const right = await audit();
    expect([right.code, right.out]).toEqual([0, expect.stringContaining(`root ${root}`)]);
    const [first = ''] = (await readdir(join(log, 'entries'))).toSorted();
    for (const file of ['checkpoint', 'tile/0/000', 'tile/entries/000', `entries/${first}`]) {
      const bytes = await readFile(join(log, file));
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(40) ^ 1, 40);
      await writeFile(join(log, file), changed);
      const wrong = await audit();
      expect([wrong.code, wrong.out.split(' ')[0]]).toEqual([1, file]);
      await writeFile(join(log, file), bytes);
    }
    expect((await audit()).code).toBe(0);
  }, 900_000);

  test('goes on after the stories: the line that it prints can be pasted, and what is sent is worked on', async () => {
    const run = start();
    await until(run, () => run.stdout().includes('npx tenure subject'));
    expect(run.stdout()).toContain('6 of 6 stories passed.');
    const line =
      run
        .stdout()
        .split('\n')
        .find((each) => each.startsWith('TENURE_URL=')) ?? '';
    const pasted = await promisify(execFile)('/bin/sh', ['-c', `${line} --json`], { cwd: ROOT });
    const { entries } = JSON.parse(pasted.stdout) as { entries: { entry: { outcome: string } }[] };
    expect(entries.length).toBeGreaterThan(10);

    const url = /^TENURE_URL=(\S+)/.exec(line)?.[1] ?? '';
    const entity = { type: 'account', id: 'late comer' };
    const app = demoClient(url, 'paloma-parties');
    await app.registerHoldings([
      {
        store: 'parties-profiles',
        locator: ['late comer'],
        categories: ['external-profile'],
        purposes: ['service'],
        entities: [entity],
      },
    ]);
    await until(run, async () => (await app.querySubject({ entity })).holdings[0]?.state === 'active');
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(130);
    expect(run.stderr()).toBe('');
    expect(await readdir(folder)).toEqual([]);
  }, 900_000);
});
