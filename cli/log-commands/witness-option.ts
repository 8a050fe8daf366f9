import { stat } from 'node:fs/promises';
import { isoUtc } from '../../shared/domain/calendar/utc-time.ts';
import {
  type Cosignature,
  cosignaturesOf,
  parseWitnessVkey,
  type WitnessKey,
} from '../../shared/domain/log/cosignature.ts';
import { type NoteKey, noteKey, parseNote, parseVkey } from '../../shared/domain/log/note.ts';
import { same } from '../../shared/domain/log/tree.ts';
import { textOf } from '../text-of.ts';
import { UsageError } from '../usage-error.ts';

export const WITNESS_OPTION =
  'the key of a witness that has to have cosigned: its text (`name+id+base64`), or a file with one on each line; may be given more than once';

export const NEEDED_OPTION = 'how many of the witnesses have to have cosigned; without it, all that you gave';

/** Which witnesses somebody trusts, and how many of them are enough. */
export interface AskedWitnesses {
  readonly keys: readonly WitnessKey[];
  readonly needed: number;
}

/** `problem` goes on from the name of the file. */
export type WitnessedNote =
  | { readonly ok: true; readonly cosignatures: readonly Cosignature[] }
  | { readonly ok: false; readonly problem: string };

/** What the options say; nothing where no witness is asked for. `logKeys`: a log cannot be its own witness. */
export async function askedWitnesses(
  given: readonly string[],
  needed: string | undefined,
  logKeys: readonly NoteKey[],
): Promise<AskedWitnesses | undefined> {
  if (given.length === 0) {
    if (needed === undefined) return undefined;
    throw new UsageError('--witnesses-needed needs --witness: the keys of the witnesses that you trust.');
  }
  const keys: WitnessKey[] = [];
  for (const key of (await Promise.all(given.map(keysIn))).flat()) {
    if (logKeys.some(({ publicKey }) => same(publicKey, key.publicKey)))
      throw new UsageError(
        `The witness ${key.name} has the key of the log: a log cannot be its own witness.`,
      );
    if (!keys.some(({ publicKey }) => same(publicKey, key.publicKey))) keys.push(key);
  }
  return { keys, needed: countOf(needed, keys.length) };
}

/**
 * Whether enough of the witnesses have cosigned a checkpoint whose own signature is known to be right. Also one of its
 * signatures that the user gave no key for may be of a key of the log.
 */
export function witnessedNote(note: string, asked: AskedWitnesses): WitnessedNote {
  const { keys, needed } = asked;
  const own = ownWitness(asked, logKeysIn(note, keys));
  if (own !== undefined) return { ok: false, problem: own };
  const cosigned = cosignaturesOf(note, keys);
  if (!cosigned.ok)
    return {
      ok: false,
      problem: 'has a line of one of the witnesses that does not fit its text: one of both was changed.',
    };
  const { cosignatures } = cosigned;
  if (cosignatures.length >= needed) return { ok: true, cosignatures };
  const names = cosignatures.map(({ key }) => key.name);
  const who = names.length === 0 ? 'by none of the witnesses' : `only by ${names.join(' and ')}`;
  return {
    ok: false,
    problem: `is cosigned ${who} that you gave: ${needed} of ${keys.length} are needed.`,
  };
}

/** What is wrong where a witness has one of these keys of the log; it goes on from the name of the file. */
export function ownWitness(
  { keys }: AskedWitnesses,
  logKeys: readonly Pick<NoteKey, 'publicKey'>[],
): string | undefined {
  const own = keys.find((key) => logKeys.some(({ publicKey }) => same(publicKey, key.publicKey)));
  return own && `is of a log with the key of the witness ${own.name}: a log cannot be its own witness.`;
}

/** Those of the keys that have signed the note as keys of its log. */
function logKeysIn(note: string, keys: readonly WitnessKey[]): readonly NoteKey[] {
  const { text = '', signatures = [] } = parseNote(note) ?? {};
  const origin = text.slice(0, text.indexOf('\n'));
  const signed = signatures.filter(({ name }) => name === origin);
  return keys
    .filter(() => signed.length > 0)
    .map(({ publicKey }) => noteKey(origin, publicKey))
    .filter(({ id }) => signed.some((line) => line.id === id));
}

/** For people: who of how many, and when. */
export function saidWitnesses(cosignatures: readonly Cosignature[], { keys }: AskedWitnesses): string {
  const all = cosignatures.map(({ key, at }) => `${key.name} at ${isoUtc(at)}`);
  return `Cosigned by ${cosignatures.length} of ${keys.length} witnesses: ${all.join(', ')}.`;
}

/** For programs. */
export function namedWitnesses(
  cosignatures: readonly Cosignature[],
): readonly { readonly name: string; readonly at: string }[] {
  return cosignatures.map(({ key, at }) => ({ name: key.name, at: isoUtc(at) }));
}

function countOf(text: string | undefined, most: number): number {
  if (text === undefined) return most;
  const count = Number(text);
  if (/^[1-9]\d{0,2}$/.test(text) && count <= most) return count;
  throw new UsageError(
    `--witnesses-needed is a number from 1 to the number of different witnesses, which is ${most}.`,
  );
}

async function keysIn(given: string): Promise<readonly WitnessKey[]> {
  const key = parseWitnessVkey(given.trim());
  if (key !== undefined) return [key];
  if (parseVkey(given.trim()) !== undefined || (await stat(given).catch(() => undefined)) === undefined)
    throw new UsageError(notAKey('--witness'));
  const lines = (await textOf(given)).split('\n').map((line) => line.trim());
  const keys = lines.filter((line) => line !== '').map(parseWitnessVkey);
  const known = keys.filter((one) => one !== undefined);
  if (known.length === 0 || known.length < keys.length) throw new UsageError(notAKey(given));
  return known;
}

function notAKey(where: string): string {
  return `${where} is not the key of a witness: pass the C2SP verifier key of an Ed25519 cosigner, such as \`witness.example/w1+1a2b3c4d+BA…\`, or a file that has one on each line. The key of a log begins with AQ, and goes to --key.`;
}
