import type { HoldingRef } from '../../domain/record/ids.ts';
import type { LaneCore } from '../core.ts';
import type { Begun } from '../lane/begin.ts';
import type { Left } from '../lane/told.ts';
import type { PageCame } from '../pages/act-on-page.ts';
import { newPass, type Pass } from '../pages/pass.ts';
import type { GroupedRow } from './row-groups.ts';

const HOUR = 3_600_000;

/**
 * Step 11 for a dataset. Rows that stay for their own reasons keep no chunk: the next sweep begins another pass. What failed
 * or waits does, and then a new pass begins in the same chunk.
 */
export function whatIsLeft(
  core: LaneCore,
  { work }: Begun,
  came: PageCame<GroupedRow>,
  /** Why groups have rows that had no turn. `isDaily`: a pass over the dataset begins once a day. */
  { cuts, isDaily }: { readonly cuts: readonly Left[]; readonly isDaily: boolean },
): { readonly left: readonly Left[]; readonly pass: Pass } {
  const { pass, ended, uncertainCode } = came;
  const lost: Left[] = uncertainCode === undefined ? [] : [{ kind: 'failed', code: uncertainCode }];
  if (!ended) {
    const left = [...lost, ...cuts];
    return { left: left.length > 0 ? left : [{ kind: 'more' }], pass };
  }
  reportPass(core, pass);
  const { code, goneBy } = pass;
  // Rows that always fail must not keep those waiting that become due meanwhile.
  const latest = isDaily ? Infinity : core.clock.now() + HOUR;
  const failed: Left[] = code === undefined ? [] : [{ kind: 'failed', code, latest }];
  const waits = (goneBy?.waits ?? []).map((one): Left => ({ kind: 'waits', ...one }));
  return { left: [...lost, ...failed, ...waits], pass: beginning(pass.of, work.begunAt) };
}

/** A pass at the beginning of the range. */
export function beginning(of: string, lookedAt: number): Pass {
  return newPass(undefined, { of, lookedAt, version: 1 });
}

/** The first one is the dataset's, and each of the others has a name of its own: a chunk says of all what it waits for. */
export function namedLeft(ref: HoldingRef, left: readonly Left[]): ReadonlyMap<HoldingRef, Left> {
  return new Map(left.map((one, number) => [number === 0 ? ref : (`${ref} ${number}` as HoldingRef), one]));
}

function reportPass(core: LaneCore, { records, kept, goneBy }: Pass): void {
  core.report('dataset.pass', { store: core.lane, count: records });
  const { held = 0, early = 0, undated = 0, failed = 0 } = goneBy ?? {};
  const stay = { HELD: held, EARLY: early, UNDATED: undated, FAILED: failed, REGISTERED: kept };
  for (const [code, count] of Object.entries(stay))
    if (count > 0) core.report('dataset.left', { store: core.lane, code, count });
}
