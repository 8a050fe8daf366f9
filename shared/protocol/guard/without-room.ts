import type { StoreConfiguration } from '../../domain/configuration/configuration.ts';
import type { LaneGuard, Room } from '../../domain/guard/lane-guard.ts';
import { slowUntil } from '../../domain/guard/pace.ts';
import { fullRate } from '../../domain/guard/rate-gates.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { HoldingRef, Instant } from '../../domain/record/ids.ts';
import { FOR_A_PERSON, type GuardCode } from '../../domain/record/waiting.ts';
import type { LaneCore } from '../core.ts';
import type { Begun } from '../lane/begin.ts';
import type { Left } from '../lane/told.ts';
import { leaveWaiting, wouldGo } from './leave-waiting.ts';

const OF_RATES: ReadonlySet<GuardCode> = new Set<GuardCode>(['HOURLY_CAP', 'MINUTE_RATE', 'STORE_SLOW']);

/**
 * What waited for the next hour or minute and finds it used up as well, or waited for a slow store that still is slow, waits
 * on without a look at the store: a rate is there to spare the store, and a long backlog would look at all its records every
 * minute. Costs one read of the guard.
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
  const guard = due.some(wouldGo) ? await core.registry.laneGuard(core.lane) : undefined;
  const full = guard && fullNow(guard, settings, core.clock.now());
  return full === undefined ? due : leaveWaiting(core, due, full, left);
}

function fullNow(
  guard: LaneGuard,
  settings: StoreConfiguration,
  now: Instant,
): Omit<Room, 'records'> | undefined {
  const until = settings.slowDown && slowUntil(guard, now);
  return until === undefined ? fullRate(guard, settings, now) : { code: 'STORE_SLOW', until };
}
