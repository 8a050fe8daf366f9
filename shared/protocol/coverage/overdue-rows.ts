import type { Count } from '../../domain/coverage/survey.ts';
import type { DefinedDataset } from '../../domain/datasets/row-holding.ts';
import { type StoreFailure, SURE_BATCH } from '../../ports/store.ts';
import type { LaneCore } from '../core.ts';
import { cutoffOf } from '../datasets/cutoff.ts';
import { readRows } from '../datasets/read-rows.ts';
import { deployedPolicies } from '../policy-plan/activation.ts';

const DAY = 86_400_000;
/** Pages that are read of one dataset. */
const MOST_PAGES = 5;

/**
 * Rows that are older than any rule allows: planned one by one, as before they go, and past their deadline for more than a
 * day. What a legal hold or a rule keeps is none of them. Nothing is written.
 */
export async function overdueRows(
  core: LaneCore,
  dataset: DefinedDataset,
): Promise<Count | { readonly code: StoreFailure }> {
  const before = core.clock.now() - DAY;
  const cutoff = cutoffOf(core, dataset, before);
  if (cutoff === undefined) return { count: 0, counted: 'exact' };
  // What waits until a column is read for so long is late, too.
  const columns = new Map<string, number>();
  const begun = { holds: await core.registry.wideHolds(), policies: deployedPolicies(core), columns };
  let count = 0;
  let after: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const slice = await readRows(core, begun, { dataset, cutoff, limit: SURE_BATCH, after });
    if ('code' in slice) return slice;
    count += slice.due.filter(
      ({ planned: { deadline } }) => deadline !== undefined && deadline < before,
    ).length;
    after = slice.next;
    if (after === undefined) return { count, counted: 'exact' };
  }
  return { count, counted: 'at-least' };
}
