import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verifierKeys } from '../../../cli/log-commands/verifier-keys.ts';
import { canonicalJson } from '../../../shared/domain/canonical-json.ts';
import { checkpointText } from '../../../shared/domain/log/checkpoint.ts';
import { introducedKey } from '../../../shared/domain/log/introduced-key.ts';
import { vkeyOf } from '../../../shared/domain/log/note.ts';
import { type Receipt, RECEIPT_FORMAT } from '../../../shared/domain/log/receipt.ts';
import { leafHash } from '../../../shared/domain/log/tree.ts';
import type { RotationEntry } from '../../../shared/domain/record/entry.ts';
import { signedBy, type TestKey, testKey } from '../../support/log/note-keys.ts';

const NAME = 'tenure.example/log';
const [old, next, last, thief] = [1, 2, 3, 4].map((seed) => testKey(NAME, seed)) as [
  TestKey,
  TestKey,
  TestKey,
  TestKey,
];

function rotation(key: TestKey, more: Partial<RotationEntry> = {}): RotationEntry {
  return {
    v: 2,
    token: '2026-03-01T10.operator-rotation',
    did: 'rotate-key',
    at: '2026-03-01T10:00:00.000Z',
    key: vkeyOf(key.key),
    software: 'test',
    ...more,
  };
}

/** The receipt of this entry in a log that has no other one, signed by these keys. */
function receiptOf(entry: object, ...signers: readonly TestKey[]): Receipt {
  const root = leafHash(Buffer.from(canonicalJson(entry)));
  const text = checkpointText({ origin: NAME, size: 1, root });
  return {
    format: RECEIPT_FORMAT,
    index: 0,
    entry: entry as Receipt['entry'],
    proof: [],
    checkpoint: signedBy(text, ...signers),
  };
}

describe('a new key', () => {
  test('is introduced by a tree that the old key signed, alone or with the new one', () => {
    const entry = rotation(next);
    for (const signers of [[old], [old, next], [next, old]])
      expect(introducedKey(receiptOf(entry, ...signers), [old.key])).toEqual({ ok: true, key: next.key });
  });

  test('is not introduced by a log that only the new key signed', () => {
    expect(introducedKey(receiptOf(rotation(thief), thief), [old.key])).toEqual({
      ok: false,
      fault: 'not-signed',
    });
  });

  test('is not introduced by a signature of the old key over another text', () => {
    const { checkpoint } = receiptOf(rotation(next), old);
    const forged = receiptOf(rotation(thief), thief);
    const [line = ''] = checkpoint.split('\n').slice(-2);
    expect(introducedKey({ ...forged, checkpoint: `${forged.checkpoint}${line}\n` }, [old.key])).toEqual({
      ok: false,
      fault: 'bad-signature',
    });
    expect(introducedKey({ ...forged, checkpoint }, [old.key])).toEqual({ ok: false, fault: 'other-root' });
  });

  test('is not introduced by another entry, a key that is none, or a key of another log', () => {
    const pause = { ...rotation(next), did: 'pause' };
    const { key: _key, ...paused } = pause;
    expect(introducedKey(receiptOf(paused, old), [old.key])).toMatchObject({ fault: 'no-rotation' });
    const wrong = rotation(next, { key: 'hello' });
    expect(introducedKey(receiptOf(wrong, old), [old.key])).toMatchObject({ fault: 'no-rotation' });
    const other = rotation(testKey('other.example/log', 2));
    expect(introducedKey(receiptOf(other, old), [old.key])).toMatchObject({ fault: 'other-log' });
  });
});

describe('--introduced', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'introduced-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  async function file(name: string, receipt: Receipt): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, JSON.stringify(receipt));
    return path;
  }

  test('follows a chain in its order, and refuses it in another one', async () => {
    const first = await file('first', receiptOf(rotation(next), old));
    const second = await file('second', receiptOf(rotation(last), next));
    expect(await verifierKeys([vkeyOf(old.key)], [first, second])).toEqual([old.key, next.key, last.key]);
    await expect(verifierKeys([vkeyOf(old.key)], [second, first])).rejects.toThrow(
      'is signed by none of the keys that you gave',
    );
  });

  test('says what is wrong with a file that introduces no key', async () => {
    const { key: _key, ...pause } = { ...rotation(next), did: 'pause' };
    const path = await file('pause', receiptOf(pause, old));
    await expect(verifierKeys([vkeyOf(old.key)], [path])).rejects.toThrow('introduces no key');
  });
});
