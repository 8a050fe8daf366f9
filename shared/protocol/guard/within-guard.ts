import type { StoreConfiguration } from '../../domain/configuration/configuration.ts';
import { type Ask, type Gate, judge, NEW_GUARD, type Verdict } from '../../domain/guard/lane-guard.ts';
import { hourGate, minuteGate, quietGate } from '../../domain/guard/rate-gates.ts';
import { destroys } from '../../domain/record/actions.ts';
import { present } from '../../domain/present.ts';
import type { HoldingRef, Instant } from '../../domain/record/ids.ts';
import type { LaneCore } from '../core.ts';
import type { Begun } from '../lane/begin.ts';
import type { Left, Todo } from '../lane/told.ts';

/** How often attempts of one lane may meet at its guard. The one that loses so often leaves its work for a later one. */
const MOST_TRIES = 10;

/** A record, or a page of a collection: then `rows` says of how many records. */
type Guarded = Pick<Todo, 'ref' | 'stage'> & { readonly rows?: number };

/** What was let through: of a page, so many of its records, and why not all of them. */
export interface LetThrough<One> {
  readonly one: One;
  readonly granted: number;
  readonly because?: NonNullable<Verdict['because']>;
}

/**
 * What the lane's limits let through of what is really due, in its order; the rest is left with the reason. What is let
 * through is counted on the guard's version before anything is acted on: an attempt that dies, or is taken over, has taken
 * it all the same.
 */
export async function withinGuard<One extends Guarded>(
  core: LaneCore,
  begun: Begun,
  ready: readonly One[],
  left: Map<HoldingRef, Left>,
): Promise<readonly LetThrough<One>[]> {
  const verdicts = await verdictsOf(core, begun, ready.map(askOf));
  if (verdicts === 'busy') {
    for (const { ref } of ready) left.set(ref, { kind: 'busy' });
    return [];
  }
  reportWaiting(core, verdicts);
  return ready.flatMap((one, index) => {
    const { granted = 0, because } = verdicts[index] ?? {};
    // A page on which nothing has to be done asks for nothing.
    if (granted > 0 || one.rows === 0) return [{ one, granted, ...present({ because }) }];
    left.set(one.ref, because === undefined ? { kind: 'busy' } : { kind: 'waits', ...because });
    return [];
  });
}

async function verdictsOf(
  core: LaneCore,
  { work }: Begun,
  asks: readonly Ask[],
): Promise<readonly Verdict[] | 'busy'> {
  const settings = core.configuration.stores[core.lane];
  if (asks.length === 0 || settings === undefined) return asks.map(({ weight }) => ({ granted: weight }));
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const before = (await core.registry.laneGuard(core.lane)) ?? NEW_GUARD;
    const { guard, verdicts } = judge(before, asks, gatesOf(settings, core.clock.now()));
    if (guard === before) return verdicts;
    const next = { ...guard, version: before.version + 1, by: work.token };
    if ((await core.registry.writeLaneGuard(core.lane, next)) === 'written') return verdicts;
  }
  return 'busy';
}

function gatesOf(
  { quietHours, hourlyCap, recordsPerMinute }: StoreConfiguration,
  now: Instant,
): readonly Gate[] {
  return [
    ...(quietHours === undefined ? [] : [quietGate(quietHours, now)]),
    hourGate(hourlyCap, now),
    ...(recordsPerMinute === undefined ? [] : [minuteGate(recordsPerMinute, now)]),
  ];
}

function askOf({ stage, rows = 1 }: Guarded): Ask {
  return { destroys: destroys(stage), weight: rows };
}

function reportWaiting(core: LaneCore, verdicts: readonly Verdict[]): void {
  const codes = verdicts.flatMap(({ because }) => because?.code ?? []);
  for (const [code, { length: count }] of Map.groupBy(codes, (each) => each)) {
    if (code === 'HOURLY_CAP') core.report('dispose.capped', { store: core.lane, count });
    else core.report('dispose.waits', { store: core.lane, code, count });
  }
}
