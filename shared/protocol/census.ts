import { dayId } from '../domain/calendar/utc-time.ts';
import { digestOf } from '../domain/configuration/effective-policies.ts';
import type { HoldingRef, Instant } from '../domain/record/ids.ts';
import type { CensusCount } from '../ports/upkeep.ts';
import type { Holding } from '../domain/record/holding.ts';
import { countHoldings, countsOfEntities, countsScope } from './attention.ts';
import type { Core } from './core.ts';
import { setDamagedAside } from './damaged.ts';
import { pages } from '../domain/each.ts';
import { countForecast } from './forecast/count-forecast.ts';
import { partsOfPage, partsOfSegment } from './forecast/census-parts.ts';
import { NOTHING_YET, withParts } from './forecast/sum-parts.ts';
import { ringSurveys } from './coverage/ring-surveys.ts';
import { markingWalk, noteWalked } from './facts/registered-marks.ts';
import { finishReleases } from './hold.ts';
import { forgetLocators, lookAfter, oldestChunks, type OldestOf } from './look-after.ts';
import { noteFromCensus } from './notices/note-from-census.ts';
import { isPlannedByOthers } from './plan-of.ts';
import { rePlanRead } from './plan-writer.ts';
import { retrySetAside } from './retry-set-aside.ts';
import { stateDays, type StatingCore } from './statement/state-days.ts';
import type { Days } from './statement/due-states.ts';
import { isStated, type LanesBefore, lanesBefore, putDue, statedDays } from './statement/stated-days.ts';
import { SEGMENTS, segmentId, walkSegment } from './walk.ts';

/** Young holdings may be in the middle of a registration or a settlement. */
const YOUNG = 2 * 3_600_000;

export function censusId(now: Instant): string {
  return `census/${dayId(now)}`;
}

/** YYYY-MM-DD. */
export function dayOfCensus(id: string): string {
  return id.slice('census/'.length);
}

interface Segment {
  readonly walk: string;
  readonly segment: number;
}

/** Once a day, by the first hourly sweep of it; sent again each hour until every segment has ended. */
export async function startCensus(core: StatingCore): Promise<void> {
  const id = censusId(core.clock.now());
  const open: { kind: 'walk'; walk: string; segment: number }[] = [];
  for (let segment = 0; segment < SEGMENTS; segment += 1) {
    if ((await core.registry.walk(`${id}/${segment}`)).done !== true)
      open.push({ kind: 'walk', walk: id, segment });
  }
  if (open.length > 0) await core.queues.toSweep(open);
  else if (!(await isStated(core, id))) await askForStatement(core, id);
}

/**
 * By a message of its own, so that a statement that fails takes nothing else with it: not the rest of an hourly run, nor the
 * daily reports, which come with the first segment.
 */
async function askForStatement(core: StatingCore, id: string): Promise<void> {
  await core.queues.toSweep([{ kind: 'walk', walk: id, segment: SEGMENTS - 1 }]);
}

/**
 * One segment of the census: plans what was decided under other policies, hints again what nothing points at (an
 * incident), looks at what is parked under a hold that does not cover it any more, lets withdrawn holdings forget their
 * locators, and counts by store, policy, status and reason, and by the day on which it goes, with a list of what needs a
 * person.
 */
export async function censusSegment(core: StatingCore, message: Segment, goOn: () => boolean): Promise<void> {
  const { walk: id, segment } = message;
  const run = segmentId(id, segment);
  const mark = markingWalk(core);
  const days = await statedDays(core, id);
  let read: Promise<LanesRead> | undefined;
  // Before the first page. A message that only asks for the statement reads none.
  const lanes = (): Promise<LanesRead> => (read ??= readLanes(core, days));
  const walked = await walkSegment(core, { id, segment }, goOn, {
    async scan(...page) {
      await lanes();
      return core.registry.scanAll(...page);
    },
    async visit({ items, damaged, earlier, damagedEarlier, entities, next }, { after }) {
      const now = core.clock.now();
      const { actedOn, oldestOf } = await lanes();
      if (segment === 0 && after === undefined) {
        await retrySetAside(core);
        await finishReleases(core);
        await ringSurveys(core);
      }
      await mark(items, damaged);
      await setDamagedAside(core, damaged);
      for (const { code } of damagedEarlier) core.report('holding.set-aside', { store: '', code, count: 1 });
      const planned = await rePlanRead(core, needPlan(core, items, now));
      const page = items.map((holding) => planned.get(holding.ref) ?? holding);
      await lookAfter(core, page, now, oldestOf);
      await noteFromCensus(core, page, now);
      await forgetLocators(core, page, now, oldestOf);
      const { counts: ofHoldings, listed } = countHoldings(core, page, planned, now);
      const counts = [...ofHoldings, ...countsOfEntities(core, entities, now)];
      const forecast = countForecast(core, page, { day: dayOfCensus(id), now });
      const found = { run, page: pageName(after), at: now, counts, listed, forecast };
      await putDue(
        core,
        { days, actedOn },
        { run, page: pageName(after), generations: [...page, ...earlier] },
      );
      for (const part of partsOfPage(found)) await core.registry.putCensus(part);
      if (next === undefined) await addUp(core, id, segment, now);
    },
  });
  const left = walked === 'done' ? await noteEnd(core, message, goOn) : walked;
  if (left === 'more') await core.queues.toSweep([{ kind: 'walk', ...message }]);
}

interface LanesRead {
  readonly actedOn: LanesBefore['actedOn'];
  readonly oldestOf: OldestOf;
}

async function readLanes(core: Core, days: Days | undefined): Promise<LanesRead> {
  const { actedOn, oldest } = await lanesBefore(core, days);
  return { actedOn, oldestOf: oldestChunks(core, oldest) };
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

type Ended = Awaited<ReturnType<typeof stateDays>>;

/** By the run that ends the last segment; if it dies before, the next hourly sweep asks for it. */
async function noteEnd(
  core: StatingCore,
  { walk: id, segment: own }: Segment,
  goOn: () => boolean,
): Promise<Ended> {
  for (let segment = 0; segment < SEGMENTS; segment += 1) {
    if ((await core.registry.walk(segmentId(id, segment))).done !== true) return 'busy';
  }
  const newest = (await core.registry.newestCensus()) ?? '';
  if (newest > id) return 'done';
  // Lists and sizes do not wait for the statement: one that fails leaves its days to the next census.
  if (newest < id) {
    await noteWalked(core, Date.parse(dayOfCensus(id)));
    await core.registry.putNewestCensus(id);
  }
  if (own > 0) return stateDays(core, id, goOn);
  if (!(await isStated(core, id))) await askForStatement(core, id);
  return 'done';
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
