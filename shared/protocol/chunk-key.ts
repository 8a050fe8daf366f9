import { hourId } from '../domain/calendar/utc-time.ts';
import type { Instant } from '../domain/record/ids.ts';

/** `<hour of the claim>/<token>/<n>`: known to the worker that takes the claim over. */
export function chunkKey(claimedAt: Instant, token: string, n: number): string {
  return `${hourId(claimedAt)}/${token}/${n}`;
}

/** The object of a chunk in the log bucket. */
export function objectKey(chunk: string): string {
  return `chunks/${chunk}`;
}

/** The hour whose index partition holds the chunk. */
export function hourOfChunk(chunk: string): string {
  return chunk.slice(0, 13);
}

/** A void chunk is an empty object: nothing can be put at its key any more. */
export const VOID = new Uint8Array(0);
