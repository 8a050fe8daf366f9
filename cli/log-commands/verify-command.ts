import { vkeyOf } from '../../shared/domain/log/note.ts';
import { type ReceiptFault, verifyReceipt } from '../../shared/domain/log/receipt.ts';
import type { CliContext } from '../cli-context.ts';
import { type Program, wantsJson } from '../program.ts';
import { jsonIn, textOf } from '../text-of.ts';
import { noteFault } from './audit-faults.ts';
import { collected, KEY_OPTION, verifierKeys } from './verifier-keys.ts';

type Commands = ReturnType<Program['command']>;

/** `log verify`: whether a receipt is one of a log that the key signed. Nothing else is needed, and no network. */
export function addVerifyCommand(program: Program, context: CliContext, log: Commands): void {
  log
    .command('verify')
    .argument('<receipt>', 'the file with the receipt')
    .requiredOption('--key <key>', KEY_OPTION, collected)
    .description('check a receipt, offline; exit code 1 with the first thing that is wrong')
    .action(async (path, { key }) => {
      const keys = await verifierKeys([key].flat());
      const verified = verifyReceipt(jsonIn(path, await textOf(path)), keys);
      if (!verified.ok) {
        context.found();
        const problem = sayReceiptFault(verified.fault);
        if (wantsJson(program)) return context.json({ ok: false, fault: verified.fault, problem });
        return context.print(`${path} ${problem}`);
      }
      const { receipt, checkpoint, signers } = verified;
      const { index, entry, record } = receipt;
      const { origin, size } = checkpoint;
      const root = Buffer.from(checkpoint.root).toString('base64');
      const signedBy = signers.map((signer) => vkeyOf(signer));
      if (wantsJson(program))
        return context.json({ ok: true, origin, size, root, signedBy, index, entry, record: record?.ref });
      context.print(
        `${path} is right: entry ${index} of the ${size} entries of ${origin}, root ${root}, signed by ${signedBy.join(' and ')}.`,
      );
      if (record !== undefined)
        context.print(`The record ${record.ref} is one of those that the entry is about.`);
    });
}

export function sayReceiptFault(fault: ReceiptFault): string {
  switch (fault) {
    case 'not-a-receipt':
      return 'is not a receipt of this version (tenure-receipt/1): a member is missing, has another form, or is one too many.';
    case 'not-a-note':
    case 'not-signed':
    case 'bad-signature':
    case 'not-a-checkpoint':
    case 'other-origin':
      return `has a checkpoint that ${noteFault(fault)}`;
    case 'not-in-tree':
      return 'has an index that the signed log does not have.';
    case 'other-number-of-hashes':
      return 'has too few or too many hashes for its place in the log.';
    case 'other-root':
      return 'has hashes that do not lead from its entry to the signed root: the entry, its index or a hash was changed.';
    case 'no-page':
      return 'names a record, and its entry has no list of records.';
    case 'record-not-in-page':
      return 'has a place of its record that the list of the entry does not have.';
    case 'record-other-number-of-hashes':
      return 'has too few or too many hashes for the place of its record.';
    case 'record-other-root':
      return 'has hashes that do not lead from its record to the root in the entry: the record is another one, or a hash was changed.';
  }
}
