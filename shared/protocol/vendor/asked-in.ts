import { type Holding, isAsOf } from '../../domain/record/holding.ts';
import type { HoldingRef, Instant } from '../../domain/record/ids.ts';
import type { ActedOn, Chunk, ChunkKey } from '../../domain/record/work.ts';
import type { HoldingChange } from '../../ports/holdings.ts';
import type { LaneCore } from '../core.ts';
import { readableHoldings } from '../damaged.ts';
import { readStates } from '../facts/read-states.ts';
import { ringAgain } from '../lane/finish.ts';
import type { Left } from '../lane/told.ts';
import { entityRefsOf } from '../plan-of.ts';
import { seconds } from '../seconds.ts';
import { besides, wakeForLook } from './also-due.ts';
import { type AskedOn, isRequest } from './open-requests.ts';

/**
 * A record with an open request may be planned again, by a fact or a registration, and comes into another chunk then. Its
 * holding names the chunk of the request, so that the other chunk does not ask for the same once more.
 */

/**
 * Notes at the holdings that their requests are in this chunk, unless another chunk has some. Before the chunk is written
 * and its work record goes: until then other attempts leave its records. Answers what is uncertain, of the versions with
 * the note: it changes nothing that was decided.
 */
export async function noteAskedIn(
  core: LaneCore,
  chunk: Chunk,
  uncertain: readonly ActedOn[],
  known: ReadonlyMap<HoldingRef, Holding>,
): Promise<readonly ActedOn[]> {
  const asked = uncertain.filter(isRequest);
  const noted = new Map<HoldingRef, Holding>();
  let holdings = known;
  let open = new Set(asked.map(({ ref }) => ref));
  while (open.size > 0) {
    const missing = [...open].filter((ref) => !holdings.has(ref));
    if (missing.length > 0) holdings = new Map([...holdings, ...(await readableHoldings(core, missing))]);
    const unnoted = [...open]
      .flatMap((ref) => holdings.get(ref) ?? [])
      .filter(({ askedIn, state, generation, ref }) => {
        const isOpen = asked.some((one) => one.ref === ref && one.generation === generation);
        return isOpen && state === 'active' && !(askedIn !== undefined && isSameChunk(askedIn, chunk));
      });
    const elsewhere = await openElsewhere(core, chunk, unnoted);
    const changes = unnoted
      .filter(({ ref }) => !elsewhere.has(ref))
      .map((before): HoldingChange => {
        const { producer, minute, id } = chunk;
        const version = before.version + 1;
        return { before, after: { ...before, version, askedIn: { producer, minute, id, version } } };
      });
    const answers = changes.length === 0 ? [] : await core.registry.writeHoldings(changes);
    const moved = new Set<HoldingRef>();
    for (const [index, { after }] of changes.entries()) {
      if (answers[index] === 'written') noted.set(after.ref, after);
      else moved.add(after.ref);
    }
    open = moved;
    holdings = new Map([...holdings].filter(([ref]) => !moved.has(ref)));
  }
  return uncertain.map((one) => {
    const holding = noted.get(one.ref);
    return holding !== undefined && isAsOf(holding, one.version) ? { ...one, version: holding.version } : one;
  });
}

/**
 * Leaves what another chunk has a request about: that chunk goes on with it. It is rung, where something else is due that was
 * not asked for yet. Answers the others.
 */
export async function leaveElsewhere(
  core: LaneCore,
  chunk: ChunkKey,
  due: readonly Holding[],
  left: Map<HoldingRef, Left>,
): Promise<readonly Holding[]> {
  const elsewhere = await openElsewhere(core, chunk, due);
  if (elsewhere.size === 0) return due;
  const theirs = due.filter(({ ref }) => elsewhere.has(ref));
  const states = await readStates(core, entityRefsOf(theirs));
  const now = core.clock.now();
  const looks = new Map<Chunk, Instant>();
  const waking = theirs.flatMap((holding) => {
    const { chunk: other, requests = [] } = elsewhere.get(holding.ref) ?? {};
    if (other === undefined || requests.some(({ stage }) => stage === 'delete')) return [];
    const next = besides(core, { holding, requests, states }, now);
    if (next === undefined) return [];
    const lookAt = next.actAt + seconds(core.configuration.timing.clockTolerance);
    looks.set(other, Math.min(lookAt, looks.get(other) ?? Infinity));
    return [{ ref: holding.ref, other }];
  });
  const busy = await wake(core, looks);
  for (const { ref, other } of waking) if (busy.has(other)) left.set(ref, { kind: 'busy' });
  return due.filter(({ ref }) => !elsewhere.has(ref));
}

/** Has these chunks looked at by then, where they would be later. Answers those that an attempt works on now. */
async function wake(core: LaneCore, looks: ReadonlyMap<Chunk, Instant>): Promise<ReadonlySet<Chunk>> {
  const busy = new Set<Chunk>();
  for (const [chunk, lookAt] of looks) {
    const now = core.clock.now();
    // At once also by a clock that is slow: its bell would be dropped.
    const until = lookAt > now ? lookAt : now - 2 * seconds(core.configuration.timing.clockTolerance);
    const next = { ...chunk, version: chunk.version + 1, notBefore: until };
    if ((chunk.notBefore ?? 0) > until && (await core.registry.writeChunk(next)) === 'moved') busy.add(chunk);
    if (lookAt > now) await wakeForLook(core, lookAt);
    else await ringAgain(core, next, 0);
  }
  return busy;
}

interface Elsewhere {
  readonly chunk: Chunk;
  readonly requests: readonly AskedOn[];
}

/** The requests about these holdings that other chunks have. A note may be older than the end of its request. */
async function openElsewhere(
  { registry, lane, store }: LaneCore,
  here: ChunkKey,
  holdings: readonly Holding[],
): Promise<ReadonlyMap<HoldingRef, Elsewhere>> {
  const open = new Map<HoldingRef, Elsewhere>();
  if (store.vendor === undefined) return open;
  const chunks = new Map<string, Chunk | undefined>();
  for (const { ref, generation, askedIn } of holdings) {
    if (askedIn === undefined || isSameChunk(askedIn, here)) continue;
    const { producer, minute, id } = askedIn;
    const name = `${producer} ${minute} ${id}`;
    if (!chunks.has(name)) chunks.set(name, await registry.chunk({ lane, producer, minute, id }));
    const chunk = chunks.get(name);
    if (chunk === undefined) continue;
    const requests = chunk.uncertain
      .filter(isRequest)
      .filter((one) => one.ref === ref && one.generation === generation);
    if (requests.length > 0) open.set(ref, { chunk, requests });
  }
  return open;
}

function isSameChunk(a: NonNullable<Holding['askedIn']>, b: ChunkKey): boolean {
  return a.id === b.id && a.minute === b.minute && a.producer === b.producer;
}
