import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { memorySigner } from '../../shared/adapters/memory/memory-signer.ts';
import type { Signer } from '../../shared/ports/log.ts';

/** A signer whose key is in this file (PEM, PKCS #8). Without a file a key is made: only its owner can read it. */
export async function keyFileSigner(name: string, file: string): Promise<Signer> {
  const { privateKey } = generateKeyPairSync('ed25519');
  try {
    await writeFile(file, privateKey.export({ format: 'pem', type: 'pkcs8' }), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const key = createPrivateKey(await readFile(file));
  if (key.asymmetricKeyType !== 'ed25519')
    throw new TypeError(`the key in ${file} is not an Ed25519 key: remove the file, or name another one`);
  return memorySigner(name, key);
}
