import { setTimeout as pause } from 'node:timers/promises';
import type { DynamoCall } from '../../../shared/adapters/dynamodb/dynamo-call.ts';
import { isSuccess } from '../../../shared/domain/record/actions.ts';
import type { Entry } from '../../../shared/domain/record/entry.ts';
import type { ChunkKey } from '../../../shared/domain/record/work.ts';
import type { Store } from '../../../shared/ports/store.ts';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { type InFlight, placeHold, release } from '../../../shared/protocol/hold.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { recordFact } from '../../../shared/protocol/record-fact.ts';
import { register, withdraw } from '../../../shared/protocol/registration.ts';
import { sweepHints } from '../../../shared/protocol/sweep.ts';
import { tableWorld } from '../driver/table-world.ts';
import { OTHER_PRODUCER, PRODUCER, STORE } from '../driver/world.ts';
import { seedTable } from '../seed-table.ts';
import { holdOf } from './hold-operations.ts';
import { NOON, POLICIES, type ScopeName } from './hold-world.ts';

/** Of the contract that narrow holds cover, and of another one. Each lies in a chunk of its own. */
const ONE = ['n-1', 'n-2', 'n-3'];
const TWO = ['n-4', 'n-5', 'n-6'];
const IS_WIDE: ReadonlySet<ScopeName> = new Set(['store', 'everything']);
const LONGEST_CALL_MS = 6;
const LATEST_START_MS = 40;
/** Longer than it takes to place a hold. */
const LONGEST_ACT_MS = 60;
const QUARTER = 15 * 60_000;
/** By then whatever is hinted or backs off has come. */
const ROUNDS = 16;

export interface Round {
  readonly wrong: readonly string[];
  /** Attempts that answers named. */
  readonly named: number;
  /** Acts before the first hold was in force, by attempts that were named, or between two holds. */
  readonly acts: number;
}

/**
 * Six records that are due in a real table, and two holds, two releases, three workers, a sweep, an extension, a
 * registration and a withdrawal at the same time. Every call waits for a random while before it is made and before its
 * answer comes back. `acting`: the holds are placed while a worker is about to delete; else sometime.
 */
export async function delayedRound(
  {
    call,
    table,
    random,
  }: { readonly call: DynamoCall; readonly table: string; readonly random: () => number },
  { scope, when }: { readonly scope: ScopeName; readonly when: 'sometime' | 'acting' },
): Promise<Round> {
  let isSlow = false;
  const wait = async (most = LONGEST_CALL_MS): Promise<void> => {
    if (isSlow) await pause(random() * most);
  };
  const delayed: DynamoCall = async (operation, input) => {
    await wait();
    const answer = await call(operation, input);
    await wait();
    return answer;
  };
  const w = tableWorld({ call: delayed, table }, { versions: false, policies: POLICIES });
  const [one, two] = [w.entity('contract', 'c-1'), w.entity('contract', 'c-2')];
  for (const [about, ids, producer, categories] of [
    [one, ONE, PRODUCER, ['notes', 'letters']],
    [two, TWO, OTHER_PRODUCER, ['files']],
  ] as const) {
    await w.happened(about, w.fact('contract.ended', '2026-01-01', { id: `end of ${about.ref}` }));
    for (const id of ids) {
      w.store.put([id]);
      await w.register(await w.registration(id, [about], { sent: 1, producer, categories }));
    }
  }
  // What was registered in memory is in the table from here on.
  await seedTable(w.memory, call, table);
  const bells = await w.wake(NOON);
  await w.registry.putHeartbeat(Date.parse('2100-01-01T00:00:00Z'));

  const wrong: string[] = [];
  const entries: Entry[] = [];
  const answered = new Map<string, readonly InFlight[]>();
  let named = 0;
  const covered = (id: string): boolean => IS_WIDE.has(scope) || ONE.includes(id);
  const core: LaneCore = {
    ...w.core,
    registry: {
      ...w.core.registry,
      async putResult(result) {
        const put = await w.core.registry.putResult(result);
        if (put === 'written') entries.push(...result.entries);
        return put;
      },
      async recordRelease(hold) {
        answered.delete(hold.id);
        return w.core.registry.recordRelease(hold);
      },
    },
  };

  function worker(): LaneCore {
    const own = new Set<string>();
    const store: Store = {
      ...w.store,
      async look(batch) {
        await wait();
        return w.store.look(batch);
      },
      async delete(batch) {
        acts();
        await wait(LONGEST_ACT_MS);
        for (const { locator } of batch) {
          const id = String(locator[0]);
          for (const [hold, inFlight] of answered)
            if (covered(id) && !inFlight.some(({ token }) => own.has(token.slice(token.indexOf('.') + 1))))
              wrong.push(`acted on ${id} after the answer of ${hold}, which did not name the attempt`);
        }
        return w.store.delete(batch);
      },
    };
    const tokens = {
      next() {
        const token = w.core.tokens.next();
        own.add(token);
        return token;
      },
    };
    return { ...core, store, tokens };
  }
  const { promise: acting, resolve: acts } = Promise.withResolvers<void>();
  const placedWhen = (): Promise<unknown> => (when === 'acting' ? acting : wait(LATEST_START_MS));
  const place = async (id: string): Promise<void> => {
    await placedWhen();
    const placed = await placeHold(core, holdOf(id, scope));
    if (placed.kind !== 'placed') return void wrong.push(`${id} was ${placed.kind}`);
    answered.set(id, placed.inFlight);
    named += placed.inFlight.length;
  };
  const acknowledged = async (deliver: () => Promise<{ readonly kind: string }>): Promise<void> => {
    while ((await deliver()).kind === 'again') await pause(LONGEST_CALL_MS);
  };
  const work = (bell: ChunkKey | undefined) => bell && workOnChunk(worker(), bell);

  isSlow = true;
  const renewal = w.fact('contract.renewed', '2026-02-28', { id: 'renewal', sent: 1 });
  const again = await w.registration('n-1', [one], { sent: 2, categories: ['notes', 'letters', 'files'] });
  const withdrawal = await w.withdrawal('n-2', { sent: 2 });
  const startsSometime = async (operation: () => unknown): Promise<void> => {
    await wait(LATEST_START_MS);
    await operation();
  };
  const operations: readonly (() => unknown)[] = [
    ...bells.map((bell) => () => work(bell)),
    () => work(bells[0]),
    async () => {
      await place('h-1');
      await wait(LATEST_START_MS);
      await release(core, holdOf('h-1', scope));
    },
    () => place('h-2'),
    () => sweepHints(core),
    () => recordFact(core, two.ref, renewal),
    () => acknowledged(() => register(core, again)),
    () => acknowledged(() => withdraw(core, withdrawal)),
  ];
  await Promise.all(operations.map(startsSometime));
  isSlow = false;
  const done = w.store.effects.length;

  await comesToRest(w.clock, worker());
  const early = w.store.effects.slice(done).filter(({ locator }) => covered(String(locator[0])));
  if (early.length > 0) wrong.push('acted on under a hold');
  await release(core, holdOf('h-2', scope));
  await comesToRest(w.clock, worker());

  const holdings = await core.registry.holdings([...ONE, ...TWO].map(w.ref));
  for (const id of [...ONE, ...TWO]) {
    const state = holdings.get(w.ref(id))?.state;
    const isThere = w.store.fields([id]) !== undefined;
    const isKept = (id === 'n-2' && state === 'withdrawn') || (TWO.includes(id) && state === 'active');
    if (state !== 'disposed' && !isKept) wrong.push(`in the end ${id} is ${state}`);
    if (isThere === (state === 'disposed')) wrong.push(`${id} is ${state}, and the record says otherwise`);
    if (w.store.effects.filter(({ locator }) => locator[0] === id).length > 1)
      wrong.push(`${id} was deleted twice`);
  }
  if ((await core.registry.chunks(STORE)).items.length > 0) wrong.push('a chunk is left');
  if ((await core.registry.workRecords(STORE)).length > 0) wrong.push('a work record is left');
  const results = entries.filter(({ outcome }) => outcome !== 'pseudonymised' && isSuccess(outcome));
  const stages = new Set(
    results.map(({ holding, generation, stage }) => `${holding} ${generation} ${stage}`),
  );
  if (stages.size < results.length) wrong.push('two results of one stage');
  return { wrong, named, acts: done };
}

/** By hints and chunks alone. */
async function comesToRest(clock: { advance(by: number): void }, core: LaneCore): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    clock.advance(QUARTER);
    await sweepHints(core);
    for (const chunk of (await core.registry.chunks(STORE)).items) await workOnChunk(core, chunk);
  }
}
