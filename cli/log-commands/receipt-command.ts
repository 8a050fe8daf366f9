import { writeFile } from 'node:fs/promises';
import type { ReceiptQuery } from '../../shared/contract/log-entries.ts';
import { parseCheckpoint } from '../../shared/domain/log/checkpoint.ts';
import { parseNote } from '../../shared/domain/log/note.ts';
import { present } from '../../shared/domain/present.ts';
import { faultOfReceipt, receiptText, verifyReceipt } from '../../shared/domain/log/receipt.ts';
import { codeOf } from '../../shared/domain/error-code.ts';
import type { CliContext } from '../cli-context.ts';
import type { Program } from '../program.ts';
import { UsageError } from '../usage-error.ts';
import { certificate } from './certificate.ts';
import { logSource } from './log-source.ts';
import { receiptFromLog } from './receipt-from-log.ts';
import { collected, KEY_OPTION, verifierKeys } from './verifier-keys.ts';
import { sayReceiptFault } from './receipt-faults.ts';

type Commands = ReturnType<Program['command']>;

/** `log receipt`: the receipt of an entry, or of one record of its page, made from the files of a log or by the API. */
export function addReceiptCommand(context: CliContext, log: Commands): void {
  log
    .command('receipt')
    .argument('<index>', 'the index of the entry in the log: `tenure log list` shows it')
    .option(
      '--log <folder or URL>',
      'a copy of the log, or the URL under which its objects are served; without it, the API is asked',
    )
    .option('--record <ref>', 'the receipt of one record of the page that the entry is about')
    .option(
      '--list <file>',
      'with --record: the object with its list, where the log cannot be searched for it',
    )
    .option('--key <key>', `check the signature, too: ${KEY_OPTION}`, collected)
    .option('--out <file>', 'write the receipt into this new file instead of standard output')
    .option('--html <file>', 'write a page for people, too, to print or to send; needs --key')
    .description('make the receipt of an entry: one file that proves that it is in the log')
    .action(async (text, { log: place, record, list, key = [], out, html }) => {
      if (!/^(?:0|[1-9]\d{0,14})$/.test(text))
        throw new UsageError('The index of an entry is a number, such as 4711: `tenure log list` shows it.');
      if (html !== undefined && key.length === 0)
        throw new UsageError('--html needs --key: a certificate is written only of what was checked.');
      const index = Number(text);
      const keys = await verifierKeys([key].flat());
      if (place === undefined && list !== undefined)
        throw new UsageError('--list needs --log: the API finds the list by itself.');
      const { receipt, checkpoint } =
        place === undefined
          ? await receiptFromApi(context, { index, ...present({ record }) })
          : await receiptFromLog(await logSource(place), { index, ref: record, list });
      const verified = keys.length === 0 ? undefined : verifyReceipt(receipt, keys);
      const fault = verified === undefined ? faultOfReceipt(receipt, checkpoint) : faultIn(verified);
      if (fault !== undefined) {
        context.found();
        return context.say(`No receipt was written. It ${sayReceiptFault(fault)}`);
      }
      if (out === undefined) context.document(receiptText(receipt));
      else await writeNew(out, receiptText(receipt));
      if (verified?.ok === true && html !== undefined) await writeNew(html, certificate(verified));
      if (verified === undefined)
        context.say('The signature was not checked: check the receipt with `tenure log verify`.');
    });
}

async function receiptFromApi(context: CliContext, query: ReceiptQuery) {
  const receipt = await context.client().readReceipt(query);
  const checkpoint = parseCheckpoint(parseNote(receipt.checkpoint)?.text ?? '');
  if (checkpoint === undefined || receipt.index !== query.index || receipt.record?.ref !== query.record)
    throw new UsageError('The API answered with what is not the receipt that was asked for: check its URL.');
  return { receipt, checkpoint };
}

function faultIn(verified: ReturnType<typeof verifyReceipt>) {
  return verified.ok ? undefined : verified.fault;
}

async function writeNew(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const code = codeOf(error);
    throw new UsageError(
      code === 'EEXIST'
        ? `${path} is there already: name another file.`
        : `${path} could not be written (${code}): check the folder, its free space and your permission.`,
    );
  }
}
