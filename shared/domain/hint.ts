import type { HoldingRef, Instant } from './ids.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

/** Hints of one hour are spread over this many partitions. */
export const SHARDS = 16;

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The first four bits of the reference: uniform, because references are keyed hashes. */
export function shardOf(ref: HoldingRef): number {
  return BASE64URL.indexOf(ref.charAt(0)) >> 2;
}

/** The minute that an instant lies in: its start. */
export function minuteOf(instant: Instant): Instant {
  return Math.floor(instant / MINUTE) * MINUTE;
}

/** The hour that an instant lies in: its start. */
export function hourOf(instant: Instant): Instant {
  return Math.floor(instant / HOUR) * HOUR;
}

/** `YYYY-MM-DD` of the UTC day, for keys only: calendar arithmetic lives in `calendar.ts`. */
export function dayId(instant: Instant): string {
  // Howard Hinnant, "chrono-compatible low-level date algorithms", civil_from_days: exact for any day, and much
  // cheaper than a calendar object where ten years of hours are walked.
  const z = Math.floor(instant / DAY) + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1;
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
}

/** `YYYY-MM-DDTHH` of the UTC hour: part of hint keys and of chunk keys. */
export function hourId(instant: Instant): string {
  return `${dayId(instant)}T${two(Math.floor(instant / HOUR) - Math.floor(instant / DAY) * 24)}`;
}

/** `YYYY-MM-DDTHH:MM` of the UTC minute. */
export function minuteId(instant: Instant): string {
  return `${hourId(instant)}:${two(Math.floor(instant / MINUTE) - Math.floor(instant / HOUR) * 60)}`;
}

/** ISO 8601 in UTC with milliseconds, as entries carry it. */
export function isoUtc(instant: Instant): string {
  const second = Math.floor(instant / 1000);
  const milliseconds = String(instant - second * 1000).padStart(3, '0');
  return `${minuteId(instant)}:${two(second - Math.floor(second / 60) * 60)}.${milliseconds}Z`;
}

/** The UTC year. */
export function yearOf(instant: Instant): number {
  return Number(dayId(instant).slice(0, 4));
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
