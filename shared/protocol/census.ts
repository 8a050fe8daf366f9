import { present } from '../domain/present.ts';
import { dayId } from '../domain/calendar/utc-time.ts';
import { digestOf } from '../domain/configuration/effective-policies.ts';
import type { HoldingRef, Instant } from '../domain/record/ids.ts';
import type { CensusCount } from '../ports/upkeep.ts';
import type { Chunk } from '../domain/record/work.ts';
import { checkedAt, nextLook } from '../domain/facts/after-care.ts';
import { own } from '../domain/own.ts';
import type { HoldingChange } from '../ports/holdings.ts';
import { type Holding, lookAtOf } from '../domain/record/holding.ts';
import { countHoldings, countsOfEntities, countsScope } from './attention.ts';
import type { Core } from './core.ts';
import { setDamagedAside } from './damaged.ts';
import { pages } from '../domain/each.ts';
import { countForecast } from './forecast/count-forecast.ts';
import { partsOfPage, partsOfSegment } from './forecast/census-parts.ts';
import { NOTHING_YET, withParts } from './forecast/sum-parts.ts';
import { ringSurveys } from './coverage/ring-surveys.ts';
import { markingWalk, noteWalked } from './facts/registered-marks.ts';
import { hintInTime, minuteUp } from './hint.ts';
import { finishReleases } from './hold.ts';
import { isInForce } from './lane/park.ts';
import { noteFromCensus } from './notices/note-from-census.ts';
import { isPlannedByOthers } from './plan-of.ts';
import { rePlanRead } from './plan-writer.ts';
import { allSetAside, retrySetAside } from './retry-set-aside.ts';
import { SEGMENTS, segmentId, walkSegment } from './walk.ts';

const DAY = 86_400_000;
/** Young holdings may be in the middle of a registration or a settlement. */
const YOUNG = 2 * 3_600_000;

export function censusId(now: Instant): string {
  return `census/${dayId(now)}`;
}

/** YYYY-MM-DD. */
export function dayOfCensus(id: string): string {
  return id.slice('census/'.length);
}

/** Once a day, by the first hourly sweep of it; sent again each hour until every segment has ended. */
export async function startCensus(core: Core): Promise<void> {
  const id = censusId(core.clock.now());
  const open: { kind: 'walk'; walk: string; segment: number }[] = [];
  for (let segment = 0; segment < SEGMENTS; segment += 1) {
    if ((await core.registry.walk(`${id}/${segment}`)).done !== true)
      open.push({ kind: 'walk', walk: id, segment });
  }
  if (open.length > 0) await core.queues.toSweep(open);
  else await noteNewest(core, id);
}

/**
 * One segment of the census: plans what was decided under other policies, hints again what nothing points at (an
 * incident), looks at what is parked under a hold that does not cover it any more, lets withdrawn holdings forget their
 * locators, and counts by store, policy, status and reason, and by the day on which it goes, with a list of what needs a
 * person.
 */
export async function censusSegment(
  core: Core,
  message: { readonly walk: string; readonly segment: number },
  goOn: () => boolean,
): Promise<void> {
  const { walk: id, segment } = message;
  const oldestOf = oldestChunks(core);
  const run = segmentId(id, segment);
  const mark = markingWalk(core);
  const walked = await walkSegment(core, { id, segment }, goOn, {
    scan: (...page) => core.registry.scanAll(...page),
    async visit({ items, damaged, entities, next }, { after }) {
      const now = core.clock.now();
      if (segment === 0 && after === undefined) {
        await retrySetAside(core);
        await finishReleases(core);
        await ringSurveys(core);
      }
      await mark(items, damaged);
      await setDamagedAside(core, damaged);
      const planned = await rePlanRead(core, needPlan(core, items, now));
      const page = items.map((holding) => planned.get(holding.ref) ?? holding);
      await lookAfter(core, page, now, oldestOf);
      await noteFromCensus(core, page, now);
      await forgetLocators(core, page, now, oldestOf);
      const { counts: ofHoldings, listed } = countHoldings(core, page, planned, now);
      const counts = [...ofHoldings, ...countsOfEntities(core, entities, now)];
      const forecast = countForecast(core, page, { day: dayOfCensus(id), now });
      const found = { run, page: pageName(after), at: now, counts, listed, forecast };
      for (const part of partsOfPage(found)) await core.registry.putCensus(part);
      if (next === undefined) await addUp(core, id, segment, now);
    },
  });
  if (walked === 'more') await core.queues.toSweep([{ kind: 'walk', ...message }]);
  if (walked === 'done') await noteEnd(core, id);
}

/** The sums of a segment lie together with those of the others, so that reading them does not take a page a million. */
async function addUp(core: Core, id: string, segment: number, at: Instant): Promise<void> {
  let sum = NOTHING_YET;
  for await (const { items } of pages((after) => core.registry.census(segmentId(id, segment), after)))
    sum = withParts(sum, items);
  const { counts, forecast } = sum;
  const listed = new Map<string, readonly HoldingRef[]>();
  if (forecast !== undefined)
    for (const part of partsOfSegment(id, segment, forecast)) await core.registry.putCensus({ ...part, at });
  await core.registry.putCensus({ run: sumsOf(id), page: String(segment), at, counts, listed });
}

/** The same for a page that comes again: each begins where the one before ended. */
function pageName(after: string | undefined): string {
  return digestOf(after ?? '').slice(0, 22);
}

function sumsOf(id: string): string {
  return `${id}/sums`;
}

/** By the run that ends the last segment; if it dies before, by the next hourly sweep. */
async function noteEnd(core: Core, id: string): Promise<void> {
  for (let segment = 0; segment < SEGMENTS; segment += 1) {
    if ((await core.registry.walk(segmentId(id, segment))).done !== true) return;
  }
  await noteNewest(core, id);
}

async function noteNewest(core: Core, id: string): Promise<void> {
  if ((await core.registry.newestCensus()) === id) return;
  await noteWalked(core, Date.parse(dayOfCensus(id)));
  await core.registry.putNewestCensus(id);
}

/** The counts of a census, added up over its segments: each record once. */
export async function censusCounts(
  core: Pick<Core, 'registry'>,
  id: string,
): Promise<readonly CensusCount[]> {
  return (await sums(core, id)).filter((one) => !countsScope(one));
}

/** What scopes of holds cover, added up: a record has a row for each of its scopes. */
export async function scopeCounts(core: Pick<Core, 'registry'>, id: string): Promise<readonly CensusCount[]> {
  return (await sums(core, id)).filter(countsScope);
}

async function sums({ registry }: Pick<Core, 'registry'>, id: string): Promise<readonly CensusCount[]> {
  let sum = NOTHING_YET;
  for await (const { items } of pages((after) => registry.census(sumsOf(id), after)))
    sum = withParts(sum, items);
  return sum.counts;
}

function needPlan(core: Core, page: readonly Holding[], now: Instant): readonly Holding[] {
  return page.filter((holding) => {
    if (holding.state === 'pending') return now > holding.registeredAt + YOUNG;
    return isPlannedByOthers(core, holding, now);
  });
}

/** Re-hints what nothing points at; it must find none. */
async function lookAfter(
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

type OldestOf = (lane: string) => Promise<Instant>;

/** Each lane's backlog is read at most once a run, and only when it is asked for. */
function oldestChunks(core: Core): OldestOf {
  return remembered(async (lane) => {
    let oldest = Infinity;
    await eachChunk(core, lane, ({ minute, dataset }) => {
      // That of a dataset names no holding.
      if (dataset === undefined) oldest = Math.min(oldest, minute);
    });
    return oldest;
  });
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

async function eachChunk(core: Core, lane: string, visit: (chunk: Chunk) => void): Promise<void> {
  for await (const { items } of pages((after) => core.registry.chunks(lane, after)))
    for (const chunk of items) visit(chunk);
}

/**
 * A withdrawn holding keeps its locator until no chunk can name it: all that are left are newer. A tombstone of a store
 * that is not configured any more forgets where its record was when that was to be checked: nothing can ask the store.
 */
async function forgetLocators(
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
