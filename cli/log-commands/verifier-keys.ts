import { stat } from 'node:fs/promises';
import { type NoteKey, parseVkey } from '../../shared/domain/log/note.ts';
import { textOf } from '../text-of.ts';
import { UsageError } from '../usage-error.ts';

export const KEY_OPTION =
  'a key of the log: its text (`name+id+base64`), or a file with one on each line; may be given more than once';

export function collected(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** The keys that the user trusts, each given as text or as a file. */
export async function verifierKeys(given: readonly string[]): Promise<readonly NoteKey[]> {
  const keys: NoteKey[] = [];
  for (const one of given) {
    const key = parseVkey(one.trim());
    if (key !== undefined) keys.push(key);
    else if ((await stat(one).catch(() => undefined)) === undefined) throw new UsageError(notAKey('--key'));
    else keys.push(...keysIn(one, await textOf(one)));
  }
  return keys;
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
