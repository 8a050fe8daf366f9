import type { Instant } from '../domain/record/ids.ts';
import type { Chunk, WorkRecord } from '../domain/record/work.ts';
import { CHUNK_SIZE } from '../domain/record/work.ts';
import type { Core } from './core.ts';
import { isOver } from './lane/begin.ts';
import { ringLanes } from './ring-lanes.ts';
import { seconds } from './seconds.ts';
import { newRun, sendHeartbeat, sweepHints, type SweepRun, type Swept } from './sweep.ts';

const HOUR = 3_600_000;
/** What waits and has less time left than this is at risk. */
const RISK = 12 * HOUR;
/** A not-before within this time is kept by the delay of a bell. */
const BELL_REACH = 900_000;
/** Pages of one lane's chunks that one run reads: later ones are reached when the earlier ones are gone. */
const PAGES = 20;
/** As in `begin`: an older one stops the lanes, and a wake-up then has to bring a new one. */
const HEARTBEAT_SECONDS = 300;

/**
 * A wake-up: something may be due in this minute, or a worker found no fresh heartbeat. In the latter case the chunks
 * that wait are rung again, after a heartbeat.
 */
export async function sweepWake(core: Core, goOn: () => boolean = () => true): Promise<Swept> {
  const run = newRun();
  const swept = await sweepHints(core, { goOn }, run);
  const heartbeat = await core.registry.heartbeat();
  const isStale = heartbeat === undefined || core.clock.now() - heartbeat > seconds(HEARTBEAT_SECONDS);
  if (isStale) {
    await sendHeartbeat(core, run);
    await ringWaiting(core, goOn, run);
  }
  return swept;
}

/** Every hour, and after every deployment: what no wake-up brought, what waits in the lanes, and what is late. */
export async function sweepHourly(core: Core, goOn: () => boolean = () => true): Promise<Swept> {
  const run = newRun();
  await sendHeartbeat(core, run);
  const swept = await sweepHints(core, { goOn, ahead: core.clock.now() + HOUR }, run);
  await ringWaiting(core, goOn, run);
  await core.queues.toSeal({ kind: 'seal' });
  await reportQuarantine(core);
  if (swept === 'done') core.report('sweep.caught-up', { count: 1 });
  return swept;
}

/**
 * Rings the chunks that wait in each lane, the oldest first and in turn for each producer, no more than the lane's
 * hourly allowance can take; reports how late the oldest is; and removes work records whose chunk is gone.
 */
async function ringWaiting(core: Core, goOn: () => boolean, { rung }: SweepRun): Promise<void> {
  const rungAlready = new Set(rung.map((chunk) => `${chunk.lane} ${nameOf(chunk)}`));
  for (const lane of Object.keys(core.configuration.stores)) {
    if (!goOn()) return;
    const records = await core.registry.workRecords(lane);
    const chunks = await waitingChunks(core, lane, records);
    const cap = core.configuration.stores[lane]?.hourlyCap ?? Infinity;
    const wanted = inOrder(chunks).slice(0, Math.max(1, Math.ceil(cap / CHUNK_SIZE)));
    await ringLanes(
      core,
      wanted.filter((chunk) => !rungAlready.has(`${lane} ${nameOf(chunk)}`)),
    );
    await removeOrphans(core, records);
    reportLateness(core, lane, chunks);
  }
}

function inOrder(chunks: readonly Chunk[]): readonly Chunk[] {
  return chunks.toSorted((a, b) => a.minute - b.minute);
}

async function waitingChunks(
  core: Core,
  lane: string,
  records: readonly WorkRecord[],
): Promise<readonly Chunk[]> {
  const live = new Set(records.filter((work) => !isOver(core, work)).map(({ chunk }) => nameOf(chunk)));
  const now = core.clock.now();
  const waiting: Chunk[] = [];
  let after: string | undefined;
  for (let page = 0; page < PAGES; page += 1) {
    const { items, next } = await core.registry.chunks(lane, after);
    waiting.push(
      ...items.filter((chunk) => !live.has(nameOf(chunk)) && (chunk.notBefore ?? 0) <= now + BELL_REACH),
    );
    if (next === undefined) break;
    after = next;
  }
  return waiting;
}

/** A work record that is over and whose chunk is gone: nothing is behind it. The record was read before the chunk is. */
async function removeOrphans(core: Core, records: readonly WorkRecord[]): Promise<void> {
  for (const work of records) {
    if (isOver(core, work) && (await core.registry.chunk(work.chunk)) === undefined)
      await core.registry.deleteWork(work);
  }
}

function nameOf({ producer, minute, id }: Pick<Chunk, 'producer' | 'minute' | 'id'>): string {
  return `${producer} ${minute} ${id}`;
}

/** Pages of quarantine that one sweep counts; the oldest item may be after them. */
const QUARANTINE_PAGES = 20;

async function reportQuarantine(core: Core): Promise<void> {
  const now = core.clock.now();
  let items = 0;
  let oldest = now;
  let after: string | undefined;
  for (let pages = 0; pages < QUARANTINE_PAGES; pages += 1) {
    const page = await core.registry.quarantined(after);
    items += page.items.length;
    oldest = Math.min(oldest, ...page.items.map(({ receivedAt }) => receivedAt));
    after = page.next;
    if (after === undefined) break;
  }
  core.report('sweep.quarantine', { count: items, seconds: Math.floor((now - oldest) / 1000) });
}

/** How long the oldest deadline of what waits has passed. A lane without any says 0, so that its alarm ends. */
function reportLateness(core: Core, store: string, chunks: readonly Chunk[]): void {
  const now: Instant = core.clock.now();
  const overdue = chunks.filter(({ deadline }) => deadline !== undefined && deadline < now);
  const oldest = Math.min(now, ...overdue.map(({ deadline = now }) => deadline));
  const count = overdue.reduce((sum, { refs }) => sum + refs.length, 0);
  core.report('sweep.overdue', { store, count, seconds: Math.floor((now - oldest) / 1000) });
  const atRisk = chunks.filter(({ deadline = Infinity }) => deadline >= now && deadline < now + RISK);
  core.report('sweep.at-risk', { store, count: atRisk.reduce((sum, { refs }) => sum + refs.length, 0) });
}
