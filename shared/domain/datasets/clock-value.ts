import { isDate, isZone, parseOccurred, pointOf } from '../calendar/calendar.ts';
import { latestInstantOf } from '../calendar/local-time.ts';
import { isoUtc } from '../calendar/utc-time.ts';
import type { JsonValue } from '../canonical-json.ts';
import type { ClockColumn } from '../configuration/configuration.ts';
import type { EventDeclaration } from '../configuration/policy.ts';
import { earliest } from '../facts/occurrence-time.ts';
import { isPlausible } from '../facts/plausible.ts';
import type { Instant, Occurred } from '../record/ids.ts';

/** What a column says: `absent` has not happened; `undated` keeps the row, because nothing can be concluded from it. */
export type ClockValue =
  | { readonly kind: 'dated'; readonly occurred: Occurred }
  | { readonly kind: 'absent' | 'undated' };

/** What is later than that is not a date of the past: `now` and the tolerance of clocks. */
export interface Readable {
  readonly until: Instant;
  /** The declarations of the event in the policies in effect: each of them has to find the date plausible. */
  readonly declared: readonly Pick<EventDeclaration, 'plausible' | 'personal'>[];
}

const UNDATED: ClockValue = { kind: 'undated' };
const MILLISECONDS = { seconds: 1000, milliseconds: 1 } as const;
/**
 * 3 March 1973. As milliseconds, the seconds of every year to 5138 are before it, and so are, as seconds, the days and hours
 * since 1970: a unit that is wrong must not make each row an old one.
 */
const FIRST_COUNTED = 100_000_000_000;
/** The last instant of the calendar, far from what computers cannot hold. */
const LAST = Date.parse('2200-12-31T23:59:59Z');
const LOCAL = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(\.\d{1,9})?$/;
const UTC = /^(\d{4}-\d{2}-\d{2})(T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d{1,3}))?Z$/;
/** The clocks of a slice follow each other: most have the date of the one before. */
let lastDate = '';

/**
 * Reads a clock of a row. A fraction of a millisecond rounds up, and a time that clocks showed twice is its second run: a
 * start is never taken as earlier than it was.
 */
export function readClock(
  value: JsonValue | undefined,
  column: Omit<ClockColumn, 'column'>,
  readable: Readable,
): ClockValue {
  if (value === null || value === undefined) return { kind: 'absent' };
  const occurred = occurredIn(value, column);
  if (occurred === undefined || earliest(occurred) > readable.until) return UNDATED;
  if (occurred.slice(0, 4) < '1970') return UNDATED;
  const isTaken = readable.declared.every((declared) => isPlausible(occurred, declared));
  return isTaken ? { kind: 'dated', occurred } : UNDATED;
}

function occurredIn(value: JsonValue, { unit, zone }: Omit<ClockColumn, 'column'>): Occurred | undefined {
  if (unit !== undefined) return counted(value, MILLISECONDS[unit]);
  if (typeof value !== 'string') return undefined;
  if (isDate(value)) return value as Occurred;
  const plain = plainInstant(value);
  if (plain !== undefined) return plain;
  const [, date, time, fraction = ''] = LOCAL.exec(value) ?? [];
  if (date !== undefined && time !== undefined) {
    if (zone === undefined || !isZone(zone) || !parseOccurred(`${date}T${time}Z`).ok) return undefined;
    const local = instantOf(`${date}T${time.length === 5 ? `${time}:00` : time}${fraction}Z` as Occurred);
    return isoUtc(latestInstantOf(local, zone)) as Occurred;
  }
  const parsed = parseOccurred(value.replace(' ', 'T'));
  return parsed.ok ? (isoUtc(instantOf(parsed.occurred)) as Occurred) : undefined;
}

/** An instant in UTC, exact to the millisecond: it is written in its own text. To compute it takes several times as long. */
function plainInstant(value: string): Occurred | undefined {
  const [, date, seconds, fraction = ''] = UTC.exec(value) ?? [];
  if (date === undefined || seconds === undefined) return undefined;
  if (date !== lastDate && !isDate(date)) return undefined;
  lastDate = date;
  return `${date}${seconds}.${fraction.padEnd(3, '0')}Z` as Occurred;
}

/** A number, or its text where JavaScript cannot hold it exactly. */
function counted(value: JsonValue, milliseconds: number): Occurred | undefined {
  const isNumber = typeof value === 'number' || (typeof value === 'string' && /^\d{1,18}$/.test(value));
  if (!isNumber) return undefined;
  const at = Math.ceil(Number(value) * milliseconds);
  return at >= FIRST_COUNTED && at <= LAST ? (isoUtc(at) as Occurred) : undefined;
}

/** Of a date-time; fractions of a millisecond round up. */
function instantOf(occurred: Occurred): Instant {
  const point = pointOf(occurred);
  if (point.kind !== 'instant') throw new TypeError('only a date-time is an instant');
  return point.at;
}
