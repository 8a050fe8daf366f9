import type * as Crypto from 'node:crypto';
import { verify } from 'node:crypto';
import { beforeEach, expect, test, vi } from 'vitest';
import { type NoteKey, openNote } from '../../../shared/domain/log/note.ts';
import { signedBy, testKey } from '../../support/log/note-keys.ts';

vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof Crypto>();
  return { ...crypto, verify: vi.fn<typeof crypto.verify>(crypto.verify) };
});

const log = testKey();
const TEXT = 'tenure.example/log\n1\nroot\n';
const LATER = 'tenure.example/log\n2\nroot\n';

const opens = (note: string, keys: readonly NoteKey[] = [log.key]): boolean => openNote(note, keys).ok;
const checks = (): number => vi.mocked(verify).mock.calls.length;

beforeEach(() => {
  vi.mocked(verify).mockClear();
});

test('a signature that was found right is not checked again while it is the newest one', () => {
  const [note, later] = [signedBy(TEXT, log), signedBy(LATER, log)];
  expect([opens(note), opens(note), opens(note)]).toEqual([true, true, true]);
  expect(checks()).toBe(1);
  expect([opens(later), opens(note), opens(note)]).toEqual([true, true, true]);
  expect(checks()).toBe(3);
});

test('a signature that was found wrong is checked each time', () => {
  const forged = signedBy(TEXT, { ...log, sign: () => log.sign(LATER) });
  expect([opens(forged), opens(forged)]).toEqual([false, false]);
  expect(checks()).toBe(2);
});

test('after a right one, another text, another signature and another key are refused', () => {
  const key = { ...log.key, publicKey: Uint8Array.from(log.key.publicKey) };
  const note = signedBy(TEXT, log);
  expect(opens(note, [key])).toBe(true);
  expect(opens(note.replace('\n1\n', '\n3\n'), [key])).toBe(false);
  expect(opens(signedBy(TEXT, { ...log, sign: () => log.sign(LATER) }), [key])).toBe(false);
  expect(opens(note, [key])).toBe(true);
  // Also where its bytes were changed in place.
  key.publicKey.set(testKey('tenure.example/log', 9).key.publicKey);
  expect(opens(note, [key])).toBe(false);
});
