import type { Instant } from '../record/ids.ts';

/** UTC instants as text and rounded, for keys, entries and logs. Calendar arithmetic is in `calendar.ts`. */

const MINUTE = 60_000;
const HOUR = 3_600_000;

/** The start of the minute that contains an instant. */
export function minuteOf(instant: Instant): Instant {
  return Math.floor(instant / MINUTE) * MINUTE;
}

/** The start of the hour that contains an instant. */
export function hourOf(instant: Instant): Instant {
  return Math.floor(instant / HOUR) * HOUR;
}

/** `YYYY-MM-DD` of the UTC day. */
export function dayId(instant: Instant): string {
  return isoUtc(instant).slice(0, 10);
}

/** `YYYY-MM-DDTHH` of the UTC hour: part of hint keys and of chunk keys. */
export function hourId(instant: Instant): string {
  return isoUtc(instant).slice(0, 13);
}

/** `YYYY-MM-DDTHH:MM` of the UTC minute. */
export function minuteId(instant: Instant): string {
  return isoUtc(instant).slice(0, 16);
}

/** ISO 8601 in UTC with milliseconds. Throws `RangeError` for an instant that is not a finite number of milliseconds. */
export function isoUtc(instant: Instant): string {
  return new Date(instant).toISOString();
}

/** The UTC year. */
export function yearOf(instant: Instant): number {
  return new Date(instant).getUTCFullYear();
}

/** `month` from 1 to 12. */
export function daysOfMonth(year: number, month: number): number {
  if (month !== 2) return 30 + ((month > 7 ? month + 1 : month) % 2);
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}
