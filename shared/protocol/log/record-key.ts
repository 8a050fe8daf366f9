import { codeOf } from '../../domain/error-code.ts';
import { noteKey, vkeyOf } from '../../domain/log/note.ts';
import type { KeyRecord, Signer } from '../../ports/log.ts';
import type { Core } from '../core.ts';

export interface RecordKeyCore extends Pick<Core, 'report'> {
  readonly signer: Signer;
  /** Absent where the key is shown in another way. */
  readonly keyRecord?: KeyRecord;
}

/**
 * Writes the verifier key where auditors look for it, if something else or nothing is there. Two runs at once write the
 * same. A failure is reported, and stops nothing: the log is signed without it. Answers whether the key is there now, so
 * that a process asks once.
 */
export async function recordKey({ signer, keyRecord, report }: RecordKeyCore): Promise<boolean> {
  if (keyRecord === undefined) return true;
  try {
    const vkey = vkeyOf(noteKey(signer.name, await signer.publicKey()));
    if ((await keyRecord.read()) !== vkey) await keyRecord.write(vkey);
    return true;
  } catch (error) {
    report('seal.key-not-recorded', { code: codeOf(error) });
    return false;
  }
}
