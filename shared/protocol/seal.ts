import { hourId, hourOf } from '../domain/calendar/utc-time.ts';
import type { Instant } from '../domain/record/ids.ts';
import type { ChunkIndex, LogBucket, LogHead, LogIndex } from '../ports/log.ts';
import type { SealMessage } from '../ports/queues.ts';
import { objectKey, VOID } from './chunk-key.ts';
import { seconds, type Core } from './core.ts';
import { entryCount } from './write-entries.ts';

export interface SealCore extends Pick<Core, 'clock' | 'configuration' | 'report'> {
  readonly bucket: LogBucket;
  readonly index: LogIndex;
}

/** Chunks in one batch: keeps the head below 4 KB. */
export const BATCH = 32;
const HOUR = 3_600_000;
/** How far back the first catch-up looks when the head does not say. */
const FIRST_LOOK_BACK = 7 * 24;

/**
 * Gives pending chunks their place in the log. The order is made durable with one conditional write of the head before
 * anything depends on it; the next batch is accepted only when this one's index items are written, and a run that
 * finds an unfinished batch finishes it first. An old pending chunk without an object is voided: an empty object takes
 * its key, and a writer that comes late finds it there. Any number of these may run at once, and die anywhere.
 */
export async function seal(
  core: SealCore,
  message: SealMessage,
  goOn: () => boolean = () => true,
): Promise<void> {
  if (message.hour !== undefined) {
    await sealHour(core, message.hour);
    return;
  }
  await catchUp(core, goOn);
}

/** Every hour from the one that the head calls settled; moves that mark to the oldest hour with a young chunk. */
async function catchUp(core: SealCore, goOn: () => boolean): Promise<void> {
  const now = core.clock.now();
  const from = (await core.index.head()).settledHour;
  let hour = from === undefined ? hourOf(now) - FIRST_LOOK_BACK * HOUR : Date.parse(`${from}:00Z`);
  let settledUpTo = hour;
  let waiting = 0;
  let oldest = now;
  for (; hour <= hourOf(now) && goOn(); hour += HOUR) {
    const left = await sealHour(core, hourId(hour));
    const over = now > hour + HOUR + seconds(2 * core.configuration.timing.lease);
    if (settledUpTo === hour && left.length === 0 && over) settledUpTo = hour + HOUR;
    waiting += left.length;
    oldest = Math.min(oldest, ...left);
  }
  // Only a catch-up that came to the end knows what is left: that none does is what the alarm sees.
  if (hour > hourOf(now))
    core.report('seal.waiting', { count: waiting, seconds: Math.round((now - oldest) / 1000) });
  const settledHour = hourId(settledUpTo);
  if (settledHour === from) return;
  const head = await core.index.head();
  if (head.settledHour === undefined || head.settledHour < settledHour) {
    await core.index.putHead({ ...head, version: head.version + 1, settledHour });
  }
}

/** Seals what is pending in an hour; answers when the chunks were put that are too young to be voided and have no object yet. */
async function sealHour(core: SealCore, hour: string): Promise<readonly Instant[]> {
  for (;;) {
    const head = await core.index.head();
    if (!head.published) {
      await finish(core, head);
      continue;
    }
    const inHead = new Set(head.batch.map(({ chunk }) => chunk));
    const pending = (await core.index.pending(hour)).filter(({ chunk }) => !inHead.has(chunk));
    const { batch, young } = await nextBatch(core, head, pending);
    if (batch.length === 0) return young;
    const size = head.size + batch.reduce((sum, { count }) => sum + count, 0);
    const next: LogHead = { ...head, version: head.version + 1, size, batch, published: false };
    if ((await core.index.putHead(next)) === 'written') await finish(core, next);
  }
}

async function nextBatch(
  core: SealCore,
  head: LogHead,
  pending: readonly ChunkIndex[],
): Promise<{ readonly batch: LogHead['batch']; readonly young: readonly Instant[] }> {
  const batch: { chunk: string; first: number; count: number }[] = [];
  let first = head.size;
  const young: Instant[] = [];
  for (const { chunk, putAt } of pending) {
    if (batch.length === BATCH) break;
    const bytes = (await core.bucket.get(objectKey(chunk))) ?? (await voidIfOld(core, chunk, putAt));
    if (bytes === undefined) young.push(putAt);
    else if (bytes.length === 0) await core.index.settle(chunk, { state: 'void' });
    else {
      batch.push({ chunk, first, count: entryCount(bytes) });
      first += entryCount(bytes);
    }
  }
  return { batch, young };
}

/** Takes the key of a chunk whose writer surely has no time left; what is stored there then counts. */
async function voidIfOld(core: SealCore, chunk: string, putAt: number): Promise<Uint8Array | undefined> {
  const { lease, clockTolerance } = core.configuration.timing;
  if (core.clock.now() <= putAt + seconds(lease + 2 * clockTolerance)) return undefined;
  if ((await core.bucket.putIfAbsent(objectKey(chunk), VOID)) === 'written')
    core.report('seal.voided', { count: 1 });
  return core.bucket.get(objectKey(chunk));
}

/** Recomputed from the head, so it may be repeated: the same index items every time. */
async function finish(core: SealCore, head: LogHead): Promise<void> {
  for (const { chunk, first } of head.batch) await core.index.settle(chunk, { state: 'sealed', first });
  const written = await core.index.putHead({ ...head, version: head.version + 1, published: true });
  if (written === 'written') {
    core.report('seal.sealed', { count: head.batch.reduce((sum, { count }) => sum + count, 0) });
  }
}
