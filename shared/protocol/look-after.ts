import { checkedAt, nextLook } from '../domain/facts/after-care.ts';
import { pages } from '../domain/each.ts';
import { own } from '../domain/own.ts';
import { present } from '../domain/present.ts';
import { type Holding, lookAtOf } from '../domain/record/holding.ts';
import type { HoldingRef, Instant } from '../domain/record/ids.ts';
import type { Chunk } from '../domain/record/work.ts';
import type { HoldingChange } from '../ports/holdings.ts';
import type { Core } from './core.ts';
import { hintInTime, minuteUp } from './hint.ts';
import { isInForce } from './lane/park.ts';
import { allSetAside } from './retry-set-aside.ts';

const DAY = 86_400_000;
/** Hints of the last hours may be on their way into a chunk. */
const YOUNG = 2 * 3_600_000;

/** Re-hints what nothing points at; it must find none. */
export async function lookAfter(
  core: Core,
  page: readonly Holding[],
  now: Instant,
  oldestOf: OldestOf,
): Promise<void> {
  const dated = page.filter((holding) => isDated(core, holding));
  const named = namedByChunks(core, new Set(dated.map(({ ref }) => ref)));
  const lanes = { oldestOf, named, setAside: remembered((store) => allSetAside(core, store)) };
  for (const holding of dated) {
    if (await isPointedAt(core, holding, now, lanes)) continue;
    // Its hint may have come on record since the page was read.
    const [newest = holding] = (await core.registry.readHoldings([holding.ref])).holdings.values();
    if (newest.version !== holding.version && (await isPointedAt(core, newest, now, lanes))) continue;
    core.report('census.re-hinted', { store: holding.store, count: 1 });
    await hintInTime(core, [holding], (one, at) => Math.max(at, lookAt(one) ?? at));
  }
}

/** A check of a store that is not configured any more is never made. */
function isDated({ configuration }: Core, holding: Holding): boolean {
  const isChecked = holding.probe === undefined || own(configuration.stores, holding.store) !== undefined;
  return isChecked && lookAt(holding) !== undefined;
}

function lookAt(holding: Holding): Instant | undefined {
  return holding.state === 'active' ? lookAtOf(holding.decision) : nextLook(holding);
}

interface Lanes {
  readonly oldestOf: OldestOf;
  /** Those of the page's holdings that a chunk of the lane names. */
  readonly named: (lane: string) => Promise<ReadonlySet<HoldingRef>>;
  /** What of the lane is set aside: it is tried again each day. */
  readonly setAside: (lane: string) => Promise<ReadonlySet<HoldingRef>>;
}

/**
 * A hint after the cursor, a hold that hints it when it is released or was released lately, a lane with a chunk as old as its hint, a chunk that
 * names it, or the list of what is set aside, which is tried again each day.
 */
async function isPointedAt(
  core: Core,
  { ref, store, hintAt, parked }: Holding,
  now: Instant,
  { oldestOf, named, setAside }: Lanes,
): Promise<boolean> {
  if (parked !== undefined)
    return (
      (await isInForce(core, { id: parked.hold, ...present({ entity: parked.entity }) })) ||
      (await isReleasedLately(core, parked.hold, now)) ||
      (await named(store)).has(ref)
    );
  // Hints of the last hours may be on their way into a chunk.
  if (hintAt !== undefined && hintAt > now - YOUNG)
    return core.registry.hasHint({ minute: hintAt, holding: ref });
  if (hintAt !== undefined && hintAt >= (await oldestOf(store))) return true;
  if ((await setAside(store)).has(ref)) return true;
  // Not every hint is on record in its holding: what it led to is seen in the lane.
  return (await oldestOf(store)) !== Infinity && (await named(store)).has(ref);
}

/**
 * Its release hints what is parked under it, a page after the other, and these hints are not on record in the holdings. If
 * that run was lost, the census of the next day finds what it left.
 */
async function isReleasedLately({ registry }: Core, hold: string, now: Instant): Promise<boolean> {
  const released = (await registry.holdRecord(hold))?.released;
  return released !== undefined && released.at > now - YOUNG;
}

export type OldestOf = (lane: string) => Promise<Instant>;

/** Each lane's backlog is read at most once a run, and only when it is asked for. `read`: of lanes whose backlog was read. */
export function oldestChunks(core: Core, read: ReadonlyMap<string, Instant>): OldestOf {
  return remembered(async (lane) => {
    const known = read.get(lane);
    if (known !== undefined) return known;
    let oldest = Infinity;
    await eachChunk(core, lane, (chunk) => {
      oldest = olderOf(oldest, chunk);
    });
    return oldest;
  });
}

/** That of a dataset names no holding. */
export function olderOf(oldest: Instant, { minute, dataset }: Chunk): Instant {
  return dataset === undefined ? Math.min(oldest, minute) : oldest;
}

function namedByChunks(core: Core, refs: ReadonlySet<HoldingRef>): Lanes['named'] {
  return remembered(async (lane) => {
    const named = new Set<HoldingRef>();
    await eachChunk(core, lane, (chunk) => {
      for (const ref of chunk.refs) if (refs.has(ref)) named.add(ref);
    });
    return named;
  });
}

function remembered<T>(read: (lane: string) => Promise<T>): (lane: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (lane) => {
    const answer = known.get(lane) ?? read(lane);
    known.set(lane, answer);
    return answer;
  };
}

/** Of a lane, page by page. */
export async function eachChunk(core: Core, lane: string, visit: (chunk: Chunk) => void): Promise<void> {
  for await (const { items } of pages((after) => core.registry.chunks(lane, after)))
    for (const chunk of items) visit(chunk);
}

/**
 * A withdrawn holding keeps its locator until no chunk can name it: all that are left are newer. A tombstone of a store
 * that is not configured any more forgets where its record was when that was to be checked: nothing can ask the store.
 */
export async function forgetLocators(
  core: Core,
  page: readonly Holding[],
  now: Instant,
  oldestOf: OldestOf,
): Promise<void> {
  const changes: HoldingChange[] = [];
  for (const holding of page) {
    const { state, store, probe } = holding;
    if (probe !== undefined && probe.at < now && own(core.configuration.stores, store) === undefined)
      changes.push({ before: holding, after: checkedAt(holding, undefined) });
    if (state !== 'withdrawn' || holding.locator === undefined) continue;
    const latest = Math.max(0, ...Object.values(holding.withdrawnAt ?? {}), holding.hintAt ?? 0);
    if (now <= minuteUp(latest) + 14 * DAY || (await oldestOf(store)) <= minuteUp(latest)) continue;
    const { locator: _locator, ...rest } = holding;
    changes.push({ before: holding, after: { ...rest, version: holding.version + 1 } });
  }
  if (changes.length > 0) await core.registry.writeHoldings(changes);
}
