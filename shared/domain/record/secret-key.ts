import { createSecretKey, type KeyObject } from 'node:crypto';

const known = new WeakMap<Uint8Array, KeyObject>();

/**
 * The same key as an object that node:crypto takes as it is. Given bytes it makes such an object for every hash or
 * cipher, which takes longer than the hash itself. Keys live as long as the process; their bytes never change.
 */
export function secretKey(bytes: Uint8Array): KeyObject {
  const object = known.get(bytes) ?? createSecretKey(bytes);
  known.set(bytes, object);
  return object;
}
