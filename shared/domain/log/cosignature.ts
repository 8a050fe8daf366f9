import type { Instant } from '../record/ids.ts';
import {
  isSignedBy,
  type NoteKey,
  noteKey,
  type NoteSignature,
  parseNote,
  parseVkey,
  vkeyOf,
} from './note.ts';
import { same } from './tree.ts';

/** An Ed25519 key with which a witness cosigns checkpoints of others. It is never the key of a log. */
export interface WitnessKey extends NoteKey {
  readonly cosigns: true;
}

/** The key has cosigned at this time, which the witness says itself. `line`: as it stands in the note. */
export interface Cosignature {
  readonly key: WitnessKey;
  readonly at: Instant;
  readonly line: NoteSignature;
}

export type CosignatureFault = 'not-a-note' | 'bad-cosignature';

export type Cosigned =
  | { readonly ok: true; readonly cosignatures: readonly Cosignature[] }
  | { readonly ok: false; readonly fault: CosignatureFault };

/** https://c2sp.org/tlog-cosignature */
const COSIGNATURE_V1 = 4;
const TIME_BYTES = 8;
/** The last second that a date can have in JavaScript. */
const LAST_SECOND = 8_640_000_000_000n;

/** Throws a RangeError if the name cannot be one, or if the public key is not 32 bytes. */
export function witnessKey(name: string, publicKey: Uint8Array): WitnessKey {
  return { ...noteKey(name, publicKey, COSIGNATURE_V1), cosigns: true };
}

/** Nothing if the text is not the key of an Ed25519 witness; the key of a log is none. */
export function parseWitnessVkey(text: string): WitnessKey | undefined {
  const key = parseVkey(text, COSIGNATURE_V1);
  return key && { ...key, cosigns: true };
}

export function witnessVkeyOf(key: WitnessKey): string {
  return vkeyOf(key, COSIGNATURE_V1);
}

/** What a witness signs: the time in seconds since 1970, and the text of the checkpoint. */
export function cosignedText(second: bigint, text: string): string {
  return `cosignature/v1\ntime ${second}\n${text}`;
}

/**
 * Who of these witnesses has cosigned a note, each of them once. What is cosigned does not have the name of the witness in
 * it, so two names for one public key are one witness. Lines of other keys are not looked at; a wrong line of a known one
 * makes the note wrong, as with the signature of a log.
 */
export function cosignaturesOf(note: string, keys: readonly WitnessKey[]): Cosigned {
  const parsed = parseNote(note);
  if (parsed === undefined) return { ok: false, fault: 'not-a-note' };
  const found: Cosignature[] = [];
  for (const line of parsed.signatures) {
    for (const key of keys) {
      if (key.name !== line.name || key.id !== line.id) continue;
      const at = cosignedAt(key, parsed.text, line.signature);
      if (at === undefined) return { ok: false, fault: 'bad-cosignature' };
      if (!found.some((one) => same(one.key.publicKey, key.publicKey))) found.push({ key, at, line });
    }
  }
  return { ok: true, cosignatures: found };
}

/** Nothing if the key has not signed this text at the time that is in the signature. A time is never zero. */
function cosignedAt(key: WitnessKey, text: string, signature: Uint8Array): Instant | undefined {
  if (signature.length <= TIME_BYTES) return undefined;
  const second = Buffer.from(signature).readBigUInt64BE(0);
  if (second === 0n || second > LAST_SECOND) return undefined;
  if (!isSignedBy(key, cosignedText(second, text), signature.subarray(TIME_BYTES))) return undefined;
  return Number(second) * 1000;
}
