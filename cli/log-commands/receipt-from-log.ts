import { parseJson } from '../../shared/contract/parse.ts';
import type { Checkpoint } from '../../shared/domain/log/checkpoint.ts';
import { recordPath } from '../../shared/domain/log/make-receipt.ts';
import { type NoReceipt, readReceipt } from '../../shared/domain/log/read-receipt.ts';
import { pageIn, type Receipt, receiptText } from '../../shared/domain/log/receipt.ts';
import { listFault, type PageList } from '../../shared/domain/record/page-list.ts';
import { textIn, textOf } from '../text-of.ts';
import { UsageError } from '../usage-error.ts';
import type { LogSource } from './log-source.ts';
import { listIn } from './page-lists.ts';

interface Wanted {
  readonly index: number;
  /** The reference of one record of the entry's page. */
  readonly ref?: string | undefined;
  /** The file with the list of the page. Without it, the list is looked for in the log. */
  readonly list?: string | undefined;
}

/** Throws a UsageError if the log does not have what the receipt is made from. It reads O(log n) tiles and one bundle. */
export async function receiptFromLog(
  source: LogSource,
  { index, ref, list }: Wanted,
): Promise<{ readonly receipt: Receipt; readonly checkpoint: Checkpoint }> {
  const read = await readReceipt(source.read, index);
  if (!read.ok) throw new UsageError(sayNoReceipt(read.fault, index));
  const { receipt, checkpoint } = read;
  // As `tenure log verify` reads it: the entry may be nested too deep.
  if (!parseJson(receiptText(receipt)).ok)
    throw new UsageError(sayNoReceipt({ code: 'unreadable', path: `entry ${index}` }, index));
  if (ref === undefined) return { receipt, checkpoint };
  const path = recordPath(ref, await recordsOf(source, { receipt, list }));
  if (path === undefined) throw new UsageError(`The list of entry ${index} does not have the record ${ref}.`);
  return { receipt: { ...receipt, record: path }, checkpoint };
}

function sayNoReceipt(fault: NoReceipt, index: number): string {
  switch (fault.code) {
    case 'not-signed': {
      const { size } = fault;
      return size === 0
        ? 'The log has no entries yet.'
        : `The signed log has ${size} entries, 0 to ${size - 1}: there is no entry ${index} yet.`;
    }
    case 'dropped':
      return `The log keeps entries from ${fault.before} on: entry ${index} was dropped, because it was older than the log keeps entries. A receipt that was made before stays right.`;
    case 'missing':
      return `The log has no file ${fault.path}.`;
    case 'too-short':
      return `${fault.path} is too short.`;
    case 'unreadable':
      return `${fault.path} cannot be read: run \`tenure log audit\` on this log.`;
  }
}

/** The list that the entry was written about; if there is none, another one of its place: the receipt is checked with it. */
async function recordsOf(
  source: LogSource,
  { receipt: { index, entry }, list: file }: { readonly receipt: Receipt; readonly list: string | undefined },
): Promise<readonly string[]> {
  if (file !== undefined) {
    const list = listIn(await textOf(file), index);
    if (list !== undefined) return list.records;
    throw new UsageError(`${file} has no list of entry ${index}.`);
  }
  const page = pageIn(entry);
  let other: PageList | undefined;
  for (const name of await namesOfLists(source, index)) {
    const path = `lists/${name}`;
    const bytes = await source.read(path);
    if (bytes === undefined) throw new UsageError(sayNoReceipt({ code: 'missing', path }, index));
    const list = listIn(textIn(name, bytes), index);
    if (list !== undefined && page !== undefined && listFault(page, list.records) === undefined)
      return list.records;
    // A batch that never came into the log may have left a list for the same place.
    other ??= list;
  }
  if (other !== undefined) return other.records;
  throw new UsageError(
    `The log has no list of the records of entry ${index} that can be found: name the object from lists/ with --list.`,
  );
}

/** Of the batch that the entry is in: of all that begin at it or before it, those that begin last. */
async function namesOfLists(source: LogSource, index: number): Promise<readonly string[]> {
  let first = -1;
  let own: string[] = [];
  for (const name of (await source.list('lists')) ?? []) {
    const at = /^\d{20}-/.test(name) ? Number(name.slice(0, 20)) : Infinity;
    if (at > index || at < first) continue;
    if (at > first) own = [];
    first = at;
    own.push(name);
  }
  return own;
}
