import { createHash } from 'node:crypto';
import { exploreAll, exploreSample, type Explored } from '../model/explore.ts';
import { textOf } from '../model/gated-process.ts';
import type { Model } from '../model/model.ts';
import { wrongInTheEnd } from './hold-end.ts';
import { OPERATIONS, type Operating, type Operation, operationsOf } from './hold-operations.ts';
import { holdWorld, type HoldWorld } from './hold-world.ts';
import { EVERYTHING, type Footprints, isStable, type Touched } from './touches.ts';

export interface HoldModel extends Omit<Operating, 'footprints'> {
  /** Whether `n-1` is parked under the hold that is there from the start, or waits in a chunk. */
  readonly start: 'waits' | 'parked';
}

const touched: Touched = new Map();

/**
 * Every interleaving of these operations, but for those that differ only in the order of calls that commute. A few random
 * schedules tell most of what the operations touch; a search that finds more is repeated.
 */
export async function exploreHolds(model: HoldModel, schedules?: number): Promise<Explored> {
  const gated = { known: new Map(OPERATIONS.map((one) => [one, new Set([EVERYTHING])])), found: touched };
  const sample = await exploreSample(holdModel(model, gated), { schedules: schedules ?? 20, enough: 20 });
  if (schedules !== undefined || sample.wrong.length > 0) return sample;
  for (;;) {
    const known = new Map([...touched].map(([by, all]) => [by, new Set(all)]));
    const footprints = { known, found: touched };
    const explored = await exploreAll(holdModel(model, footprints), { enough: 100, limit: 60_000 });
    if (explored.wrong.length > 0 || isStable(footprints)) return explored;
  }
}

/** Some operations at the same time. What they do not take part in comes before, or afterwards. */
function holdModel({ start, ...operating }: HoldModel, footprints: Footprints): () => Promise<Model> {
  const { operations } = operating;
  const ends = new Map<string, string | undefined>();
  return async () => {
    const held = await holdWorld();
    const { w } = held;
    const of = operationsOf(held, { ...operating, footprints });
    const has = (operation: Operation): boolean => operations.includes(operation);
    if (start === 'parked') {
      await w.registry.putChunks([held.chunks.a]);
      await of.placeFormer();
      await of.workAlone();
    }
    if (has('lease') || start === 'waits') await w.registry.putChunks([held.chunks.a]);
    // What is parked is found by its release alone: no other chunk leads to it.
    await w.registry.putChunks([has('act') ? held.chunks.b : held.chunks.c]);
    const hint = start === 'parked' ? { ...held.hint, holding: w.ref('n-2') } : held.hint;
    if (has('sweep')) await w.registry.putHints([hint]);
    const placesFormer = async (): Promise<void> => {
      if (has('release') && start === 'waits') await of.placeFormer();
    };
    if (!has('act')) await placesFormer();
    const state = (): unknown => stateOf(held);
    return {
      processes: of.plans(placesFormer),
      state,
      wrongNow: () => held.violation,
      async wrongAtEnd() {
        const stuck = operations.filter((operation) => !held.ended.has(operation));
        if (stuck.length > 0) return `${stuck.join(' and ')} did not come to an end`;
        const key = createHash('sha1').update(textOf(state())).digest('base64');
        if (!ends.has(key)) ends.set(key, await wrongInTheEnd(held, of.free));
        return ends.get(key);
      },
    };
  };
}

export function stateOf({ w: { registry, store }, answered, messages }: HoldWorld): unknown {
  return [
    registry.allHoldings(),
    registry.allTombstones(),
    registry.allChunks(),
    registry.allWorkRecords(),
    registry.allResults(),
    [...registry.allStates()],
    registry.allHints(),
    registry.allCursors(),
    registry.allParked(),
    store.fields(['n-1']),
    store.fields(['n-2']),
    [...answered],
    [...messages],
    registry.allHoldRecords(),
  ];
}
