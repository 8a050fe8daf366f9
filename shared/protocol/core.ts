import type { Configuration } from '../domain/configuration/configuration.ts';
import type { Instant } from '../domain/record/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Queues } from '../ports/queues.ts';
import type { Registry } from '../ports/registry.ts';
import type { Report } from '../ports/report.ts';
import type { Timers } from '../ports/timers.ts';
import type { Tokens } from '../ports/tokens.ts';

/** What every protocol needs: a plain record, built once per process. */
export interface Core {
  readonly configuration: Configuration;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly queues: Queues;
  readonly tokens: Tokens;
  readonly report: Report;
}

/** Configuration speaks in seconds, instants are milliseconds. */
export function seconds(count: number): Instant {
  return count * 1000;
}
