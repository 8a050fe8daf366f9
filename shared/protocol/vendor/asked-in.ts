import { type Holding, isAsOf } from '../../domain/record/holding.ts';
import type { HoldingRef } from '../../domain/record/ids.ts';
import type { ActedOn, Chunk, ChunkKey } from '../../domain/record/work.ts';
import type { HoldingChange } from '../../ports/holdings.ts';
import type { LaneCore } from '../core.ts';
import { readableHoldings } from '../damaged.ts';
import { readStates } from '../facts/read-states.ts';
import { isPast } from '../lane/decide.ts';
import type { Left } from '../lane/told.ts';
import { entityRefsOf } from '../plan-of.ts';
import { besides } from './also-due.ts';
import { type AskedOn, isRequest } from './read-asked.ts';

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
  const pressing = theirs.filter((holding) => {
    const requests = elsewhere.get(holding.ref)?.requests ?? [];
    if (requests.some(({ stage }) => stage === 'delete')) return false;
    const actAt = besides(core, { holding, requests, states }, now);
    return actAt !== undefined && isPast(core, actAt, now);
  });
  const busy = await wake(core, new Set(pressing.flatMap(({ ref }) => elsewhere.get(ref)?.chunk ?? [])));
  for (const { ref } of pressing) {
    const other = elsewhere.get(ref)?.chunk;
    if (other !== undefined && busy.has(other)) left.set(ref, { kind: 'busy' });
  }
  return due.filter(({ ref }) => !elsewhere.has(ref));
}

/** Has these chunks worked on at once. Answers those that an attempt works on now. */
async function wake(
  { registry, queues, clock }: LaneCore,
  chunks: ReadonlySet<Chunk>,
): Promise<ReadonlySet<Chunk>> {
  const busy = new Set<Chunk>();
  for (const chunk of chunks) {
    const now = clock.now();
    const { lane, producer, minute, id, notBefore = now, version } = chunk;
    if (notBefore > now) {
      const came = await registry.writeChunk({ ...chunk, version: version + 1, notBefore: now });
      if (came === 'moved') busy.add(chunk);
    }
    await queues.ring([{ bell: { kind: 'chunk', lane, producer, minute, id }, delaySeconds: 0 }]);
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
