import type { Entry, NoteEntry, RotationEntry } from '../record/entry.ts';
import { entryIn } from './entry-schema.ts';
import { type NoteKey, parseVkey } from './note.ts';
import { type ReceiptFault, verifyReceipt } from './receipt.ts';

/** `no-rotation`: the entry introduces no key. `other-log`: the key that it introduces is for another log. */
export type IntroductionFault = ReceiptFault | 'no-rotation' | 'other-log';

export type IntroducedKey =
  | { readonly ok: true; readonly key: NoteKey }
  | { readonly ok: false; readonly fault: IntroductionFault };

/**
 * The key that a receipt introduces: one of the trusted keys signed a tree that has the entry `rotate-key`. A checkpoint that
 * only the new key signed introduces nothing, because anyone can make a key, and a log that names it.
 */
export function introducedKey(data: unknown, trusted: readonly NoteKey[]): IntroducedKey {
  const verified = verifyReceipt(data, trusted);
  if (!verified.ok) return verified;
  const { receipt, checkpoint } = verified;
  const entry = entryIn(receipt.entry);
  if (entry === undefined || !isRotation(entry)) return { ok: false, fault: 'no-rotation' };
  const [key] = keysNamedIn(entry);
  if (key === undefined || key.name !== checkpoint.origin) return { ok: false, fault: 'other-log' };
  return { ok: true, key };
}

/** The key, if the entry names one that signs the log from then on. */
export function keysNamedIn(entry: Entry | NoteEntry): readonly NoteKey[] {
  const key = isRotation(entry) ? parseVkey(entry.key) : undefined;
  return key === undefined ? [] : [key];
}

function isRotation(entry: Entry | NoteEntry): entry is RotationEntry {
  return 'did' in entry && entry.did === 'rotate-key';
}
