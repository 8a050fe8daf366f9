import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { proveLog } from '../../../local/story/prove-log.ts';
import { vkeyOf } from '../../../shared/domain/log/note.ts';
import { deletionEntry, logFiles, writeLog } from '../../support/log/generated-log.ts';
import { testKey } from '../../support/log/note-keys.ts';

const tested = testKey();
const { key } = tested;
const signer = {
  name: key.name,
  publicKey: async () => key.publicKey,
  sign: async (text: string) => tested.sign(text),
};
const files = logFiles(Array.from({ length: 270 }, (_none, n) => deletionEntry(n)));

describe('the proof of a log at the end of the stories', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenure-prove-'));
    await writeLog(folder, files);
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('says how many receipts were verified, with root and key', async () => {
    const { ok, text } = await proveLog(folder, signer);
    expect([ok, text]).toEqual([
      true,
      expect.stringContaining('a receipt of each of its 270 entries verified'),
    ]);
    expect(text).toContain(vkeyOf(key));
  });

  test('fails with the name of a file in which one byte is another one', async () => {
    const bytes = Buffer.from(files.get('tile/0/000') ?? []);
    bytes[3] = (bytes[3] ?? 0) ^ 1;
    await writeFile(join(folder, 'tile/0/000'), bytes);
    expect(await proveLog(folder, signer)).toMatchObject({
      ok: false,
      text: expect.stringContaining('tile/0/000') as unknown,
    });
  });
});
