import { createHash } from 'node:crypto';
import { present } from '../domain/present.ts';
import type { HoldingRef, Instant } from '../domain/record/ids.ts';
import type { Hint, ShardCursor } from '../ports/hints.ts';
import { CHUNK_SIZE, type Chunk } from '../domain/record/work.ts';
import type { Core } from './core.ts';
import { each, parts } from '../domain/each.ts';
import { wakeFor } from './hint.ts';
import { ringLanes } from './ring-lanes.ts';
import { seconds } from './seconds.ts';
import { unique } from './plan-of.ts';

/** How far one run of the sweep got. */
export type Swept = 'done' | 'more';

/** What a run has done already: it sends one heartbeat, and rings no chunk twice. */
export interface SweepRun {
  isHeartbeatSent: boolean;
  readonly rung: Chunk[];
  /** Of whose disposals applications are to be told. */
  readonly toTell: HoldingRef[];
}

export function newRun(): SweepRun {
  return { isHeartbeatSent: false, rung: [], toTell: [] };
}

export async function sendHeartbeat(core: Pick<Core, 'queues'>, run: SweepRun): Promise<void> {
  if (run.isHeartbeatSent) return;
  await core.queues.sendHeartbeat();
  run.isHeartbeatSent = true;
}

/**
 * Hands every hint whose minute has come to its lane, as chunks. A page of every shard at a time: chunks are put, then
 * the cursors move on their versions, then the lanes are rung. It reads no holdings: whether a hint is stale is seen by
 * the worker. Out of time, throttled or dead: the next run goes on at the cursors. Two runs at once put the same chunks
 * or overlapping ones, which is harmless. A heartbeat is sent first whenever something is due. `ahead`: hints until then
 * have their wake-ups asked for again, because a service stack that was deployed again has lost them. Hints that say whom to
 * tell become no chunks: their holdings are collected in `run`, and the caller tells.
 */
export async function sweepHints(
  core: Core,
  { goOn = () => true, ahead = 0 }: { readonly goOn?: () => boolean; readonly ahead?: Instant } = {},
  run: SweepRun = newRun(),
): Promise<Swept> {
  const now = core.clock.now();
  const tolerance = seconds(core.configuration.timing.clockTolerance);
  const until = now - tolerance;
  const minutes = new Set<Instant>();
  let open: readonly ShardCursor[] = await core.registry.cursors();
  while (open.length > 0) {
    if (!goOn()) return 'more';
    const { come, later, moved, rest } = await readPages(core, open, { until, ahead: Math.max(now, ahead) });
    for (const { minute, tells } of later) if (tells !== true) minutes.add(minute);
    const hints = come.filter(({ tells }) => tells !== true);
    run.toTell.push(...come.flatMap(({ holding, tells }) => (tells === true ? [holding] : [])));
    if (hints.length > 0) await sendHeartbeat(core, run);
    const chunks = chunksOf(core, hints);
    if (chunks.length > 0) await core.registry.putChunks(chunks);
    const answers = moved.length > 0 ? await core.registry.moveCursors(moved) : [];
    await ringLanes(core, chunks);
    run.rung.push(...chunks);
    // A cursor that another run moved is read again by the next sweep, from where that run left it.
    const stillOurs = new Set(
      moved.filter((_, index) => answers[index] === 'written').map(({ shard }) => shard),
    );
    open = rest.filter(({ shard }) => stillOurs.has(shard));
    if (hints.length > 0) core.report('sweep.swept', { count: hints.length });
  }
  // A minute that is here and was not read yet: this clock may be behind the one that fired its wake-up.
  for (const minute of minutes) await wakeFor(core, minute > now ? minute : minute + tolerance);
  return 'done';
}

interface Pages {
  /** Whose minute has come. */
  readonly come: readonly Hint[];
  /** Whose minute has not on every clock, and is not after `ahead`. */
  readonly later: readonly Hint[];
  /** Cursors after the hints whose minute has come. */
  readonly moved: readonly ShardCursor[];
  /** Of shards that have more of these. */
  readonly rest: readonly ShardCursor[];
}

async function readPages(
  core: Core,
  cursors: readonly ShardCursor[],
  { until, ahead }: { readonly until: Instant; readonly ahead: Instant },
): Promise<Pages> {
  const all: Hint[] = [];
  const later: Hint[] = [];
  const moved: ShardCursor[] = [];
  const rest: ShardCursor[] = [];
  await each(cursors, cursors.length, async (cursor) => {
    const page = await core.registry.hintsAfter(cursor, Math.max(until, ahead));
    const come = page.items.filter(({ minute }) => minute <= until);
    all.push(...come);
    later.push(...page.items.slice(come.length));
    const last = come.at(-1);
    if (last === undefined) return;
    const { minute, holding } = last;
    const next = { ...cursor, version: cursor.version + 1, after: { minute, holding } };
    moved.push(next);
    if (page.next !== undefined && come.length === page.items.length) rest.push(next);
  });
  return { come: all, later, moved, rest };
}

/**
 * By lane and producer, in order of their minutes. A chunk's id is the digest of its hints' keys, so the same page gives
 * the same chunks again; its first version is random, so that one that is put again after its end is another one. Hints
 * of a store that is not configured any more become chunks, too: they wait and are listed.
 */
export function chunksOf(core: Pick<Core, 'tokens'>, hints: readonly Hint[]): readonly Chunk[] {
  const groups = Map.groupBy(hints, ({ lane, producer }) => `${lane} ${producer}`);
  return [...groups.values()].flatMap((group) =>
    parts(group.toSorted(byKey), CHUNK_SIZE).map((part) => chunkOf(core, part)),
  );
}

function byKey(a: Hint, b: Hint): number {
  return a.minute - b.minute || (a.holding < b.holding ? -1 : 1);
}

function chunkOf(core: Pick<Core, 'tokens'>, hints: readonly Hint[]): Chunk {
  const [first] = hints;
  if (first === undefined) throw new TypeError('a chunk is made of at least one hint');
  const deadlines = hints.flatMap(({ deadline }) => deadline ?? []);
  return {
    lane: first.lane,
    producer: first.producer,
    minute: first.minute,
    id: digest(hints.map(({ minute, holding }) => `${minute} ${holding}`).join('\n')).slice(0, 22),
    version: randomVersion(core),
    refs: unique(hints.map(({ holding }) => holding)),
    attempts: 0,
    failures: 0,
    uncertain: [],
    ...present({ deadline: deadlines.length === 0 ? undefined : Math.min(...deadlines) }),
  };
}

/** The first version of a chunk: 40 random bits, so that adding one a write stays exact for ever. */
export function randomVersion(core: Pick<Core, 'tokens'>): number {
  return Number.parseInt(createHash('sha256').update(core.tokens.next()).digest('hex').slice(0, 10), 16) + 1;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
