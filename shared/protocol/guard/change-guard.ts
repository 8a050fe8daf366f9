import { type LaneGuard, NEW_GUARD } from '../../domain/guard/lane-guard.ts';
import type { Core } from '../core.ts';

/**
 * Changes a lane's guard on its version, and asks `change` again if another process has written it meanwhile. Nothing is
 * written if `change` answers with the same guard. `busy`: others wrote it each time, so nothing was changed.
 */
export async function changeGuard<Change extends { readonly guard: LaneGuard }>(
  { registry }: Pick<Core, 'registry'>,
  lane: string,
  { by, tries }: { readonly by: string; readonly tries: number },
  change: (guard: LaneGuard) => Change,
): Promise<(Change & { readonly before: LaneGuard }) | 'busy'> {
  for (let left = tries; left > 0; left -= 1) {
    const before = (await registry.laneGuard(lane)) ?? NEW_GUARD;
    const changed = change(before);
    if (changed.guard === before) return { ...changed, before };
    const guard = { ...changed.guard, version: before.version + 1, by };
    if ((await registry.writeLaneGuard(lane, guard)) === 'written') return { ...changed, guard, before };
  }
  return 'busy';
}
