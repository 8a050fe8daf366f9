import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { secretKey } from '../domain/configuration/secret-key.ts';
import type { KeyName } from '../domain/record/key-name.ts';
import type { Keys, EncryptionScope } from '../ports/keys.ts';
import { AdapterError } from './adapter-error.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Format byte and the day as a number, `20260301`. */
const HEADER_BYTES = 5;
const FORMAT = 1;

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
      const key = secretKey(dayKey);
      const nonce = createHmac('sha256', key).update(bound).update(bytes).digest().subarray(0, NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(bound);
      const text = Buffer.concat([cipher.update(bytes), cipher.final()]);
      return Buffer.concat([header, nonce, text, cipher.getAuthTag()]).toString('base64url');
    },

    async decrypt(from, sealed) {
      const all = Buffer.from(sealed, 'base64url');
      if (all.length < HEADER_BYTES + NONCE_BYTES + TAG_BYTES || all.readUInt8() !== FORMAT) throw broken();
      const header = all.subarray(0, HEADER_BYTES);
      const dayKey = await source.existing(sealKey(from.scope, header));
      if (dayKey === undefined) throw broken();
      const nonce = all.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES);
      const text = all.subarray(HEADER_BYTES + NONCE_BYTES, all.length - TAG_BYTES);
      const cipher = createDecipheriv('aes-256-gcm', secretKey(dayKey), nonce)
        .setAAD(associatedData(header, from))
        .setAuthTag(all.subarray(all.length - TAG_BYTES));
      try {
        return new Uint8Array(Buffer.concat([cipher.update(text), cipher.final()]));
      } catch (cause) {
        throw broken(cause);
      }
    },
  };
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
