import type { StoreConfiguration } from '../../domain/configuration/configuration.ts';
import { type Ask, type Gate, judge, NEW_GUARD, type Verdict } from '../../domain/guard/lane-guard.ts';
import { pauseGate } from '../../domain/guard/pause-gate.ts';
import { hourGate, minuteGate, quietGate } from '../../domain/guard/rate-gates.ts';
import { destroys } from '../../domain/record/actions.ts';
import { present } from '../../domain/present.ts';
import type { HoldingRef, Instant } from '../../domain/record/ids.ts';
import type { LaneCore } from '../core.ts';
import { type Begun, pausedRules } from '../lane/begin.ts';
import type { Left, Todo } from '../lane/told.ts';
import { ruleOf } from './paused-by.ts';

/** How often attempts of one lane may meet at its guard. The one that loses so often leaves its work for a later one. */
const MOST_TRIES = 10;

/** A record, or a page of a collection: then `rows` says of how many records. */
type Guarded = Pick<Todo, 'ref' | 'stage' | 'holding' | 'planned'> & { readonly rows?: number };

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
  const verdicts = await verdictsOf(
    core,
    begun,
    ready.map((one) => askOf(core, one)),
  );
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
  { work, holds }: Begun,
  asks: readonly Ask[],
): Promise<readonly Verdict[] | 'busy'> {
  const settings = core.configuration.stores[core.lane];
  if (asks.length === 0 || settings === undefined) return asks.map(({ weight }) => ({ granted: weight }));
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const before = (await core.registry.laneGuard(core.lane)) ?? NEW_GUARD;
    const now = core.clock.now();
    const gates = [pauseGate(pausedRules(holds, core.lane), now), ...gatesOf(settings, now)];
    const { guard, verdicts } = judge(before, asks, gates);
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

function askOf(core: LaneCore, { stage, holding, planned, rows = 1 }: Guarded): Ask {
  const rule = ruleOf(core, { holding, stage: planned }, core.clock.now());
  return { ...rule, destroys: destroys(stage), weight: rows };
}

function reportWaiting(core: LaneCore, verdicts: readonly Verdict[]): void {
  const codes = verdicts.flatMap(({ because }) => because?.code ?? []);
  for (const [code, { length: count }] of Map.groupBy(codes, (each) => each)) {
    if (code === 'HOURLY_CAP') core.report('dispose.capped', { store: core.lane, count });
    else core.report('dispose.waits', { store: core.lane, code, count });
  }
}
