import { parts } from '../../domain/each.ts';
import { SURE_BATCH } from '../../ports/store.ts';
import type { LaneCore } from '../core.ts';
import { type Came, carryOut } from '../lane/act.ts';
import { type Begun, mayStart } from '../lane/begin.ts';
import { deployedPolicies } from '../policy-plan/activation.ts';
import { ACTING, hasTimeFor, SLICE } from './gather.ts';
import type { PageTodo } from './page-todo.ts';
import type { Row, Slice } from './slice.ts';

export interface RowCame<One extends Row> {
  readonly row: One;
  readonly what: Came;
}

type ToActOn<One extends Row> = Pick<PageTodo, 'stage' | 'masks'> & {
  readonly slices: readonly Slice<One>[];
};

/**
 * Acts on the rows of slices in parts, begun in their order, as far as time goes: what came of the first rows of each slice.
 * A deletion takes whole batches of the store, and of some stores several at once; anything else may have to read and write
 * each record. After a part of which something failed, one part follows the other: the store may have too much to do.
 */
export async function actOnSlices<One extends Row>(
  core: LaneCore,
  begun: Begun,
  page: ToActOn<One>,
): Promise<readonly (readonly RowCame<One>[])[]> {
  const [size, width] = page.stage === 'delete' ? [batchOf(core, begun), core.store.atOnce] : [SLICE, 1];
  const all = page.slices.flatMap(({ rows }, slice) => parts(rows, size).map((part) => ({ slice, part })));
  const came: (readonly Came[])[] = [];
  const errors: unknown[] = [];
  let [begunParts, inFlight, isCalm] = [0, 0, true];
  const worker = async (): Promise<void> => {
    while (errors.length === 0 && (isCalm || inFlight === 0) && mayBegin(core, begun)) {
      const index = begunParts;
      const next = all[index];
      if (next === undefined) return;
      begunParts += 1;
      inFlight += 1;
      try {
        const of = await carryOut(core, page, next.part);
        came[index] = of;
        isCalm &&= !of.some(hasFailed);
      } catch (error) {
        errors.push(error);
      }
      inFlight -= 1;
    }
  };
  // No call may go on in the background: a function is stopped after its answer, and goes on at any later time.
  await Promise.all(Array.from({ length: width }, worker));
  if (errors.length > 0) throw errors[0];
  const found = page.slices.map((): RowCame<One>[] => []);
  for (const [index, { slice, part }] of all.entries()) {
    const of = came[index];
    if (of === undefined) break;
    const rows = part.map((row, place) => ({ row, what: of[place] ?? { uncertain: 'STORE_ERROR' } }));
    found[slice]?.push(...rows);
  }
  return found;
}

/** After an attempt in which something failed, a call has its time for fewer records. */
function batchOf({ store }: Pick<LaneCore, 'store'>, { chunk }: Pick<Begun, 'chunk'>): number {
  return chunk.failures === 0 ? store.batch : Math.min(SURE_BATCH, store.batch);
}

function mayBegin(core: LaneCore, { work, policies }: Begun): boolean {
  // Reading many records takes minutes. By policies that have come into effect meanwhile, they may have to stay.
  return mayStart(core, work) && hasTimeFor(core, work, ACTING) && deployedPolicies(core) === policies;
}

function hasFailed(what: Came): boolean {
  return 'uncertain' in what || what.outcome === 'failed';
}
