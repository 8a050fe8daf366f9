import { present } from '../../domain/present.ts';
import type { HoldingRef } from '../../domain/record/ids.ts';
import { MOST_RESULT_BYTES } from '../../domain/record/work.ts';
import { type Locator, SURE_BATCH } from '../../ports/store.ts';
import type { LaneCore } from '../core.ts';
import type { Begun } from '../lane/begin.ts';
import { hasTimeFor, LISTING, MOST_LOCATOR_BYTES, MOST_RECORDS_OF_AN_ATTEMPT } from '../pages/gather.ts';
import { sealedBytes } from '../pages/pack-locators.ts';
import { refsOfRows, type Slice } from '../pages/slice.ts';
import { type DatasetSlice, type DueRow, type Reading, readRows } from './read-rows.ts';
import { ENTRY_BYTES } from './rooms-of.ts';
import { type GroupedRow, type RowGroup, rowGroups } from './row-groups.ts';

export interface GatheredRows {
  readonly slices: readonly Slice<GroupedRow>[];
  /** How many rows each group has. */
  readonly groups: ReadonlyMap<RowGroup, number>;
  /** The range ends with the last slice. */
  readonly ended: boolean;
  /** The range could not be read on. */
  readonly code?: string;
}

interface Gathering extends Omit<Reading, 'limit'> {
  /** Rows of which it is not known whether they are there: they are named again, and not acted on. */
  readonly open: readonly Locator[];
}

/** Reads on from where the pass is, in slices, as far as the attempt's time goes and its work record holds what is due. */
export async function gatherRows(
  core: LaneCore,
  begun: Begun,
  { open, ...reading }: Gathering,
): Promise<GatheredRows> {
  const slices: Slice<GroupedRow>[] = [];
  const groups = new Map<RowGroup, number>();
  const groupOf = rowGroups();
  const refOf = await refsOfRows(core);
  const seen = new Set<HoldingRef>(open.flatMap((locator) => refOf(locator) ?? []));
  const { batch } = core.store;
  const limit = Math.max(batch, inWhole(batch, SURE_BATCH));
  // What an attempt takes besides its rows is the same for one batch and for two.
  const most = Math.max(inWhole(limit, MOST_RECORDS_OF_AN_ATTEMPT), BATCHES * batch);
  let { after } = reading;
  let used = sealedBytes(open);
  while (seen.size < most && hasTimeFor(core, begun.work, LISTING)) {
    const bytes = locatorBytes(seen.size + limit) - used;
    if (bytes <= 0) break;
    const read = await readRows(core, begun, { ...reading, limit, after });
    if ('code' in read) return { slices, groups, ended: false, code: read.code };
    const room = most - seen.size;
    const due: DueRow[] = [];
    for (const row of read.due) {
      // Its clock has been changed in between: what was read first decides, and sees that it has changed.
      if (!seen.has(row.ref)) due.push(row);
      seen.add(row.ref);
    }
    const fit = fitting(due.slice(0, room), bytes);
    used += fit.bytes;
    const rows = fit.rows.map(({ ref, locator, recordVersion, planned }): GroupedRow => {
      const group = groupOf(planned);
      groups.set(group, (groups.get(group) ?? 0) + 1);
      return { ref, locator, recordVersion, group, dueAt: planned.actAt ?? 0 };
    });
    const isCut = rows.length < due.length;
    slices.push({ ...sliceOf(read), rows, bytes: fit.bytes, ...(isCut && { isCut }) });
    if (read.next === undefined) return { slices, groups, ended: true };
    if (isCut) break;
    after = read.next;
  }
  return { slices, groups, ended: false };
}

const BATCHES = 2;
/** The result may have to hold all locators once more. */
const SEALED_TWICE = 1.4;
/** A reference of a list, compressed: 22 characters of six bits. */
const LISTED_BYTES = 17;

/** What a result and a work record have room for, besides the entries and the list of this number of rows. */
function locatorBytes(rows: number): number {
  const left = MOST_RESULT_BYTES - ENTRY_BYTES - rows * LISTED_BYTES;
  return Math.min(MOST_LOCATOR_BYTES, Math.floor(left / SEALED_TWICE));
}

/** What is left over of a slice or a batch would take another call. */
function inWhole(size: number, most: number): number {
  return most - (most % size);
}

/** The first of these rows whose locators fit: at least one. Packed, as the work record has them. */
function fitting(
  rows: readonly DueRow[],
  most: number,
): { readonly rows: readonly DueRow[]; readonly bytes: number } {
  const bytes = rows.length === 0 ? 0 : sealedBytes(rows.map(({ locator }) => locator));
  if (bytes <= most || rows.length < 2) return { rows, bytes };
  const part = Math.max(1, Math.floor((rows.length * most) / bytes));
  return fitting(rows.slice(0, part), most);
}

function sliceOf({ listed, registered, failed, held, early, undated, next }: DatasetSlice) {
  return {
    listed,
    kept: registered,
    failed,
    goneBy: { held, early, undated, waits: [] },
    ...present({ next }),
  };
}
