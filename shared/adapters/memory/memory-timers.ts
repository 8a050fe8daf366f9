import type { Instant } from '../../domain/record/ids.ts';
import type { Timers } from '../../ports/timers.ts';

export interface MemoryTimers extends Timers {
  /** Minutes that will wake the sweep, in order. */
  waiting(): readonly Instant[];
  /** The earliest of them. */
  next(): Instant | undefined;
  /** Fires: takes all minutes up to and including `now`, in order. */
  takeDue(now: Instant): Instant[];
}

export function memoryTimers(): MemoryTimers {
  /** Ascending, without duplicates. */
  const minutes: Instant[] = [];

  function place(minute: Instant): number {
    let low = 0;
    let high = minutes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((minutes[middle] as Instant) < minute) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  return {
    async wake(minute) {
      const at = place(minute);
      if (minutes[at] !== minute) minutes.splice(at, 0, minute);
    },
    waiting: () => [...minutes],
    next: () => minutes[0],
    takeDue: (now) => minutes.splice(0, place(now + 1)),
  };
}
