import { quietUntil } from '../../domain/guard/quiet-hours.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { HoldingRef } from '../../domain/record/ids.ts';
import { FOR_A_PERSON } from '../../domain/record/waiting.ts';
import type { LaneCore } from '../core.ts';
import { minuteUp } from '../hint.ts';
import type { Begun } from '../lane/begin.ts';
import type { Left } from '../lane/told.ts';
import { leaveWaiting, wouldGo } from './leave-waiting.ts';

/**
 * In quiet hours the store is not even looked at for what would be deleted or masked: it waits for their end. What a person
 * keeps is looked at all the same: people decide in quiet hours, and have to see how much waits for them.
 */
export async function withoutQuiet(
  core: LaneCore,
  { chunk: { waits = [] } }: Pick<Begun, 'chunk'>,
  due: readonly Holding[],
  left: Map<HoldingRef, Left>,
): Promise<readonly Holding[]> {
  const quiet = core.configuration.stores[core.lane]?.quietHours;
  const until = quiet && quietUntil(quiet, core.clock.now());
  if (until === undefined || !due.some(wouldGo)) return due;
  // Else the hourly sweep would ring an hour later, if they do not end with an hour.
  await core.timers.wake(minuteUp(until));
  // The lane's limits say of each what it waits for.
  if (waits.some(({ code }) => FOR_A_PERSON.has(code))) return due;
  return leaveWaiting(core, due, { code: 'QUIET_HOURS', until }, left);
}
