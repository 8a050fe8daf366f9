import { present } from '../../domain/present.ts';
import { generationName, type Holding } from '../../domain/record/holding.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { ActedOn } from '../../domain/record/work.ts';
import type { DuePage } from '../../ports/upkeep.ts';
import type { Core } from '../core.ts';
import { eachChunk, olderOf } from '../look-after.ts';
import { type ActedOnByName, type ActedOnStage, dueAmong, type Days } from './due-states.ts';

const DAY = 86_400_000;

/** The walk over what a census found to be due. It lies with the census. */
export function statementWalk(census: string): string {
  return `${census}/statement`;
}

/**
 * The days that a census states: from the first day on that no statement covers, and before its own. They are fixed by its
 * first run. Nothing where a later census has ended before.
 */
export async function statedDays(core: Core, census: string): Promise<Days | undefined> {
  const id = statementWalk(census);
  const to = dayIn(census);
  const walk = await core.registry.walk(id);
  if (walk.since !== undefined) return daysFrom(walk.since, to);
  const newest = await core.registry.newestCensus();
  const since = newest === undefined ? to - DAY : await statedUntil(core, newest);
  const fixed = await core.registry.putWalk({ id, version: 1, at: core.clock.now(), since });
  if (fixed === 'written') return daysFrom(since, to);
  const other = (await core.registry.walk(id)).since;
  return other === undefined ? undefined : daysFrom(other, to);
}

/** A census counts as the newest one also where its statement has failed. */
async function statedUntil({ registry }: Core, census: string): Promise<Instant> {
  const { since, done } = await registry.walk(statementWalk(census));
  return done === true ? dayIn(census) : (since ?? dayIn(census));
}

/** Whether nothing is left to say of the days of a census, all of whose segments have ended. */
export async function isStated({ registry }: Core, census: string): Promise<boolean> {
  const { since = -Infinity, done } = await registry.walk(statementWalk(census));
  return done === true || since >= dayIn(census);
}

function daysFrom(from: Instant, to: Instant): Days | undefined {
  return from < to ? { from, to } : undefined;
}

function dayIn(census: string): Instant {
  return Date.parse(census.slice('census/'.length));
}

/** Of all lanes, as they were before the first page of a segment. */
export interface LanesBefore {
  /** What they had acted on before the end of the days, and have not settled yet. */
  readonly actedOn: ActedOnByName;
  /** The minute of the oldest chunk of each; `Infinity` where there is none. */
  readonly oldest: ReadonlyMap<string, Instant>;
}

/**
 * Read before a page, it has all that the page does not show as settled. A worker may have died long ago, and its lane may
 * be paused. A take-over puts the list of a work record into the chunk first: so chunks are read after work records.
 */
export async function lanesBefore(core: Core, days: Days | undefined): Promise<LanesBefore> {
  const found = new Map<string, ActedOnStage[]>();
  const oldest = new Map<string, Instant>();
  if (days === undefined) return { actedOn: found, oldest };
  const add = (all: readonly ActedOn[]): void => {
    for (const one of all) {
      if (one.lookedAt >= days.to) continue;
      const { stage, part, version } = one;
      const name = generationName(one);
      found.set(name, [...(found.get(name) ?? []), { stage, version, ...present({ part }) }]);
    }
  };
  for (const lane of Object.keys(core.configuration.stores)) {
    for (const { actedOn } of await core.registry.workRecords(lane)) add(actedOn);
    let minute = Infinity;
    await eachChunk(core, lane, (chunk) => {
      add(chunk.uncertain);
      minute = olderOf(minute, chunk);
    });
    oldest.set(lane, minute);
  }
  return { actedOn: found, oldest };
}

/** Puts down what of a page of the census was due in the days. Earlier generations may have been settled in them, too. */
export async function putDue(
  core: Core,
  { days, actedOn }: { readonly days: Days | undefined; readonly actedOn: ActedOnByName },
  { run, page, generations }: Pick<DuePage, 'run' | 'page'> & { readonly generations: readonly Holding[] },
): Promise<void> {
  if (days === undefined) return;
  const due = dueAmong(generations, days, actedOn);
  await core.registry.putDue({ run, page, at: core.clock.now(), due });
}
