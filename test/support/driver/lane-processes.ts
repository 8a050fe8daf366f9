import type { LaneCore } from '../../../shared/protocol/core.ts';
import { placeHold } from '../../../shared/protocol/hold.ts';
import { register, withdraw } from '../../../shared/protocol/registration.ts';
import { recordFact } from '../../../shared/protocol/record-fact.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import type { ProcessPlan } from '../model/model.ts';
import { type Lane, OPEN } from './lane-world.ts';
import type { World } from './world.ts';

/** What happens beside the workers of a lane. */

export interface Message {
  readonly name: string;
  readonly deliver: (core: LaneCore) => Promise<{ readonly kind: string }>;
  readonly copies?: number;
}

/** Delivered until it is acknowledged, `copies` times. */
export function message(w: World, lane: Lane, { name, deliver, copies = 1 }: Message): ProcessPlan {
  let left = copies;
  return {
    name,
    repeats: true,
    deaths: 1,
    after: () =>
      left > 0 &&
      (lane.acknowledged.size === 0 ||
        w.registry.allWorkRecords().length === 0 ||
        !lane.acknowledged.has(`${name} waits`)),
    async run(gate) {
      const registry = gate<Registry>(w.registry, {
        open: (method) => OPEN.has(method) || method === 'putPointers',
      });
      const { kind } = await deliver({ ...w.core, registry, clock: gate.clock(w.clock) });
      if (kind === 'again') lane.acknowledged.add(`${name} waits`);
      else {
        lane.acknowledged.add(name);
        left -= 1;
      }
    },
  };
}

/**
 * The record is withdrawn and registered again, about a contract that does not end: the next generation, which is never
 * due. The application may write the record again after it was registered.
 */
export function registeredAgain(w: World, lane: Lane, written?: 'written'): readonly ProcessPlan[] {
  const withdrawal = message(w, lane, {
    name: 'W',
    deliver: async (core) => withdraw(core, await w.withdrawal('n-1', { sent: 2 })),
  });
  const registration = message(w, lane, {
    name: 'C',
    deliver: async (core) =>
      register(core, await w.registration('n-1', [w.entity('contract', 'c-2')], { sent: 3 })),
  });
  const application: ProcessPlan = {
    name: 'application',
    after: () => (w.holding('n-1')?.generation ?? 1) > 1,
    async run() {
      w.store.put(['n-1'], { row: '2' });
    },
  };
  return written === undefined ? [withdrawal, registration] : [withdrawal, registration, application];
}

export function renewal(w: World, lane: Lane): ProcessPlan {
  return {
    name: 'renewal',
    async run(gate) {
      const core = {
        ...w.core,
        registry: gate<Registry>(w.registry, {
          open: (method) => OPEN.has(method) || method === 'putFact' || method === 'pointers',
        }),
        clock: gate.clock(w.clock),
      };
      await recordFact(
        core,
        w.entity('contract', 'c-1').ref,
        w.fact('contract.renewed', '2026-02-28', { sent: 1 }),
      );
      lane.renewed = true;
    },
  };
}

export function placer(w: World, lane: Lane): ProcessPlan {
  return {
    name: 'hold',
    async run(gate) {
      const core = { ...w.core, registry: gate<Registry>(w.registry), clock: gate.clock(w.clock) };
      const placed = await placeHold(core, {
        id: 'hold-1',
        kind: 'hold',
        scope: { everything: true },
        state: 'placed',
        at: 0,
      });
      if (placed.kind === 'placed') lane.answered = placed.inFlight;
    },
  };
}
