import { setTimeout as sleep } from 'node:timers/promises';
import { ordersWorkers } from '../disasters.ts';
import { type Contract, registrations } from '../happenings.ts';
import type { LaneRecord, RowLock } from '../records.ts';
import type { Scoreboard } from '../scoreboard.ts';
import type { World } from '../world.ts';
import { SOON } from './until.ts';

const HOLD = 'matter-7';

export interface HeldContract extends Contract {
  /** Is registered and written under the hold. The others are there before it. */
  readonly late: LaneRecord;
  /** Its row is locked: its deletion is delayed until the hold is placed. */
  readonly locked: LaneRecord;
}

export function held(it: Contract): HeldContract {
  const locked = it.records.find(({ lane }) => lane === 'orders');
  const late = it.records.findLast(({ lane }) => lane === 'members');
  if (locked === undefined || late === undefined) throw new TypeError('the contract has too few records');
  return { ...it, locked, late };
}

/** What is registered before the hold is placed. */
export function earlier({ late, ...it }: HeldContract): Contract {
  return { ...it, records: it.records.filter((record) => record !== late) };
}

/**
 * A hold is placed while the worker of the orders lane is in the middle of a chunk: `lock` delays it, and it is stopped
 * there. The answer names that attempt. It goes on then, unless its call to the store has timed out. What the answer
 * does not name stays until the release, also what is registered under the hold, and goes then. `lock` is released in
 * any case.
 */
export async function holdInFlight(
  world: World,
  board: Scoreboard,
  it: HeldContract,
  lock: RowLock,
): Promise<void> {
  const { people, records } = world;
  const [crm, operator] = [people.client('crm'), people.client('operator')];
  const scope = { entity: { type: 'contract', id: it.id, producer: 'crm' } };
  const hold = { id: HOLD, scope, matter: 'matter 7', reason: 'a claim is expected' };
  let there: readonly LaneRecord[] = [];
  let named: readonly string[] = [];

  await board.scenario(
    'a hold placed while a chunk is worked on names the attempt that may still act',
    async () => {
      let signal: (name: 'SIGSTOP' | 'SIGCONT') => number = () => 0;
      try {
        const dryRun = await operator.placeHold({ ...hold, dryRun: true });
        const covered = dryRun.dryRun ? dryRun.wouldCover.holdings : 'nothing: it was placed';
        if (covered !== it.records.length - 1) throw new Error(`the dry run covers ${covered}`);
        await lock.wanted(Date.now() + SOON);
        // However slow the machine is, the attempt is still under way when the answer comes.
        signal = await ordersWorkers(world);
        signal('SIGSTOP');
        const placed = await operator.placeHold(hold);
        if (placed.dryRun) throw new Error('it was a dry run');
        const { inFlight = [] } = placed.hold;
        there = await stillThere(world, it);
        if (!there.includes(it.locked)) throw new Error('the attempt had ended before the answer');
        named = inFlight.filter(({ state }) => state !== 'settled').map(({ lane }) => lane);
        const acting = inFlight.find(({ lane, state }) => lane === 'orders' && state === 'acting');
        if (acting === undefined) throw new Error(`in flight: ${JSON.stringify(inFlight)}`);
        return `in the lane orders, acting, with ${acting.holdings} of its records`;
      } finally {
        await lock.release();
        signal('SIGCONT');
      }
    },
  );

  await board.scenario('after the answer to a hold only that attempt disposes of anything', async () => {
    for (const until = Date.now() + SOON; ; await sleep(500)) {
      const { holds } = await operator.queryHolds({ id: HOLD });
      if (holds[0]?.inFlight?.every(({ state }) => state === 'settled') === true) break;
      if (Date.now() > until) throw new Error(`not settled: ${JSON.stringify(holds[0]?.inFlight)}`);
    }
    const { results } = await crm.registerHoldings(registrations({ ...it, records: [it.late] }));
    if (results[0]?.status !== 'accepted') throw new Error(`rejected: ${results[0]?.code}`);
    await records.write(it.late);
    const left = await stillThere(world, it);
    const gone = there.filter((record) => !left.includes(record));
    const unnamed = gone.filter(({ lane }) => !named.includes(lane));
    if (unnamed.length > 0) throw new Error(`${unnamed.map(({ lane }) => lane).join(', ')} was not named`);
    // Each of them comes due, is looked at by a worker, and waits for the release.
    for (const until = Date.now() + SOON; ; await sleep(1000)) {
      const { waiting } = await operator.releaseHold({ id: HOLD, reason: 'not yet', dryRun: true });
      if (waiting.holdings >= left.length) break;
      if (Date.now() > until) throw new Error(`${waiting.holdings} of ${left.length} wait for the release`);
    }
    const then = await stillThere(world, it);
    if (then.length < left.length) throw new Error('something was disposed of under the hold');
    return `${gone.length} went, ${left.length} came due and wait for the release`;
  });

  await board.scenario('what came due under a hold goes after its release', async () => {
    await operator.releaseHold({ id: HOLD, reason: 'the claim was settled' });
    const at = Date.now();
    board.timing(it.late.lane, (await records.gone(it.records, at + SOON)) - at, 'released from a hold');
    return undefined;
  });
}

async function stillThere({ records }: World, it: Contract): Promise<readonly LaneRecord[]> {
  const there = await Promise.all(it.records.map((record) => records.isThere(record)));
  return it.records.filter((_, index) => there[index]);
}
