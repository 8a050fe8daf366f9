import type { Instant } from '../record/ids.ts';
import { formatInstant } from './calendar.ts';

const DAY = 86_400_000;

/**
 * The latest instant at which clocks of the zone show this time: of an hour that is repeated its second run, and of one
 * that is skipped what they would show had they not been moved. `local` is the time as if it were UTC.
 */
export function latestInstantOf(local: Instant, zone: string): Instant {
  const candidates = [local - DAY, local + DAY].map((near) => local - offsetAt(near, zone));
  const shown = candidates.filter((at) => at + offsetAt(at, zone) === local);
  return Math.max(...(shown.length > 0 ? shown : candidates));
}

function offsetAt(at: Instant, zone: string): number {
  const seconds = Math.floor(at / 1000) * 1000;
  return Date.parse(`${formatInstant(seconds, zone).slice(0, 19)}Z`) - seconds;
}
