import { present } from '../domain/present.ts';
import type { Instant } from '../domain/record/ids.ts';
import type { Walk } from '../ports/upkeep.ts';
import type { Page } from '../ports/page.ts';
import type { Core } from './core.ts';
import { seconds } from './seconds.ts';

/** Segments of a re-plan and of a census: each has one walker at a time. */
export const SEGMENTS = 4;
export const ALL_SEGMENTS: readonly number[] = [...Array(SEGMENTS).keys()];

interface Visiting<Scanned> {
  readonly scan: (segment: number, segments: number, after?: string) => Promise<Scanned>;
  /**
   * Before the walk is moved: it has to end in the same when it comes again. What it answers is what the walk has found
   * by the end of the page, and is written with the move.
   */
  readonly visit: (page: Scanned, walk: Walk) => Promise<Pick<Walk, 'found' | 'replayed'> | void>;
  /** When the walk may be deleted. */
  readonly expires?: Instant;
}

/** Asks for walkers. A segment that is done, or that another walker has, is left as it is. */
export async function askForSegments(
  { queues }: Pick<Core, 'queues'>,
  walk: string,
  segments: readonly number[],
): Promise<void> {
  if (segments.length === 0) return;
  await queues.toSweep(segments.map((segment) => ({ kind: 'walk', walk, segment })));
}

/** How far each segment is. */
export function walksOf({ registry }: Pick<Core, 'registry'>, walk: string): Promise<readonly Walk[]> {
  return Promise.all(ALL_SEGMENTS.map((segment) => registry.walk(segmentId(walk, segment))));
}

/** `begun`: when it was asked for. A message takes a while to arrive; one that comes twice finds the walk leased. */
export function isWorkedOn(
  { clock, configuration }: Pick<Core, 'clock' | 'configuration'>,
  { at, leasedUntil }: Walk,
  begun: Instant,
): boolean {
  const patience = seconds(configuration.timing.clockTolerance);
  return (leasedUntil ?? Math.max(begun, at)) + patience > clock.now();
}

/**
 * Walks over the holdings of one segment, page by page. One walker a segment: it leases the walk, and moves it on its
 * version after each page; a walker that was overtaken finds it moved and stops. A page whose walker died comes again.
 * `done`: nothing is left; `more`: time ran out; `busy`: another walker has it, and the hourly sweep asks again.
 */
export async function walkSegment<Scanned extends Page<unknown>>(
  core: Core,
  { id, segment }: { readonly id: string; readonly segment: number },
  goOn: () => boolean,
  { scan, visit, expires }: Visiting<Scanned>,
): Promise<'done' | 'more' | 'busy'> {
  let walk = await core.registry.walk(segmentId(id, segment));
  if (walk.done === true) return 'done';
  const now = core.clock.now();
  if (walk.leasedUntil !== undefined && walk.leasedUntil > now) return 'busy';
  const leased = await moved(core, { ...walk, leasedUntil: leaseEnd(core), ...present({ expires }) });
  if (leased === undefined) return 'busy';
  walk = leased;
  while (goOn()) {
    const page = await scan(segment, SEGMENTS, walk.after);
    const found = (await visit(page, walk)) ?? {};
    const { after: _after, leasedUntil: _lease, ...rest } = walk;
    const count = (walk.count ?? 0) + page.items.length;
    const isLast = page.next === undefined;
    const next = await moved(core, {
      ...rest,
      count,
      ...found,
      ...(isLast ? { done: true } : { after: page.next, leasedUntil: leaseEnd(core) }),
    });
    if (next === undefined) return 'busy';
    if (isLast) return 'done';
    walk = next;
  }
  const { leasedUntil: _lease, ...free } = walk;
  await moved(core, free);
  return 'more';
}

export function segmentId(id: string, segment: number): string {
  return `${id}/${segment}`;
}

export function leaseEnd(core: Core): number {
  const { functionTimeout, clockTolerance } = core.configuration.timing;
  return core.clock.now() + seconds(functionTimeout + 2 * clockTolerance);
}

/** Nothing if another one has moved it. */
export async function moved(core: Core, walk: Walk): Promise<Walk | undefined> {
  const next: Walk = { ...walk, version: walk.version + 1, at: core.clock.now() };
  return (await core.registry.putWalk(next)) === 'written' ? next : undefined;
}
