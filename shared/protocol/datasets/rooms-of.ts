import type { Holding } from '../../domain/record/holding.ts';
import type { HoldingRef } from '../../domain/record/ids.ts';
import type { LaneCore } from '../core.ts';
import { withinGuard } from '../guard/within-guard.ts';
import type { Begun } from '../lane/begin.ts';
import type { Left } from '../lane/told.ts';
import { fitting } from '../lane/write-result.ts';
import type { Room } from './cut-rows.ts';
import type { RowGroup } from './row-groups.ts';

/** What the entries of an attempt may have of its result. The rest is for their lists, and for locators. */
export const ENTRY_BYTES = 36 * 1024;

export interface Rooms {
  readonly byGroup: ReadonlyMap<RowGroup, Room>;
  /** First records of a rule are among them. */
  readonly onTrial: boolean;
}

/** How many rows of each group the result of the attempt and the lane's limits have room for. The guard is asked once. */
export async function roomsOf(
  core: LaneCore,
  begun: Begun,
  { holding, groups }: { readonly holding: Holding; readonly groups: ReadonlyMap<RowGroup, number> },
): Promise<Rooms> {
  const asks = [...groups].map(([group, rows], number) => ({
    ref: `${holding.ref} ${number}` as HoldingRef,
    stage: 'delete' as const,
    holding,
    planned: group.planned,
    count: rows,
    group,
  }));
  const fit = fitting(asks, ENTRY_BYTES).map(({ count, ...one }) => ({ ...one, rows: count }));
  const kept = new Map<HoldingRef, Left>();
  const through = await withinGuard(core, begun, fit, kept);
  const byGroup = new Map<RowGroup, Room>(
    asks.map(({ ref, group }) => [group, { granted: 0, others: kept.get(ref) ?? { kind: 'more' } }]),
  );
  for (const { one, granted, because } of through) {
    const others: Left = because === undefined ? { kind: 'more' } : { kind: 'waits', ...because };
    byGroup.set(one.group, { granted, others });
  }
  return { byGroup, onTrial: through.some(({ onTrial }) => onTrial) };
}
