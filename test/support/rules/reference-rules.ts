import type { Condition, Moment } from '../../../shared/domain/rule/ast.ts';
import type { CalendarUnit, WeekdayOfMonth, YearEnd } from '../../../shared/domain/calendar/units.ts';
import { isDuration } from '../../../shared/domain/rule/ast.ts';
import { instantOf, plusMonths, startOfDay, wallClock } from './reference-calendar.ts';

/*
 * A second, slow and plain reading of rules, written without the evaluator: days are numbers of days since 1970, and
 * what is not known is `undefined`. It covers what can be written down in a few lines; the rest has worked cases.
 */

const DAY = 86_400_000;

/** A day that lasts to its end, the midnight that begins one, or an instant. */
type Place = { readonly day: number; readonly whole: boolean } | { readonly at: number };
/** `waits`: an attribute is not known. `undefined`: an event has not come. */
type Found = Place | 'waits' | undefined;

export interface Given {
  readonly zone: string;
  readonly events: Readonly<Record<string, readonly string[]>>;
  readonly attributes: Readonly<Record<string, boolean>>;
}

/** The instant that a moment means; `undefined` when it is not known. */
export function referenceInstant(moment: Moment, given: Given): number | undefined {
  const place = placeOf(moment, given);
  return isPlace(place) ? end(place, given.zone) : undefined;
}

function end(place: Place, zone: string): number {
  return 'at' in place ? place.at : startOfDay((place.day + (place.whole ? 1 : 0)) * DAY, zone);
}

function read(date: string): Place {
  return date.length === 10 ? { day: Date.parse(date) / DAY, whole: true } : { at: Date.parse(date) };
}

function dayOf(place: Place, zone: string): number {
  return 'at' in place ? Math.floor(wallClock(place.at, zone) / DAY) : place.day;
}

function happened(name: string, given: Given): Place[] {
  const places = (given.events[name] ?? []).map(read);
  // At one instant a day that is over comes before an event of that instant.
  return places.toSorted(
    (a, b) => end(a, given.zone) - end(b, given.zone) || ('at' in a ? 1 : 0) - ('at' in b ? 1 : 0),
  );
}

function isPlace(found: Found): found is Place {
  return found !== undefined && found !== 'waits';
}

function placeOf(moment: Moment, given: Given): Found {
  const { zone } = given;
  switch (moment.kind) {
    case 'event':
      return happened(moment.name, given).at(moment.pick === 'first' ? 0 : -1);
    case 'date':
      return read(moment.date);
    case 'after':
    case 'before': {
      const start = placeOf(moment.kind === 'after' ? moment.start : moment.end, given);
      if (!isPlace(start)) return start;
      if (!isDuration(moment.period)) return 'waits';
      const sign = moment.kind === 'after' ? 1 : -1;
      const { years = 0, months = 0, weeks = 0, days = 0, hours = 0 } = moment.period;
      const { minutes = 0, seconds = 0 } = moment.period;
      const exact = sign * ((hours * 60 + minutes) * 60 + seconds) * 1000;
      const moved = (wall: number): number =>
        plusMonths(wall, sign * (years * 12 + months)) + sign * (weeks * 7 + days) * DAY;
      if (!('at' in start)) {
        const day = { day: moved(start.day * DAY) / DAY, whole: start.whole };
        return exact === 0 ? day : { at: end(day, zone) + exact };
      }
      const wall = wallClock(start.at, zone);
      return { at: (moved(wall) === wall ? start.at : instantOf(moved(wall), zone)) + exact };
    }
    case 'end-of':
    case 'last-day-of': {
      const of = placeOf(moment.of, given);
      if (!isPlace(of)) return of;
      let day = dayOf(of, zone);
      while (!isLast(day, moment.unit)) day += 1;
      return moment.kind === 'end-of' ? { day: day + 1, whole: false } : { day, whole: true };
    }
    case 'next-day': {
      const of = placeOf(moment.of, given);
      if (!isPlace(of)) return of;
      let day = dayOf(of, zone) - (moment.orOn ? 1 : 0);
      for (let left = moment.count; left > 0;) {
        day += 1;
        if (isDay(day, moment.day)) left -= 1;
      }
      return { day, whole: true };
    }
    case 'weekday-of': {
      const of = placeOf(moment.of, given);
      if (!isPlace(of)) return of;
      let day = dayOf(of, zone) - new Date(dayOf(of, zone) * DAY).getUTCDate() + 1;
      while (!isWeekdayOf(day, moment.day)) day += 1;
      return { day, whole: true };
    }
    case 'later':
    case 'earlier': {
      const places = moment.of.map((operand) => ({ place: placeOf(operand.moment, given), ...operand }));
      const known = places.flatMap(({ place }) => (isPlace(place) ? [place] : []));
      const waits = places.some(({ place }) => place === 'waits');
      const missing = places.some(({ place, optional }) => place === undefined && !optional);
      if (waits && (moment.kind === 'later' || known.length === 0)) return 'waits';
      if ((moment.kind === 'later' && missing) || known.length === 0) return undefined;
      const by = moment.kind === 'later' ? -1 : 1;
      return known.toSorted((a, b) => by * (end(a, zone) - end(b, zone)))[0];
    }
    case 'if': {
      const holds = isTrue(moment.condition, given);
      return holds === undefined ? 'waits' : placeOf(holds ? moment.met : moment.otherwise, given);
    }
    case 'date-in':
    case 'nth':
    case 'run':
    case 'birthday':
    case 'suspended':
    case 'override':
    case 'not-applicable':
    case 'never':
    case 'not-computable':
      return undefined;
  }
}

function isTrue(condition: Condition, given: Given): boolean | undefined {
  switch (condition.kind) {
    case 'all':
    case 'any': {
      const parts = condition.of.map((inner) => isTrue(inner, given));
      const decisive = condition.kind === 'any';
      if (parts.includes(decisive)) return decisive;
      return parts.includes(undefined) ? undefined : !decisive;
    }
    case 'not': {
      const holds = isTrue(condition.of, given);
      return holds === undefined ? undefined : !holds;
    }
    case 'attribute':
      return given.attributes[condition.name];
    case 'occurred':
      return happened(condition.name, given).length > 0;
    case 'age':
      return undefined;
  }
}

function isLast(day: number, unit: CalendarUnit): boolean {
  const next = new Date((day + 1) * DAY);
  const endsMonth = next.getUTCDate() === 1;
  if (unit === 'day') return true;
  if (unit === 'month') return endsMonth;
  if (unit === 'quarter') return endsMonth && next.getUTCMonth() % 3 === 0;
  if (unit === 'calendar-year') return isDay(day, '12-31');
  if (unit === 'uk-tax-year' || unit === 'tax-year') return isDay(day, '04-05');
  if (unit === 'academic-year') return isDay(day, '08-31');
  return isDay(day, unit === 'fiscal-year' ? '12-31' : unit.yearEnding);
}

function isWeekdayOf(day: number, { nth, weekday }: WeekdayOfMonth): boolean {
  const date = new Date(day * DAY);
  if (date.getUTCDay() !== weekday % 7) return false;
  if (nth === -1) return new Date((day + 7) * DAY).getUTCMonth() !== date.getUTCMonth();
  return Math.ceil(date.getUTCDate() / 7) === nth;
}

/** `02-29` is the last day of February. */
function isDay(day: number, monthDay: YearEnd): boolean {
  if (typeof monthDay === 'object') {
    if ('month' in monthDay)
      return new Date(day * DAY).getUTCMonth() + 1 === monthDay.month && isWeekdayOf(day, monthDay);
    const near = [-3, -2, -1, 0, 1, 2, 3].some((away) => isDay(day + away, monthDay.nearest));
    return near && new Date(day * DAY).getUTCDay() === monthDay.weekday % 7;
  }
  if (monthDay === '02-29') return new Date((day + 1) * DAY).toISOString().slice(5, 10) === '03-01';
  return new Date(day * DAY).toISOString().slice(5, 10) === monthDay;
}
