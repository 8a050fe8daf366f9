import type { Instant } from '../domain/record/ids.ts';

/** The only source of the present. May be off by up to the configured tolerance. */
export interface Clock {
  now(): Instant;
}
