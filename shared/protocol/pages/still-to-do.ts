import { parts } from '../../domain/each.ts';
import type { ReadBack } from '../../ports/store.ts';
import type { LaneCore } from '../core.ts';
import { promiseOf, type Todo } from '../lane/told.ts';
import { SLICE } from './gather.ts';
import type { Row, Slice } from './slice.ts';

/** The slices without the records that are as the stage promises already. What is to be deleted is there still. */
export async function stillToDo(
  core: Pick<LaneCore, 'store'>,
  what: Pick<Todo, 'stage' | 'masks'>,
  slices: readonly Slice[],
): Promise<readonly Slice[]> {
  if (what.stage === 'delete') return slices;
  const open: Slice[] = [];
  for (const slice of slices) {
    const answers = await readBackAll(core, what, slice.rows);
    const failed = slice.rows.flatMap((row) => {
      const answer = answers.get(row);
      return answer?.state === 'unknown' ? [answer.code] : [];
    });
    const rows = slice.rows.filter((row) => answers.get(row)?.state === 'broken');
    open.push({ ...slice, rows, failed: [...slice.failed, ...failed] });
  }
  return open;
}

/** Reads back what a stage promised of these records. */
export async function readBackAll<Read extends Pick<Row, 'locator'>>(
  { store }: Pick<LaneCore, 'store'>,
  { stage, masks }: Pick<Todo, 'stage' | 'masks'>,
  rows: readonly Read[],
): Promise<ReadonlyMap<Read, ReadBack>> {
  const all = new Map<Read, ReadBack>();
  for (const part of parts(rows, SLICE)) {
    const answers = await store.readBack(part.map(({ locator }) => promiseOf(stage, locator, masks)));
    for (const [index, row] of part.entries())
      all.set(row, answers[index] ?? { state: 'unknown', code: 'STORE_ERROR' });
  }
  return all;
}
