import { yearOf } from '../../domain/calendar/utc-time.ts';
import type { HoldingRef } from '../../domain/record/ids.ts';
import { codeOf } from '../../domain/error-code.ts';
import type { Holding } from '../../domain/record/holding.ts';
import { MOST_RESULT_BYTES } from '../../domain/record/work.ts';
import type { LaneCore } from '../core.ts';
import type { Examined } from './examine.ts';
import type { PageTodo } from '../pages/page-todo.ts';
import type { Left, Todo, Told } from './told.ts';
import { fitting, sizeOf } from './write-result.ts';

export interface Tellable {
  readonly told: readonly Told[];
  readonly todo: readonly Todo[];
  readonly pages: readonly PageTodo[];
  readonly left: ReadonlyMap<HoldingRef, Left>;
}

/**
 * Step 8, before anything is done: what is done has to be told in an entry. What would make the result too large, or
 * whose year has no key of the log, stays in the chunk.
 */
export async function tellable(core: Pick<LaneCore, 'keys'>, found: Examined): Promise<Tellable> {
  const left = new Map<HoldingRef, Left>();
  const missing = await missingLogKeys(
    core,
    [...found.told, ...found.todo, ...found.pages].map(({ holding }) => holding),
  );
  const hasKey = ({ ref, holding }: Pick<Told, 'ref' | 'holding'>): boolean => {
    const code = missing.get(yearOf(holding.registeredAt));
    if (code !== undefined) left.set(ref, { kind: 'failed', code });
    return code === undefined;
  };
  const tellableNow = found.told.filter(hasKey);
  const doable = found.todo.filter(hasKey);
  const told = fitting(tellableNow, MOST_RESULT_BYTES);
  const used = told.reduce((sum, one) => sum + sizeOf(one), 0);
  const todo = doable.length === 0 ? [] : fitting(doable, Math.max(0, MOST_RESULT_BYTES - used));
  const more = todo.reduce((sum, one) => sum + sizeOf(one), used);
  const paged = found.pages.filter(hasKey);
  // One alone fits in any case.
  const [first] = paged;
  const hasRoom = first !== undefined && (more === 0 || more + sizeOf(first) <= MOST_RESULT_BYTES);
  const pages = hasRoom ? fitting(paged, MOST_RESULT_BYTES - more) : [];
  for (const { ref } of [
    ...tellableNow.slice(told.length),
    ...doable.slice(todo.length),
    ...paged.slice(pages.length),
  ])
    left.set(ref, { kind: 'no-time' });
  return { told, todo, pages, left };
}

/** Years whose key of the log cannot be had, with a code. */
export async function missingLogKeys(
  core: Pick<LaneCore, 'keys'>,
  holdings: readonly Holding[],
): Promise<ReadonlyMap<number, string>> {
  const missing = new Map<number, string>();
  for (const year of new Set(holdings.map(({ registeredAt }) => yearOf(registeredAt)))) {
    try {
      await core.keys.logKey(year);
    } catch (error) {
      missing.set(year, codeOf(error));
    }
  }
  return missing;
}
