import type { Clock } from '../ports/clock.ts';

/** This machine's clock. */
export function systemClock(): Clock {
  return { now: () => Date.now() };
}
