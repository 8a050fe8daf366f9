import { hkdfSync, randomBytes } from 'node:crypto';
import { keyPath } from '../../domain/record/key-name.ts';
import { type Keys, LogKeyMissing } from '../../ports/keys.ts';
import { encryptingKeys } from '../encrypting-keys.ts';

/**
 * All keys derived from one secret (32 bytes; random when none is given): nothing is stored. `destroyed`: the years
 * whose key of the log is gone.
 */
export function memoryKeys(
  secret: Uint8Array = randomBytes(32),
  destroyed: ReadonlySet<number> = new Set(),
): Keys {
  const derived = new Map<string, Uint8Array>();
  function derive(path: string): Uint8Array {
    const known = derived.get(path);
    if (known !== undefined) return known;
    const key = new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(), path, 32));
    derived.set(path, key);
    return key;
  }
  return encryptingKeys({
    async key(name) {
      const year = Number(name.scope);
      if (name.family === 'log' && destroyed.has(year)) throw new LogKeyMissing(year);
      return derive(keyPath(name));
    },
    ensure: async () => undefined,
    existing: async (name) =>
      name.family === 'log' && destroyed.has(Number(name.scope)) ? undefined : derive(keyPath(name)),
  });
}
