import type { StoreConfiguration } from '../../domain/configuration/configuration.ts';
import { type Ask, type Gate, judge, type LaneGuard, type Verdict } from '../../domain/guard/lane-guard.ts';
import { pauseGate } from '../../domain/guard/pause-gate.ts';
import { breakerGate, stopGate, stopsOf } from '../../domain/guard/breaker.ts';
import { DRY_RUN_AGAIN, dryRunGate } from '../../domain/guard/dry-run.ts';
import { canaryGate } from '../../domain/guard/canary.ts';
import { paceGate } from '../../domain/guard/pace-gate.ts';
import { ruleKey } from '../../domain/guard/rule-key.ts';
import { hourGate, minuteGate, quietGate } from '../../domain/guard/rate-gates.ts';
import { destroys } from '../../domain/record/actions.ts';
import { present } from '../../domain/present.ts';
import type { HoldingRef } from '../../domain/record/ids.ts';
import type { GuardCode } from '../../domain/record/waiting.ts';
import type { WorkRecord } from '../../domain/record/work.ts';
import type { LaneCore } from '../core.ts';
import { type Begun, pausedRules } from '../lane/begin.ts';
import type { Left, Todo } from '../lane/told.ts';
import { seconds } from '../seconds.ts';
import { changeGuard } from './change-guard.ts';
import { ruleOf } from './paused-by.ts';

/** How often attempts of one lane may meet at its guard. The one that loses so often leaves its work for a later one. */
const MOST_TRIES = 10;

/** A record, or a page of a collection: then `rows` says of how many records. */
type Guarded = Pick<Todo, 'ref' | 'stage' | 'holding' | 'planned'> & { readonly rows?: number };

/** What keeps the rest waiting: of what waits for a person, the key of its rule, and of a page, how many are not let through. */
export type WaitsFor = NonNullable<Verdict['because']> & {
  readonly rule?: string;
  readonly records?: number;
};

/** What was let through: of a page, how many of its records, and why not all of them. */
export interface LetThrough<One> {
  readonly one: One;
  readonly granted: number;
  readonly because?: WaitsFor;
  /** It is among the first records of its rule: what comes of it has to be noted. */
  readonly onTrial: boolean;
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
  const asks = ready.map((one) => askOf(core, one));
  const answer = await askGuard(core, begun, asks);
  if (answer === 'busy') {
    for (const { ref } of ready) left.set(ref, { kind: 'busy' });
    return [];
  }
  const { verdicts, trials } = answer;
  const isDry = core.configuration.stores[core.lane]?.dryRun === true;
  reportWaits(
    core,
    verdicts.flatMap(({ because }) => because?.code ?? []),
  );
  return ready.flatMap((one, index) => {
    const { granted = 0, because } = verdicts[index] ?? {};
    // A page on which nothing has to be done asks for nothing.
    if (granted > 0 || (one.rows === 0 && !isDry))
      return [
        {
          one,
          granted,
          onTrial: trials.has(asks[index]?.key ?? ''),
          ...present({ because: because && waitsFor(because, asks[index], granted) }),
        },
      ];
    left.set(one.ref, isDry ? leftDry(core) : leftOf(because, asks[index]));
    return [];
  });
}

/** Of a dry run, also what a page has no record left for: its holding does not end. */
export function leftDry({ clock }: Pick<LaneCore, 'clock'>): Left {
  return { kind: 'waits', code: 'DRY_RUN', until: clock.now() + DRY_RUN_AGAIN };
}

/** What was not let through, with what a person has to know about it. */
function leftOf(because: Verdict['because'], ask: Ask | undefined): Left {
  return because === undefined || ask === undefined
    ? { kind: 'busy' }
    : { kind: 'waits', ...waitsFor(because, ask, 0) };
}

function waitsFor(because: NonNullable<Verdict['because']>, ask: Ask | undefined, granted: number): WaitsFor {
  const isStopped = because.code === 'RULE_STOPPED';
  const records = (ask?.weight ?? 1) - granted;
  return {
    ...because,
    ...(isStopped && ask !== undefined && { rule: ask.key }),
    ...(records > 1 && { records }),
  };
}

interface Answer {
  readonly verdicts: readonly Verdict[];
  /** Keys of the rules whose first records this attempt was let through. */
  readonly trials: ReadonlySet<string>;
}

async function askGuard(
  core: LaneCore,
  { work, holds }: Begun,
  asks: readonly Ask[],
): Promise<Answer | 'busy'> {
  const settings = core.configuration.stores[core.lane];
  if (asks.length === 0 || settings === undefined)
    return { verdicts: asks.map(({ weight }) => ({ granted: weight })), trials: new Set() };
  const writing = { by: work.token, tries: MOST_TRIES };
  const asked = await changeGuard(core, core.lane, writing, (before) => {
    const now = core.clock.now();
    const gates = [
      pauseGate(pausedRules(holds, core.lane), now),
      stopGate(now),
      ...gatesOf(core, work, settings),
    ];
    return judge(before, asks, gates);
  });
  if (asked === 'busy') return 'busy';
  const { before, guard, verdicts } = asked;
  if (guard === before) return { verdicts, trials: new Set() };
  reportStopped(core, before, guard);
  return { verdicts, trials: trialsOf(guard, work.token) };
}

function trialsOf({ rules = {} }: LaneGuard, token: string): ReadonlySet<string> {
  return new Set(
    Object.entries(rules).flatMap(([key, { canary }]) => (canary?.trial?.token === token ? [key] : [])),
  );
}

function gatesOf(
  { configuration, clock }: LaneCore,
  { token, until: lease }: WorkRecord,
  { dryRun, quietHours, slowDown, breaker, canary = 0, hourlyCap, recordsPerMinute }: StoreConfiguration,
): readonly Gate[] {
  const now = clock.now();
  if (dryRun === true) return [dryRunGate(now)];
  const until = lease + seconds(configuration.timing.clockTolerance);
  return [
    ...(quietHours === undefined ? [] : [quietGate(quietHours, now)]),
    ...(slowDown === undefined ? [] : [paceGate(token, now)]),
    ...(canary === 0 ? [] : [canaryGate(canary, { token, until }, now)]),
    ...(breaker === undefined ? [] : [breakerGate(breaker, now)]),
    hourGate(hourlyCap, now),
    ...(recordsPerMinute === undefined ? [] : [minuteGate(recordsPerMinute, now)]),
  ];
}

function askOf(core: LaneCore, { stage, holding, planned, rows = 1 }: Guarded): Ask {
  const rule = ruleOf(core, { holding, stage: planned }, core.clock.now());
  const key = ruleKey(core.configuration.policies, planned);
  return { ...rule, key, action: stage, destroys: destroys(stage), weight: rows };
}

/** At once, and not only with the next hourly sweep: a person should look before more waits. */
export function reportStopped(core: LaneCore, before: LaneGuard, after: LaneGuard): void {
  const known = new Set(stopsOf(before).map(({ key }) => key));
  for (const { key, policy, because, taken } of stopsOf(after))
    if (!known.has(key))
      core.report('dispose.stopped', { store: core.lane, policy, code: because, count: taken });
}

export function reportWaits(core: LaneCore, codes: readonly GuardCode[]): void {
  for (const [code, { length: count }] of Map.groupBy(codes, (each) => each)) {
    if (code === 'HOURLY_CAP') core.report('dispose.capped', { store: core.lane, count });
    else core.report('dispose.waits', { store: core.lane, code, count });
  }
}
