import type { WorkRecord } from '../../domain/record/work.ts';
import type { Place, StoreFailure } from '../../ports/store.ts';
import type { LaneCore } from '../core.ts';
import { seconds } from '../seconds.ts';
import type { Pass } from './pass.ts';
import { readSlice, type Slice } from './slice.ts';

/** What one attempt lists of its collections, and the most that its work record has of their locators, as JSON. */
const RECORDS_OF_AN_ATTEMPT = 1000;
export const MOST_LOCATOR_BYTES = 64 * 1024;
/** The same number as records of a chunk: stores are asked for no more at once. */
export const SLICE = 100;

/** What is left of an attempt for pages; taken by one collection after the other. */
export interface Turn {
  records: number;
  bytes: number;
}

/** `uncertainBytes`: the chunk still has so much of former attempts. */
export function newTurn(uncertainBytes: number): Turn {
  return { records: RECORDS_OF_AN_ATTEMPT, bytes: Math.max(0, MOST_LOCATOR_BYTES - uncertainBytes) };
}

export interface Gathered {
  readonly slices: readonly Slice[];
  /** The list ends with the last one. */
  readonly ended: boolean;
  /** The list could not be read on. */
  readonly code?: StoreFailure;
}

/** Lists on from where the pass is, in slices, as far as the attempt's turn and time go. */
export async function gather(
  core: LaneCore,
  work: WorkRecord,
  { place, pass, turn }: { readonly place: Place; readonly pass: Pick<Pass, 'at'>; readonly turn: Turn },
): Promise<Gathered> {
  const slices: Slice[] = [];
  let after = pass.at;
  while (turn.records > 0 && turn.bytes > 0 && hasTimeFor(core, work, LISTING)) {
    const slice = await readSlice(core, place, Math.min(SLICE, turn.records), after);
    if ('code' in slice) return { slices, ended: false, code: slice.code };
    // The first one of an attempt fits in any case: there is a longest locator.
    if (slice.bytes > turn.bytes && turn.bytes < MOST_LOCATOR_BYTES / 2) break;
    turn.records -= Math.max(1, slice.listed);
    turn.bytes -= slice.bytes;
    slices.push(slice);
    if (slice.next === undefined) return { slices, ended: true };
    after = slice.next;
  }
  return { slices, ended: false };
}

/** Parts of the function's time: what has to be acted on and read back still has to be told. */
export const LISTING = 1 / 3;
export const ACTING = 1 / 2;

export function hasTimeFor(
  core: Pick<LaneCore, 'clock' | 'configuration'>,
  { begunAt }: WorkRecord,
  part: number,
): boolean {
  return core.clock.now() < begunAt + seconds(core.configuration.timing.functionTimeout) * part;
}
