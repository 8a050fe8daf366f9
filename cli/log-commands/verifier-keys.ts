import { stat } from 'node:fs/promises';
import { type NoteKey, parseVkey } from '../../shared/domain/log/note.ts';
import { introducedKey, type IntroductionFault } from '../../shared/domain/log/introduced-key.ts';
import { jsonIn, textOf } from '../text-of.ts';
import { UsageError } from '../usage-error.ts';
import { sayReceiptFault } from './receipt-faults.ts';

export const KEY_OPTION =
  'a key of the log: its text (`name+id+base64`), or a file with one on each line; may be given more than once';

export const INTRODUCED_OPTION =
  'the receipt of an entry `rotate-key` under a checkpoint that a key you gave has signed: the key in it is used as well; may be given more than once, in their order';

export function collected(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/**
 * The keys that the user trusts, each given as text or as a file, and those that they introduce. Each receipt may be signed
 * by a key that the one before it introduced.
 */
export async function verifierKeys(
  given: readonly string[],
  introduced: readonly string[] = [],
): Promise<readonly NoteKey[]> {
  const keys: NoteKey[] = [];
  for (const one of given) {
    const key = parseVkey(one.trim());
    if (key !== undefined) keys.push(key);
    else if ((await stat(one).catch(() => undefined)) === undefined) throw new UsageError(notAKey('--key'));
    else keys.push(...keysIn(one, await textOf(one)));
  }
  for (const path of introduced) {
    const found = introducedKey(jsonIn(path, await textOf(path)), keys);
    if (!found.ok) throw new UsageError(`${path} ${sayFault(found.fault)}`);
    keys.push(found.key);
  }
  return keys;
}

function sayFault(fault: IntroductionFault): string {
  if (fault === 'no-rotation') return 'introduces no key: pass the receipt of an entry `rotate-key`.';
  if (fault === 'other-log') return 'introduces a key of another log.';
  return sayReceiptFault(fault);
}

function keysIn(path: string, text: string): readonly NoteKey[] {
  const lines = text.split('\n').map((line) => line.trim());
  const keys = lines.filter((line) => line !== '').map((line) => parseVkey(line));
  const known = keys.filter((key) => key !== undefined);
  if (known.length === 0 || known.length < keys.length) throw new UsageError(notAKey(path));
  return known;
}

function notAKey(where: string): string {
  return `${where} is not a key of a log: pass a C2SP verifier key of an Ed25519 key, such as \`example.com/log+1a2b3c4d+AQ…\`, or a file that has one on each line.`;
}
