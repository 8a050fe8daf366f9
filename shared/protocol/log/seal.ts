import type { LogBucket } from '../../ports/log.ts';
import type { LogHead, ToBeSealed } from '../../ports/results.ts';
import type { PageList } from '../../domain/record/page-list.ts';
import { type AttemptResult, type SealedIndex, VOID } from '../../domain/record/work.ts';
import { bundleBytes, bundleKey, logLinesOf, sealedIndexOf, writeOnce } from './bundle.ts';
import type { Core } from '../core.ts';
import { listsObject, pageListsOf } from './page-lists.ts';
import { rebuildLog } from '../restore/rebuild-log.ts';
import { seconds } from '../seconds.ts';

export interface SealCore extends Pick<Core, 'clock' | 'configuration' | 'registry' | 'report'> {
  readonly bucket: LogBucket;
  /** The table's name, where it was restored and adopted. */
  readonly adopted?: string;
}

/** Results in one batch: keeps the head below 4 KB. */
export const BATCH = 32;

/**
 * Puts the entries of results into the log; the only writer of the log's objects. The order is made durable with one
 * conditional write of the head, before any object; then the objects, an index item per result, and only then the next
 * batch. A run that finds an unfinished batch finishes it first: it is recomputed from the head and the results,
 * identically. Any number of runs may be at work, and die anywhere. On an adopted table nothing is accepted before the
 * registry knows all that is in the log. A result whose lists are not those of its entries is left out, and the run fails
 * at its end.
 */
export async function seal(core: SealCore, goOn: () => boolean = () => true): Promise<void> {
  const { adopted } = core;
  if (adopted !== undefined && (await rebuildLog(core, adopted, goOn)) === 'more') return;
  let found = 0;
  let damaged: string | undefined;
  let after: string | undefined;
  do {
    const page = await core.registry.toBeSealed(after);
    damaged ??= await sealPage(core, page.items);
    found += page.items.length;
    after = page.next;
  } while (after !== undefined && goOn());
  // Only a run that came to the end knows what is left. It reads again only if there was something.
  if (after === undefined) reportWaiting(core, found === 0 ? [] : (await core.registry.toBeSealed()).items);
  if (damaged !== undefined) throw new ListsDamaged(damaged);
}

function reportWaiting(core: SealCore, items: readonly ToBeSealed[]): void {
  const now = core.clock.now();
  const oldest = Math.min(now, ...items.map(({ putAt }) => putAt));
  core.report('seal.waiting', { count: items.length, seconds: Math.round((now - oldest) / 1000) });
}

/** Answers a result that it has left out because of its lists. */
async function sealPage(core: SealCore, items: readonly ToBeSealed[]): Promise<string | undefined> {
  let open = items;
  let damaged: string | undefined;
  while (open.length > 0) {
    const head = await core.registry.head();
    if (!head.published) {
      await publish(core, head);
      continue;
    }
    const { batch, finished, young, wrong, results } = await nextBatch(core, head, open);
    if (finished.length > 0) await core.registry.deleteToBeSealed(finished);
    const handled = new Set([...finished, ...young, ...wrong]);
    damaged ??= wrong[0];
    if (batch.length === 0) {
      open = open.filter(({ token }) => !handled.has(token));
      continue;
    }
    const size = head.size + batch.reduce((sum, { count }) => sum + count, 0);
    const next: LogHead = { version: head.version + 1, size, batch, published: false };
    for (const { token } of batch) handled.add(token);
    if ((await core.registry.putHead(next)) === 'moved') continue;
    await publish(core, next, results);
    open = open.filter(({ token }) => !handled.has(token));
  }
  return damaged;
}

/**
 * The results that come next in the log. `finished`: sealed already, or void; only their note is left to delete. `young`:
 * their result may still be put. `wrong`: their lists are not those of their entries.
 */
async function nextBatch(
  core: SealCore,
  head: LogHead,
  items: readonly ToBeSealed[],
): Promise<{
  readonly batch: LogHead['batch'];
  readonly finished: readonly string[];
  readonly young: readonly string[];
  readonly wrong: readonly string[];
  readonly results: ReadonlyMap<string, AttemptResult | typeof VOID>;
}> {
  const tokens = items.slice(0, BATCH).map(({ token }) => token);
  const index = await core.registry.sealed(tokens);
  const results = new Map(await core.registry.results(tokens));
  const batch: { token: string; first: number; count: number }[] = [];
  const finished: string[] = [];
  const young: string[] = [];
  const wrong: string[] = [];
  let first = head.size;
  for (const item of items.slice(0, BATCH)) {
    const { token } = item;
    const result = results.get(token) ?? (await voidIfOld(core, item));
    if (result === undefined) young.push(token);
    else if (index.has(token) || result === VOID || logLinesOf(result).length === 0) finished.push(token);
    else if (pageListsOf(result, first) === undefined) wrong.push(token);
    else {
      results.set(token, result);
      const count = logLinesOf(result).length;
      batch.push({ token, first, count });
      first += count;
    }
  }
  return { batch, finished, young, wrong, results };
}

/** A note whose worker surely has no time left to put its result. What is there then is what counts. */
async function voidIfOld(
  core: SealCore,
  { token, until }: ToBeSealed,
): Promise<AttemptResult | typeof VOID | undefined> {
  const { lease, clockTolerance } = core.configuration.timing;
  if (core.clock.now() <= until + seconds(lease + 2 * clockTolerance)) return undefined;
  const result = await core.registry.voidResult(token);
  if (result === VOID) core.report('seal.voided', { count: 1 });
  return result;
}

/**
 * Objects, index items, notes, head. Recomputed from the head, so it may be repeated. Lists come before the entries that
 * they are about: an entry of the log always has its list, even where a restored table goes on from there.
 */
async function publish(
  core: SealCore,
  head: LogHead,
  known: ReadonlyMap<string, AttemptResult | typeof VOID> = new Map(),
): Promise<void> {
  const tokens = head.batch.map(({ token }) => token);
  const missing = tokens.filter((token) => !known.has(token));
  const results = new Map([...known, ...(missing.length > 0 ? await core.registry.results(missing) : [])]);
  const sealed: SealedIndex[] = [];
  const lists: PageList[] = [];
  const entries = head.batch.flatMap(({ token, first }) => {
    const result = results.get(token);
    if (result === undefined || result === VOID) throw new LogDamaged(token);
    const own = pageListsOf(result, first);
    if (own === undefined) throw new ListsDamaged(token);
    lists.push(...own);
    sealed.push(sealedIndexOf(result, first));
    return logLinesOf(result);
  });
  const firstIndex = head.batch[0]?.first ?? head.size;
  if (lists.length > 0) {
    const { key, bytes } = listsObject(firstIndex, lists);
    await writeOnce(core.bucket, key, bytes);
  }
  if (entries.length > 0) await writeOnce(core.bucket, bundleKey(firstIndex), bundleBytes(entries));
  await core.registry.putSealed(sealed);
  await core.registry.deleteToBeSealed(tokens);
  const written = await core.registry.putHead({ ...head, version: head.version + 1, published: true });
  if (written === 'written') core.report('seal.sealed', { count: entries.length });
}

/** The head names a result that the table does not have. */
class LogDamaged extends Error {
  readonly code = 'LOG_DAMAGED';
  constructor(token: string) {
    super(
      `The result ${token} is in the order of the deletion log, and missing in the registry. Nothing more is sealed. See docs/runbooks/log-forked.md.`,
    );
    this.name = 'LogDamaged';
  }
}

/** A worker wrote a result that says of a page what its list does not give. */
class ListsDamaged extends Error {
  readonly code = 'LOG_DAMAGED';
  constructor(token: string) {
    super(
      `The result ${token} has a list of records that is not the one its entry was written about. It is not sealed; other results are. See docs/runbooks/log-forked.md.`,
    );
    this.name = 'ListsDamaged';
  }
}
