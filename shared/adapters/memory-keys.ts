import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import type { Keys, SealScope } from '../ports/keys.ts';
import { AdapterError } from './adapter-error.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Format byte and the day as a number, `20260301`. */
const HEADER_BYTES = 5;
const FORMAT = 1;

/**
 * All keys derived from one secret (32 bytes; random when none is given). The same secret and input always give the
 * same sealed text: the nonce is a keyed hash of what is sealed, so that a run can be repeated bit by bit and no
 * nonce ever serves two different texts.
 */
export function memoryKeys(secret: Uint8Array = randomBytes(32)): Keys {
  const derived = new Map<string, Uint8Array>();
  function derive(purpose: string): Uint8Array {
    const known = derived.get(purpose);
    if (known !== undefined) return known;
    const key = new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(), purpose, 32));
    derived.set(purpose, key);
    return key;
  }

  return {
    registryKey: async () => derive('registry'),
    logKey: async (year) => derive(`log/${year}`),
    pseudonymKey: async (store) => derive(`pseudonym/${store}`),

    async seal(to, day, bytes) {
      const header = Buffer.alloc(HEADER_BYTES);
      header.writeUInt8(FORMAT);
      header.writeUInt32BE(Number(day.replaceAll('-', '')), 1);
      const bound = associatedData(header, to);
      const dayKey = derive(sealPurpose(to.scope, header));
      const nonce = createHmac('sha256', dayKey)
        .update(bound)
        .update(bytes)
        .digest()
        .subarray(0, NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', dayKey, nonce).setAAD(bound);
      const text = Buffer.concat([cipher.update(bytes), cipher.final()]);
      return Buffer.concat([header, nonce, text, cipher.getAuthTag()]).toString('base64url');
    },

    async open(from, sealed) {
      const all = Buffer.from(sealed, 'base64url');
      if (all.length < HEADER_BYTES + NONCE_BYTES + TAG_BYTES || all.readUInt8() !== FORMAT) throw broken();
      const header = all.subarray(0, HEADER_BYTES);
      const nonce = all.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES);
      const text = all.subarray(HEADER_BYTES + NONCE_BYTES, all.length - TAG_BYTES);
      const cipher = createDecipheriv('aes-256-gcm', derive(sealPurpose(from.scope, header)), nonce)
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

function sealPurpose(scope: string, header: Buffer): string {
  return `seal/${header.readUInt32BE(1)}/${scope}`;
}

function associatedData(header: Buffer, { scope, context }: SealScope): Buffer {
  return Buffer.concat([header, Buffer.from(JSON.stringify([scope, context]))]);
}

function broken(cause?: unknown): AdapterError {
  return new AdapterError(
    'SEAL_BROKEN',
    'A sealed text could not be opened: it was sealed for another store or holding, under another secret, or was changed. Check that the table and the keys belong to the same deployment.',
    { cause },
  );
}
