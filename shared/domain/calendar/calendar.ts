import { Temporal } from 'temporal-polyfill/implementation';
import type { Instant, Occurred } from '../record/ids.ts';
import { ADDED_AS, UNITS } from './units.ts';
import type { Duration, Unit } from './units.ts';
import { daysOfMonth } from './utc-time.ts';
import { countWorkingDays } from './working-days.ts';
import type { Counted, WorkingCalendar } from './working-days.ts';

/**
 * All calendar arithmetic, and the only file that knows Temporal: the polyfill's own implementation, so that no date
 * depends on the host's version of it. The conventions are stated in `docs/rules.md`.
 */

/** A point of the calendar: a whole date, the midnight that begins one, or an instant. Zone-free until it is asked for. */
export type Point =
  | { readonly kind: 'date'; readonly date: string }
  | { readonly kind: 'midnight'; readonly date: string }
  | { readonly kind: 'instant'; readonly at: Instant };

const FIRST_YEAR = 1900;
const LAST_YEAR = 2200;
/** Well inside what instants can hold, so that no later step can leave the calendar. */
const LAST_COMPUTED_YEAR = 250_000;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DATE_TIME = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?$/;
const MINUTE = 60_000;

export type OccurredProblem = 'OCCURRED_NOT_A_DATE' | 'OCCURRED_AMBIGUOUS' | 'OCCURRED_OUT_OF_RANGE';

/** An ISO date, or a date-time with its offset; `OCCURRED_AMBIGUOUS` is a date-time without one. */
export function parseOccurred(
  text: string,
): { ok: true; occurred: Occurred } | { ok: false; code: OccurredProblem } {
  const parts = DATE_TIME.exec(text);
  const date = DATE.test(text) ? text : parts?.[1];
  if (date === undefined || !exists(date)) return { ok: false, code: 'OCCURRED_NOT_A_DATE' };
  if (parts !== null) {
    const [, , hour, minute, second = '0', offset] = parts;
    if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59)
      return { ok: false, code: 'OCCURRED_NOT_A_DATE' };
    if (offset === undefined) return { ok: false, code: 'OCCURRED_AMBIGUOUS' };
    if (offset !== 'Z' && (Number(offset.slice(1, 3)) > 14 || Number(offset.slice(4)) > 59)) {
      return { ok: false, code: 'OCCURRED_NOT_A_DATE' };
    }
  }
  return inRange(date)
    ? { ok: true, occurred: text as Occurred }
    : { ok: false, code: 'OCCURRED_OUT_OF_RANGE' };
}

/** A day of the calendar between 1900 and 2200. */
export function isDate(text: string): boolean {
  return DATE.test(text) && exists(text) && inRange(text);
}

/** `MM-DD` of a leap year. */
export function isDayOfYear(text: string): boolean {
  return /^\d{2}-\d{2}$/.test(text) && exists(`2024-${text}`);
}

function exists(date: string): boolean {
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
  if (month < 1 || month > 12 || day < 1) return false;
  return day <= daysOfMonth(year, month);
}

function inRange(date: string): boolean {
  const year = Number(date.slice(0, 4));
  return year >= FIRST_YEAR && year <= LAST_YEAR;
}

export function pointOf(occurred: Occurred): Point {
  if (occurred.length === 10) return { kind: 'date', date: occurred };
  // Milliseconds are what `Date` reads exactly, and most instants have no more.
  if (!/\.\d{4}/.test(occurred)) return { kind: 'instant', at: Date.parse(occurred) };
  const { epochNanoseconds } = Temporal.Instant.from(occurred);
  // Fractions of a millisecond round up: a start is never taken as earlier than it was.
  const whole = epochNanoseconds / 1_000_000n;
  return { kind: 'instant', at: Number(epochNanoseconds > whole * 1_000_000n ? whole + 1n : whole) };
}

/** The dates of computed points, kept so that they are not parsed again. */
const dates = new WeakMap<Point, Temporal.PlainDate>();

/** A whole date, or the midnight that begins it. */
export function datePoint(kind: 'date' | 'midnight', date: Temporal.PlainDate): Point {
  const point: Point = { kind, date: date.toString() };
  dates.set(point, date);
  return point;
}

/** Reads `YYYY-MM-DD` without the general parser, which only years beyond 9999 need. */
function plainDate(point: Exclude<Point, { kind: 'instant' }>): Temporal.PlainDate {
  const known = dates.get(point);
  if (known !== undefined) return known;
  const { date } = point;
  if (date.length !== 10) return Temporal.PlainDate.from(date);
  return new Temporal.PlainDate(Number(date.slice(0, 4)), Number(date.slice(5, 7)), Number(date.slice(8)));
}

/** `MM-DD` of a year; `02-29` is the last day of February in every year. */
export function dateIn(year: number, monthDay: string): Temporal.PlainDate {
  const [month, day] = [Number(monthDay.slice(0, 2)), Number(monthDay.slice(3))];
  if (day === 29 && month === 2) return Temporal.PlainDate.from({ year, month, day });
  return new Temporal.PlainDate(year, month, day);
}

/** When the point begins: a date at its first instant. */
export function startOf(point: Point, zone: string): Instant {
  return point.kind === 'instant' ? point.at : startOfDate(plainDate(point), zone);
}

/** When the point ends: a date at the local midnight at its end. Bounds use this instant. */
export function endOf(point: Point, zone: string): Instant {
  if (point.kind !== 'date') return startOf(point, zone);
  return startOfDate(plainDate(point).add({ days: 1 }), zone);
}

/** Midnight, or the first instant of a date whose midnight does not exist. */
export function startOfDate(date: Temporal.PlainDate, zone: string): Instant {
  return date.toZonedDateTime(zone).epochMilliseconds;
}

export type Moved =
  | Reached
  /** Beyond the end of the calendar, or of the years whose holidays are listed. */
  | Exclude<Counted<never>, { readonly kind: 'reached' }>;
interface Reached {
  readonly kind: 'reached';
  readonly point: Point;
  /** Holidays that would have been working days otherwise. */
  readonly skipped: readonly string[];
}

/**
 * Years and months first (a day that does not exist becomes the last of its month), then weeks and days, then working
 * days, then hours, minutes and seconds as exact time. A local time that the clock skips moves forward by the gap; of a local
 * time that occurs twice, the earlier counts.
 */
export function addPeriod(point: Point, period: Duration, zone: string, days: WorkingCalendar = {}): Moved {
  return moved(point, { period, sign: 1, zone, days });
}

/** The same steps backwards, in the same order. */
export function subtractPeriod(
  point: Point,
  period: Duration,
  zone: string,
  days: WorkingCalendar = {},
): Moved {
  return moved(point, { period, sign: -1, zone, days });
}

interface Move {
  readonly period: Duration;
  readonly sign: 1 | -1;
  readonly zone: string;
  readonly days: WorkingCalendar;
}

function moved(point: Point, move: Move): Moved {
  const { zone } = move;
  const { dates, workingDays, exact } = stepsOf(move.period, move.sign);
  try {
    if (point.kind === 'instant') {
      const local = Temporal.Instant.fromEpochMilliseconds(point.at).toZonedDateTimeISO(zone).add(dates);
      if (workingDays === 0)
        return reached(local.year, { kind: 'instant', at: local.epochMilliseconds + exact });
      const counted = worked(local.toPlainDate(), workingDays, move);
      if (counted.kind !== 'reached') return counted;
      const at = counted.day.toZonedDateTime({ timeZone: zone, plainTime: local.toPlainTime() });
      return reached(at.year, { kind: 'instant', at: at.epochMilliseconds + exact }, counted.skipped);
    }
    const date = plainDate(point).add(dates);
    const counted =
      workingDays === 0
        ? { kind: 'reached' as const, day: date, skipped: [] }
        : worked(date, workingDays, move);
    if (counted.kind !== 'reached') return counted;
    const day = datePoint(point.kind, counted.day);
    const to: Point = exact === 0 ? day : { kind: 'instant', at: endOf(day, zone) + exact };
    return reached(counted.day.year, to, counted.skipped);
  } catch (error) {
    if (error instanceof RangeError) return { kind: 'beyond' };
    throw error;
  }
}

function worked(
  from: Temporal.PlainDate,
  count: number,
  { period, sign, days }: Move,
): Counted<Temporal.PlainDate> {
  return countWorkingDays(from, sign * count, days, period.holidays);
}

function reached(year: number, point: Point, skipped: readonly string[] = []): Moved {
  return Math.abs(year) > LAST_COMPUTED_YEAR ? { kind: 'beyond' } : { kind: 'reached', point, skipped };
}

interface Steps {
  readonly dates: Temporal.Duration;
  readonly workingDays: number;
  /** Milliseconds. */
  readonly exact: number;
}

const known = { 1: new WeakMap<Duration, Steps>(), [-1]: new WeakMap<Duration, Steps>() };

/** What a period adds or, with -1, subtracts: worked out once for each period of a rule. */
function stepsOf(period: Duration, sign: 1 | -1): Steps {
  const before = known[sign].get(period);
  if (before !== undefined) return before;
  const dates: Partial<Record<Unit, number>> = { days: 0 };
  let [workingDays, exact] = [0, 0];
  for (const unit of UNITS) {
    const [amount = 0, as] = [period[unit], ADDED_AS[unit]];
    if (as === 'date') dates[unit] = sign * amount;
    else if (as === 'working day') workingDays += amount;
    else exact += sign * amount * as;
  }
  const steps = { dates: Temporal.Duration.from(dates), workingDays, exact };
  known[sign].set(period, steps);
  return steps;
}

/** Moves the point by the time between two instants: whole days of the local clock, then exact time. */
export function shiftBy(point: Point, from: Instant, to: Instant, zone: string): Point {
  const local = (at: Instant): Temporal.ZonedDateTime =>
    Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
  const { days } = local(from).until(local(to), { largestUnit: 'days' });
  const rest = to - local(from).add({ days }).epochMilliseconds;
  if (point.kind !== 'instant') {
    const reached = datePoint(point.kind, plainDate(point).add({ days }));
    return rest === 0 ? reached : { kind: 'instant', at: endOf(reached, zone) + rest };
  }
  return { kind: 'instant', at: local(point.at).add({ days }).epochMilliseconds + rest };
}

export function roundUpToMinute(at: Instant): Instant {
  return Math.ceil(at / MINUTE) * MINUTE;
}

export function roundDownToMinute(at: Instant): Instant {
  return Math.floor(at / MINUTE) * MINUTE;
}

/** `2027-03-01T00:00:00+05:00`. */
export function formatInstant(at: Instant, zone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(at)
    .toZonedDateTimeISO(zone)
    .toString({ timeZoneName: 'never' });
}

/** The time between two instants for people: `3 days and 4 hours`. */
export function formatDistance(from: Instant, to: Instant): string {
  const minutes = Math.round(Math.abs(to - from) / MINUTE);
  const parts = [
    [Math.floor(minutes / 1440), 'day'],
    [Math.floor(minutes / 60) % 24, 'hour'],
    [minutes % 60, 'minute'],
  ] as const;
  const named = parts
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}${amount === 1 ? '' : 's'}`);
  return named.length === 0 ? 'less than a minute' : named.join(' and ');
}

const zones = new Map<string, boolean>();

/** A name of the time-zone database such as `Asia/Almaty`, or `UTC`; offsets are not zones. */
export function isZone(zone: string): boolean {
  const known = zones.get(zone);
  if (known !== undefined) return known;
  const valid = /^[A-Za-z]/.test(zone) && resolvable(zone);
  if (zones.size < 1000) zones.set(zone, valid);
  return valid;
}

function resolvable(zone: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** The date on the local calendar. A midnight belongs to the date that it begins. */
export function localDate(point: Point, zone: string): Temporal.PlainDate {
  if (point.kind !== 'instant') return plainDate(point);
  return Temporal.Instant.fromEpochMilliseconds(point.at).toZonedDateTimeISO(zone).toPlainDate();
}

/** Version of the time-zone database that every date was computed with, such as `2026c`. */
export function timeZoneDatabase(): string {
  return process.versions['tz'] ?? 'unknown';
}
