import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import { isWeakKey } from './weak-key.ts';

/** An Ed25519 key that signs notes. `id`: four bytes as a number. https://c2sp.org/signed-note */
export interface NoteKey {
  readonly name: string;
  readonly id: number;
  readonly publicKey: Uint8Array;
}

export interface NoteSignature {
  readonly name: string;
  readonly id: number;
  readonly signature: Uint8Array;
}

/** `text` ends with a newline: it is what is signed. */
export interface SignedNote {
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** `not-signed`: by none of the keys. `bad-signature`: one of the keys is named, and the text is not what it signed. */
export type NoteFault = 'not-a-note' | 'not-signed' | 'bad-signature';

const ED25519 = 1;
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
/** More than any log has, and few enough to check. */
const MAX_SIGNATURES = 100;
const MAX_LENGTH = 1_000_000;
/** A public key as SubjectPublicKeyInfo (RFC 8410 §4), before its 32 bytes. */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

const NAME = /^[^+\s\p{White_Space}\p{Cc}]+$/u;
// Control characters other than the newline have no place in a note.
const CONTROL = /(?!\n)[\p{Cc}]/u;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const SIGNATURE_LINE = /^\u2014 (?<name>[^ ]+) (?<base64>[^ ]+)$/;
const VKEY = /^(?<name>[^+]+)\+(?<id>[0-9a-f]{8})\+(?<base64>.+)$/;

/** Whether this can be the name of a key: not empty, and without spaces and `+`. */
function isKeyName(name: string): boolean {
  return name.isWellFormed() && NAME.test(name);
}

/**
 * `algorithm`: the byte that says how the key signs, which is a part of its id. Throws a RangeError if the name cannot be
 * one, or if the public key is not 32 bytes, or one under which anyone can sign.
 */
export function noteKey(name: string, publicKey: Uint8Array, algorithm = ED25519): NoteKey {
  if (!isKeyName(name)) throw new RangeError('the name of a key is empty, or has a space or a plus sign');
  if (publicKey.length !== KEY_BYTES)
    throw new RangeError(`an Ed25519 public key has ${KEY_BYTES} bytes, not ${publicKey.length}`);
  if (isWeakKey(publicKey)) throw new RangeError('anyone can sign under this Ed25519 public key');
  const seed = Buffer.concat([Buffer.from(`${name}\n`), Uint8Array.of(algorithm), publicKey]);
  return { name, id: hash('sha256', seed, 'buffer').readUInt32BE(0), publicKey };
}

/** The key as text, as people and other programs read it. */
export function vkeyOf({ name, id, publicKey }: NoteKey, algorithm = ED25519): string {
  const key = Buffer.concat([Uint8Array.of(algorithm), publicKey]).toString('base64');
  return `${name}+${id.toString(16).padStart(8, '0')}+${key}`;
}

/** Nothing if the text is no Ed25519 key of this form, or if its id is not that of its name and key. */
export function parseVkey(text: string, algorithm = ED25519): NoteKey | undefined {
  const { name = '', id = '', base64 = '' } = VKEY.exec(text)?.groups ?? {};
  const bytes = fromBase64(base64);
  if (!isKeyName(name) || bytes?.length !== 1 + KEY_BYTES || bytes[0] !== algorithm) return undefined;
  if (isWeakKey(bytes.subarray(1))) return undefined;
  const key = noteKey(name, bytes.subarray(1), algorithm);
  return key.id === Number.parseInt(id, 16) ? key : undefined;
}

/** Text and signatures as one note. */
export function noteText({ text, signatures }: SignedNote): string {
  const lines = signatures.map(({ name, id, signature }) => {
    const prefix = Buffer.alloc(4);
    prefix.writeUInt32BE(id);
    return `\u2014 ${name} ${Buffer.concat([prefix, signature]).toString('base64')}\n`;
  });
  return `${text}\n${lines.join('')}`;
}

/** Nothing if this is not a signed note. It says nothing about whether a signature is right. */
export function parseNote(note: string): SignedNote | undefined {
  if (note.length > MAX_LENGTH || !note.isWellFormed() || CONTROL.test(note) || !note.endsWith('\n'))
    return undefined;
  const blank = note.lastIndexOf('\n\n');
  if (blank < 1) return undefined;
  const lines = note.slice(blank + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) return undefined;
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const { name = '', base64 = '' } = SIGNATURE_LINE.exec(line)?.groups ?? {};
    const bytes = fromBase64(base64);
    if (!isKeyName(name) || bytes === undefined || bytes.length <= 4) return undefined;
    signatures.push({ name, id: bytes.readUInt32BE(0), signature: bytes.subarray(4) });
  }
  return { text: note.slice(0, blank + 1), signatures };
}

export type OpenedNote =
  | { readonly ok: true; readonly text: string; readonly signers: readonly NoteKey[] }
  | { readonly ok: false; readonly fault: NoteFault };

/** The text of a note that at least one of the keys signed. Signatures of other keys are not looked at. */
export function openNote(note: string, keys: readonly NoteKey[]): OpenedNote {
  const parsed = parseNote(note);
  if (parsed === undefined) return { ok: false, fault: 'not-a-note' };
  const signers: NoteKey[] = [];
  for (const { name, id, signature } of parsed.signatures) {
    for (const key of keys) {
      if (key.name !== name || key.id !== id) continue;
      if (!isSignedBy(key, parsed.text, signature)) return { ok: false, fault: 'bad-signature' };
      // A key that was given twice has signed once.
      if (!signers.some((one) => one.name === name && one.id === id)) signers.push(key);
    }
  }
  return signers.length === 0 ? { ok: false, fault: 'not-signed' } : { ok: true, text: parsed.text, signers };
}

/** What is known of a public key: its object, and the last text that it has signed. */
interface KnownKey {
  /** A copy. */
  readonly bytes: Uint8Array;
  readonly object: KeyObject;
  signed?: { readonly text: string; readonly signature: Uint8Array };
}

const known = new WeakMap<Uint8Array, KnownKey>();

/**
 * A log's newest checkpoint is read again with each thing that is sealed, and changes less often: the last one that was found
 * right is not checked again, and everything else is.
 */
export function isSignedBy(
  { publicKey }: Pick<NoteKey, 'publicKey'>,
  text: string,
  signature: Uint8Array,
): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false;
  const key = knownKey(publicKey);
  if (key.signed?.text === text && Buffer.compare(key.signed.signature, signature) === 0) return true;
  const isRight = verify(null, Buffer.from(text), key.object, signature);
  if (isRight) key.signed = { text, signature: Uint8Array.from(signature) };
  return isRight;
}

function knownKey(publicKey: Uint8Array): KnownKey {
  const found = known.get(publicKey);
  if (found !== undefined && Buffer.compare(found.bytes, publicKey) === 0) return found;
  const object = createPublicKey({ key: Buffer.concat([SPKI, publicKey]), format: 'der', type: 'spki' });
  const key = { bytes: Uint8Array.from(publicKey), object };
  known.set(publicKey, key);
  return key;
}

/** Bytes from base64 (RFC 4648 §4) in its one right spelling. */
export function fromBase64(text: string): Buffer | undefined {
  if (!BASE64.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
