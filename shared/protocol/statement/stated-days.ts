import { each } from '../../domain/each.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { Core } from '../core.ts';
import { writeLagOf } from '../plan-of.ts';
import { dueAmong, type Days } from './due-states.ts';

const DAY = 86_400_000;
/** Queries at the same time. */
const WIDTH = 8;

/** The walk over what a census found to be due. It lies with the census. */
export function statementWalk(census: string): string {
  return `${census}/statement`;
}

/**
 * The days that a census states: from the last day on that no statement covers, and before its own. They are fixed by its
 * first run. Nothing where a later census has ended before.
 */
export async function statedDays(core: Core, census: string): Promise<Days | undefined> {
  const id = statementWalk(census);
  const to = dayIn(census);
  const walk = await core.registry.walk(id);
  if (walk.since !== undefined) return daysFrom(walk.since, to);
  const newest = await core.registry.newestCensus();
  const since = newest === undefined ? to - DAY : dayIn(newest);
  const fixed = await core.registry.putWalk({ id, version: 1, at: core.clock.now(), since });
  if (fixed === 'written') return daysFrom(since, to);
  const other = (await core.registry.walk(id)).since;
  return other === undefined ? undefined : daysFrom(other, to);
}

function daysFrom(from: Instant, to: Instant): Days | undefined {
  return from < to ? { from, to } : undefined;
}

function dayIn(census: string): Instant {
  return Date.parse(census.slice('census/'.length));
}

/**
 * Puts down what of a page of the census was due in the days. Of records that were registered again lately, earlier
 * generations may have been settled in them, too.
 */
export async function putDue(
  core: Core,
  days: Days | undefined,
  {
    run,
    page,
    holdings,
  }: { readonly run: string; readonly page: string; readonly holdings: readonly Holding[] },
): Promise<void> {
  if (days === undefined) return;
  const at = core.clock.now();
  const generations = [...holdings];
  const again = holdings.filter((holding) => {
    // What was registered while its former generation was disposed of may be as old as that took.
    const begun = holding.registeredAt + writeLagOf(core, holding, at) + DAY;
    return holding.generation > 1 && begun >= days.from;
  });
  await each(again, WIDTH, async ({ ref, generation }) => {
    const earlier = await core.registry.tombstones(ref);
    generations.push(...earlier.filter((one) => one.generation < generation));
  });
  await core.registry.putDue({ run, page, at, due: dueAmong(generations, days) });
}
