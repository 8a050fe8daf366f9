import type { Entry } from '../domain/plan/entry.ts';
import { chunkBytes, linesOf } from '../domain/plan/chunk-lines.ts';
import type { Instant } from '../domain/record/ids.ts';
import { unique } from './plan-of.ts';
import { chunkKey, hourOfChunk, objectKey } from './chunk-key.ts';
import { entryOf } from './entry-of.ts';
import type { Finished, LaneCore } from './lane-core.ts';

/** Where an attempt's entry lies. */
export interface Written {
  readonly finished: Finished;
  readonly place?: { readonly chunk: string; readonly line: number };
}

/**
 * Index item (pending, if absent), then the entries as one immutable object, then a ring for `seal`. A key that is
 * taken by other bytes was voided: what has been taken over meanwhile is left alone, the rest goes into the next
 * chunk. Answers only the attempts that are still this worker's.
 */
export async function writeEntries(
  core: LaneCore,
  token: string,
  claimedAt: Instant,
  finished: readonly Finished[],
): Promise<readonly Written[]> {
  let mine = await Promise.all(
    finished.map(async (one) => ({ finished: one, entry: await entryOf(core, one) })),
  );
  for (let n = 0; ; n += 1) {
    const worthy = mine.filter((one) => one.entry !== undefined);
    const entries = worthy.flatMap(({ entry }) => (entry === undefined ? [] : [entry]));
    const chunk = chunkKey(claimedAt, token, n);
    if (entries.length === 0 || (await putChunk(core, chunk, entries))) {
      return mine.map((one) => {
        const line = worthy.indexOf(one);
        return line < 0 ? { finished: one.finished } : { finished: one.finished, place: { chunk, line } };
      });
    }
    const still = await stillClaimed(core, token, finished);
    mine = mine.filter((one) => still.has(one.finished.attempt.holding.ref));
  }
}

/** False: the key holds other bytes, so the chunk was voided. Own bytes are an earlier try of the same put. */
async function putChunk(core: LaneCore, chunk: string, entries: readonly Entry[]): Promise<boolean> {
  const bytes = chunkBytes(entries);
  await core.index.putPending({
    chunk,
    state: 'pending',
    putAt: core.clock.now(),
    store: core.lane,
    rules: unique(entries.map((entry) => entry.rule)),
    counts: countsOf(entries),
  });
  if ((await core.bucket.putIfAbsent(objectKey(chunk), bytes)) === 'exists') {
    const present = await core.bucket.get(objectKey(chunk));
    if (present === undefined || Buffer.compare(present, bytes) !== 0) {
      // A worker that is hours late may have put its index item into an hour that `seal` has done with.
      if (present?.length === 0) await core.index.settle(chunk, { state: 'void' });
      return false;
    }
  }
  await core.queues.toSeal({ kind: 'seal', hour: hourOfChunk(chunk) });
  return true;
}

function countsOf(entries: readonly Entry[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { outcome } of entries) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

async function stillClaimed(
  core: LaneCore,
  token: string,
  finished: readonly Finished[],
): Promise<ReadonlySet<string>> {
  const holdings = await core.registry.holdings(finished.map(({ attempt }) => attempt.holding.ref));
  return new Set([...holdings.values()].filter(({ claim }) => claim?.token === token).map(({ ref }) => ref));
}

/** How many entries a chunk's object holds; 0 when it was voided. */
export function entryCount(bytes: Uint8Array): number {
  return linesOf(bytes).length;
}
