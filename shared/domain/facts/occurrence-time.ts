import type { Occurrence } from './facts.ts';
import type { Instant, Occurred } from '../record/ids.ts';

const HOUR = 3_600_000;

/*
 * A date without a time is a day in a zone that the fold does not know: bounds over all zones, UTC+14 to UTC-12. They
 * decide only what may be dropped; which of two comes first is decided by the plan, in the zone.
 */
export function earliest(occurred: Occurred): Instant {
  return isDate(occurred) ? Date.parse(occurred) - 14 * HOUR : Date.parse(occurred);
}

export function latest(occurred: Occurred): Instant {
  return isDate(occurred) ? Date.parse(occurred) + 36 * HOUR : Date.parse(occurred);
}

/** When it happened or was announced, whichever was earlier; of a day, its earliest beginning in any zone. */
export function announcedAt(x: Pick<Occurrence, 'occurred' | 'sent'>): Instant {
  return Math.min(earliest(x.occurred), x.sent);
}

/** The same, of a day its latest end in any zone: an undo of the same day may have come before it. */
export function announcedBy(x: Pick<Occurrence, 'occurred' | 'sent'>): Instant {
  return Math.min(latest(x.occurred), x.sent);
}

function isDate(occurred: Occurred): boolean {
  return occurred.length === 10;
}
