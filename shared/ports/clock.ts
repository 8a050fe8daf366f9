import type { Instant } from '../domain/record/ids.ts';

/** The only source of the current time. May be wrong by up to the configured tolerance. */
export interface Clock {
  now(): Instant;
}
