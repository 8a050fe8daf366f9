import { problem } from '../../shared/contract/problem.ts';
import { stopsOf, withoutStop } from '../../shared/domain/guard/breaker.ts';
import { NEW_GUARD } from '../../shared/domain/guard/lane-guard.ts';
import { own } from '../../shared/domain/own.ts';
import { isSameRule } from '../../shared/domain/record/hold.ts';
import { pausedRules } from '../../shared/protocol/lane/begin.ts';
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
  const keys = await stoppedKeys(ports, lane, named);
  if (keys === undefined) return unknownLane();
  if (keys.size === 0) return notStopped();
  // What a canary has stopped may still be more than a day allows: that is another question.
  const more = records ?? sumOf(await waitingIn(ports, lane), keys);
  await noteActions(ports, principal, [{ did: 'approve', lane, ...named, records: more }]);
  await ports.queues.toSweep([{ kind: 'ring' }], RING_DELAY_SECONDS);
  await endStops(ports, lane, named, more);
  return lanesAnswer(ports, [lane]);
};

/** The rule stays where it is, as a pause that a person can end later. The pause comes first: nothing goes on in between. */
export const abortRule: Operation<'abortRule'> = async (ports, { lane, principal, input }) => {
  const keys = await stoppedKeys(ports, lane, input);
  if (keys === undefined) return unknownLane();
  if (keys.size === 0) return notStopped();
  await noteActions(ports, principal, [{ did: 'abort', lane, ...input }]);
  const paused = pausedRules(await ports.registry.wideHolds(), lane);
  if (!paused.some((one) => isSameRule(one, input)))
    await ports.registry.placeWideHold({
      id: ports.tokens.next(),
      kind: 'pause',
      scope: { store: lane },
      only: input,
      state: 'placed',
      at: ports.clock.now(),
    });
  await endStops(ports, lane, input, 0);
  return lanesAnswer(ports, [lane]);
};

async function stoppedKeys(
  { configuration, registry }: ApiPorts,
  lane: string,
  named: Named,
): Promise<ReadonlySet<string> | undefined> {
  if (own(configuration.stores, lane) === undefined) return undefined;
  const guard = (await registry.laneGuard(lane)) ?? NEW_GUARD;
  return new Set(stopsOf(guard, named).map(({ key }) => key));
}

/** A worker may have written the guard since: what it says then counts. Without a stop nothing is left to do. */
async function endStops(
  { registry, clock, tokens }: ApiPorts,
  lane: string,
  named: Named,
  records: number,
): Promise<void> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const guard = (await registry.laneGuard(lane)) ?? NEW_GUARD;
    const stops = stopsOf(guard, named);
    if (stops.length === 0) return;
    const now = clock.now();
    const [first, ...others] = stops;
    let next = first === undefined ? guard : withoutStop(guard, first.key, records, now);
    for (const { key } of others) next = withoutStop(next, key, 0, now);
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

function sumOf(waiting: ReadonlyMap<string, number>, keys: ReadonlySet<string>): number {
  return [...waiting].reduce((sum, [key, count]) => (keys.has(key) ? sum + count : sum), 0);
}

function unknownLane() {
  return { kind: 'problem' as const, problem: problem('NOT_FOUND', 'lane') };
}

function notStopped() {
  return { kind: 'problem' as const, problem: problem('RULE_NOT_STOPPED', 'rule') };
}
