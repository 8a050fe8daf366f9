import { createHash } from 'node:crypto';
import { exploreAll, type Explored } from '../model/explore.ts';
import { textOf } from '../model/gated-process.ts';
import type { Model } from '../model/model.ts';
import { wrongInTheEnd } from './hold-end.ts';
import { type Operating, type Operation, operationsOf } from './hold-operations.ts';
import { holdWorld, type HoldWorld } from './hold-world.ts';
import { type Footprints, isStable, type Touched } from './touches.ts';

export interface HoldModel extends Omit<Operating, 'footprints'> {
  /** Whether `n-1` is parked under the hold that is there from the start, or waits in a chunk. */
  readonly start: 'waits' | 'parked';
}

const touched: Touched = new Map();

/** Every interleaving of these operations that could end otherwise than another one. */
export async function exploreHolds(model: HoldModel): Promise<Explored> {
  for (;;) {
    const known = new Map([...touched].map(([by, all]) => [by, new Set(all)]));
    const footprints = { known, found: touched };
    const explored = await exploreAll(holdModel(model, footprints), { enough: 100 });
    if (isStable(footprints)) return explored;
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
      await of.work();
    }
    if (has('lease') || start === 'waits') await w.registry.putChunks([held.chunks.a]);
    // What is parked is found by its release alone, where nobody works on it.
    await w.registry.putChunks([has('act') || start === 'waits' ? held.chunks.b : held.chunks.c]);
    if (has('sweep')) await w.registry.putHints([held.hint]);
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
        const key = createHash('sha1').update(textOf(state())).digest('base64');
        if (!ends.has(key)) ends.set(key, await wrongInTheEnd(held, of.free));
        return ends.get(key);
      },
    };
  };
}

function stateOf({ w: { registry, store }, answered, messages }: HoldWorld): unknown {
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
    store.read(['n-1']),
    store.read(['n-2']),
    [...answered],
    [...messages],
  ];
}
