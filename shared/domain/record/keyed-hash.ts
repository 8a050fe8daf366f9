import { createHmac, hash } from 'node:crypto';
import { secretKey } from './secret-key.ts';

/** https://www.rfc-editor.org/rfc/rfc2104#section-2, with the sizes of SHA-256. */
const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;
/** Of UTF-8, for each unit of a text. */
const MOST_BYTES = 3;
/** Longer texts than those that references are made of are hashed as usual. */
const LONGEST_TEXT = 1024;

interface Padded {
  /** The key's block, and room for a text. */
  readonly inner: Buffer;
  /** The key's block, and room for the hash of the inner one. */
  readonly outer: Buffer;
}

const known = new WeakMap<Uint8Array, Padded>();

/**
 * HMAC-SHA-256 of a text, as base64url. Two hashes in one call each take half as long as an object that is made for an HMAC,
 * and each row of a collection has two of these. Keys live as long as the process; their bytes never change.
 */
export function keyedHash(key: Uint8Array, text: string): string {
  if (key.length > BLOCK_BYTES || text.length > LONGEST_TEXT)
    return createHmac('sha256', secretKey(key)).update(text).digest('base64url');
  const { inner, outer } = paddedFor(key);
  const end = BLOCK_BYTES + inner.write(text, BLOCK_BYTES);
  // As text with one character for each byte: to make a buffer takes longer than the hash.
  outer.write(hash('sha256', inner.subarray(0, end), 'binary'), BLOCK_BYTES, 'binary');
  return hash('sha256', outer, 'base64url');
}

function paddedFor(key: Uint8Array): Padded {
  const found = known.get(key);
  if (found !== undefined) return found;
  const padded = {
    inner: Buffer.alloc(BLOCK_BYTES + MOST_BYTES * LONGEST_TEXT, INNER_PAD),
    outer: Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES, OUTER_PAD),
  };
  for (const [index, byte] of key.entries()) {
    padded.inner[index] = byte ^ INNER_PAD;
    padded.outer[index] = byte ^ OUTER_PAD;
  }
  known.set(key, padded);
  return padded;
}
