import { present } from '../../domain/present.ts';
import { deepFreeze } from '../deep-freeze.ts';
import { memoryPartitions, memoryRows } from './memory-rows.ts';
import { isSameHold, type LegalHold, pauseOfRestored, type WideHold } from '../../domain/record/hold.ts';
import type { HoldingRef } from '../../domain/record/ids.ts';
import type { Holds } from '../../ports/holds.ts';

export interface MemoryHolds extends Holds {
  /** From now on it is a restored copy, whose lanes wait for a person. */
  adopt(): void;
  allHoldRecords(): LegalHold[];
  allParked(): { readonly hold: string; readonly holding: HoldingRef }[];
}

export function memoryHolds(pageSize: number): MemoryHolds {
  const holds = memoryRows<WideHold>();
  const records = memoryRows<LegalHold>();
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
    async recordHold(hold) {
      const stored = records.get(hold.id);
      if (stored !== undefined) return isSameHold(stored, hold) ? 'written' : 'refused';
      records.put(hold.id, deepFreeze({ ...hold, state: 'placed' }));
      return 'written';
    },
    holdRecord: async (id) => records.get(id),
    async recordRelease({ released, ...hold }) {
      const stored = records.get(hold.id);
      const first = present({ released: stored?.released ?? released });
      records.put(hold.id, deepFreeze({ ...hold, ...stored, state: 'released', ...first }));
    },
    async recordInFlight(id, inFlight) {
      const stored = records.get(id);
      if (stored !== undefined) records.put(id, deepFreeze({ inFlight, ...stored }));
    },
    holdRecords: async (after) => records.page(pageSize, after),
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
    allHoldRecords: () => records.all(),
    allParked: () => parked.all(),
  };
}
