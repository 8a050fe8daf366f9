import type { Configuration } from '../domain/configuration/configuration.ts';
import type { Clock } from '../ports/clock.ts';
import type { Exports } from '../ports/exports.ts';
import type { Keys } from '../ports/keys.ts';
import type { Store } from '../ports/store.ts';
import type { Timers } from '../ports/timers.ts';
import type { Tokens } from '../ports/tokens.ts';
import type { Queues } from '../ports/queues.ts';
import type { Registry } from '../ports/registry.ts';
import type { Report } from '../ports/report.ts';

/** What every protocol needs: a plain record, built once per process. */
export interface Core {
  readonly configuration: Configuration;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly queues: Queues;
  readonly tokens: Tokens;
  readonly report: Report;
  /** The table's name, where it was restored and adopted: it may know less than the deletion log. */
  readonly adopted?: string;
}

/** What settles outcomes besides: of which lane, and the keys for entries. */
export interface SettleCore extends Core {
  readonly lane: string;
  readonly keys: Keys;
}

/** What a lane's worker has besides: one store. */
export interface LaneCore extends SettleCore {
  readonly store: Store;
  /** Where it writes what a person's copy gets of the store. */
  readonly exports: Pick<Exports, 'putPiece'>;
}
