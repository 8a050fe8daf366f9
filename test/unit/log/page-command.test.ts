import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { seal } from '../../../shared/protocol/log/seal.ts';
import { credentialsOf, servedWorld } from '../../support/api-server.ts';
import { apiWorld } from '../../support/api-world.ts';
import { pagedEntry, pagedResult } from '../../support/log/paged-results.ts';
import { tenure } from '../../support/run-tenure.ts';

const TOKEN = '2026-03-01T10.a';
const PAGED = pagedResult(TOKEN, [3, 1, 2], []);
/** Entry 0 has a list, entry 1 is a page without records, entry 2 is about one record. */
const RESULT = { ...PAGED, entries: [...PAGED.entries, pagedEntry(TOKEN, 'h-9')] };

let folder = '';
let entries = '';
let lists = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenure-lists-'));
  const { objects } = await sealed();
  const paths = objects.map(({ key }) => join(folder, basename(key)));
  for (const [n, { bytes }] of objects.entries()) await writeFile(paths[n] ?? '', bytes);
  [entries = '', lists = ''] = paths;
});
afterEach(() => rm(folder, { recursive: true }));

/** A world in which the result was sealed. */
async function sealed() {
  const world = apiWorld('2026-03-01T10:00:00Z');
  await world.registry.putToBeSealed({ token: TOKEN, putAt: 0, until: 0 });
  await world.registry.putResult(RESULT);
  await seal({ ...world, bucket: world.bucket });
  return { world, objects: world.bucket.allObjects() };
}

const page = (...args: readonly string[]) => tenure(['log', 'page', ...args]);

async function listWith(change: (list: { index: number; records: string[] }) => unknown): Promise<string> {
  const path = join(folder, 'changed');
  const [root = ''] = Object.keys(RESULT.lists ?? {});
  const records = [1, 2, 3].map((n) => `record-${n}`.padEnd(22, '_'));
  await writeFile(path, `${JSON.stringify(change({ index: 0, root, records } as never))}\n`);
  return path;
}

describe('tenure log page', () => {
  test('says that the list is the one of the entry, without a network', async () => {
    const { code, out, err } = await page('0', '--entries', entries, '--list', lists);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(
      /^Entry 0: the list is the one that the entry was written about \(3 records, root [0-9a-f]{64}\)\.$/m,
    );
  });

  test('says it with JSON', async () => {
    const { code, out } = await page('0', '--entries', entries, '--list', lists, '--json');
    expect([code, JSON.parse(out)]).toEqual([0, { index: 0, page: RESULT.entries[0]?.page }]);
  });

  test('asks the API for the entry', async () => {
    const { world } = await sealed();
    const server = await servedWorld(world);
    const { accessKeyId, secretAccessKey } = credentialsOf('auditor');
    const env = {
      TENURE_URL: server.url,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    };
    const ask = (...args: readonly string[]) =>
      tenure(['log', 'page', ...args, '--list', lists], env, () => Date.parse('2026-03-02T10:00:00Z'));
    try {
      expect(await ask('0')).toMatchObject({ code: 0, out: expect.stringContaining('3 records') as string });
      expect(await ask('7')).toMatchObject({
        code: 2,
        err: expect.stringContaining('There is no entry 7') as string,
      });
      expect(await ask('0', '--to', '2026-03-01')).toMatchObject({
        code: 2,
        err: expect.stringContaining('--from and --to') as string,
      });
    } finally {
      await server.stop();
    }
  });

  test.each([
    ['a record less', (records: string[]) => records.slice(1), 'has 2 records, and the entry is about 3'],
    [
      'a record exchanged',
      (records: string[]) => records.with(2, 'record-4'.padEnd(22, '_')),
      'is not the one in the entry',
    ],
    [
      'two records exchanged',
      ([a = '', ...rest]: string[]) => [...rest, a],
      'record 3 of the list is not after',
    ],
    ['a record twice', ([a = '', b = '']: string[]) => [a, a, b], 'record 2 of the list is not after'],
    [
      'something else',
      (records: string[]) => [...records, 'private text'],
      'record 4 of the list is not a reference',
    ],
  ])('finds %s', async (_, change, says) => {
    const path = await listWith((list) => ({ ...list, records: change(list.records) }));
    const { code, out, err } = await page('0', '--entries', entries, '--list', path);
    expect([code, err]).toEqual([1, '']);
    expect(out).toContain(says);
    expect(out).not.toContain('private');
    const json = await page('0', '--entries', entries, '--list', path, '--json');
    expect(json.code).toBe(1);
    expect(JSON.parse(json.out)).toMatchObject({
      index: 0,
      problem: expect.stringContaining(says) as string,
    });
  });

  test('finds that a list is not there', async () => {
    for (const path of [
      await listWith((list) => ({ ...list, index: 8 })),
      await listWith(() => 'nonsense'),
    ]) {
      const { code, out } = await page('0', '--entries', entries, '--list', path);
      expect([code, out]).toEqual([1, expect.stringContaining('has no list of this entry')]);
    }
  });

  test('says of a page without records that it has no list', async () => {
    const { code, out } = await page('1', '--entries', entries, '--list', lists);
    expect([code, out]).toEqual([0, expect.stringContaining('nothing was disposed of')]);
  });

  test('refuses what it cannot answer', async () => {
    const renamed = join(folder, 'bundle');
    await writeFile(renamed, '{}\n');
    const broken = join(folder, '9'.padStart(20, '0'));
    await writeFile(broken, 'private text\n');
    const answers = [
      [await page('2', '--entries', entries, '--list', lists), 'is not about a page of a collection'],
      [await page('3', '--entries', entries, '--list', lists), 'has the entries 0 to 2, not 3'],
      [await page('x', '--entries', entries, '--list', lists), 'is a number'],
      [await page('0', '--entries', renamed, '--list', lists), 'keep the name'],
      [await page('9', '--entries', broken, '--list', lists), 'is not an object of the log'],
      [await page('0', '--entries', entries, '--list', join(folder, 'none')), 'could not be read'],
      [await page('0', '--entries', entries), '--list'],
    ] as const;
    for (const [{ code, err, out }, says] of answers) {
      expect([code, out]).toEqual([2, '']);
      expect(err).toContain(says);
      expect(err).not.toContain('private');
    }
  });
});

test('tenure log list shows the counts of a page', async () => {
  const world = apiWorld('2026-03-01T10:00:00Z');
  const counted = {
    records: 3,
    root: RESULT.entries[0]?.page?.root ?? '',
    failed: 1,
    changed: 2,
    kept: 4,
    more: true,
  } as const;
  await world.registry.putToBeSealed({ token: TOKEN, putAt: 0, until: 0 });
  await world.registry.putResult({
    ...PAGED,
    entries: [pagedEntry(TOKEN, 'h-1', counted), pagedEntry(TOKEN, 'h-2', { records: 0 })],
  });
  await seal({ ...world, bucket: world.bucket });
  const server = await servedWorld(world);
  const { accessKeyId, secretAccessKey } = credentialsOf('auditor');
  const env = {
    TENURE_URL: server.url,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
  const run = (...args: readonly string[]) =>
    tenure(['log', 'list', ...args], env, () => Date.parse('2026-03-02T10:00:00Z'));
  try {
    const { out } = await run();
    expect(out).toContain('deleted (3 records, 1 failed, 2 written again, 4 stay, more follow)');
    expect(out).toContain('deleted (0 records)');
    expect(JSON.parse((await run('--json')).out)).toMatchObject({
      entries: [{ entry: { page: counted } }, { entry: { page: { records: 0 } } }],
    });
  } finally {
    await server.stop();
  }
});
