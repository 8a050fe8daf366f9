import { pagesOf } from '../../shared/client/client.ts';
import type { LogEntryAnswer } from '../../shared/contract/log-entries.ts';
import { isoUtc } from '../../shared/domain/calendar/utc-time.ts';
import { listFault, type PageList } from '../../shared/domain/record/page-list.ts';
import type { Instant } from '../../shared/domain/record/ids.ts';
import type { LocalPorts } from '../local-ports.ts';
import type { ExistingStage } from './existing-stage.ts';
import { isInLog, printEntry, readLog } from './story-evidence.ts';

/**
 * What the deletion log says of records that were not registered: an entry for each page of a collection, and for each rule
 * of an attempt on a dataset. Answers how many entries there are, and of how many records they tell.
 */
export async function printPages(
  { as, system, print, finding }: ExistingStage,
  of: { readonly from: Instant; readonly stores: ReadonlySet<string> },
): Promise<{ readonly entries: number; readonly told: number }> {
  const period = { from: isoUtc(of.from), to: isoUtc(system.now() + 1) };
  const found: LogEntryAnswer[] = [];
  for await (const page of pagesOf((cursor) => as('auditor').queryLog({ ...period, ...cursor })))
    found.push(...page.entries.filter(({ entry }) => of.stores.has(entry.store)));
  const all = found.toSorted((a, b) => (a.index ?? Infinity) - (b.index ?? Infinity));
  const log = await readLog(system.ports);
  const lists = await listsIn(system.ports);
  print.section(
    `Evidence: ${all.length} entries of the deletion log, one for each page of a collection or pass of a dataset`,
  );
  finding(
    all.every((one) => isInLog(log, one)),
    'Each entry was also read from the object that contains it, and is the same there',
  );
  finding(
    all.every(({ index, entry: { page } }) => {
      if (page === undefined || page.records === 0) return true;
      const list = lists.get(index ?? -1);
      return list !== undefined && listFault(page, list.records) === undefined;
    }),
    'The list beside each entry has the number of records and the Merkle root that the entry says',
  );
  // The first one of each store: a collection and a dataset of each kind.
  for (const store of of.stores) {
    const first = all.find(({ entry }) => entry.store === store && entry.page !== undefined);
    if (first !== undefined) printEntry(print, first, log);
  }
  return { entries: all.length, told: all.reduce((sum, { entry }) => sum + (entry.page?.records ?? 0), 0) };
}

/** By the index of the entry. */
async function listsIn({ bucket }: Pick<LocalPorts, 'bucket'>): Promise<ReadonlyMap<number, PageList>> {
  const objects = await Promise.all((await bucket.list('lists')).map((key) => bucket.get(key)));
  const lines = objects.flatMap((bytes) =>
    Buffer.from(bytes ?? [])
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== ''),
  );
  return new Map(lines.map((line) => JSON.parse(line) as PageList).map((list) => [list.index, list]));
}
