import { isDeepStrictEqual } from 'node:util';
import { type Client, pagesOf } from '../../shared/client/client.ts';
import type { LogEntryAnswer } from '../../shared/contract/log-entries.ts';
import { isoUtc } from '../../shared/domain/calendar/utc-time.ts';
import type { Instant } from '../../shared/domain/record/ids.ts';
import type { Entry } from '../../shared/domain/record/entry.ts';
import type { LocalPorts } from '../local-ports.ts';
import type { Booked } from './story-books.ts';
import type { StoryPrinter } from './story-printer.ts';

/** All entries of the deletion log about a story's records, as an auditor gets them. */
export async function evidenceOf(
  auditor: Client,
  books: readonly Booked[],
  from: Instant,
  to: Instant,
): Promise<readonly LogEntryAnswer[]> {
  const refs = new Set(books.map(({ ref }) => ref));
  const period = { from: isoUtc(from), to: isoUtc(to + 1) };
  const found: LogEntryAnswer[] = [];
  for await (const page of pagesOf((cursor) => auditor.queryLog({ ...period, ...cursor }))) {
    found.push(...page.entries.filter(({ entry }) => refs.has(entry.holding)));
  }
  return found.toSorted((a, b) => (a.index ?? Infinity) - (b.index ?? Infinity));
}

/** An entry as the log's own object has it. */
export interface LoggedEntry {
  readonly key: string;
  readonly line: number;
  readonly entry: Entry;
}

/** The whole log from its objects alone, in its order: the place in this list is the entry's index. */
export async function readLog({ bucket }: Pick<LocalPorts, 'bucket'>): Promise<readonly LoggedEntry[]> {
  const keys = await bucket.list('entries');
  const objects = await Promise.all(keys.map(async (key) => ({ key, bytes: await bucket.get(key) })));
  return objects.flatMap(({ key, bytes = new Uint8Array() }) =>
    entriesOf(bytes).map((entry, line) => ({ key, line, entry })),
  );
}

/** The entries of one object of the log: a line each. */
export function entriesOf(bytes: Uint8Array): readonly Entry[] {
  const lines = Buffer.from(bytes).toString('utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Entry);
}

/** Whether the log's own object says, at that place, what the API says. */
export function isInLog(log: readonly LoggedEntry[], { index, entry }: LogEntryAnswer): boolean {
  return index !== undefined && isDeepStrictEqual(log[index]?.entry, entry);
}

export function printEntry(
  print: StoryPrinter,
  { index, entry }: LogEntryAnswer,
  log: readonly LoggedEntry[],
): void {
  const { basis, window } = entry;
  const place = index === undefined ? 'not sealed yet' : `entry ${index}`;
  const again = entry.interrupted === true ? ', after an interrupted attempt' : '';
  const part = entry.part === undefined ? '' : ` (${entry.part})`;
  print.detail(`${place}: ${entry.stage}${part} in ${entry.store}: ${entry.outcome}${again}`);
  const policy = `${entry.policy} ${entry.policyVersion}`;
  print.field('rule', `“${entry.rule}”, ${policy}${basis === undefined ? '' : `, basis ${basis}`}`);
  const { page } = entry;
  if (page !== undefined)
    print.field('page', `${page.records} records, Merkle root ${page.root?.slice(0, 16) ?? 'of none'}…`);
  const facts = entry.facts.map(
    ({ type, occurred }) => `${type} ${occurred ?? '(its dates are in no entry)'}`,
  );
  print.field('facts', facts.join(', ') || 'none');
  const bounds = [
    ...(window?.notBefore === undefined ? [] : [`not before ${minute(window.notBefore)}`]),
    ...(window?.notAfter === undefined ? [] : [`not after ${minute(window.notAfter)}`]),
  ];
  const due =
    page?.range === undefined
      ? `due ${minute(entry.due)}`
      : `due from ${minute(page.range.first)} to ${minute(page.range.last)}`;
  print.field('window', [...bounds, due].join(', '));
  const { unrecoverableAt } = entry;
  const backups =
    unrecoverableAt === undefined || unrecoverableAt === 'unknown'
      ? ''
      : `; backups gone by ${minute(unrecoverableAt)}`;
  print.field('acted', `${actedText(entry)}${backups}`);
  const subjects = entry.subjects.map(({ type, ref }) => `${type} ${ref}`);
  print.field(
    'about',
    [`${page === undefined ? 'record' : 'all under'} ${entry.holding}`, ...subjects].join(', '),
  );
  const logged = log[index ?? -1];
  if (logged !== undefined) print.field('where', `${logged.key}, line ${logged.line}`);
}

function actedText({ outcome, acted, readBack }: Entry): string {
  if (outcome === 'confirmed-by-vendor' && acted === undefined && readBack === undefined)
    return 'by the vendor, as it says; nothing was read back';
  return `${minute(acted)}, read back ${minute(readBack)}`;
}

/** `2025-02-12 17:03Z` */
function minute(iso: string | undefined): string {
  return iso === undefined ? 'never' : `${iso.slice(0, 16).replace('T', ' ')}Z`;
}
