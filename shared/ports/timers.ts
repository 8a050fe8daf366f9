import type { Instant } from '../domain/record/ids.ts';

/**
 * One-time wake-ups, at most one per minute. They only make Tenure prompt: a wake-up that is lost, late, repeated or
 * refused delays disposal by at most an hour, because the hourly sweep reads the same hints.
 */
export interface Timers {
  /**
   * Makes sure that the sweep of this minute (an instant at second 0) will run. Repeating the call changes nothing.
   * Never throws.
   */
  wake(minute: Instant): Promise<void>;
}
