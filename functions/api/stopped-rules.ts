import { problem } from '../../shared/contract/problem.ts';
import { abortedStop, approvedStop, stopsOf } from '../../shared/domain/guard/breaker.ts';
import { type LaneGuard, NEW_GUARD, type RuleStop } from '../../shared/domain/guard/lane-guard.ts';
import { own } from '../../shared/domain/own.ts';
import { isSameRule, isSameScope, type WideHold } from '../../shared/domain/record/hold.ts';
import type { ApiPorts, Operation } from './api-ports.ts';
import { lanesAnswer } from './lanes.ts';
import { noteActions } from './note-actions.ts';
import { waitingIn } from './waiting-in.ts';

/** Workers that write a lane's guard at the same time. */
const MOST_TRIES = 20;
/** The lanes are rung a little after the answer, so that no worker begins before the decision is written. */
const RING_DELAY_SECONDS = 20;

interface Named {
  readonly policy: string;
  readonly rule: string;
}

/**
 * The rule goes on, for the records that wait, or the number in the request, beyond its limit. The entry comes first, then the
 * bell, then the decision: wherever it dies, the rule is stopped, or goes on and is rung.
 */
export const approveRule: Operation<'approveRule'> = async (ports, { lane, principal, input }) => {
  const { records, ...named } = input;
  const stops = await stopsIn(ports, lane, named);
  if (stops === undefined) return unknownLane();
  if (stops.length === 0) return notStopped();
  const shares = sharesOf(stops, await waitingIn(ports, lane), records);
  const more = [...shares.values()].reduce((sum, share) => sum + share, 0);
  await noteActions(ports, principal, [{ did: 'approve', lane, ...named, records: more }]);
  await ports.queues.toSweep([{ kind: 'ring' }], RING_DELAY_SECONDS);
  await endStops(ports, lane, stops, (guard, key) =>
    approvedStop(guard, key, shares.get(key) ?? 0, ports.clock.now()),
  );
  return lanesAnswer(ports, [lane]);
};

/** The rule stays where it is, as a pause that a person can end later. The pause comes first: nothing goes on in between. */
export const abortRule: Operation<'abortRule'> = async (ports, { lane, principal, input }) => {
  const stops = await stopsIn(ports, lane, input);
  if (stops === undefined) return unknownLane();
  if (stops.length === 0) return notStopped();
  await noteActions(ports, principal, [{ did: 'abort', lane, ...input }]);
  // A pause of the rule in all lanes, or in another one, is ended by another request.
  const scope = { store: lane };
  const holds = await ports.registry.wideHolds();
  const isPause = (hold: WideHold): boolean =>
    hold.kind === 'pause' && isSameScope(hold.scope, scope) && isSameRule(hold.only, input);
  if (!holds.some(isPause))
    await ports.registry.placeWideHold({
      id: ports.tokens.next(),
      kind: 'pause',
      scope,
      only: input,
      state: 'placed',
      at: ports.clock.now(),
    });
  await endStops(ports, lane, stops, abortedStop);
  return lanesAnswer(ports, [lane]);
};

type Stop = RuleStop & { readonly key: string };

async function stopsIn(
  { configuration, registry }: ApiPorts,
  lane: string,
  named: Named,
): Promise<readonly Stop[] | undefined> {
  if (own(configuration.stores, lane) === undefined) return undefined;
  return stopsOf((await registry.laneGuard(lane)) ?? NEW_GUARD, named);
}

/**
 * How many records each of them may dispose of beyond its limit. Without a number that is what waits for it; a canary has
 * not asked how many a day may be, so its approval does not answer that.
 */
function sharesOf(
  stops: readonly Stop[],
  waiting: ReadonlyMap<string, number>,
  records: number | undefined,
): ReadonlyMap<string, number> {
  const waitingFor = ({ key }: Stop): number => waiting.get(key) ?? 0;
  if (records === undefined)
    return new Map(stops.map((one) => [one.key, one.because === 'CANARY' ? 0 : waitingFor(one)]));
  let left = records;
  const shares = new Map<string, number>();
  for (const one of stops.toSorted((a, b) => waitingFor(b) - waitingFor(a))) {
    const share = Math.min(left, waitingFor(one));
    shares.set(one.key, share);
    left -= share;
  }
  const [first] = shares;
  if (first !== undefined) shares.set(first[0], first[1] + left);
  return shares;
}

/**
 * A worker may have written the guard since: what it says then counts. Only the stops that the person was asked about end:
 * one that has come since is another question.
 */
async function endStops(
  { registry, tokens }: ApiPorts,
  lane: string,
  meant: readonly Stop[],
  end: (guard: LaneGuard, key: string) => LaneGuard,
): Promise<void> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const guard = (await registry.laneGuard(lane)) ?? NEW_GUARD;
    const stops = stopsOf(guard).filter(({ key, at }) =>
      meant.some((one) => one.key === key && one.at === at),
    );
    if (stops.length === 0) return;
    const next = stops.reduce((before, { key }) => end(before, key), guard);
    const written = { ...next, version: guard.version + 1, by: tokens.next() };
    if ((await registry.writeLaneGuard(lane, written)) === 'written') return;
  }
  throw new GuardBusy();
}

class GuardBusy extends Error {
  readonly code = 'GUARD_BUSY';
  constructor() {
    super(
      'The workers of the lane wrote its limits every time, so nothing was decided: send the request again.',
    );
    this.name = 'GuardBusy';
  }
}

function unknownLane() {
  return { kind: 'problem' as const, problem: problem('NOT_FOUND', 'lane') };
}

function notStopped() {
  return { kind: 'problem' as const, problem: problem('RULE_NOT_STOPPED', 'rule') };
}
