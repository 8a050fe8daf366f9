import { auditLog } from '../../cli/log-commands/audit-log.ts';
import { logSource } from '../../cli/log-commands/log-source.ts';
import { receiptFromLog } from '../../cli/log-commands/receipt-from-log.ts';
import { noteKey, vkeyOf } from '../../shared/domain/log/note.ts';
import { verifyReceipt } from '../../shared/domain/log/receipt.ts';
import type { Signer } from '../../shared/ports/log.ts';

interface Proved {
  /** What a person can check again by hand. */
  readonly text: string;
  readonly ok: boolean;
  /** The command with which a person does the same. */
  readonly command: string;
}

/**
 * Audits the log in this folder as an outsider would, from its files and its key alone, and verifies a receipt of every
 * entry.
 */
export async function proveLog(folder: string, signer: Signer): Promise<Proved> {
  const key = noteKey(signer.name, await signer.publicKey());
  const vkey = vkeyOf(key);
  const command = `npx tenure log audit --log ${folder} --key ${vkey}`;
  const source = await logSource(folder);
  const wrong = (text: string): Proved => ({ ok: false, command, text: `${text}\n` });
  const audited = await auditLog(source, { keys: [key] });
  if (!audited.ok) return wrong(`The deletion log is wrong: ${audited.fault.file} ${audited.fault.problem}`);
  const { size, root } = audited.checkpoint;
  for (let index = 0; index < size; index += 1) {
    const { receipt } = await receiptFromLog(source, { index });
    const verified = verifyReceipt(receipt, [key]);
    if (!verified.ok) return wrong(`The receipt of entry ${index} is wrong: ${verified.fault}`);
  }
  return {
    ok: true,
    command,
    text:
      `The deletion log was audited, and a receipt of each of its ${size} entries verified.\n` +
      `Root ${Buffer.from(root).toString('base64')}, key ${vkey}\n`,
  };
}
