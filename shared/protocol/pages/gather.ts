import type { StoreAction } from '../../domain/record/actions.ts';
import type { WorkRecord } from '../../domain/record/work.ts';
import { type Place, type StoreFailure, SURE_BATCH } from '../../ports/store.ts';
import type { LaneCore } from '../core.ts';
import type { Begun } from '../lane/begin.ts';
import { seconds } from '../seconds.ts';
import type { Pass } from './pass.ts';
import { readSlice, type Slice } from './slice.ts';

/** What one attempt lists of its collections, and the most that its work record has of their sealed locators. */
const RECORDS_OF_AN_ATTEMPT = 1000;
const BATCHES_OF_AN_ATTEMPT = 5;
/** The list of its records has to fit into the result. */
export const MOST_RECORDS_OF_AN_ATTEMPT = 5000;
export const MOST_LOCATOR_BYTES = 64 * 1024;
/** The same number as records of a chunk. A store is asked for more at once only to delete. */
export const SLICE = 100;

/** What is left of an attempt for pages; taken by one collection after the other. */
export interface Turn {
  records: number;
  bytes: number;
}

/** `uncertainBytes`: the chunk still has so much of former attempts. */
export function newTurn({ store }: Pick<LaneCore, 'store'>, uncertainBytes: number): Turn {
  return {
    records: Math.max(
      RECORDS_OF_AN_ATTEMPT,
      Math.min(MOST_RECORDS_OF_AN_ATTEMPT, BATCHES_OF_AN_ATTEMPT * store.batch),
    ),
    bytes: Math.max(0, MOST_LOCATOR_BYTES - uncertainBytes),
  };
}

/**
 * How many records a slice of a collection has at most: a whole batch of the store only of what is to be deleted and did not
 * fail before.
 */
export function mostOf(
  { store }: Pick<LaneCore, 'store'>,
  { chunk }: Pick<Begun, 'chunk'>,
  stage: StoreAction | undefined,
): number {
  return stage === 'delete' && chunk.failures === 0 ? store.batch : Math.min(SLICE, store.batch);
}

export interface Gathered {
  readonly slices: readonly Slice[];
  /** The list ends with the last one. */
  readonly ended: boolean;
  /** The list could not be read on. */
  readonly code?: StoreFailure;
}

interface ToGather {
  readonly place: Place;
  readonly pass: Pick<Pass, 'at'>;
  readonly turn: Turn;
  /** How many records a slice has at most. */
  readonly most: number;
}

/** Lists on from where the pass is, in slices, as far as the attempt's turn and time go. */
export async function gather(
  core: LaneCore,
  work: WorkRecord,
  { place, pass, turn, most }: ToGather,
): Promise<Gathered> {
  const slices: Slice[] = [];
  let after = pass.at;
  let limit = most;
  while (turn.records > 0 && turn.bytes > 0 && hasTimeFor(core, work, LISTING)) {
    const slice = await readSlice(core, place, Math.min(limit, turn.records), after);
    if ('code' in slice) return { slices, ended: false, code: slice.code };
    if (slice.bytes > turn.bytes) {
      if (turn.bytes < MOST_LOCATOR_BYTES / 2) break;
      // A hundred fit in any case, if nothing else is there: there is a longest locator.
      if (limit > SLICE) {
        limit = limit > SURE_BATCH ? SURE_BATCH : SLICE;
        continue;
      }
    }
    turn.records -= Math.max(1, slice.listed);
    turn.bytes -= slice.bytes;
    slices.push(slice);
    if (slice.next === undefined) return { slices, ended: true };
    after = slice.next;
    // The next one would be listed for nothing.
    if (limit > SLICE && slice.bytes > turn.bytes) break;
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
