import { isOver } from '../../../shared/protocol/lane/begin.ts';
import type { Chunk } from '../../../shared/domain/record/work.ts';
import type { Model, Move, ProcessPlan } from '../model/model.ts';
import { nextHint, wrongInTheEnd } from './hold-end.ts';
import { stateOf } from './hold-model.ts';
import { FORMER, LATER, OPERATIONS, operationsOf } from './hold-operations.ts';
import { holdWorld, type HoldWorld, type ScopeName } from './hold-world.ts';
import { EVERYTHING, type Footprints } from './touches.ts';

/** Longer than a lease, on any clock. */
const LEASE_AND_MORE = 11 * 60_000 + 61_000;
const TOLERANCE = 60_000;
const DEATHS = 2;

/** Everything has a gate. */
const GATED: Footprints = {
  known: new Map(OPERATIONS.map((one) => [one, new Set([EVERYTHING])])),
  found: new Map(),
};

/**
 * Everything at the same time, and time passes: two workers that take any chunk, sweeps, two holds that are placed and
 * released, an extension, a registration and a withdrawal. Two of these die somewhere, and come again.
 */
export async function holdMix(scope: ScopeName): Promise<Model> {
  const held = await holdWorld();
  const { w } = held;
  const of = operationsOf(held, { operations: OPERATIONS, scope, footprints: GATED });
  await w.registry.putHints([held.hint]);
  await w.registry.putChunks([held.chunks.b]);
  await of.placeFormer();
  const alive = new Map<string, ReadonlySet<string>>();

  const isAlive = (token: string): boolean =>
    [...alive.values()].some((own) => own.has(token.slice(token.indexOf('.') + 1)));
  const isFree = (chunk: Chunk): boolean => {
    if ((chunk.notBefore ?? 0) > w.clock.now()) return false;
    const work = w.registry.allWorkRecords().find((one) => one.chunk.id === chunk.id);
    return work === undefined || isOver(w.core, work);
  };
  const worker = (name: string): ProcessPlan => ({
    name,
    repeats: true,
    died: () => void alive.delete(name),
    after: () => w.registry.allChunks().some(isFree),
    async run(gate) {
      const chunk = w.registry.allChunks().find(isFree);
      if (chunk === undefined) return 'nothing';
      const own = new Set<string>();
      alive.set(name, own);
      const end = await of.work(gate, 'lease', { chunk, own });
      alive.delete(name);
      return end;
    },
  });
  const once = (name: string, plan: ProcessPlan): ProcessPlan => ({
    ...plan,
    name,
    async run(gate) {
      const end = await plan.run(gate);
      held.ended.add(name);
      return end;
    },
  });
  const processes: readonly ProcessPlan[] = [
    worker('w1'),
    worker('w2'),
    {
      name: 'sweep',
      repeats: true,
      after: () => (nextHint(w) ?? Infinity) + TOLERANCE <= w.clock.now(),
      run: of.sweep,
    },
    once('place', of.plan('place')),
    once('release', of.plan('release')),
    once('release later', {
      name: 'release later',
      after: () => held.ended.has('place'),
      run: (gate) => of.release(gate, LATER),
    }),
    once('extend', of.plan('extend')),
    of.plan('register'),
    of.plan('withdraw'),
  ];
  return {
    deaths: DEATHS,
    processes: processes.map((plan) => ({ ...plan, deaths: 1 })),
    moves: movesOf(held, alive, isAlive),
    state: () => stateOf(held),
    wrongNow: () => held.violation,
    async wrongAtEnd() {
      const stuck = ['place', 'release', 'release later', 'extend'].filter((name) => !held.ended.has(name));
      if (stuck.length > 0) return `${stuck.join(' and ')} did not come to an end`;
      if (held.answered.has(FORMER)) return 'the first hold was not released';
      return wrongInTheEnd(held, of.free);
    },
  };
}

function movesOf(
  { w }: HoldWorld,
  alive: ReadonlyMap<string, unknown>,
  isAlive: (token: string) => boolean,
): readonly Move[] {
  const live = () => w.registry.allWorkRecords().filter((work) => !isOver(w.core, work));
  const waiting = (): readonly number[] => w.registry.allChunks().map(({ notBefore = 0 }) => notBefore);
  const orphans = () =>
    w.registry
      .allWorkRecords()
      .filter(
        (work) => isOver(w.core, work) && !w.registry.allChunks().some(({ id }) => id === work.chunk.id),
      );
  return [
    {
      name: 'the lease of an attempt that died runs out',
      may: () => live().length > 0 && live().every(({ token }) => !isAlive(token)),
      make: () => w.clock.advance(LEASE_AND_MORE),
    },
    {
      name: 'the next hint comes',
      may: () =>
        alive.size === 0 && waiting().length === 0 && (nextHint(w) ?? -Infinity) + TOLERANCE > w.clock.now(),
      make: () => w.clock.set((nextHint(w) ?? 0) + TOLERANCE),
    },
    {
      name: 'the hourly sweep removes a work record without a chunk',
      may: () => orphans().length > 0,
      make: () => {
        for (const work of orphans()) void w.registry.deleteWork(work);
      },
    },
    {
      name: 'the back-off of all chunks ends',
      may: () => waiting().length > 0 && waiting().every((at) => at > w.clock.now()),
      make: () => w.clock.set(Math.min(...waiting()) + 1),
    },
  ];
}
