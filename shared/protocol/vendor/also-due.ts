import type { PlannedStage } from '../../domain/plan/plan.ts';
import { present } from '../../domain/present.ts';
import { isSuccess, type StoreAction, strength } from '../../domain/record/actions.ts';
import { HEARTBEAT_SECONDS } from '../../domain/configuration/queue-settings.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { HoldingRef, Instant } from '../../domain/record/ids.ts';
import { isSameStage, type NamedStage } from '../../domain/record/stage-name.ts';
import { FOR_A_VENDOR } from '../../domain/record/waiting.ts';
import type { ActedOn } from '../../domain/record/work.ts';
import type { LaneCore } from '../core.ts';
import { readStates } from '../facts/read-states.ts';
import { isPast } from '../lane/decide.ts';
import { asIfDone } from '../lane/as-if-done.ts';
import { type Begun, nameOf } from '../lane/begin.ts';
import { heldBy } from '../lane/held-by.ts';
import type { Left, Told } from '../lane/told.ts';
import { entityRefsOf, planOf, policyNamesOf, type States } from '../plan-of.ts';
import { minuteUp } from '../hint.ts';
import { seconds } from '../seconds.ts';
import { type AskedOn, isRequest } from './open-requests.ts';
import { type FormerlyAsked, waitFor } from './read-asked.ts';

/** Requests that a vendor has, or may have, by their record. */
export type Open = ReadonlyMap<HoldingRef, readonly ActedOn[]>;

export interface AlsoDue {
  /** Each with the stage that is due in its decision: it may be another one than that of its holding. */
  readonly due: readonly Holding[];
  /** Of those that are due: what counts as done when it is decided what is. */
  readonly open: Open;
  /** When the next stage comes of records that wait for a vendor. They are looked at then at the latest. */
  readonly comes: ReadonlyMap<HoldingRef, Instant>;
}

/** What the attempt has found out before. */
interface Found {
  readonly holdings: ReadonlyMap<HoldingRef, Holding>;
  readonly told: readonly Told[];
  readonly left: Map<HoldingRef, Left>;
}

/**
 * A vendor that does not confirm one stage delays no other one: a record that it was asked to restrict is asked to be
 * deleted when that is due. Of the records with requests in this chunk: those of which something is due besides what is
 * waited for. That is a stage that was never asked for, or one of several that is to be asked for again. After what deletes,
 * nothing else is asked for. What was carried out just now is not settled yet, and its record is planned again then.
 */
export async function alsoDue(
  core: LaneCore,
  begun: Pick<Begun, 'chunk' | 'holds'>,
  { uncertain, again }: Pick<FormerlyAsked, 'uncertain' | 'again'>,
  { holdings, told, left }: Found,
): Promise<AlsoDue> {
  const due: Holding[] = [];
  const open = new Map<HoldingRef, readonly ActedOn[]>();
  const comes = new Map<HoldingRef, Instant>();
  const settled = new Set(told.filter(isOfNow).map(({ ref }) => ref));
  const waiting = [...Map.groupBy(uncertain.filter(isRequest), ({ ref }) => ref)].flatMap(
    ([ref, requests]) => {
      const holding = holdings.get(ref);
      if (holding?.state !== 'active' || left.get(ref)?.kind === 'no-time' || settled.has(ref)) return [];
      const own = requests.filter(({ generation }) => generation === holding.generation);
      return own.length === 0 || isOneToDelete(own) ? [] : [{ holding, requests: own }];
    },
  );
  if (waiting.length === 0) return { due, open, comes };
  const states = await readStates(core, entityRefsOf(waiting.map(({ holding }) => holding)));
  const now = core.clock.now();
  for (const { holding, requests } of waiting) {
    const { ref } = holding;
    const isAgain = requests.filter((one) => again.has(nameOf(one)));
    const { ask, actAt } = nextOf(core, begun, { holding, requests, states, isAgain }, now);
    if (actAt !== undefined && !isPast(core, actAt, now))
      comes.set(ref, actAt + seconds(core.configuration.timing.clockTolerance));
    // Of one request alone, which is asked for again, nothing else counts as done.
    if (ask === undefined) {
      if (requests.length > 1) waitOn(core, requests, left, now);
      continue;
    }
    waitOn(core, requests, left, now);
    const { decision } = holding;
    due.push({
      ...holding,
      ...present({ decision: decision && { ...decision, stage: ask.planned.action } }),
    });
    open.set(ref, ask.asLast);
  }
  return { due, open, comes };
}

function isOfNow({ outcome, pastGeneration }: Told): boolean {
  return isSuccess(outcome) && pastGeneration !== true;
}

function isOneToDelete(requests: readonly NamedStage[]): boolean {
  return requests.length === 1 && requests[0]?.stage === 'delete';
}

interface Next {
  /** Absent: nothing is due besides what is waited for, or the one request that there is. */
  readonly ask?: Besides;
  /** When a stage comes that was never asked for. */
  readonly actAt?: Instant;
}

interface Waiting {
  readonly holding: Holding;
  readonly requests: readonly AskedOn[];
  readonly states: States;
}

function nextOf(
  core: LaneCore,
  begun: Pick<Begun, 'chunk' | 'holds'>,
  { isAgain, ...of }: Waiting & { readonly isAgain: readonly AskedOn[] },
  now: Instant,
): Next {
  const { requests } = of;
  const deletion = requests.find(({ stage }) => stage === 'delete');
  const other = deletion === undefined ? besides(core, of, now) : undefined;
  const comes = present({ actAt: other?.actAt });
  const isDue = other !== undefined && isPast(core, other.actAt, now);
  const isKept = isDue && isKeptBack(core, begun, of, other, now);
  if (isDue && !isKept) return { ...comes, ask: other };
  const candidates = deletion === undefined ? isAgain : isAgain.filter((one) => one === deletion);
  // In turn: one that the vendor never accepts keeps no other one from being sent.
  for (const one of requests.length === 1 && !isKept ? [] : candidates.toSorted(byLook)) {
    // What masks the whole record would include its restriction, once it is done.
    const others = requests.filter((each) => each !== one && !includes(each, one));
    const ask = planned(core, of, others, (stage) => isSameStage(stage, one), now);
    if (ask !== undefined && isPast(core, ask.actAt, now)) return { ...comes, ask };
  }
  return isDue ? { ...comes, ask: other } : comes;
}

function includes(stage: NamedStage, weaker: NamedStage): boolean {
  return stage.part === undefined && strength(stage.stage) > strength(weaker.stage);
}

function byLook(a: AskedOn, b: AskedOn): number {
  return a.lookedAt - b.lookedAt;
}

/**
 * Whether what is due is kept by a legal hold: then what is to be asked for again goes first, because it may not be kept. Where
 * the lane's limits or a person kept some of the chunk at the last look, the two take turns.
 */
function isKeptBack(
  core: LaneCore,
  { chunk: { waits = [], version }, holds }: Pick<Begun, 'chunk' | 'holds'>,
  { holding, states }: Waiting,
  { planned: stage }: Besides,
  now: Instant,
): boolean {
  if (version % 2 === 1 && waits.some(({ code }) => !FOR_A_VENDOR.has(code))) return true;
  const policies = [stage.policy, ...policyNamesOf(core, holding, now)];
  return heldBy({ holding, policies, states, holds, action: stage.action }) !== undefined;
}

export interface Besides {
  readonly planned: PlannedStage;
  readonly actAt: Instant;
  /** What counts as done then: the requests, and what cannot be asked for while they are open. */
  readonly asLast: readonly ActedOn[];
}

/** The next stage that is none of these requests. */
export function besides(
  core: LaneCore,
  of: Pick<Waiting, 'holding' | 'states'> & { readonly requests: readonly ActedOn[] },
  now: Instant,
): Besides | undefined {
  const { requests } = of;
  return planned(core, of, requests, (stage) => isBesides(stage, requests), now);
}

/** More stages than a record has that stand in the way of another one. */
const MOST_STAGES = 10;

/** The next stage of these. Others that come before it are passed over, as if they were done, too. */
function planned(
  core: LaneCore,
  { holding, states }: Pick<Waiting, 'holding' | 'states'>,
  requests: readonly ActedOn[],
  isOne: (stage: NamedStage) => boolean,
  now: Instant,
): Besides | undefined {
  const { ref, generation, version } = holding;
  let asLast = requests;
  try {
    for (let passed = 0; passed < MOST_STAGES; passed += 1) {
      const { next } = planOf(core, asIfDone(holding, asLast), states, now);
      if (next?.actAt === undefined) return undefined;
      const { action: stage, part, actAt } = next;
      const named = { stage, ...present({ part }) };
      if (isOne(named)) return { planned: next, actAt, asLast };
      if (passed > 0 && asLast.slice(requests.length).some((one) => isSameStage(one, named)))
        return undefined;
      asLast = [...asLast, { ...named, ref, generation, version, lookedAt: now }];
    }
  } catch {
    // What cannot be planned is set aside where it is decided.
  }
  return undefined;
}

function waitOn(
  { store: { vendor } }: LaneCore,
  requests: readonly AskedOn[],
  left: Map<HoldingRef, Left>,
  now: Instant,
): void {
  for (const { ref, asked } of requests) {
    if (vendor !== undefined && !left.has(ref)) left.set(ref, waitFor(asked, vendor, now));
  }
}

/** Whether a stage is another one than these, and may be asked for before they are done. */
export function isBesides(stage: NamedStage, requests: readonly NamedStage[]): boolean {
  const opposite = OPPOSITE.get(stage.stage);
  return !requests.some((one) => isSameStage(one, stage) || one.stage === opposite);
}

/** A vendor may carry them out in another order. */
const OPPOSITE: ReadonlyMap<string, StoreAction> = new Map([
  ['restrict', 'lift'],
  ['lift', 'restrict'],
]);

/** What waits or has failed is looked at again when the next stage comes: in some minutes, not with the next hourly sweep. */
export async function noLaterThan(
  { timers }: Pick<LaneCore, 'timers'>,
  comes: ReadonlyMap<HoldingRef, Instant>,
  left: Map<HoldingRef, Left>,
): Promise<void> {
  const first = new Set<Instant>();
  for (const [ref, until] of comes) {
    const why = left.get(ref);
    if (why?.kind === 'waits' && until < why.until) {
      left.set(ref, { ...why, until });
      first.add(until);
    }
    if (why?.kind === 'failed') left.set(ref, { ...why, latest: Math.min(why.latest ?? until, until) });
  }
  if (first.size > 0) await wakeForLook({ timers }, Math.min(...first));
}

/**
 * A wake-up rings what waits, unless lanes have had a heartbeat just now. The one that the hourly sweep sends comes before a
 * stage that is due at a full hour.
 */
export function wakeForLook({ timers }: Pick<LaneCore, 'timers'>, lookAt: Instant): Promise<void> {
  return timers.wake(minuteUp(lookAt + seconds(HEARTBEAT_SECONDS)));
}
