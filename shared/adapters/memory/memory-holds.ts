import { deepFreeze } from '../deep-freeze.ts';
import { memoryPartitions, memoryRows } from './memory-rows.ts';
import { isSameHold, pauseOfRestored, type WideHold } from '../../domain/record/hold.ts';
import type { HoldingRef } from '../../domain/record/ids.ts';
import type { Holds } from '../../ports/holds.ts';

export interface MemoryHolds extends Holds {
  /** From now on it is a restored copy, whose lanes wait for a person. */
  adopt(): void;
  allParked(): { readonly hold: string; readonly holding: HoldingRef }[];
}

export function memoryHolds(pageSize: number): MemoryHolds {
  const holds = memoryRows<WideHold>();
  let isAdopted = false;
  let isConfirmed = false;
  const parked = memoryPartitions<{ readonly hold: string; readonly holding: HoldingRef }>();
  return {
    async wideHolds() {
      const placed = holds.all().filter(({ state }) => state === 'placed');
      return isAdopted && !isConfirmed ? [pauseOfRestored(), ...placed] : placed;
    },
    async confirmRestored() {
      isConfirmed = true;
    },
    wideHold: async (id) => holds.get(id),
    async placeWideHold(hold) {
      const stored = holds.get(hold.id);
      if (stored !== undefined) return isSameHold(stored, hold) ? 'written' : 'refused';
      holds.put(hold.id, deepFreeze({ ...hold, state: 'placed' }));
      return 'written';
    },
    async releaseWideHold(hold) {
      holds.put(hold.id, deepFreeze({ ...(holds.get(hold.id) ?? hold), state: 'released' }));
    },
    async park(hold, holdings) {
      for (const holding of holdings) parked.of(hold).put(holding, deepFreeze({ hold, holding }));
    },
    async parked(hold, after) {
      const page = parked.at(hold).page(pageSize, after);
      return { ...page, items: page.items.map(({ holding }) => holding) };
    },
    async unpark(hold, holdings) {
      for (const holding of holdings) parked.of(hold).delete(holding);
    },
    adopt() {
      isAdopted = true;
      isConfirmed = false;
    },
    allParked: () => parked.all(),
  };
}
