import { createHash } from 'node:crypto';
import type { LaneCore } from '../core.ts';
import type { LetThrough } from '../guard/within-guard.ts';
import type { PageTodo } from './page-todo.ts';
import { rowsOf, type Slice } from './slice.ts';

/** As much of a page as the lane's limits let through, which count records, whatever they are disposed of by. */
export function cutPage(
  { tokens }: Pick<LaneCore, 'tokens'>,
  { one: page, granted, because }: LetThrough<PageTodo>,
): PageTodo {
  if (granted >= page.rows) return page;
  const slices: Slice[] = [];
  let room = granted;
  for (const slice of page.slices) {
    if (slice.rows.length > room) {
      slices.push(cut(slice, room, tokens.next()));
      break;
    }
    room -= slice.rows.length;
    slices.push(slice);
  }
  // What follows after them is not looked at, though the list may end with it.
  const ended = page.ended && slices.at(-1)?.next === undefined;
  return { ...page, slices, ended, rows: rowsOf(slices), ...(because !== undefined && { cut: because }) };
}

/** Anywhere in the slice: what fails must not use up the room of every hour. */
function cut(slice: Slice, most: number, token: string): Slice {
  return { ...slice, rows: fromAnywhere(slice.rows, token).slice(0, most), isCut: true };
}

/** The same in a circle, from a place that the token says. */
export function fromAnywhere<One>(rows: readonly One[], token: string): readonly One[] {
  const from = createHash('sha256').update(token).digest().readUInt16BE() % Math.max(1, rows.length);
  return [...rows.slice(from), ...rows.slice(0, from)];
}
