import { codeOf } from '../../domain/error-code.ts';
import { vkeyOf } from '../../domain/log/note.ts';
import type { KeyRecord } from '../../ports/log.ts';
import type { Core } from '../core.ts';
import { type SigningCore, signingKeys } from './signing-keys.ts';

export interface RecordKeyCore extends SigningCore, Pick<Core, 'report'> {
  /** Absent where the key is shown in another way. */
  readonly keyRecord?: KeyRecord;
}

/**
 * Writes the verifier keys, one on each line and also those that do not sign yet, where auditors look for them, if
 * something else or nothing is there. Two runs at once write the same. A failure is reported, and stops nothing: the log is
 * signed without it. Answers whether the keys are there now, so that a process asks once.
 */
export async function recordKey(core: RecordKeyCore): Promise<boolean> {
  const { keyRecord, report } = core;
  if (keyRecord === undefined) return true;
  try {
    const vkeys = (await signingKeys(core)).map(({ key }) => vkeyOf(key)).join('\n');
    if ((await keyRecord.read()) !== vkeys) await keyRecord.write(vkeys);
    return true;
  } catch (error) {
    report('seal.key-not-recorded', { code: codeOf(error) });
    return false;
  }
}
