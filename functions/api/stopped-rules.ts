import { problem } from '../../shared/contract/problem.ts';
import { abortedStop, stopsOf } from '../../shared/domain/guard/breaker.ts';
import { NEW_GUARD, type RuleStop } from '../../shared/domain/guard/lane-guard.ts';
import { own } from '../../shared/domain/own.ts';
import { isSameRule, isSameScope, type WideHold } from '../../shared/domain/record/hold.ts';
import type { ApiPorts, Operation } from './api-ports.ts';
import { APPROVE_STOPS, endStops } from './four-eyes/approve-stops.ts';
import { doOrPropose } from './four-eyes/do-or-propose.ts';
import { lanesAnswer } from './lanes.ts';
import { noteActions } from './note-actions.ts';
import { waitingIn } from './waiting-in.ts';

interface Named {
  readonly policy: string;
  readonly rule: string;
}

/** The rule goes on, for the records that wait, or the number in the request, beyond its limit. */
export const approveRule: Operation<'approveRule'> = async (ports, { lane, principal, input }) => {
  const { records, ...named } = input;
  const stops = await stopsIn(ports, lane, named);
  if (stops === undefined) return unknownLane();
  if (stops.length === 0) return notStopped();
  const shares = sharesOf(stops, await waitingIn(ports, lane), records);
  const asked = stops.map(({ key, at }) => ({ key, at, records: shares.get(key) ?? 0 }));
  const reply = await doOrPropose(ports, principal, APPROVE_STOPS, { lane, ...named, stops: asked });
  return typeof reply === 'string' ? lanesAnswer(ports, [lane]) : reply;
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

function unknownLane() {
  return { kind: 'problem' as const, problem: problem('NOT_FOUND', 'lane') };
}

function notStopped() {
  return { kind: 'problem' as const, problem: problem('RULE_NOT_STOPPED', 'rule') };
}
