import type { Instant } from '../../domain/record/ids.ts';

const DAY = 86_400_000;

/** Seconds, as DynamoDB's time to live wants them. */
export function ttl(instant: Instant, days: number): number {
  return Math.floor((instant + days * DAY) / 1000);
}
