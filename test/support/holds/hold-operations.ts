import type { Registry } from '../../../shared/ports/registry.ts';
import type { Store } from '../../../shared/ports/store.ts';
import type { LegalHold } from '../../../shared/domain/record/hold.ts';
import type { ChunkKey } from '../../../shared/domain/record/work.ts';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { placeHold, release } from '../../../shared/protocol/hold.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { recordFact } from '../../../shared/protocol/record-fact.ts';
import { register, withdraw } from '../../../shared/protocol/registration.ts';
import { sweepHints } from '../../../shared/protocol/sweep.ts';
import type { Gate, ProcessPlan } from '../model/model.ts';
import { type HoldWorld, SCOPES, type ScopeName } from './hold-world.ts';
import { type Footprints, isUnseen } from './touches.ts';

/** What the models of holds let happen at the same time. */
export const OPERATIONS = [
  'place',
  'release',
  'sweep',
  'lease',
  'act',
  'extend',
  'register',
  'withdraw',
] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Something wrong, for the one operation that it concerns. */
export type Alter = (registry: Registry) => Registry;

/** In force from the start, and released by `release`. */
export const FORMER = 'h-1';
/** Placed by `place`. */
export const LATER = 'h-2';

export function holdOf(id: string, scope: ScopeName): LegalHold {
  return { id, kind: 'hold', scope: SCOPES[scope], state: 'placed', at: 0 };
}

/** The first call of an attempt that has decided. */
const READY: ReadonlySet<string> = new Set(['actOn', 'putResult', 'park', 'writeChunk', 'deleteChunk']);

export interface Operating {
  readonly operations: readonly Operation[];
  readonly scope: ScopeName;
  readonly footprints: Footprints;
  readonly alter?: Partial<Record<Operation, Alter>>;
}

interface Work {
  readonly chunk: ChunkKey;
  /** Names of the tokens that it gets. */
  readonly own: Set<string>;
  /** Told when it has read everything and is about to act; until then it is alone. */
  readonly ready?: () => void;
}

export function operationsOf(held: HoldWorld, { operations, scope, footprints, alter = {} }: Operating) {
  const { w } = held;

  /** What commutes with all that the other operations do. */
  const unseenBy =
    (by: Operation) =>
    (method: string, args: readonly unknown[]): boolean =>
      isUnseen(footprints, { by, others: operations.filter((one) => one !== by), method, args });

  function core(
    gate: Gate,
    operation: Operation,
    isAlone: (method: string) => boolean = () => false,
  ): LaneCore {
    const isOpen = unseenBy(operation);
    const gated = gate<Registry>(held.registry, {
      open: (method, args) => isAlone(method) || isOpen(method, args),
    });
    return {
      ...w.core,
      registry: alter[operation]?.(gated) ?? gated,
      clock: gate.clock(w.clock),
      tokens: gate.tokens(),
    };
  }

  async function work(gate: Gate, operation: 'lease' | 'act', { chunk, ready, own }: Work): Promise<unknown> {
    let isReady = ready === undefined;
    const isOpen = unseenBy(operation);
    const tokens = gate.tokens();
    const isAlone = (method: string): boolean => {
      if (READY.has(method) && !isReady) {
        isReady = true;
        ready?.();
      }
      return !isReady;
    };
    const isOwn = (token: string): boolean => own.has(token.slice(token.indexOf('.') + 1));
    const of: LaneCore = {
      ...core(gate, operation, isAlone),
      tokens: {
        next() {
          const token = tokens.next();
          own.add(token);
          return token;
        },
      },
      // Whether a hold was answered is asked when the record goes.
      store: gate<Store>(held.storeFor(isOwn), {
        open: (method, args) => isAlone(method) || (isOpen(method, args) && method !== 'delete'),
      }),
    };
    return workOnChunk(of, chunk);
  }

  /** Delivered until it is acknowledged. */
  function message(
    name: Operation,
    deliver: (core: LaneCore) => Promise<{ readonly kind: string }>,
  ): ProcessPlan {
    return {
      name,
      repeats: true,
      atOnce: true,
      after: () => {
        const state = held.messages.get(name);
        return state === undefined || (state === 'waits' && w.registry.allWorkRecords().length === 0);
      },
      async run(gate) {
        const { kind } = await deliver(core(gate, name));
        held.messages.set(name, kind === 'again' ? 'waits' : 'done');
      },
    };
  }

  async function place(of: LaneCore, id: string): Promise<void> {
    const placed = await placeHold(of, holdOf(id, scope));
    if (placed.kind === 'placed') held.answered.set(id, { scope, named: placed.inFlight });
  }

  const plans: Readonly<Record<Exclude<Operation, 'act'>, () => ProcessPlan>> = {
    place: () => ({ name: 'place', run: (gate) => place(core(gate, 'place'), LATER) }),
    release: () => ({
      name: 'release',
      run: (gate) => release(core(gate, 'release'), holdOf(FORMER, scope)),
    }),
    sweep: () => ({ name: 'sweep', run: (gate) => sweepHints(core(gate, 'sweep')) }),
    lease: () => ({
      name: 'lease',
      run: (gate) => work(gate, 'lease', { chunk: held.chunks.a, own: new Set() }),
    }),
    extend: () => ({
      name: 'extend',
      run: async (gate) => {
        const renewal = w.fact('contract.renewed', '2026-02-28', { id: 'renewal', sent: 1 });
        return recordFact(core(gate, 'extend'), w.entity('contract', 'c-1').ref, renewal);
      },
    }),
    register: () =>
      message('register', async (of) => {
        const categories = ['notes', 'letters', 'files'];
        return register(
          of,
          await w.registration('n-1', [w.entity('contract', 'c-1')], { sent: 2, categories }),
        );
      }),
    withdraw: () => message('withdraw', async (of) => withdraw(of, await w.withdrawal('n-1', { sent: 3 }))),
  };

  const free: LaneCore = {
    ...w.core,
    registry: held.registry,
    store: held.storeFor((token) => token.includes('.token-')),
  };

  const { promise: begun, resolve: begins } = Promise.withResolvers<void>();
  const act: ProcessPlan = {
    name: 'act',
    run: (gate) => work(gate, 'act', { chunk: held.chunks.b, own: new Set(), ready: begins }),
  };

  return {
    /** The attempt of `act` has begun; then comes what is to come directly afterwards; then everything is at the same time. */
    plans(afterBegin: () => Promise<void>): readonly ProcessPlan[] {
      const hasAct = operations.includes('act');
      const ready = hasAct ? begun.then(afterBegin) : Promise.resolve();
      const others = operations.flatMap((operation) => (operation === 'act' ? [] : [plans[operation]()]));
      const waiting = others.map((plan) => ({
        ...plan,
        run: (gate: Gate) => ready.then(() => plan.run(gate)),
      }));
      return (hasAct ? [act, ...waiting] : waiting).map((plan) => ({
        ...plan,
        async run(gate) {
          const end = await plan.run(gate);
          held.ended.add(plan.name);
          return end;
        },
      }));
    },
    plan: (operation: Exclude<Operation, 'act'>) => plans[operation](),
    work,
    sweep: (gate: Gate) => sweepHints(core(gate, 'sweep')),
    release: (gate: Gate, id: string) => release(core(gate, 'release'), holdOf(id, scope)),
    placeFormer: () => place(free, FORMER),
    /** Alone, on the chunk that names only `n-1`. */
    workAlone: () => workOnChunk(free, held.chunks.a),
    /** The ports without gates: what comes before and afterwards. */
    free,
  };
}
