import type { LogBucket } from '../../ports/log.ts';
import type { LogHead, ToBeSealed } from '../../ports/results.ts';
import type { PageList } from '../../domain/record/page-list.ts';
import { type AttemptResult, type SealedIndex, VOID } from '../../domain/record/work.ts';
import { bundleKey, bundleOf, logLinesOf, sealedIndexOf, writeOnce } from './bundle.ts';
import { indexNext } from './index-log.ts';
import type { Core } from '../core.ts';
import { listsObject } from './page-lists.ts';
import { rebuildLog } from '../restore/rebuild-log.ts';
import { readEach, ResultDamaged, type Sealable, sealable, type Unsealable } from './sealable.ts';
import { seconds } from '../seconds.ts';

export interface SealCore extends Pick<Core, 'clock' | 'configuration' | 'registry' | 'report'> {
  readonly bucket: LogBucket;
  /** The table's name, where it was restored and adopted. */
  readonly adopted?: string;
}

/** Results in one batch: keeps the head below 4 KB. */
export const BATCH = 32;
/** Bytes of their lines, unless one result has more: a batch is one object, and is made in memory. */
const BATCH_BYTES = 16_000_000;

/**
 * Puts the entries of results into the log; the only writer of the log's objects. The order is made durable with one
 * conditional write of the head, before any object; then the objects, an index item per result, and only then the next
 * batch. A run that finds an unfinished batch finishes it first: it is recomputed from the head and the results,
 * identically. Any number of runs may be at work, and die anywhere. On an adopted table nothing is accepted before the
 * registry knows all that is in the log. A result that the log can never have is left out, and the run fails at its end.
 */
export async function seal(core: SealCore, goOn: () => boolean = () => true): Promise<void> {
  const { adopted } = core;
  if (adopted !== undefined && (await rebuildLog(core, adopted, goOn)) === 'more') return;
  let found = 0;
  let damaged: ResultDamaged | undefined;
  let after: string | undefined;
  do {
    const page = await core.registry.toBeSealed(after);
    damaged ??= await sealPage(core, page.items);
    found += page.items.length;
    after = page.next;
  } while (after !== undefined && goOn());
  // Only a run that came to the end knows what is left. It reads again only if there was something.
  if (after === undefined) reportWaiting(core, found === 0 ? [] : (await core.registry.toBeSealed()).items);
  if (damaged !== undefined) throw damaged;
}

function reportWaiting(core: SealCore, items: readonly ToBeSealed[]): void {
  const now = core.clock.now();
  const oldest = Math.min(now, ...items.map(({ putAt }) => putAt));
  core.report('seal.waiting', { count: items.length, seconds: Math.round((now - oldest) / 1000) });
}

/** Answers what is wrong with the first result that it has left out. */
async function sealPage(core: SealCore, items: readonly ToBeSealed[]): Promise<ResultDamaged | undefined> {
  let open = items;
  let damaged: ResultDamaged | undefined;
  while (open.length > 0) {
    const head = await core.registry.head();
    if (!head.published) {
      await publish(core, head);
      continue;
    }
    const { batch, finished, young, wrong, known } = await nextBatch(core, head, open);
    if (finished.length > 0) await core.registry.deleteToBeSealed(finished);
    const handled = new Set([...finished, ...young, ...wrong.keys()]);
    for (const [token, why] of wrong) damaged ??= new ResultDamaged(token, why);
    if (batch.length === 0) {
      open = open.filter(({ token }) => !handled.has(token));
      continue;
    }
    const size = head.size + batch.reduce((sum, { count }) => sum + count, 0);
    const next: LogHead = { version: head.version + 1, size, batch, published: false };
    for (const { token } of batch) handled.add(token);
    if ((await core.registry.putHead(next)) === 'moved') continue;
    await publish(core, next, known);
    open = open.filter(({ token }) => !handled.has(token));
  }
  return damaged;
}

/**
 * The results that come next in the log. `finished`: sealed already, or void; only their note is left to delete. `young`:
 * their result may still be put. `wrong`: the log can never have them.
 */
async function nextBatch(
  core: SealCore,
  head: LogHead,
  items: readonly ToBeSealed[],
): Promise<{
  readonly batch: LogHead['batch'];
  readonly finished: readonly string[];
  readonly young: readonly string[];
  readonly wrong: ReadonlyMap<string, Unsealable>;
  /** Those of the batch. */
  readonly known: ReadonlyMap<string, Sealable>;
}> {
  const { registry } = core;
  const some = items.slice(0, BATCH);
  const tokens = some.map(({ token }) => token);
  const index = await readEach(tokens, (all) => registry.sealed(all));
  const results = await readEach(tokens, (all) => registry.results(all));
  const batch: { token: string; first: number; count: number }[] = [];
  const finished: string[] = [];
  const young: string[] = [];
  const wrong = new Map<string, Unsealable>();
  const known = new Map<string, Sealable>();
  let first = head.size;
  let bytes = 0;
  for (const item of some) {
    const { token } = item;
    if (index.unreadable.has(token) || results.unreadable.has(token)) {
      wrong.set(token, 'unreadable');
      continue;
    }
    const there = results.found.get(token);
    // Until when its attempt may put a result is in what cannot be read: it is never made void.
    if (there === undefined && item.damaged === true) {
      wrong.set(token, 'note');
      continue;
    }
    const result = there ?? (await voidIfOld(core, item));
    if (result === undefined) young.push(token);
    else if (index.found.has(token) || result === VOID || logLinesOf(result).length === 0)
      finished.push(token);
    else {
      const one = sealable(result);
      if (typeof one === 'string') {
        wrong.set(token, one);
        continue;
      }
      // The rest of them has the next batch.
      if (batch.length > 0 && bytes + one.bytes > BATCH_BYTES) break;
      const count = one.texts.length;
      known.set(token, one);
      batch.push({ token, first, count });
      first += count;
      bytes += one.bytes;
    }
  }
  return { batch, finished, young, wrong, known };
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
  known: ReadonlyMap<string, Sealable> = new Map(),
): Promise<void> {
  const tokens = head.batch.map(({ token }) => token);
  const missing = tokens.filter((token) => !known.has(token));
  const results = missing.length > 0 ? await core.registry.results(missing) : new Map();
  const sealed: SealedIndex[] = [];
  const lists: PageList[] = [];
  const texts = head.batch.flatMap(({ token, first }) => {
    const one = known.get(token) ?? sealableOf(token, results.get(token));
    for (const list of one.lists) lists.push({ ...list, index: first + list.index });
    sealed.push(sealedIndexOf(one.result, first));
    return one.texts;
  });
  const firstIndex = head.batch[0]?.first ?? head.size;
  if (lists.length > 0) {
    const { key, bytes } = listsObject(firstIndex, lists);
    await writeOnce(core.bucket, key, bytes);
  }
  if (texts.length > 0) await writeOnce(core.bucket, bundleKey(firstIndex), bundleOf(texts));
  await core.registry.putSealed(sealed);
  await indexNow(core, sealed);
  await core.registry.deleteToBeSealed(tokens);
  const written = await core.registry.putHead({ ...head, version: head.version + 1, published: true });
  if (written === 'written') core.report('seal.sealed', { count: texts.length });
}

/** What is wrong with the index stops no entry: `indexLog` meets it again, and tells it. */
async function indexNow(core: SealCore, sealed: readonly SealedIndex[]): Promise<void> {
  try {
    await indexNext(core, sealed);
  } catch {
    // The index is behind from here on.
  }
}

function sealableOf(token: string, result: AttemptResult | typeof VOID | undefined): Sealable {
  if (result === undefined || result === VOID) throw new LogDamaged(token);
  const one = sealable(result);
  if (typeof one === 'string') throw new ResultDamaged(token, one);
  return one;
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
