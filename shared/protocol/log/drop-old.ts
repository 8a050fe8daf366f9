import { batchKey } from '../../domain/log/batch-key.ts';
import { hourId, isoUtc } from '../../domain/calendar/utc-time.ts';
import { parseCheckpoint } from '../../domain/log/checkpoint.ts';
import { minimumIndexText, pathsOfDropped, readMinimumIndex } from '../../domain/log/minimum-index.ts';
import { parseNote } from '../../domain/log/note.ts';
import { TILE_WIDTH } from '../../domain/log/tiles.ts';
import type { DropEntry } from '../../domain/record/entry.ts';
import { SOFTWARE } from '../../domain/version.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { LogBucket, OldObjects } from '../../ports/log.ts';
import type { Walk } from '../../ports/upkeep.ts';
import type { Core } from '../core.ts';
import { ownTokens, placeOf, putOwnEntry } from './own-entry.ts';
import { TreeForked } from './signed-tree.ts';

export interface DropCore extends Pick<Core, 'clock' | 'configuration' | 'registry' | 'report'> {
  readonly bucket: LogBucket;
  /** Nothing is dropped without it. `days`: how long an entry is kept. */
  readonly keep?: { readonly days: number; readonly old: OldObjects };
}

/** The walk that says what is being dropped: `count` entries, of which `since` are gone already. */
const DROPPED = 'dropped';
const DAY = 86_400_000;
/** Where lines of entries and lists of their records lie, and the names that are the log's own. */
const OWN = { entries: /^entries\/\d{20}$/, lists: /^lists\/\d{20}-[0-9a-f]{64}$/ };

/** Between two times that the walk is written while objects are taken away. */
const BUNDLES_A_STEP = 64;

/**
 * Takes the oldest entries out of the log once all objects of them are a day older than they have to be kept. In this
 * order, each after the one before is durable: the walk names the new minimum index; an entry of the log says it; once a
 * published checkpoint has signed that entry, `minimum-index` says it; then the objects go, the oldest first. Any number
 * of runs may do it at once, be late, and die anywhere: all of them take away only what is published as dropped.
 */
export async function dropOld(core: DropCore, goOn: () => boolean = () => true): Promise<void> {
  const { keep, registry, clock } = core;
  if (keep === undefined) return;
  let walk = await registry.walk(DROPPED);
  const isOver = walk.version === 0 || walk.done === true;
  if (isOver) {
    // Once a day: each time is an entry of the log.
    if (walk.version > 0 && clock.now() - walk.at < DAY) return;
    const next = await nextWalk(core, keep.old, walk);
    if ((await registry.putWalk(next)) === 'moved') return;
    walk = next;
  }
  if (walk.done !== true && (await isPublished(core, keep.old, walk)))
    await dropObjects(core, keep.old, walk, goOn);
}

/**
 * A registry that knows less of the log than was dropped would give places a second time whose objects are free again.
 */
export async function refuseBeforeDropped({ keep, registry }: DropCore): Promise<void> {
  if (keep === undefined) return;
  const minimum = await publishedMinimum(keep.old);
  const { size } = await registry.head();
  if (size >= minimum.count) return;
  throw new TreeForked(
    `The deletion log has dropped its first ${minimum.count} entries, and the registry knows only ${size}: it is an older copy of the table, or another one.`,
  );
}

/** The first entry of the oldest batch that is left, if the one of this index was published as dropped. */
export async function firstKept(old: OldObjects | undefined, index: number): Promise<number | undefined> {
  if (old === undefined || index >= (await publishedMinimum(old)).count) return undefined;
  const [key] = await ownKeys(old, 'entries');
  const first = indexIn(key);
  return first > index ? first : undefined;
}

async function publishedMinimum(
  old: OldObjects,
): Promise<{ readonly count: number; readonly tag: string | undefined }> {
  const there = await old.minimumIndex();
  if (there === undefined) return { count: 0, tag: undefined };
  const count = readMinimumIndex(Buffer.from(there.text));
  if (count === undefined)
    throw new TreeForked(
      'The object minimum-index of the deletion log is not one that was written by Tenure.',
    );
  return { count, tag: there.tag };
}

/**
 * The first of these keys that the log has written. What somebody else has put beside them is left where it is: its name may
 * be the beginning of all others, and `drop` takes away whatever begins so.
 */
async function ownKeys(old: OldObjects, folder: keyof typeof OWN): Promise<readonly string[]> {
  return (await old.firstKeys(`${folder}/`)).filter((key) => OWN[folder].test(key));
}

/** The index in the name of an object of the journal. */
function indexIn(key = ''): number {
  return Number(key.slice('entries/'.length));
}

/** A day more: objects of one bundle are written after each other, and their locks end so. */
function isOld(at: Instant, { clock, keep }: DropCore): boolean {
  return keep !== undefined && at <= clock.now() - (keep.days + 1) * DAY;
}

async function nextWalk(core: DropCore, old: OldObjects, walk: Walk): Promise<Walk> {
  const { clock, bucket, registry } = core;
  const now = clock.now();
  // A registry that was restored may not know what was published as dropped, and how much of it is gone.
  const since = walk.count ?? 0;
  const published = Math.max(since, (await publishedMinimum(old)).count);
  const signed = parseCheckpoint(parseNote((await bucket.checkpoint())?.text ?? '')?.text ?? '');
  // The index of the log is made from the journal.
  const { until } = await registry.logIndexed();
  const whole = Math.floor(Math.min(signed?.size ?? 0, until) / TILE_WIDTH);
  const mayGo = async (index: number): Promise<boolean> => {
    const at = await old.writtenAt(pathsOfDropped(index)[0]);
    return at !== undefined && isOld(at, core);
  };
  const count = TILE_WIDTH * (await firstThatIsNot(mayGo, published / TILE_WIDTH, whole));
  const { version } = walk;
  return { id: DROPPED, version: version + 1, at: now, count, since, done: count === since };
}

/** Bundles are written in their order. With steps that double, then by halves: few are looked at, however many there are. */
async function firstThatIsNot(
  mayGo: (index: number) => Promise<boolean>,
  from: number,
  end: number,
): Promise<number> {
  let low = from;
  let step = 1;
  while (low + step <= end && (await mayGo(low + step - 1))) {
    low += step;
    step *= 2;
  }
  let high = Math.min(end, low + step - 1);
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (await mayGo(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether everyone who reads the log can know that these entries are dropped. It brings this about, step by step. */
async function isPublished(core: DropCore, old: OldObjects, walk: Walk): Promise<boolean> {
  const { registry, bucket } = core;
  const { count: before = 0, at } = walk;
  const tokens = ownTokens(hourId(at), `drop-${before}`);
  const place = await placeOf(registry, tokens);
  if (place === undefined) {
    await putOwnEntry(core, tokens, (token): DropEntry => {
      return { v: 2, token, did: 'drop', at: isoUtc(at), before, software: SOFTWARE };
    });
    return false;
  }
  const signed = parseCheckpoint(parseNote((await bucket.checkpoint())?.text ?? '')?.text ?? '');
  if (signed === undefined || place >= signed.size) return false;
  const minimum = await publishedMinimum(old);
  if (minimum.count >= before) return true;
  return (await old.putMinimumIndex(minimumIndexText(before), minimum.tag)) === 'written';
}

/**
 * What was published as dropped is looked at again: the configuration may say by now that it is kept for longer. Then it
 * stays until it is as old as that, although the log may be without it.
 */
async function dropObjects(core: DropCore, old: OldObjects, walk: Walk, goOn: () => boolean): Promise<void> {
  const { registry, report } = core;
  const { count = 0 } = walk;
  let { since = 0, version } = walk;
  let isStopped = false;
  /** Whether they are gone. */
  const drop = async (keys: readonly string[]): Promise<boolean> => {
    for (const key of keys) {
      if (goOn()) {
        if ((await old.drop(key)) === 'gone') continue;
        report('seal.drop-refused', { count: count - since });
      }
      isStopped = true;
      return false;
    }
    return true;
  };
  /** One that is gone already may have left its tile. */
  const mayGo = async (index: number): Promise<boolean> => {
    const at = await old.writtenAt(pathsOfDropped(index)[0]);
    return at === undefined || isOld(at, core);
  };
  while (since < count) {
    const begun = since;
    const end = Math.min(count, since + BUNDLES_A_STEP * TILE_WIDTH);
    for (let index = since / TILE_WIDTH; since < end && (await mayGo(index)); index += 1) {
      if (!(await drop(pathsOfDropped(index)))) break;
      since += TILE_WIDTH;
    }
    if (since > begun) {
      version += 1;
      if ((await registry.putWalk({ ...walk, since, version })) === 'moved') return;
    }
    if (since < end) break;
  }
  if (isStopped || !(await dropJournal(old, since, drop)) || since < count) return;
  const over = { ...walk, since, version: version + 1, done: true };
  if ((await registry.putWalk(over)) === 'written') report('seal.dropped', { count });
}

/**
 * The objects of the journal that end before this entry, and the lists of their pages. The last object that begins at it
 * or before it may have it: it stays, and so do its lists.
 */
async function dropJournal(
  old: OldObjects,
  before: number,
  drop: (keys: readonly string[]) => Promise<boolean>,
): Promise<boolean> {
  const limit = batchKey('entries', before);
  let stays: string | undefined;
  for (;;) {
    const below = (await ownKeys(old, 'entries')).filter((key) => key <= limit);
    stays = below.at(-1);
    if (below.length < 2) break;
    if (!(await drop(below.slice(0, -1)))) return false;
  }
  if (stays === undefined) return true;
  const first = batchKey('lists', indexIn(stays));
  for (;;) {
    const below = (await ownKeys(old, 'lists')).filter((key) => key < first);
    if (below.length === 0) return true;
    if (!(await drop(below))) return false;
  }
}
