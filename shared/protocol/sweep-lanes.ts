import { quietUntil } from '../domain/guard/quiet-hours.ts';
import type { Instant } from '../domain/record/ids.ts';
import { FOR_A_PERSON } from '../domain/record/waiting.ts';
import type { Chunk, WorkRecord } from '../domain/record/work.ts';
import type { Core } from './core.ts';
import { putPasses } from './datasets/put-passes.ts';
import { keptByPerson } from './guard/kept-by-person.ts';
import { sweepGuards } from './guard/sweep-guards.ts';
import { isFresh, isOver } from './lane/begin.ts';
import { tellUpcoming } from './notices/tell-upcoming.ts';
import { inTurn, ringLanes } from './ring-lanes.ts';
import { newRun, sendHeartbeat, sweepHints, type SweepRun, type Swept } from './sweep.ts';
import { sweepQuarantine } from './sweep-quarantine.ts';
import {
  addLateness,
  type Finding,
  type Lateness,
  onTime,
  reportLateness,
  reportTooLong,
} from './waiting-too-long.ts';

const HOUR = 3_600_000;
/** A not-before within this time is kept by the delay of a bell. */
const BELL_REACH = 900_000;
/** A wake-up within this time after quiet hours may be the one that was set for their end. */
const QUIET_ENDED = 180_000;
/** Chunks of one producer and lane that one run rings: later ones are reached when the earlier ones are gone. */
const MOST_RUNG = 1000;

/**
 * A wake-up: something may be due in this minute, or a worker found no fresh heartbeat. In the latter case the chunks
 * that wait are rung again, after a heartbeat; also where the quiet hours of a lane have just ended.
 */
export async function sweepWake(core: Core, goOn: () => boolean = () => true): Promise<Swept> {
  const run = newRun();
  const swept = await sweepHints(core, { goOn }, run);
  const heartbeat = await core.registry.heartbeat();
  const isOld = !isFresh(heartbeat, core.clock.now());
  if (isOld) await sendHeartbeat(core, run);
  if (isOld || haveQuietHoursEnded(core)) await ringWaiting(core, goOn, run);
  await tellUpcoming(core, run.toTell, goOn);
  return swept;
}

/** Just now: the wake-up that was set for it may come a moment later. */
function haveQuietHoursEnded({ configuration, clock }: Core): boolean {
  const now = clock.now();
  return Object.values(configuration.stores).some(
    ({ quietHours }) =>
      quietHours !== undefined &&
      quietUntil(quietHours, now) === undefined &&
      quietUntil(quietHours, now - QUIET_ENDED) !== undefined,
  );
}

/** A pause has ended: what waits in its lanes is rung at once, after a heartbeat, whatever its not-before. */
export async function ringAfterPause(core: Core, goOn: () => boolean): Promise<void> {
  const run = { ...newRun(), forPerson: true };
  await sendHeartbeat(core, run);
  await ringWaiting(core, goOn, run);
}

/**
 * Every hour, and after every deployment: what no wake-up brought, what waits in the lanes, and what is late. `found`: what
 * the caller has found to wait too long.
 */
export async function sweepHourly(
  core: Core,
  goOn: () => boolean = () => true,
  found: readonly Finding[] = [],
): Promise<Swept> {
  const run = newRun();
  const intake = await core.registry.intake();
  await sendHeartbeat(core, run);
  const swept = await sweepHints(core, { goOn, ahead: core.clock.now() + HOUR }, run);
  await putPasses(core);
  const findings = await ringWaiting(core, goOn, run);
  await core.queues.toSeal({ kind: 'seal' });
  await reportTooLong(
    core,
    [...found, ...findings, ...(await sweepGuards(core)), ...(await sweepQuarantine(core))],
    intake,
  );
  if (swept === 'done') core.report('sweep.caught-up', { count: 1 });
  await tellUpcoming(core, run.toTell, goOn);
  return swept;
}

/**
 * Rings the chunks that wait in each lane, in turn for each producer and each one's oldest first, no more than the
 * lane's hourly allowance can take, and datasets after all others; reports how late the oldest is; and removes work records
 * whose chunk is gone.
 */
async function ringWaiting(
  core: Core,
  goOn: () => boolean,
  { rung, forPerson = false }: SweepRun & { readonly forPerson?: boolean },
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const rungAlready = new Set(rung.map((chunk) => `${chunk.lane} ${nameOf(chunk)}`));
  for (const lane of Object.keys(core.configuration.stores)) {
    if (!goOn()) break;
    const records = await core.registry.workRecords(lane);
    const waiting = await waitingChunks(core, lane, { records, rungAlready, goOn, forPerson });
    const { first, kept, datasets, lateness } = waiting;
    const cap = core.configuration.stores[lane]?.hourlyCap ?? Infinity;
    // What a person keeps takes no allowance, and no other chunk's turn.
    const wanted = [first, kept].flatMap((chunks) =>
      withinCap(inTurn(rotated(chunks, core.clock.now())), cap),
    );
    await ringLanes(
      core,
      wanted.filter((chunk) => !rungAlready.has(`${lane} ${nameOf(chunk)}`)),
    );
    if (sizeOf([...first.values()].flat()) < cap) await ringLanes(core, datasets);
    await removeOrphans(core, records);
    findings.push(...reportLateness(core, lane, lateness));
  }
  return findings;
}

/** Every hour another producer is the first one, so that a long backlog of one takes the allowance of no other. */
function rotated(byProducer: ReadonlyMap<string, readonly Chunk[]>, now: Instant): readonly Chunk[] {
  const producers = [...byProducer.keys()];
  const start = Math.floor(now / HOUR) % Math.max(1, producers.length);
  return [...producers.slice(start), ...producers.slice(0, start)].flatMap(
    (producer) => byProducer.get(producer) ?? [],
  );
}

function withinCap(chunks: readonly Chunk[], cap: number): readonly Chunk[] {
  let holdings = 0;
  return chunks.filter(({ refs }) => {
    const fits = holdings < cap;
    holdings += refs.length;
    return fits;
  });
}

function sizeOf(chunks: readonly Chunk[]): number {
  return chunks.reduce((sum, { refs }) => sum + refs.length, 0);
}

interface Waiting {
  /** The first ones of each producer, in order of time. */
  readonly first: ReadonlyMap<string, readonly Chunk[]>;
  /** Those of datasets: their turn comes after that of all holdings. */
  readonly datasets: readonly Chunk[];
  /** All that they are left with waits for a person: those first that were looked at the longest time ago. */
  readonly kept: ReadonlyMap<string, readonly Chunk[]>;
  readonly lateness: Lateness;
}

/** Reads all that wait, and keeps of each producer what one hour can ring: a long backlog hides no other producer. */
async function waitingChunks(
  core: Core,
  lane: string,
  {
    records,
    rungAlready,
    goOn,
    forPerson,
  }: {
    readonly records: readonly WorkRecord[];
    readonly rungAlready: ReadonlySet<string>;
    readonly goOn: () => boolean;
    readonly forPerson: boolean;
  },
): Promise<Waiting> {
  const now = core.clock.now();
  const live = new Set<string>();
  const over = new Set<string>();
  for (const work of records) (isOver(core, work) ? over : live).add(nameOf(work.chunk));
  const first = new Map<string, Chunk[]>();
  const kept = new Map<string, Chunk[]>();
  const datasets: Chunk[] = [];
  const isKept = keptByPerson(core, lane);
  const lateness = onTime(now);
  let after: string | undefined;
  do {
    const { items, next } = await core.registry.chunks(lane, after);
    for (const chunk of items) {
      if (live.has(nameOf(chunk))) continue;
      // Whatever it waits for, and until when: it is late all the same.
      addLateness(core, lateness, chunk, { now, isNew: rungAlready.has(`${lane} ${nameOf(chunk)}`) });
      const mayBegin =
        (chunk.notBefore ?? 0) <= now + BELL_REACH ||
        over.has(nameOf(chunk)) ||
        (forPerson && chunk.waits?.some(({ code }) => FOR_A_PERSON.has(code)) === true);
      if (!mayBegin) continue;
      if (await isKept(chunk)) addKept(kept, chunk);
      else if (chunk.dataset !== undefined) datasets.push(chunk);
      else {
        const own = first.get(chunk.producer) ?? [];
        first.set(chunk.producer, own);
        if (own.length < MOST_RUNG) own.push(chunk);
      }
    }
    after = next;
  } while (after !== undefined && goOn());
  return { first, kept, datasets, lateness };
}

function addKept(kept: Map<string, Chunk[]>, chunk: Chunk): void {
  const own = [...(kept.get(chunk.producer) ?? []), chunk];
  kept.set(chunk.producer, own.length < 2 * MOST_RUNG ? own : inTurn(own).slice(0, MOST_RUNG));
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
