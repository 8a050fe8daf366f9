import type { Room } from '../../domain/guard/lane-guard.ts';
import { destroys } from '../../domain/record/actions.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { HoldingRef } from '../../domain/record/ids.ts';
import type { LaneCore } from '../core.ts';
import type { Left } from '../lane/told.ts';
import { reportWaits } from './within-guard.ts';

/** Whether it would be deleted or masked. */
export function wouldGo({ decision }: Holding): boolean {
  return decision?.stage !== undefined && destroys(decision.stage);
}

/** Leaves what would be deleted or masked, without a look at the store. The rest goes on. */
export function leaveWaiting(
  core: LaneCore,
  due: readonly Holding[],
  { code, until }: Omit<Room, 'records'>,
  left: Map<HoldingRef, Left>,
): readonly Holding[] {
  const waiting = due.filter(wouldGo);
  for (const { ref } of waiting) left.set(ref, { kind: 'waits', code, until });
  reportWaits(
    core,
    waiting.map(() => code),
  );
  return due.filter((holding) => !wouldGo(holding));
}
