import { parts } from '../../domain/each.ts';
import type { CollectionRead, ExportPart, PartFile, PartLeftOut } from '../../domain/export/export-part.ts';
import { mergeLeftOut } from '../../domain/export/manifest.ts';
import type { HoldingRef } from '../../domain/record/ids.ts';
import { present } from '../../domain/present.ts';
import type { Locator } from '../../ports/store.ts';
import type { LaneCore } from '../core.ts';
import { dataFiles } from './data-files.ts';
import { type ListPlace, openCollection, type OpenedCollection, sealPlace } from './open-collection.ts';
import { chooseRows } from './choose-rows.ts';
import { readWanted, type Wanted } from './read-wanted.ts';
import { READ_AT_ONCE, type ReadOn, type Reading, SAVE_AFTER } from './reading.ts';

/** Records that are listed at a time. */
const LISTED_AT_ONCE = 50;
/** Records that were not read: with more of them nothing more is listed, so a part has at most `LISTED_AT_ONCE` more. */
const MOST_OPEN = 50;
/** A page is full with these: its item stays far below the 400 KB that it may have. */
const PAGE_RECORDS = 1000;
const PAGE_FILES = 150;

export interface CollectionPart {
  readonly part: ExportPart;
  readonly read: CollectionRead;
  readonly isListed: (ref: HoldingRef) => Promise<boolean>;
}

/**
 * Reads a collection on by one page. The page is written before the part, which names it: a run that dies in between leaves
 * a page that counts for nothing, and its records are read again.
 */
export async function readCollection(
  core: LaneCore,
  reading: Reading,
  { part, read, isListed }: CollectionPart,
  goOn: () => boolean,
): Promise<ReadOn> {
  const opening = await openCollection(core, reading, part);
  const next = { ...part, version: part.version + 1 };
  switch (opening.kind) {
    case 'failed':
      return { next, stopped: opening.code };
    case 'left':
      return { next: { ...next, done: part.refs.length, leftOut: [...part.leftOut, opening.leftOut] } };
    case 'opened':
      break;
  }
  const { collection } = opening;
  const page = await readPage(core, reading, { part, read, collection, isListed }, goOn);
  const { at, records, written, stopped } = page;
  const isPage = page.files.length + page.leftOut.length > 0;
  if (isPage)
    await core.registry.putExportPage({
      store: part.store,
      exportId: part.exportId,
      number: part.number,
      page: read.pages + 1,
      name: reading.attempt,
      ...present({ before: read.last }),
      files: page.files,
      leftOut: page.leftOut,
      expires: part.expires,
    });
  const isOver = at.ended === true && at.open.length === 0;
  const { pages, last } = isPage ? { pages: read.pages + 1, last: reading.attempt } : read;
  const place = isOver ? undefined : await sealPlace(core, part, collection.holding, at);
  return {
    next: {
      ...next,
      done: isOver ? part.refs.length : 0,
      collection: { pages, records, dataFiles: written, ...present({ last, place }) },
    },
    ...present({ stopped }),
  };
}

interface Page {
  readonly files: readonly PartFile[];
  readonly leftOut: readonly PartLeftOut[];
  /** In the part, with those of earlier pages. */
  readonly records: number;
  readonly written: number;
  readonly at: ListPlace;
  /** Why it should not go on now. */
  readonly stopped?: string;
}

/** Reads what was left open, and then on in the list, until the page is full or it is time to save. */
async function readPage(
  core: LaneCore,
  reading: Reading,
  of: CollectionPart & { readonly collection: OpenedCollection },
  goOn: () => boolean,
): Promise<Page> {
  const begun = core.clock.now();
  let moves = 0;
  // Something is done in any case, so that it goes on however slow the store is.
  const isTime = (): boolean => moves > 0 && (core.clock.now() - begun >= SAVE_AFTER || !goOn());
  const page = pageOf(core, reading, of, {
    isTime,
    moved: () => {
      moves += 1;
    },
  });
  const { place, at } = of.collection;
  let { after, ended } = at;
  for (const some of parts(at.open, LISTED_AT_ONCE)) await page.take(some);
  while (ended !== true && !page.isDown() && page.open() <= MOST_OPEN && !page.isFull() && !isTime()) {
    const list = await core.store.list(place, LISTED_AT_ONCE, after);
    moves += 1;
    if (list.state === 'unknown') {
      page.down(list.code);
      break;
    }
    await page.take(list.locators);
    after = list.next;
    if (after === undefined) ended = true;
  }
  return page.end({ ...present({ after, ended }) });
}

interface Pace {
  readonly isTime: () => boolean;
  readonly moved: () => void;
}

/** What one run collects. */
function pageOf(
  core: LaneCore,
  reading: Reading,
  { part, read, collection, isListed }: CollectionPart & { readonly collection: OpenedCollection },
  { isTime, moved }: Pace,
) {
  const data = dataFiles(core, reading, part, read.dataFiles);
  const files: PartFile[] = [];
  const leftOut: PartLeftOut[] = [];
  const failed: Locator[] = [];
  const unread: Locator[] = [];
  let { records } = read;
  let tried = 0;
  let code: string | undefined;
  let isDown = false;

  function fail(found: ReadonlyMap<Locator, string>): void {
    failed.push(...found.keys());
    code = [...found.values()].at(-1) ?? code;
  }

  async function readSome(some: readonly Wanted<Locator>[]): Promise<void> {
    const found = await readWanted(core, reading, { part: part.number, done: records }, some);
    moved();
    for (const line of found.lines) files.push(...(await data.add(line)));
    files.push(...found.files);
    leftOut.push(...found.leftOut);
    records += found.lines.length;
    fail(found.open);
    isDown = found.open.size === some.length;
  }

  return {
    isDown: () => isDown,
    isFull: () => records - read.records >= PAGE_RECORDS || files.length >= PAGE_FILES,
    open: () => failed.length + unread.length,
    down(why: string): void {
      isDown = true;
      code = why;
    },

    /** What the store does not answer, or there is no time for, is left for another run. */
    async take(locators: readonly Locator[]): Promise<void> {
      if (locators.length === 0) return;
      if (isDown || isTime()) return void unread.push(...locators);
      const chosen = await chooseRows(core, reading, { locators, tried, collection, isListed });
      tried += locators.length;
      fail(chosen.open);
      leftOut.push(...chosen.leftOut);
      if (chosen.open.size > 0) isDown = chosen.wanted.length === 0;
      for (const some of parts(chosen.wanted, READ_AT_ONCE)) {
        if (isDown || isTime()) unread.push(...some.map(({ id }) => id));
        else await readSome(some);
      }
    },

    /** Those that failed are the last ones of the next run, so they hold back no other. */
    async end(at: Omit<ListPlace, 'open'>): Promise<Page> {
      files.push(...(await data.end()));
      const merged = mergeLeftOut(leftOut.map((one) => ({ ...one, store: part.store })));
      const isStuck = isDown || failed.length > MOST_OPEN || (at.ended === true && unread.length === 0);
      return {
        files,
        leftOut: merged.map(({ categories, reason, records: count }) => ({
          categories,
          reason,
          records: count,
        })),
        records,
        written: data.written(),
        at: { ...at, open: [...unread, ...failed] },
        ...present({ stopped: isStuck ? code : undefined }),
      };
    },
  };
}
