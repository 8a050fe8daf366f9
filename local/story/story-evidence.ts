import { isDeepStrictEqual } from 'node:util';
import { type Client, pagesOf } from '../../shared/client/client.ts';
import type { LogEntryAnswer } from '../../shared/contract/log-entries.ts';
import { entriesOf } from '../../shared/domain/plan/chunk-lines.ts';
import { isoUtc } from '../../shared/domain/calendar/utc-time.ts';
import type { Instant } from '../../shared/domain/record/ids.ts';
import { objectKey } from '../../shared/protocol/chunk-key.ts';
import type { Booked } from './story-books.ts';
import type { StoryPrinter } from './story-printer.ts';
import type { System } from '../system.ts';

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

/** Whether the log's own object says, on that line, what the API says. */
export async function isInLog(system: System, { chunk, line, entry }: LogEntryAnswer): Promise<boolean> {
  const bytes = await system.ports.bucket.get(objectKey(chunk));
  return bytes !== undefined && isDeepStrictEqual(entriesOf(bytes)[line], entry);
}

export function printEntry(print: StoryPrinter, { chunk, line, index, entry }: LogEntryAnswer): void {
  const { basis, window } = entry;
  const place = index === undefined ? 'not sealed yet' : `entry ${index}`;
  print.detail(`${place}: ${entry.action} in ${entry.store}: ${entry.outcome}, attempt ${entry.attempt}`);
  const policy = `${entry.policy} ${entry.policyVersion}`;
  print.field('rule', `“${entry.rule}”, ${policy}${basis === undefined ? '' : `, basis ${basis}`}`);
  const facts = entry.facts.map(({ type, occurred }) => `${type} ${occurred ?? '(date left out)'}`);
  print.field('facts', facts.join(', ') || 'none');
  const bounds = [
    ...(window?.notBefore === undefined ? [] : [`not before ${minute(window.notBefore)}`]),
    ...(window?.notAfter === undefined ? [] : [`not after ${minute(window.notAfter)}`]),
  ];
  print.field('window', [...bounds, `due ${minute(entry.due)}`].join(', '));
  const backups =
    entry.unrecoverableAt === undefined ? '' : `; backups gone by ${minute(entry.unrecoverableAt)}`;
  print.field('acted', `${minute(entry.acted)}, read back ${minute(entry.readBack)}${backups}`);
  const subjects = entry.subjects.map(({ type, ref }) => `${type} ${ref}`);
  print.field('about', [`record ${entry.holding}`, ...subjects].join(', '));
  print.field('where', `${objectKey(chunk)}, line ${line}`);
}

/** `2025-02-12 17:03Z` */
function minute(iso: string | undefined): string {
  return iso === undefined ? 'never' : `${iso.slice(0, 16).replace('T', ' ')}Z`;
}
