import { yearOf } from '../../domain/calendar/utc-time.ts';
import type { DueState } from '../../domain/record/entry.ts';
import { carriedOut, type Holding } from '../../domain/record/holding.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { DueHolding } from '../../ports/upkeep.ts';

/** The days that are stated, from the beginning of the first one and before the end of the last one. */
export interface Days {
  readonly from: Instant;
  readonly to: Instant;
}

/** These generations, without those of which nothing was due in the days. Each has one state. */
export function dueAmong(generations: readonly Holding[], days: Days): readonly DueHolding[] {
  return generations.flatMap((holding) => {
    const state = stateIn(holding, days);
    if (state === undefined) return [];
    const { ref, generation, registeredAt } = holding;
    return [{ ref, generation, year: yearOf(registeredAt), state }];
  });
}

function stateIn(holding: Holding, { from, to }: Days): DueState | undefined {
  const { state, decision, parked, waitsUntil, kept } = holding;
  if (state === 'active' && decision?.actAt !== undefined && decision.actAt < to) {
    if (parked !== undefined) return 'held';
    return waitsUntil !== undefined || kept !== undefined ? 'waits' : 'open';
  }
  const ended = carriedOut(holding).filter(({ at }) => at >= from);
  if (ended.length === 0) return undefined;
  return ended.some(({ at }) => at < to) ? 'settled' : 'later';
}
