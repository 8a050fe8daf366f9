import { problem } from '../../../shared/contract/problem.ts';
import { approvedStop, stopsOf } from '../../../shared/domain/guard/breaker.ts';
import { type LaneGuard, NEW_GUARD } from '../../../shared/domain/guard/lane-guard.ts';
import { own } from '../../../shared/domain/own.ts';
import type { Instant } from '../../../shared/domain/record/ids.ts';
import { changeGuard } from '../../../shared/protocol/guard/change-guard.ts';
import type { ApiPorts } from '../api-ports.ts';
import type { GatedAction } from './gated-action.ts';

/** Workers that write a lane's guard at the same time. */
const MOST_TRIES = 20;
/** The lanes are rung a little after the answer, so that no worker begins before the decision is written. */
const RING_DELAY_SECONDS = 20;

/** One stop of one time: a rule that is stopped again is another question. */
export interface MeantStop {
  readonly key: string;
  readonly at: Instant;
}

export interface ApprovedStops {
  readonly lane: string;
  readonly policy: string;
  readonly rule: string;
  /** With how many records each of them may dispose of beyond its limit. */
  readonly stops: readonly (MeantStop & { readonly records: number })[];
}

/**
 * A rule that was stopped goes on. The entry comes first, then the bell, then the decision: wherever it dies, the rule is
 * stopped, or goes on and is rung.
 */
export const APPROVE_STOPS: GatedAction<ApprovedStops> = {
  kind: 'approve',
  notes: ({ lane, policy, rule, stops }) => [
    { did: 'approve', lane, policy, rule, records: recordsOf(stops) },
  ],
  shown: ({ lane, policy, rule, stops }) => ({ lane, policy, rule, records: recordsOf(stops) }),
  async refusal({ configuration, registry }, { lane, stops }) {
    if (own(configuration.stores, lane) === undefined) return problem('NOT_FOUND', 'lane');
    const known = stopsOf((await registry.laneGuard(lane)) ?? NEW_GUARD);
    const areThere = stops.every((stop) => known.some((one) => isSame(one, stop)));
    return areThere ? undefined : problem('RULE_NOT_STOPPED', 'rule');
  },
  async carryOut(ports, { lane, stops }) {
    await ports.queues.toSweep([{ kind: 'ring' }], RING_DELAY_SECONDS);
    const shares = new Map(stops.map(({ key, records }) => [key, records]));
    return endStops(ports, lane, stops, (guard, key) =>
      approvedStop(guard, key, shares.get(key) ?? 0, ports.clock.now()),
    );
  },
};

/**
 * A worker may have written the guard since: what it says then counts. Only the stops that the person was asked about end:
 * one that has come since is another question. `void`: none of them is there any more.
 */
export async function endStops(
  ports: ApiPorts,
  lane: string,
  meant: readonly MeantStop[],
  end: (guard: LaneGuard, key: string) => LaneGuard,
): Promise<'done' | 'void'> {
  const writing = { by: ports.tokens.next(), tries: MOST_TRIES };
  const ended = await changeGuard(ports, lane, writing, (guard) => {
    const stops = stopsOf(guard).filter((stop) => meant.some((one) => isSame(one, stop)));
    return { guard: stops.reduce((before, { key }) => end(before, key), guard) };
  });
  if (ended === 'busy') throw new GuardBusy();
  return ended.guard === ended.before ? 'void' : 'done';
}

function isSame(one: MeantStop, other: MeantStop): boolean {
  return one.key === other.key && one.at === other.at;
}

function recordsOf(stops: ApprovedStops['stops']): number {
  return stops.reduce((sum, { records }) => sum + records, 0);
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
