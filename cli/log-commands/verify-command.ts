import { verifyReceipt } from '../../shared/domain/log/receipt.ts';
import type { CliContext } from '../cli-context.ts';
import { type Program, wantsJson } from '../program.ts';
import { jsonIn, textOf } from '../text-of.ts';
import { sayReceiptFault } from './receipt-faults.ts';
import { signedHead } from './signed-head.ts';
import { collected, INTRODUCED_OPTION, KEY_OPTION, verifierKeys } from './verifier-keys.ts';
import {
  askedWitnesses,
  namedWitnesses,
  NEEDED_OPTION,
  saidWitnesses,
  WITNESS_OPTION,
  witnessedNote,
} from './witness-option.ts';

type Commands = ReturnType<Program['command']>;

/** `log verify`: whether a receipt is one of a log that the key signed. Nothing else is needed, and no network. */
export function addVerifyCommand(program: Program, context: CliContext, log: Commands): void {
  log
    .command('verify')
    .argument('<receipt>', 'the file with the receipt')
    .requiredOption('--key <key>', KEY_OPTION, collected)
    .option('--introduced <receipt>', INTRODUCED_OPTION, collected)
    .option('--witness <key>', WITNESS_OPTION, collected)
    .option('--witnesses-needed <count>', NEEDED_OPTION)
    .description('check a receipt, offline; exit code 1 with the first thing that is wrong')
    .action(async (path, { key, introduced = [], witness = [], witnessesNeeded }) => {
      const keys = await verifierKeys([key].flat(), [introduced].flat());
      const asked = await askedWitnesses([witness].flat(), witnessesNeeded, keys);
      const verified = verifyReceipt(jsonIn(path, await textOf(path)), keys);
      const wrong = (fault: string, problem: string): void => {
        context.found();
        if (wantsJson(program)) return context.json({ ok: false, fault, problem });
        return context.print(`${path} ${problem}`);
      };
      if (!verified.ok) return wrong(verified.fault, sayReceiptFault(verified.fault));
      const witnessed = asked && witnessedNote(verified.receipt.checkpoint, asked);
      if (witnessed?.ok === false)
        return wrong('not-witnessed', `has a checkpoint that ${witnessed.problem}`);
      const { receipt, checkpoint, signers } = verified;
      const { index, entry, record } = receipt;
      const head = signedHead(checkpoint, signers);
      const { origin, size, root, signedBy } = head;
      if (wantsJson(program))
        return context.json({
          ok: true,
          ...head,
          index,
          entry,
          record: record?.ref,
          witnesses: witnessed && namedWitnesses(witnessed.cosignatures),
        });
      context.print(
        `${path} is right: entry ${index} of the ${size} entries of ${origin}, root ${root}, signed by ${signedBy.join(' and ')}.`,
      );
      if (asked !== undefined && witnessed !== undefined)
        context.print(saidWitnesses(witnessed.cosignatures, asked));
      if (record !== undefined)
        context.print(`The record ${record.ref} is one of those that the entry is about.`);
    });
}
