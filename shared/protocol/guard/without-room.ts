import { fullRate } from '../../domain/guard/rate-gates.ts';
import { slowUntil } from '../../domain/guard/pace.ts';
import { destroys } from '../../domain/record/actions.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { HoldingRef } from '../../domain/record/ids.ts';
import { FOR_A_PERSON, type GuardCode } from '../../domain/record/waiting.ts';
import type { LaneCore } from '../core.ts';
import type { Begun } from '../lane/begin.ts';
import type { Left } from '../lane/told.ts';
import { reportWaits } from './within-guard.ts';

const OF_RATES: ReadonlySet<GuardCode> = new Set<GuardCode>(['HOURLY_CAP', 'MINUTE_RATE', 'STORE_SLOW']);

const SLOW: GuardCode = 'STORE_SLOW';

/**
 * What waited for the next hour or minute, and finds it used up as well, or for a slow store that still is, waits on without a look at the store: a rate is
 * there to spare the store, and a long backlog would look at all its records every minute. Costs one read of the guard.
 */
export async function withoutRoom(
  core: LaneCore,
  { chunk: { waits = [] } }: Pick<Begun, 'chunk'>,
  due: readonly Holding[],
  left: Map<HoldingRef, Left>,
): Promise<readonly Holding[]> {
  const settings = core.configuration.stores[core.lane];
  const isForRate = waits.some(({ code }) => OF_RATES.has(code));
  const isForPerson = waits.some(({ code }) => FOR_A_PERSON.has(code));
  if (settings === undefined || settings.dryRun === true || !isForRate || isForPerson) return due;
  const waiting = due.filter(({ decision }) => decision?.stage !== undefined && destroys(decision.stage));
  const guard = waiting.length === 0 ? undefined : await core.registry.laneGuard(core.lane);
  const now = core.clock.now();
  const slow = guard && settings.slowDown && slowUntil(guard, now);
  const full = slow === undefined ? guard && fullRate(guard, settings, now) : { code: SLOW, until: slow };
  if (full === undefined) return due;
  const { code, until } = full;
  for (const { ref } of waiting) left.set(ref, { kind: 'waits', code, until });
  reportWaits(
    core,
    waiting.map(() => code),
  );
  return due.filter((holding) => !waiting.includes(holding));
}
