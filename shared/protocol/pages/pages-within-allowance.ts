import { createHash } from 'node:crypto';
import { hourOf } from '../../domain/calendar/utc-time.ts';
import { own } from '../../domain/own.ts';
import type { LaneCore } from '../core.ts';
import type { PageTodo } from './page-todo.ts';
import { rowsOf, type Slice } from './slice.ts';

/** What the lane's hourly cap leaves of these pages: it counts records, whatever they are disposed of by. */
export async function pagesWithinAllowance(
  core: LaneCore,
  pages: readonly PageTodo[],
): Promise<readonly PageTodo[]> {
  const cap = own(core.configuration.stores, core.lane)?.hourlyCap;
  const wanted = rowsOf(pages.flatMap(({ slices }) => slices));
  if (wanted === 0 || cap === undefined) return pages;
  let granted = await core.registry.takeAllowance(core.lane, hourOf(core.clock.now()), wanted, cap);
  if (granted < wanted) core.report('dispose.capped', { store: core.lane, count: wanted - granted });
  return pages.map((page) => {
    const slices: Slice[] = [];
    for (const slice of page.slices) {
      if (slice.rows.length > granted) {
        slices.push(cut(slice, granted, core.tokens.next()));
        granted = 0;
        break;
      }
      granted -= slice.rows.length;
      slices.push(slice);
    }
    return { ...page, slices, rows: rowsOf(slices) };
  });
}

/** Anywhere in the slice: what fails must not use up the allowance of every hour. */
function cut(slice: Slice, most: number, token: string): Slice {
  const from = createHash('sha256').update(token).digest().readUInt16BE() % slice.rows.length;
  const rows = [...slice.rows.slice(from), ...slice.rows.slice(0, from)].slice(0, most);
  return { ...slice, rows, isCut: true };
}
