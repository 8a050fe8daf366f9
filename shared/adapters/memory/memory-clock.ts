import type { Instant } from '../../domain/record/ids.ts';
import type { Clock } from '../../ports/clock.ts';

export interface MemoryClock extends Clock {
  /** Any instant, also an earlier one: real clocks step back too. */
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
