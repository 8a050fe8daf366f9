import type { Instant } from '../../domain/record/ids.ts';
import type { Clock } from '../../ports/clock.ts';

export interface MemoryClock extends Clock {
  /** Sets any instant, even an earlier one, as real clocks also go back. */
  set(instant: Instant): void;
  advance(milliseconds: number): void;
}

export function memoryClock(start: Instant): MemoryClock {
  let instant = start;
  return {
    now: () => instant,
    set: (to) => {
      instant = to;
    },
    advance: (milliseconds) => {
      instant += milliseconds;
    },
  };
}
