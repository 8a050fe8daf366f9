import { describe, test } from 'vitest';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { placeHold, release } from '../../../shared/protocol/hold.ts';
import { register } from '../../../shared/protocol/registration.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import { expectCaught, expectNothingWrong } from '../../support/model/expect-explored.ts';
import { exploreSample } from '../../support/model/explore.ts';
import type { Model, ProcessPlan } from '../../support/model/model.ts';
import { type LaneOptions, laneModel, OPEN } from '../../support/driver/lane-world.ts';
import type { World } from '../../support/driver/world.ts';

/**
 * One record that is due, under one or two holds that are released while workers park it and a registration plans it
 * again. At the end every hold was released, so the record has to be gone.
 */
interface Parking {
  readonly holds: readonly string[];
  readonly registers?: boolean;
  /** Something in the registry that is wrong, for the releases. */
  readonly alter?: (registry: Registry) => Registry;
}

const holdOf = (id: string) =>
  ({ id, kind: 'hold', scope: { everything: true }, state: 'placed', at: 0 }) as const;

function parking(options: LaneOptions, { holds, registers = false, alter }: Parking): () => Promise<Model> {
  return async () => {
    let world: World | undefined;
    const released = new Set<string>();
    const model = await laneModel({
      chunks: 'a',
      workers: [
        { on: '*', deaths: 1 },
        { on: '*', deaths: 0 },
      ],
      sweeps: true,
      ...options,
      others: (w) => {
        world = w;
        return [...holds.map((id) => releasing(w, id)), ...(registers ? [registering(w)] : [])];
      },
    });
    const w = world;
    if (w === undefined) throw new Error('no world');
    for (const id of holds) await placeHold(w.core, holdOf(id));

    /** Repeated until it has returned, as the message that asks for it is. */
    function releasing(at: World, id: string): ProcessPlan {
      let hasBegun = false;
      // A wrong order shows only where nothing else leads to the record: it is parked, and no hint or chunk is left.
      const isAllDone = (): boolean =>
        at.registry.allParked().length > 0 &&
        at.registry.allChunks().length === 0 &&
        at.registry.allCursors().some(({ after }) => after !== undefined);
      const mayBegin = (): boolean => alter === undefined || hasBegun || isAllDone();
      return {
        name: `release ${id}`,
        repeats: true,
        deaths: 1,
        after: () => !released.has(id) && mayBegin(),
        async run(gate) {
          hasBegun = true;
          // In the wrong order it may die between the two.
          const isGated = (method: string): boolean =>
            method === 'unpark' || (alter !== undefined && method === 'putHints');
          const gated = gate<Registry>(at.registry, {
            open: (method) => !isGated(method) && OPEN.has(method),
          });
          const core: LaneCore = {
            ...at.core,
            registry: alter?.(gated) ?? gated,
            clock: gate.clock(at.clock),
          };
          await release(core, holdOf(id));
          released.add(id);
        },
      };
    }
    function registering(at: World): ProcessPlan {
      return {
        name: 'registration',
        async run(gate) {
          const registry = gate<Registry>(at.registry, {
            open: (method) => method !== 'unpark' && OPEN.has(method),
          });
          const contract = at.entity('contract', 'c-1');
          const fact = await at.registration('n-1', [contract], { sent: 3, purposes: ['b'] });
          await register({ ...at.core, registry, clock: gate.clock(at.clock) }, fact);
        },
      };
    }
    return {
      ...model,
      state: () => [model.state(), [...released], w.registry.allParked()],
      wrongAtEnd: () => {
        if (released.size < holds.length) return 'a hold was not released';
        const holding = w.holding('n-1');
        if (w.store.fields(['n-1']) !== undefined)
          return `the record stays: ${holding?.state} ${JSON.stringify(holding?.parked)}`;
        return undefined;
      },
    };
  };
}

const sample = (build: () => Promise<Model>, schedules = 600) =>
  exploreSample(build, { schedules, enough: 80 });

describe('what is parked under a hold', () => {
  test('goes after the release, whatever dies in between', async () => {
    expectNothingWrong('one hold', await sample(parking({}, { holds: ['h-1'] })));
  });
  test('goes after both releases, when two holds cover it', async () => {
    expectNothingWrong('two holds', await sample(parking({}, { holds: ['h-1', 'h-2'] })));
  });
  test('goes after the release, when a registration plans it again meanwhile', async () => {
    expectNothingWrong('a registration', await sample(parking({}, { holds: ['h-1'], registers: true })));
  });
  test('wrong order: a release that takes out of the list before it hints', async () => {
    const alter = (registry: Registry): Registry => ({
      ...registry,
      parked: async (hold, after) => {
        const page = await registry.parked(hold, after);
        await registry.unpark(hold, page.items);
        return page;
      },
    });
    expectCaught(
      'unpark first',
      await exploreSample(parking({}, { holds: ['h-1'], alter }), { schedules: 4000, enough: 60 }),
      /stays/,
    );
  });
});
