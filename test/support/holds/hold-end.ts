import type { Instant } from '../../../shared/domain/record/ids.ts';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { recordFact } from '../../../shared/protocol/record-fact.ts';
import { sweepHints } from '../../../shared/protocol/sweep.ts';
import { release } from '../../../shared/protocol/hold.ts';
import { isSuccess } from '../../../shared/domain/record/actions.ts';
import { shardOf } from '../../../shared/domain/record/shard.ts';
import type { World } from '../driver/world.ts';
import { holdOf } from './hold-operations.ts';
import type { HoldWorld } from './hold-world.ts';

const RECORDS = ['n-1', 'n-2'] as const;
/** A life that does not come to rest is wrong, too. */
const MOST_ROUNDS = 60;
const LONGER_THAN_TOLERANCE = 61_000;

/**
 * The world goes on without gates, by hints and chunks alone: no census, no hourly look at the backlog. First under the
 * holds that are in force, then after their release, and then the contract that was renewed ends again. What is due is
 * gone in the end, once, and what was withdrawn is not.
 */
export async function wrongInTheEnd(held: HoldWorld, core: LaneCore): Promise<string | undefined> {
  const { w } = held;
  if (!(await comesToRest(held, core))) return 'it does not come to rest under the holds';
  const inForce = Array.from(held.answered);
  for (const [id, { scope }] of inForce) await release(core, holdOf(id, scope));
  if (!(await comesToRest(held, core))) return 'it does not come to rest after the releases';
  const isRenewed = w.registry.allFacts().some(({ fact }) => fact.type === 'contract.renewed');
  const first = held.violation ?? wrongNow(held, isRenewed);
  if (first !== undefined || !isRenewed) return first;
  await recordFact(core, w.entity('contract', 'c-1').ref, {
    ...w.fact('contract.ended', '2026-03-02', { id: 'end again', sent: w.clock.now() }),
  });
  if (!(await comesToRest(held, core))) return 'it does not come to rest after the second end';
  const last = held.violation ?? wrongNow(held, false);
  return last === undefined ? undefined : `after the second end: ${last}`;
}

async function comesToRest({ w }: HoldWorld, core: LaneCore): Promise<boolean> {
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    await leavesEnd(w);
    const chunks = w.registry.allChunks();
    const next = nextHint(w);
    if (chunks.length === 0 && next === undefined) return true;
    if (next !== undefined && chunks.length === 0) w.clock.set(Math.max(w.clock.now(), next + 2 * 60_000));
    await sweepHints(core);
    for (const chunk of w.registry.allChunks()) {
      w.clock.set(Math.max(w.clock.now(), chunk.notBefore ?? 0));
      await workOnChunk(core, chunk);
    }
  }
  return false;
}

/** Leases of attempts that died end. The hourly sweep removes a work record whose chunk is gone. */
async function leavesEnd({ registry, clock }: World): Promise<void> {
  const records = registry.allWorkRecords();
  if (records.length === 0) return;
  clock.set(Math.max(clock.now(), ...records.map(({ until }) => until + LONGER_THAN_TOLERANCE)));
  const chunks = new Set(registry.allChunks().map(({ id }) => id));
  for (const work of records) if (!chunks.has(work.chunk.id)) await registry.deleteWork(work);
}

/** The earliest hint that no sweep has read. */
export function nextHint({ registry }: Pick<World, 'registry'>): Instant | undefined {
  const cursors = registry.allCursors();
  const minutes = registry.allHints().flatMap(({ minute, holding }) => {
    const { after } = cursors[shardOf(holding)] ?? {};
    const isRead =
      after !== undefined && (minute < after.minute || (minute === after.minute && holding <= after.holding));
    return isRead ? [] : [minute];
  });
  return minutes.length === 0 ? undefined : Math.min(...minutes);
}

function wrongNow(held: HoldWorld, isRenewed: boolean): string | undefined {
  const { w } = held;
  if (w.registry.allWorkRecords().length > 0) return 'a work record is left for ever';
  for (const id of RECORDS) {
    const wrong = wrongWith(held, id, isRenewed && id === 'n-1');
    if (wrong !== undefined) return `${id}: ${wrong}`;
  }
  if (w.registry.allParked().length > 0) return 'something is still parked under a hold that was released';
  return twice(w);
}

function wrongWith({ w, messages }: HoldWorld, id: string, isRenewed: boolean): string | undefined {
  const holding = w.holding(id);
  const isThere = w.store.fields([id]) !== undefined;
  const deletions = w.store.effects.filter(({ locator }) => locator[0] === id).length;
  if (holding === undefined) return 'its holding is lost';
  if (deletions > 1) return 'it was deleted twice';
  const generations = [...w.registry.allTombstones(), holding].filter(({ ref }) => ref === holding.ref);
  if (deletions > generations.filter(({ state }) => state === 'disposed').length)
    return 'it was deleted, and no generation of its holding says so';
  switch (holding.state) {
    case 'pending':
      return 'it stays unplanned';
    case 'disposed':
      return isThere ? 'the record is there, and its holding says that it is gone' : undefined;
    case 'withdrawn':
      return messages.has('withdraw') ? undefined : 'it is withdrawn, and no message asked for that';
    case 'active':
      return isRenewed ? undefined : `due for ever: ${JSON.stringify([holding.parked, holding.hintAt])}`;
  }
}

function twice({ registry }: World): string | undefined {
  const done = registry
    .allResults()
    .flatMap((result) => ('void' in result ? [] : result.entries))
    .filter(({ outcome }) => outcome !== 'pseudonymised' && isSuccess(outcome))
    .map(({ holding, generation, stage }) => `${holding} ${generation} ${stage}`);
  return new Set(done).size < done.length ? 'two results of one stage' : undefined;
}
