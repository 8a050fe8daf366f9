import type { Instant } from '../domain/record/ids.ts';

/** The archive of the bus: after a restore of the registry, what came since then is replayed from it. */
export interface Archive {
  /**
   * `stopped`: it is not there, or takes no events. An archive that has been empty for two days counts as stopped,
   * because heartbeats come every hour.
   */
  state(now: Instant): Promise<'working' | 'stopped'>;
}
