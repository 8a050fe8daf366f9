import type { Duration } from '../../../shared/domain/calendar/units.ts';

/*
 * A second, slow and plain reading of the calendar conventions, written without Temporal: the wall clock comes from
 * Intl, days are counted in UTC, and local times are found by trying every offset that the zone has around them.
 */

const DAY = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** The wall clock of an instant, as if it were UTC. */
export function wallClock(instant: number, zone: string): number {
  let format = formats.get(zone);
  if (format === undefined) {
    const numeric = {
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    } as const;
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', ...numeric });
    formats.set(zone, format);
  }
  const part = Object.fromEntries(
    format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]),
  );
  const wall = Date.UTC(
    part['year'] ?? 0,
    (part['month'] ?? 1) - 1,
    part['day'],
    part['hour'],
    part['minute'],
    part['second'],
  );
  return wall + (((instant % 1000) + 1000) % 1000);
}

/** Offsets that the zone has in the two days around, those in force first come first. */
function offsetsAround(wall: number, zone: string): number[] {
  const offsets = new Set<number>();
  for (let probe = wall - 2 * DAY; probe <= wall + 2 * DAY; probe += DAY / 4)
    offsets.add(wallClock(probe, zone) - probe);
  return [...offsets];
}

/** The earlier instant with this wall clock; a wall time that is skipped moves forward by the gap. */
export function instantOf(wall: number, zone: string): number {
  const offsets = offsetsAround(wall, zone);
  const hits = offsets.map((offset) => wall - offset).filter((instant) => wallClock(instant, zone) === wall);
  return hits.length > 0 ? Math.min(...hits) : wall - (offsets[0] ?? 0);
}

/** The first instant at which the wall clock shows this day. */
export function startOfDay(midnight: number, zone: string): number {
  const hits = offsetsAround(midnight, zone)
    .map((offset) => midnight - offset)
    .filter((instant) => wallClock(instant, zone) === midnight);
  if (hits.length > 0) return Math.min(...hits);
  let before = midnight - 2 * DAY;
  let after = midnight + 2 * DAY;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (wallClock(middle, zone) < midnight) before = middle;
    else after = middle;
  }
  return after;
}

export function plusMonths(wall: number, months: number): number {
  const day = new Date(wall);
  const first = Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + months, 1);
  const length =
    (Date.UTC(new Date(first).getUTCFullYear(), new Date(first).getUTCMonth() + 1, 1) - first) / DAY;
  return first + (Math.min(day.getUTCDate(), length) - 1) * DAY + (((wall % DAY) + DAY) % DAY);
}

/** When `period after occurred` is over, by the conventions alone. */
export function referenceDue(occurred: string, period: Duration, zone: string): number {
  const { years = 0, months = 0, weeks = 0, days = 0, hours = 0 } = period;
  const moved = (wall: number): number => plusMonths(wall, years * 12 + months) + (weeks * 7 + days) * DAY;
  if (occurred.length === 10) return startOfDay(moved(Date.parse(occurred)) + DAY, zone) + hours * 3_600_000;
  const start = Date.parse(occurred);
  const wall = wallClock(start, zone);
  const reached = moved(wall) === wall ? start : instantOf(moved(wall), zone);
  return reached + hours * 3_600_000;
}

export interface ReferenceDays {
  readonly holidays: readonly string[];
  /** As `Date` counts weekdays: from 0, Sunday. */
  readonly weekend: readonly number[];
  readonly workdays: readonly string[];
}

/** The n-th working day after a date, day by day; `undefined` once it leaves the years of the dated holidays. */
export function referenceWorkingDay(date: string, count: number, days: ReferenceDays): string | undefined {
  const years = days.holidays.filter((day) => day.length === 10).map((day) => day.slice(0, 4));
  let [at, left] = [Date.parse(date), count];
  while (left > 0) {
    at += DAY;
    const day = new Date(at).toISOString().slice(0, 10);
    if (years.length > 0 && !years.some((year) => year >= day.slice(0, 4))) return undefined;
    if (years.length > 0 && !years.some((year) => year <= day.slice(0, 4))) return undefined;
    const isFree = days.weekend.includes(new Date(at).getUTCDay()) && !days.workdays.includes(day);
    const isHoliday = days.holidays.some((holiday) => holiday === day || holiday === day.slice(5));
    if (!isFree && !isHoliday) left -= 1;
  }
  return new Date(at).toISOString().slice(0, 10);
}
