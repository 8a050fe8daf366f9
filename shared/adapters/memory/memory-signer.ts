import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import type { Signer } from '../../ports/log.ts';

/** Signs with an Ed25519 private key that this process has. */
export function memorySigner(name: string, key: KeyObject): Signer {
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
  const publicKey = new Uint8Array(Buffer.from(x, 'base64url'));
  return {
    name,
    publicKey: async () => publicKey,
    sign: async (text) => new Uint8Array(sign(null, Buffer.from(text, 'utf8'), key)),
  };
}
