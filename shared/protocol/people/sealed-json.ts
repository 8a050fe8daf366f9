import { dayId } from '../../domain/calendar/utc-time.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { EncryptionScope, Keys } from '../../ports/keys.ts';

/** Under the data key of a day. */
export function sealJson(
  keys: Pick<Keys, 'encrypt'>,
  to: EncryptionScope,
  at: Instant,
  value: object,
): Promise<string> {
  return keys.encrypt(to, dayId(at), new TextEncoder().encode(JSON.stringify(value)));
}

/** Only we can encrypt, so what opens is what was sealed under the same context. */
export async function openJson(
  keys: Pick<Keys, 'decrypt'>,
  from: EncryptionScope,
  text: string | undefined,
): Promise<unknown> {
  if (text === undefined) return undefined;
  return JSON.parse(new TextDecoder().decode(await keys.decrypt(from, text)));
}
