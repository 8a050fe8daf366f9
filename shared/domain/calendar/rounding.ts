import { dateIn, datePoint, localDate, startOf, startOfDate } from './calendar.ts';
import type { Point } from './calendar.ts';
import type { CalendarUnit, LeapBirthday, PolicyYear, RunDay } from './units.ts';
import type { WeekdayOfMonth, WeekdayOfYear, YearEnd } from './units.ts';

/** The month, quarter or year that contains a point, the days of a calendar that come next, and birthdays. */

type Unit = Exclude<CalendarUnit, PolicyYear>;
type LocalDate = ReturnType<typeof localDate>;

const YEAR_ENDS = { 'calendar-year': '12-31', 'uk-tax-year': '04-05' } as const;

/** The midnight that ends the unit of the point's local date; the last day belongs to the period that it ends. */
export function endOfUnit(point: Point, unit: Unit, zone: string): Point {
  return datePoint('midnight', lastDay(point, unit, zone).add({ days: 1 }));
}

/** The last day of that unit, as a date. */
export function lastDayOfUnit(point: Point, unit: Unit, zone: string): Point {
  return datePoint('date', lastDay(point, unit, zone));
}

function lastDay(point: Point, unit: Unit, zone: string): LocalDate {
  const date = localDate(point, zone);
  if (unit === 'day') return date;
  if (unit === 'month') return date.with({ day: date.daysInMonth });
  if (unit === 'quarter') {
    const month = date.with({ month: Math.ceil(date.month / 3) * 3, day: 1 });
    return month.with({ day: month.daysInMonth });
  }
  const yearEnd = typeof unit === 'object' ? unit.yearEnding : YEAR_ENDS[unit];
  if (typeof yearEnd === 'string') return dateIn(isPast(date, yearEnd) ? date.year + 1 : date.year, yearEnd);
  // Years begin where the one before ends, which may be in the calendar year before or after.
  const ends = [date.year - 1, date.year].map((year) => dayIn(year, yearEnd));
  return ends.find((end) => date.until(end).sign >= 0) ?? dayIn(date.year + 1, yearEnd);
}

function dayIn(year: number, day: YearEnd): LocalDate {
  if (typeof day === 'string') return dateIn(year, day);
  if (!('nearest' in day)) return weekdayIn(dateIn(year, '01-01').with({ month: day.month }), day);
  const near = dateIn(year, day.nearest);
  const ahead = (day.weekday - near.dayOfWeek + 7) % 7;
  return near.add({ days: ahead <= 3 ? ahead : ahead - 7 });
}

/** Such a weekday in the month of the date. */
function weekdayIn(date: LocalDate, { nth, weekday }: WeekdayOfMonth): LocalDate {
  if (nth === -1) {
    const last = date.with({ day: date.daysInMonth });
    return last.subtract({ days: (last.dayOfWeek - weekday + 7) % 7 });
  }
  const first = date.with({ day: 1 });
  return first.add({ days: ((weekday - first.dayOfWeek + 7) % 7) + 7 * (nth - 1) });
}

/** Such a weekday in the month of the point's local date, as a date. It may be before the point. */
export function weekdayOfMonth(point: Point, day: WeekdayOfMonth, zone: string): Point {
  return datePoint('date', weekdayIn(localDate(point, zone), day));
}

/** Whether `MM-DD` is over in the year of the date. 29 February means the last day of February. */
function isPast(date: LocalDate, monthDay: string): boolean {
  const ends = Number(monthDay.slice(0, 2)) * 100 + Number(monthDay.slice(3));
  return date.month * 100 + date.day > ends;
}

/** The `count`-th such day after the local date of the point, or with `orOn` on or after it, as a date. */
export function nextDay(
  point: Point,
  next: { readonly day: string | WeekdayOfYear; readonly count: number; readonly orOn?: true },
  zone: string,
): Point {
  const { day, count, orOn } = next;
  const date = localDate(point, zone);
  const first = date.until(dayIn(date.year, day)).sign >= (orOn ? 0 : 1) ? date.year : date.year + 1;
  return datePoint('date', dayIn(first + count - 1, day));
}

/** The first run at or after the instant at which the point ends. A run without a time is at midnight. */
export function nextRun(point: Point, every: RunDay, time: string | undefined, zone: string): Point {
  // A date ends at the midnight after it. The next date is therefore the first on which a run may include it.
  const from = point.kind === 'date' ? localDate(point, zone).add({ days: 1 }) : localDate(point, zone);
  const day = runDay(from, every);
  if (time === undefined) {
    const begins = point.kind === 'instant' && startOfDate(day, zone) < point.at;
    return datePoint('midnight', begins ? runDay(day.add({ days: 1 }), every) : day);
  }
  const at = (date: LocalDate): number =>
    date.toZonedDateTime({ timeZone: zone, plainTime: time }).epochMilliseconds;
  const due = startOf({ ...point, ...(point.kind === 'date' && { date: from.toString() }) }, zone);
  return { kind: 'instant', at: at(day) >= due ? at(day) : at(runDay(day.add({ days: 1 }), every)) };
}

/** The first day of runs on or after `from`. */
function runDay(from: LocalDate, every: RunDay): LocalDate {
  if (every === 'day') return from;
  if (every === 'quarter') {
    const begins = from.day === 1 && from.month % 3 === 1;
    return begins ? from : from.with({ month: Math.ceil(from.month / 3) * 3 - 2, day: 1 }).add({ months: 3 });
  }
  if ('weekday' in every) return from.add({ days: (every.weekday - from.dayOfWeek + 7) % 7 });
  if ('dayOfYear' in every) {
    const here = dateIn(from.year, every.dayOfYear);
    return from.until(here).sign >= 0 ? here : dateIn(from.year + 1, every.dayOfYear);
  }
  if ('weekdayOf' in every && 'month' in every.weekdayOf) {
    const here = dayIn(from.year, every.weekdayOf);
    return from.until(here).sign >= 0 ? here : dayIn(from.year + 1, every.weekdayOf);
  }
  const inMonth = (date: LocalDate): LocalDate =>
    'weekdayOf' in every ? weekdayIn(date, every.weekdayOf) : date.with({ day: every.dayOfMonth });
  const here = inMonth(from);
  return from.until(here).sign >= 0 ? here : inMonth(from.with({ day: 1 }).add({ months: 1 }));
}

/** The day on which a person born then turns `age`. */
export function birthday(birth: Point, age: number, leap: LeapBirthday, zone: string): Point {
  const born = localDate(birth, zone);
  const day = born.add({ years: age });
  const moves = born.month === 2 && born.day === 29 && day.day !== 29 && leap === '03-01';
  return datePoint('date', moves ? day.add({ days: 1 }) : day);
}

/** Whether a point is on or after a date of the local calendar. */
export function reaches(point: Point, date: string, zone: string): boolean {
  return localDate({ kind: 'date', date }, zone).until(localDate(point, zone)).sign >= 0;
}
