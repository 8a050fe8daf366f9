import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { folderBucket } from '../../../local/engines/folder-bucket.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenure-bucket-'));
});
afterEach(() => rm(folder, { recursive: true }));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('an object is what was put first; later writers change nothing', async () => {
  const bucket = folderBucket(folder);
  expect(await bucket.putIfAbsent('chunks/2026-03-01T10/token/0', bytes('first'))).toBe('written');
  expect(await bucket.putIfAbsent('chunks/2026-03-01T10/token/0', bytes('second'))).toBe('exists');
  expect(await bucket.get('chunks/2026-03-01T10/token/0')).toEqual(bytes('first'));
});

test('of many who put at the same time one succeeds', async () => {
  const bucket = folderBucket(folder);
  const puts = Array.from({ length: 20 }, (_, n) => bucket.putIfAbsent('a/b', bytes(`writer ${n}`)));
  const answers = await Promise.all(puts);
  expect(answers.filter((answer) => answer === 'written')).toHaveLength(1);
  expect(await bucket.get('a/b')).toEqual(bytes(`writer ${answers.indexOf('written')}`));
});

test('lists what is below a key, in the order of the keys', async () => {
  const bucket = folderBucket(folder);
  expect(await bucket.list('entries')).toEqual([]);
  for (const key of ['entries/10', 'entries/02', 'other/01']) await bucket.putIfAbsent(key, bytes(key));
  expect(await bucket.list('entries')).toEqual(['entries/02', 'entries/10']);
});

test('the checkpoint is replaced only by a writer that names the one that is there, and by one of ten at once', async () => {
  const bucket = folderBucket(folder);
  expect(await bucket.checkpoint()).toBeUndefined();
  expect(await bucket.putCheckpoint('one', 'x')).toBe('moved');
  expect(await bucket.putCheckpoint('one', undefined)).toBe('written');
  const { tag } = (await bucket.checkpoint()) ?? {};
  const puts = Array.from({ length: 10 }, (_, n) => bucket.putCheckpoint(`writer ${n}`, tag));
  const answers = await Promise.all(puts);
  expect(answers.filter((answer) => answer === 'written')).toHaveLength(1);
  expect((await bucket.checkpoint())?.text).toBe(`writer ${answers.indexOf('written')}`);
  expect(await readdir(folder)).toEqual(['checkpoint']);
});

test('an empty object is an object', async () => {
  const bucket = folderBucket(folder);
  expect(await bucket.putIfAbsent('void', bytes(''))).toBe('written');
  expect(await bucket.get('void')).toEqual(bytes(''));
  expect(await bucket.putIfAbsent('void', bytes('late'))).toBe('exists');
});

test('what was never put is not there, and nothing else is left in the folder', async () => {
  const bucket = folderBucket(folder);
  await bucket.putIfAbsent('-token-/0', bytes('x'));
  await bucket.putIfAbsent('-token-/0', bytes('y'));
  expect(await bucket.get('-token-/1')).toBeUndefined();
  expect(await readdir(folder)).toEqual(['-token-']);
});

test('once it is closed nothing is being written, and nothing brings the folder back', async () => {
  const inner = join(folder, 'log');
  const bucket = folderBucket(inner);
  const puts = Array.from({ length: 20 }, (_, n) => bucket.putIfAbsent(`a/${n}`, bytes('x')));
  await bucket.close();
  await rm(inner, { recursive: true });
  await expect(bucket.putIfAbsent('a/b', bytes('x'))).rejects.toThrow('closed');
  await Promise.all(puts);
  expect(await readdir(folder)).toEqual([]);
});

test.each(['../outside', '/absolute', 'a//b', 'a/../../b', '.', ''])(
  'a key such as “%s” is refused',
  async (key) => {
    await expect(folderBucket(folder).putIfAbsent(key, bytes('x'))).rejects.toThrow(TypeError);
    await expect(folderBucket(folder).get(key)).rejects.toThrow(TypeError);
  },
);
