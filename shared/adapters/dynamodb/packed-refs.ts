import type { HoldingRef } from '../../domain/record/ids.ts';
import { AdapterError } from '../adapter-error.ts';

const REF_BYTES = 16;

/** References as 16 bytes each. */
export function packRefs(refs: readonly HoldingRef[]): Uint8Array {
  const bytes = refs.map((ref) => Buffer.from(ref, 'base64url'));
  if (bytes.some(({ length }) => length !== REF_BYTES)) {
    throw new AdapterError(
      'ITEM_INVALID',
      'A chunk names a holding whose reference is not 128 bits of base64url. References come from `holdingRef` only.',
    );
  }
  return Buffer.concat(bytes);
}

export function unpackRefs(bytes: Uint8Array): HoldingRef[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from(
    { length: Math.floor(buffer.length / REF_BYTES) },
    (_, index) => buffer.toString('base64url', index * REF_BYTES, (index + 1) * REF_BYTES) as HoldingRef,
  );
}
