import type { Instant } from '../domain/record/ids.ts';

/** Configuration speaks in seconds, instants are milliseconds. */
export function seconds(count: number): Instant {
  return count * 1000;
}
