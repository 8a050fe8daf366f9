import type { Signer } from '../../../shared/ports/log.ts';
import { testKey } from './note-keys.ts';

export interface TestSigner extends Signer {
  /** Every text that was signed, also what was not published. */
  readonly signed: readonly string[];
}

/** A signer whose private key is 32 bytes of this number: each time the same. */
export function testSigner(name = 'tenure/deletion-log', seed = 7): TestSigner {
  const secret = testKey(name, seed);
  const signed: string[] = [];
  return {
    name,
    signed,
    publicKey: async () => secret.key.publicKey,
    async sign(text) {
      signed.push(text);
      return new Uint8Array(secret.sign(text));
    },
  };
}
