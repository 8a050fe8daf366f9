import type { StoreAction } from '../../domain/record/actions.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { HoldingRef, Instant } from '../../domain/record/ids.ts';
import { isSameStage, type NamedStage } from '../../domain/record/stage-name.ts';
import type { ActedOn } from '../../domain/record/work.ts';
import type { LaneCore } from '../core.ts';
import { readStates } from '../facts/read-states.ts';
import { isPast } from '../lane/decide.ts';
import { nameOf } from '../lane/begin.ts';
import type { Left } from '../lane/told.ts';
import { entityRefsOf, planOf, type States } from '../plan-of.ts';
import { asIfDone } from '../lane/as-if-done.ts';
import { seconds } from '../seconds.ts';
import { type AskedOn, type FormerlyAsked, isRequest, waitFor } from './read-asked.ts';

/** Requests that a vendor has, or may have, by their record. */
export type Open = ReadonlyMap<HoldingRef, readonly ActedOn[]>;

export interface AlsoDue {
  readonly due: readonly Holding[];
  /** Of those that are due: the requests that count as done when it is decided what is. */
  readonly open: Open;
  /** When the next stage comes of records that wait for a vendor. They are looked at then at the latest. */
  readonly comes: ReadonlyMap<HoldingRef, Instant>;
}

/**
 * A vendor that does not confirm one stage delays no other one: a record that it was asked to restrict is asked to be
 * deleted when that is due. Of the records with requests in this chunk: those of which something is due besides what is
 * waited for. That is a stage that was never asked for, or one of several that is to be asked for again. After what deletes,
 * nothing else is asked for.
 */
export async function alsoDue(
  core: LaneCore,
  { uncertain, again }: Pick<FormerlyAsked, 'uncertain' | 'again'>,
  holdings: ReadonlyMap<HoldingRef, Holding>,
  left: Map<HoldingRef, Left>,
): Promise<AlsoDue> {
  const due: Holding[] = [];
  const open = new Map<HoldingRef, readonly ActedOn[]>();
  const comes = new Map<HoldingRef, Instant>();
  const waiting = [...Map.groupBy(uncertain.filter(isRequest), ({ ref }) => ref)].flatMap(
    ([ref, requests]) => {
      const holding = holdings.get(ref);
      if (holding?.state !== 'active' || left.get(ref)?.kind === 'no-time') return [];
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
    const { asLast, actAt } = nextOf(core, { holding, requests, states, isAgain }, now);
    if (actAt !== undefined && !isPast(core, actAt, now))
      comes.set(ref, actAt + seconds(core.configuration.timing.clockTolerance));
    // Of one request alone, which is asked for again, nothing else counts as done.
    if (asLast === undefined) {
      if (requests.length > 1) waitOn(core, requests, left, now);
      continue;
    }
    waitOn(core, requests, left, now);
    due.push(holding);
    open.set(ref, asLast);
  }
  return { due, open, comes };
}

function isOneToDelete(requests: readonly NamedStage[]): boolean {
  return requests.length === 1 && requests[0]?.stage === 'delete';
}

interface Next {
  /** What counts as done; absent: nothing is due besides what is waited for, or the one request that there is. */
  readonly asLast?: readonly AskedOn[];
  /** When a stage comes that was never asked for. */
  readonly actAt?: Instant;
}

interface Waiting {
  readonly holding: Holding;
  readonly requests: readonly AskedOn[];
  readonly states: States;
  readonly isAgain: readonly AskedOn[];
}

function nextOf(core: LaneCore, { isAgain, ...of }: Waiting, now: Instant): Next {
  const { requests } = of;
  const deletion = requests.find(({ stage }) => stage === 'delete');
  if (deletion === undefined) {
    const actAt = besides(core, of, now);
    if (actAt !== undefined) return isPast(core, actAt, now) ? { asLast: requests, actAt } : { actAt };
  }
  if (requests.length === 1) return {};
  const candidates = deletion === undefined ? isAgain : isAgain.filter((one) => one === deletion);
  // In turn: one that the vendor never accepts keeps no other one from being sent.
  const [first] = candidates.toSorted((a, b) => a.lookedAt - b.lookedAt);
  return first === undefined ? {} : { asLast: requests.filter((one) => one !== first) };
}

/** When a stage is due that is none of these. */
export function besides(
  core: LaneCore,
  {
    holding,
    requests,
    states,
  }: { readonly holding: Holding; readonly requests: readonly ActedOn[]; readonly states: States },
  now: Instant,
): Instant | undefined {
  try {
    const { next } = planOf(core, asIfDone(holding, requests), states, now);
    return next !== undefined && isBesides({ ...next, stage: next.action }, requests)
      ? next.actAt
      : undefined;
  } catch {
    return undefined;
  }
}

function waitOn(
  { store: { vendor } }: LaneCore,
  requests: readonly AskedOn[],
  left: Map<HoldingRef, Left>,
  now: Instant,
): void {
  for (const { ref, asked } of requests) {
    if (vendor !== undefined && !left.has(ref))
      left.set(ref, waitFor(asked, vendor, { now, next: asked.next ?? now }));
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

/** What waits or has failed is looked at again when the next stage comes. */
export function noLaterThan(comes: ReadonlyMap<HoldingRef, Instant>, left: Map<HoldingRef, Left>): void {
  for (const [ref, until] of comes) {
    const why = left.get(ref);
    if (why?.kind === 'waits') left.set(ref, { ...why, until: Math.min(why.until, until) });
    if (why?.kind === 'failed') left.set(ref, { ...why, latest: Math.min(why.latest ?? until, until) });
  }
}
