import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { secretKey } from '../domain/record/secret-key.ts';
import type { KeyName } from '../domain/record/key-name.ts';
import { type Keys, type EncryptionScope, LogKeyMissing } from '../ports/keys.ts';
import { AdapterError } from './adapter-error.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Format byte and the day as a number, `20260301`. */
const HEADER_BYTES = 5;
const FORMAT = 1;
/** The first byte of what is sealed for the log. */
const AS_IT_IS = 0;
const DEFLATED = 1;
const COMPRESSED_FROM = 256;

/** The source of 32-byte keys. */
export interface KeySource {
  /** The same key every time, created at the first call where that is allowed. */
  key(name: KeyName): Promise<Uint8Array>;
  /** Creates the key where it is missing and that is allowed, and does not look at it. */
  ensure(name: KeyName): Promise<void>;
  /** Never creates a key: the name may come from text that a stranger sent. */
  existing(name: KeyName): Promise<Uint8Array | undefined>;
}

/**
 * The port over any source of keys. The same key and input always give the same sealed text: the nonce is a keyed hash
 * of the input, so that a run can be repeated exactly and no nonce is ever used for two different texts.
 */
export function encryptingKeys(source: KeySource): Keys {
  return {
    registryKey: () => source.key({ family: 'registry', scope: 'registry' }),
    logKey: (year) => source.key({ family: 'log', scope: String(year) }),
    ensureLogKey: (year) => source.ensure({ family: 'log', scope: String(year) }),
    pseudonymKey: (store) => source.key({ family: 'pseudonym', scope: store }),

    async encrypt(to, day, bytes) {
      const header = Buffer.alloc(HEADER_BYTES);
      header.writeUInt8(FORMAT);
      header.writeUInt32BE(Number(day.replaceAll('-', '')), 1);
      const bound = associatedData(header, to);
      const dayKey = await source.key(sealKey(to.scope, header));
      return Buffer.concat([header, ...sealed(secretKey(dayKey), bound, bytes)]).toString('base64url');
    },

    async decrypt(from, text) {
      const all = Buffer.from(text, 'base64url');
      if (all.length < HEADER_BYTES + NONCE_BYTES + TAG_BYTES || all.readUInt8() !== FORMAT) throw broken();
      const header = all.subarray(0, HEADER_BYTES);
      const dayKey = await source.existing(sealKey(from.scope, header));
      if (dayKey === undefined) throw broken();
      return opened(secretKey(dayKey), associatedData(header, from), all.subarray(HEADER_BYTES));
    },

    async encryptForLog(year, context, bytes) {
      const key = linkKey(await source.key({ family: 'log', scope: String(year) }));
      return Buffer.concat(sealed(key, Buffer.from(context), packed(bytes))).toString('base64url');
    },

    async decryptFromLog(year, context, text) {
      const logKey = await source.existing({ family: 'log', scope: String(year) });
      if (logKey === undefined) throw new LogKeyMissing(year);
      const all = Buffer.from(text, 'base64url');
      if (all.length < NONCE_BYTES + TAG_BYTES) throw broken();
      return unpacked(opened(linkKey(logKey), Buffer.from(context), all));
    },
  };
}

/** What is sealed cannot be compressed any more, so it is compressed first. A single link would not get shorter. */
function packed(bytes: Uint8Array): Uint8Array {
  const isLong = bytes.length >= COMPRESSED_FROM;
  return Buffer.concat([Buffer.of(isLong ? DEFLATED : AS_IT_IS), isLong ? deflateRawSync(bytes) : bytes]);
}

function unpacked(all: Uint8Array): Uint8Array {
  const bytes = all.subarray(1);
  return all[0] === DEFLATED ? new Uint8Array(inflateRawSync(bytes)) : bytes;
}

const linkKeys = new WeakMap<Uint8Array, KeyObject>();

/** References are made with K_log itself, so what is sealed has a key of its own. Made once a key, like those. */
function linkKey(logKey: Uint8Array): KeyObject {
  const known =
    linkKeys.get(logKey) ?? createSecretKey(createHmac('sha256', secretKey(logKey)).update('links').digest());
  linkKeys.set(logKey, known);
  return known;
}

function sealed(key: KeyObject, bound: Uint8Array, bytes: Uint8Array): readonly Buffer[] {
  const nonce = createHmac('sha256', key).update(bound).update(bytes).digest().subarray(0, NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(bound);
  return [nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()];
}

function opened(key: KeyObject, bound: Uint8Array, all: Buffer): Uint8Array {
  const cipher = createDecipheriv('aes-256-gcm', key, all.subarray(0, NONCE_BYTES))
    .setAAD(bound)
    .setAuthTag(all.subarray(all.length - TAG_BYTES));
  try {
    const text = cipher.update(all.subarray(NONCE_BYTES, all.length - TAG_BYTES));
    return new Uint8Array(Buffer.concat([text, cipher.final()]));
  } catch (cause) {
    throw broken(cause);
  }
}

/** The day from the header, which a stranger may have written: any eight or more digits are a valid name. */
function sealKey(scope: string, header: Buffer): KeyName {
  const digits = String(header.readUInt32BE(1)).padStart(8, '0');
  return { family: 'seal', scope, day: `${digits.slice(0, -4)}-${digits.slice(-4, -2)}-${digits.slice(-2)}` };
}

function associatedData(header: Buffer, { scope, context }: EncryptionScope): Buffer {
  return Buffer.concat([header, Buffer.from(JSON.stringify([scope, context]))]);
}

function broken(cause?: unknown): AdapterError {
  return new AdapterError(
    'CIPHERTEXT_BROKEN',
    'A sealed text could not be opened: it was changed, or was sealed for a different store or holding, or with a different key. Check that the table and the keys belong to the same deployment.',
    { cause },
  );
}
