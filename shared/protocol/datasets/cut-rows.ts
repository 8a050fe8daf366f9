import { FOR_A_PERSON, type GuardCode } from '../../domain/record/waiting.ts';
import type { WaitingRows } from '../../domain/record/work.ts';
import type { Left } from '../lane/told.ts';
import type { Slice } from '../pages/slice.ts';
import type { GroupedRow, RowGroup } from './row-groups.ts';

/** How many rows of a group may go now, and what becomes of the others. */
export interface Room {
  readonly granted: number;
  readonly others: Left;
}

/** The pass goes by what waits for these: it would stop the rows of all other rules. */
const GOES_BY: ReadonlySet<GuardCode> = new Set<GuardCode>([...FOR_A_PERSON, 'DRY_RUN']);

export function goesBy(left: Left): left is Left & { readonly kind: 'waits' } {
  return left.kind === 'waits' && GOES_BY.has(left.code);
}

/**
 * What the lane's limits let through: the rows that were read first, which are the oldest where the store reads in the order
 * of the clock. Where rows have failed, it is any of a slice, because what fails must not use up the room of every hour.
 */
export function cutRows(
  slices: readonly Slice<GroupedRow>[],
  rooms: ReadonlyMap<RowGroup, Room>,
  ordered: (rows: readonly GroupedRow[]) => readonly GroupedRow[] = (rows) => rows,
): readonly Slice<GroupedRow>[] {
  const left = new Map([...rooms].map(([group, { granted }]) => [group, granted]));
  return slices.map((slice) => {
    const [rows, others]: [GroupedRow[], GroupedRow[]] = [[], []];
    for (const row of ordered(slice.rows)) {
      const room = left.get(row.group) ?? 0;
      (room > 0 ? rows : others).push(row);
      if (room > 0) left.set(row.group, room - 1);
    }
    const waits: WaitingRows[] = [];
    let isCut = slice.isCut === true;
    for (const [group, same] of Map.groupBy(others, (row) => row.group)) {
      const why = rooms.get(group)?.others;
      if (why === undefined || !goesBy(why)) isCut = true;
      else {
        const { kind: _kind, ...waiting } = why;
        waits.push({ ...waiting, records: same.length });
      }
    }
    const { goneBy } = slice;
    return { ...slice, rows, ...(isCut && { isCut }), ...(goneBy && { goneBy: { ...goneBy, waits } }) };
  });
}
