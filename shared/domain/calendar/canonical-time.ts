import { isoUtc } from './utc-time.ts';

/** The one form of a date or an instant that is part of a key. `undefined` for what is neither. */

/** `YYYY-MM-DD` from year 1 to 9999, a day that the Gregorian calendar has. No other way of writing it is read. */
export function canonicalDate(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(value) || value.startsWith('0000'))
    return undefined;
  const midnight = Date.parse(`${value}T00:00:00Z`);
  // `Date.parse` takes 30 February for 1 March.
  return Number.isNaN(midnight) || isoUtc(midnight).slice(0, 10) !== value ? undefined : value;
}

const TIMESTAMP =
  /^(?<date>\d{4}-\d\d-\d\d)[Tt ](?<clock>[01]\d:[0-5]\d|2[0-3]:[0-5]\d)(?::(?<second>[0-5]\d)(?:\.(?<fraction>\d{1,6})0*)?)? ?(?:[Zz]|(?<sign>[+-])(?<hours>[01]\d|2[0-3])(?::?(?<minutes>[0-5]\d)(?::(?<seconds>[0-5]\d))?)?)$/;

/**
 * An instant in UTC, as `2026-03-01T09:30:00Z` or with up to six decimals of the second, from RFC 3339 or PostgreSQL's
 * text with any offset. Text without an offset is refused, and so are finer fractions: they would name another instant.
 */
export function canonicalTimestamp(value: unknown): string | undefined {
  const parts = typeof value === 'string' ? TIMESTAMP.exec(value)?.groups : undefined;
  const date = canonicalDate(parts?.['date']);
  if (!parts || date === undefined) return undefined;
  const { clock, second = '00', fraction = '', sign, hours, minutes, seconds } = parts;
  const offset = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
  const local = Date.parse(`${date}T${clock}:${second}Z`);
  const utc = isoUtc(local - (sign === '-' ? -offset : offset) * 1000);
  // Years that take more than four digits, and the year 0, which PostgreSQL does not have.
  if (!/^\d{4}-/.test(utc) || utc.startsWith('0000')) return undefined;
  const decimals = fraction.replace(/0+$/, '');
  return `${utc.slice(0, 19)}${decimals === '' ? '' : `.${decimals}`}Z`;
}
