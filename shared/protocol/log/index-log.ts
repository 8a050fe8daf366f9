import { dayOf, emptyMonth, monthName, monthWith } from '../../domain/log/log-month.ts';
import { type KnownMonths, withMonths } from '../../domain/log/known-months.ts';
import { isFull, type LogPage, pageWith } from '../../domain/log/log-page.ts';
import { codeOf } from '../../domain/error-code.ts';
import { present } from '../../domain/present.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { SealedIndex } from '../../domain/record/work.ts';
import type { LogBucket } from '../../ports/log.ts';
import type { LogHead, LogIndexed } from '../../ports/results.ts';
import { bundleKey, sealedIndexOf } from './bundle.ts';
import { type DropCore, firstKept } from './drop-old.ts';
import type { Core } from '../core.ts';
import { readBundle } from './read-bundle.ts';

interface IndexCore extends Pick<Core, 'clock' | 'registry'> {
  readonly bucket: Pick<LogBucket, 'get'>;
  /** Where entries are dropped. */
  readonly keep?: DropCore['keep'];
}

type Indexing = Pick<IndexCore, 'clock' | 'registry'>;

const TRIES = 10;

/** How many entries have their objects and index items. */
export function writtenOf({ published, size, batch }: LogHead): number {
  return published ? size : (batch[0]?.first ?? size);
}

/**
 * Puts what the log has got since into its index, batch by batch, in the order of the log. Any number of runs may do it
 * at once, and die anywhere: each item says up to which entry of the log it counts, so none is counted twice. A log of
 * before there was an index gets one from its first entry on that was not dropped. Answers how far it is then.
 */
export async function indexLog(core: IndexCore, goOn: () => boolean): Promise<LogIndexed> {
  const head = await core.registry.head();
  let indexed = await begun(core);
  while (indexed.until < head.size && goOn()) {
    const key = bundleKey(indexed.until);
    const bytes = await core.bucket.get(key);
    if (bytes === undefined) {
      // The last batch may still be being written, or its run died: then it has its notes, and is written again.
      if (indexed.until >= writtenOf(head)) return indexed;
      const until = await firstKept(core.keep?.old, indexed.until);
      if (until === undefined) throw new BatchMissing(key);
      const { version, lacks = 0 } = indexed;
      await core.registry.putLogIndexed({
        ...indexed,
        version: version + 1,
        until,
        // What was dropped is older than now, and only the index items of its days lead to it.
        since: core.clock.now(),
        lacks: lacks + until - indexed.until,
      });
      indexed = await begun(core);
      continue;
    }
    let next = indexed.until;
    const sealed = readBundle(key, bytes).results.map((result) => {
      const index = sealedIndexOf(result, next);
      next += index.count;
      return index;
    });
    await indexBatch(core, indexed, sealed);
    indexed = await begun(core);
  }
  return indexed;
}

/** A batch that is being put into the log, if the index has all before it. If not, `indexLog` does it later. */
export async function indexNext(core: Indexing, sealed: readonly SealedIndex[]): Promise<void> {
  const known = await core.registry.logIndexed();
  const first = sealed[0]?.first;
  if (known.until !== first) return;
  await indexBatch(core, known.months === undefined ? await begun(core) : known, sealed);
}

/**
 * An index begins where there is none, and again where an earlier release did not note its months. Its number is the time,
 * so that it is another one than any that was lost.
 */
async function begun({ clock, registry }: Indexing): Promise<LogIndexed> {
  const indexed = await registry.logIndexed();
  if (indexed.months !== undefined) return indexed;
  await registry.putLogIndexed(beginAgain(clock.now(), indexed));
  return registry.logIndexed();
}

/** The mark of an index without entries, in place of this one. */
export function beginAgain(now: Instant, { version, index, checked }: LogIndexed): LogIndexed {
  return {
    version: version + 1,
    index: Math.max(now, index + 1),
    until: 0,
    months: [],
    ...present({ checked }),
  };
}

/** An index that has lost a month, or has an item that cannot be read, begins again, as one that was lost. */
async function indexBatch(
  { clock, registry }: Indexing,
  indexed: LogIndexed,
  sealed: readonly SealedIndex[],
): Promise<void> {
  const last = sealed.at(-1);
  if (last === undefined || indexed.until !== sealed[0]?.first) return;
  const until = last.first + last.count;
  const { index, version, months = [] } = indexed;
  const batch = { index, sealed, until, known: new Set(months.flatMap(namesOf)) };
  let written = await putReadable(registry, batch);
  for (let tries = 1; written === 'moved'; tries += 1) {
    if (tries > TRIES) throw new IndexBusy();
    written = await putReadable(registry, batch);
  }
  const counted = sealed.map((one) => monthKeyOf(index, one));
  await registry.putLogIndexed(
    written === 'lost'
      ? beginAgain(clock.now(), indexed)
      : { ...indexed, version: version + 1, until, months: withMonths(months, counted) },
  );
}

/** What a newer release wrote stays: it is not damaged. */
async function putReadable(
  registry: IndexCore['registry'],
  batch: Batch,
): Promise<'written' | 'moved' | 'lost'> {
  try {
    return await putBatch(registry, batch);
  } catch (error) {
    if (codeOf(error) === 'ITEM_INVALID') return 'lost';
    throw error;
  }
}

interface Batch {
  readonly index: number;
  readonly sealed: readonly SealedIndex[];
  /** The first entry after it. */
  readonly until: number;
  /** Names of the months that the index had before. */
  readonly known: ReadonlySet<string>;
}

/** The pages first: a month that counts a batch has its pages. `moved`: another run wrote meanwhile. */
async function putBatch(
  registry: IndexCore['registry'],
  batch: Batch,
): Promise<'written' | 'moved' | 'lost'> {
  const { index, sealed, until } = batch;
  const groups = Map.groupBy(sealed, ({ token, store }) => `${token.slice(0, 'YYYY-MM'.length)} ${store}`);
  const keys = [...groups.values()].map(([one]) => monthKeyOf(index, one as SealedIndex));
  const known = new Map((await registry.logMonths(keys)).map((month) => [monthName(month), month]));
  if (keys.map(monthName).some((name) => batch.known.has(name) && !known.has(name))) return 'lost';
  const open = keys
    .map((key) => known.get(monthName(key)) ?? emptyMonth(key))
    .filter((month) => month.until < until)
    .map((month) => ({ month, results: groups.get(monthName(month)) ?? [] }));
  const days = open.flatMap(({ month, results }) =>
    [...Map.groupBy(results, ({ token }) => token.slice(0, 'YYYY-MM-DD'.length))].map(([day, own]) => ({
      key: { index, day, store: month.store },
      pages: month.days.find((one) => one.day === dayOf(day))?.pages ?? 0,
      results: own,
    })),
  );
  const pages = await registry.logPages(
    days.flatMap(({ key, pages: count }) =>
      (count === 0 ? [0] : [count - 1, count]).map((page) => ({ ...key, page })),
    ),
  );
  const written = days.map((day) => ({ ...day, ...nextPage(day, pages, until) }));
  for (const { put } of written)
    if (put !== undefined && (await registry.putLogPage(put)) === 'moved') return 'moved';
  for (const { month, results } of open) {
    const counts = new Map(
      written
        .filter(({ key }) => key.store === month.store && key.day.startsWith(month.month))
        .map(({ key, count }) => [dayOf(key.day), count]),
    );
    if ((await registry.putLogMonth(monthWith(month, results, { until, pages: counts }))) === 'moved')
      return 'moved';
  }
  return 'written';
}

/** The page that gets a day's results, unless one has them already, and how many pages the day then has. */
function nextPage(
  {
    key,
    pages: count,
    results,
  }: {
    readonly key: { readonly index: number; readonly day: string; readonly store: string };
    readonly pages: number;
    readonly results: readonly SealedIndex[];
  },
  known: readonly LogPage[],
  until: number,
): { readonly put?: LogPage; readonly count: number } {
  const at = (page: number): LogPage | undefined =>
    known.find((one) => one.page === page && one.day === key.day && one.store === key.store);
  // Written by a run that died before it wrote the month.
  if (at(count) !== undefined) return { count: count + 1 };
  const last = at(count - 1);
  if (last !== undefined && last.until >= until) return { count };
  if (last !== undefined && !isFull(last)) return { put: pageWith(last, results, until), count };
  const empty: LogPage = { ...key, page: count, version: 0, until: 0, results: [] };
  return { put: pageWith(empty, results, until), count: count + 1 };
}

function monthKeyOf(index: number, { token, store }: SealedIndex) {
  return { index, month: token.slice(0, 'YYYY-MM'.length), store };
}

function namesOf([store, months]: KnownMonths[number]): readonly string[] {
  return months.map((month) => monthName({ month, store }));
}

/** The registry says that the log has these entries. */
class BatchMissing extends Error {
  readonly code = 'LOG_DAMAGED';
  constructor(key: string) {
    super(
      `The object ${key} of the deletion log is missing. The log's index ends before it, so filters read every day. See docs/runbooks/log-forked.md.`,
    );
    this.name = 'BatchMissing';
  }
}

/** Other runs wrote the same items each time; one of them has succeeded, or the next run does. */
class IndexBusy extends Error {
  readonly code = 'LOG_INDEX_BUSY';
  constructor() {
    super('Other runs keep changing the index of the deletion log. The next run goes on with it.');
    this.name = 'IndexBusy';
  }
}
