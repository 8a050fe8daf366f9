import { vkeyOf } from '../../shared/domain/log/note.ts';
import { verifyReceipt } from '../../shared/domain/log/receipt.ts';
import type { CliContext } from '../cli-context.ts';
import { type Program, wantsJson } from '../program.ts';
import { jsonIn, textOf } from '../text-of.ts';
import { sayReceiptFault } from './receipt-faults.ts';
import { collected, INTRODUCED_OPTION, KEY_OPTION, verifierKeys } from './verifier-keys.ts';

type Commands = ReturnType<Program['command']>;

/** `log verify`: whether a receipt is one of a log that the key signed. Nothing else is needed, and no network. */
export function addVerifyCommand(program: Program, context: CliContext, log: Commands): void {
  log
    .command('verify')
    .argument('<receipt>', 'the file with the receipt')
    .requiredOption('--key <key>', KEY_OPTION, collected)
    .option('--introduced <receipt>', INTRODUCED_OPTION, collected)
    .description('check a receipt, offline; exit code 1 with the first thing that is wrong')
    .action(async (path, { key, introduced = [] }) => {
      const keys = await verifierKeys([key].flat(), [introduced].flat());
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
