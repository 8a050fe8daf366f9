import type { Holding } from '../../domain/record/holding.ts';
import type { HoldingRef } from '../../domain/record/ids.ts';
import { MOST_RESULT_BYTES } from '../../domain/record/work.ts';
import type { LaneCore } from '../core.ts';
import { withinGuard } from '../guard/within-guard.ts';
import type { Begun } from '../lane/begin.ts';
import type { Left } from '../lane/told.ts';
import { fitting } from '../lane/write-result.ts';
import { MOST_LOCATOR_BYTES } from '../pages/gather.ts';
import type { Room } from './cut-rows.ts';
import type { RowGroup } from './row-groups.ts';

/** Besides entries and lists, the result may have to hold all locators once more, sealed twice. */
const ENTRY_BYTES = MOST_RESULT_BYTES - Math.ceil(MOST_LOCATOR_BYTES * 1.4);

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
    rows,
    group,
  }));
  const kept = new Map<HoldingRef, Left>();
  const through = await withinGuard(core, begun, fitting(asks, ENTRY_BYTES), kept);
  const byGroup = new Map<RowGroup, Room>(
    asks.map(({ ref, group }) => [group, { granted: 0, others: kept.get(ref) ?? { kind: 'more' } }]),
  );
  for (const { one, granted, because } of through) {
    const others: Left = because === undefined ? { kind: 'more' } : { kind: 'waits', ...because };
    byGroup.set(one.group, { granted, others });
  }
  return { byGroup, onTrial: through.some(({ onTrial }) => onTrial) };
}
