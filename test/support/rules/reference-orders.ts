import type { Duration } from '../../../shared/domain/calendar/units.ts';
import type { Condition, Moment, When } from '../../../shared/domain/rule/ast.ts';
import { isDuration } from '../../../shared/domain/rule/ast.ts';
import { instantOf, plusMonths, startOfDay, wallClock } from './reference-calendar.ts';

/*
 * What a rule gives when every event has a time: one reading of events of which some have only a date. Dates are counted
 * as dates; only which event came first is taken from the times. It is written without the evaluator.
 */

const DAY = 86_400_000;

/** `time`: when it really happened. `date`: all that is known of some. */
export interface TimedEvent {
  readonly name: string;
  readonly date?: string;
  readonly time: number;
}

/** `end`: the bound that it gives. `time`: when it really was, if it is an event. `date`: the whole day that it is. */
interface Place {
  readonly end: number;
  readonly date?: number;
  readonly time?: number;
  readonly event?: TimedEvent;
}
type Found = Place | 'waits' | undefined;

export interface TimedFacts {
  readonly zone: string;
  readonly events: readonly TimedEvent[];
  /** Names of events, and of what undoes them. */
  readonly undoneBy: Readonly<Record<string, string>>;
}

/** The bound, or nothing where the rule gives none. */
export function boundInOrder(moment: Moment, facts: TimedFacts): number | undefined {
  const found = placeOf(moment, facts);
  return typeof found === 'object' ? found.end : undefined;
}

function placeOfEvent(event: TimedEvent, zone: string): Place {
  if (event.date === undefined) return { end: event.time, time: event.time, event };
  const date = Date.parse(event.date);
  return { end: startOfDay(date + DAY, zone), date, time: event.time, event };
}

function counting(name: string, { events, undoneBy }: TimedFacts): TimedEvent[] {
  const undos = events.filter((one) => one.name === undoneBy[name]);
  return events
    .filter((one) => one.name === name && !undos.some((undo) => undo.time >= one.time))
    .toSorted((a, b) => a.time - b.time);
}

function placeOf(moment: Moment, facts: TimedFacts): Found {
  const { zone } = facts;
  switch (moment.kind) {
    case 'event': {
      const all = counting(moment.name, facts).map((event) => placeOfEvent(event, zone));
      return all.toSorted((a, b) => a.end - b.end).at(moment.pick === 'first' ? 0 : -1);
    }
    case 'after': {
      const start = placeOf(moment.start, facts);
      if (typeof start !== 'object') return start;
      return isDuration(moment.period) ? moved(start, moment.period, 1, zone) : 'waits';
    }
    case 'nth': {
      const of = placeOf(moment.of, facts);
      if (typeof of !== 'object') return of;
      const beyond = counting(moment.name, facts).filter((one) => isBeyond(one, of, moment.side));
      // Of one event, a date counts by its end, as for the first and the last one.
      const places = beyond.map((event) => placeOfEvent(event, zone)).toSorted((a, b) => a.end - b.end);
      return moment.side === 'after' ? places[moment.count - 1] : places.at(-1);
    }
    case 'later':
    case 'earlier': {
      const places = moment.of.map(({ moment: operand, optional }) => ({
        place: placeOf(operand, facts),
        optional,
      }));
      const known = places.flatMap(({ place }) => (typeof place === 'object' ? [place] : []));
      const waits = places.some(({ place }) => place === 'waits');
      const missing = places.some(({ place, optional }) => place === undefined && !optional);
      if (waits && (moment.kind === 'later' || known.length === 0)) return 'waits';
      if ((moment.kind === 'later' && missing) || known.length === 0) return undefined;
      const ordered = known.toSorted((a, b) => a.end - b.end);
      return moment.kind === 'later' ? ordered.at(-1) : ordered[0];
    }
    case 'if': {
      const holds = isTrue(moment.condition, facts);
      return holds === undefined ? 'waits' : placeOf(holds ? moment.met : moment.otherwise, facts);
    }
    case 'date':
    case 'date-in':
    case 'before':
    case 'end-of':
    case 'last-day-of':
    case 'next-day':
    case 'weekday-of':
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

function moved(start: Place, period: Duration, sign: 1 | -1, zone: string): Place {
  const { months = 0, days = 0, hours = 0 } = period;
  const exact = sign * hours * 3_600_000;
  const onWall = (wall: number): number => plusMonths(wall, sign * months) + sign * days * DAY;
  if (start.date !== undefined) {
    const date = onWall(start.date);
    const end = startOfDay(date + DAY, zone) + exact;
    return exact === 0 ? { end, date } : { end };
  }
  const wall = wallClock(start.end, zone);
  return { end: (onWall(wall) === wall ? start.end : instantOf(onWall(wall), zone)) + exact };
}

/** Strictly. Of two of one event on one date, neither is beyond the other. */
function isBeyond(one: TimedEvent, of: Place, side: 'before' | 'after'): boolean {
  if (one === of.event) return false;
  if (one.date !== undefined && one.name === of.event?.name && one.date === of.event.date) return false;
  const time = of.time ?? of.end;
  return side === 'after' ? one.time > time : one.time < time;
}

function isTrue(condition: Condition, facts: TimedFacts): boolean | undefined {
  switch (condition.kind) {
    case 'all':
    case 'any': {
      const parts = condition.of.map((inner) => isTrue(inner, facts));
      const decisive = condition.kind === 'any';
      if (parts.includes(decisive)) return decisive;
      return parts.includes(undefined) ? undefined : !decisive;
    }
    case 'not': {
      const holds = isTrue(condition.of, facts);
      return holds === undefined ? undefined : !holds;
    }
    case 'occurred': {
      const all = counting(condition.name, facts);
      const { when } = condition;
      if (when === undefined) return all.length > 0;
      const of = placeOf(when.of, facts);
      return typeof of === 'object' ? all.some((one) => fits(one, when, of, facts.zone)) : undefined;
    }
    case 'attribute':
    case 'age':
      return undefined;
  }
}

function fits(one: TimedEvent, when: When, of: Place, zone: string): boolean {
  const start = of.date === undefined ? of.end : startOfDay(of.date, zone);
  switch (when.kind) {
    case 'before':
    case 'after':
      // A day that is counted, not an event of that day: all of the day is meant.
      if (of.time === undefined && of.date !== undefined)
        return when.kind === 'before' ? one.time < start : one.time >= of.end;
      return isBeyond(one, of, when.kind);
    // The same date is included.
    case 'by':
      return of.date === undefined ? one.time <= of.end : one.time < of.end;
    case 'from':
      return one.time >= start;
    case 'within': {
      if (!isDuration(when.period)) return false;
      const sign = when.side === 'after' ? 1 : -1;
      // Hours are counted from the time at which it really happened; days from the day.
      const exact = when.period.hours !== undefined;
      const from: Place = exact && of.time !== undefined ? { end: of.time } : of;
      const limit = moved(from, when.period, sign, zone);
      if (when.side === 'after') return isBeyond(one, of, 'after') && one.time < limit.end;
      const isInTime = limit.date === undefined ? one.time > limit.end : one.time >= limit.end;
      return isInTime && isBeyond(one, of, 'before');
    }
  }
}
