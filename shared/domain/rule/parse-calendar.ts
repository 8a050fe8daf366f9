import { isDate, isDayOfYear, isZone } from '../calendar/calendar.ts';
import { present } from '../present.ts';
import { didYouMean } from '../suggest.ts';
import { isPolicyYear } from '../calendar/units.ts';
import type { CalendarUnit, RunDay, WeekdayOfMonth, WeekdayOfYear, YearEnd } from '../calendar/units.ts';
import { ordinalAt, takeWritten } from './number-words.ts';
import type { Token } from './lexer.ts';
import { printUnit } from './print-period.ts';
import type { Reading } from './reading.ts';
import type { TokenStream } from './token-stream.ts';
import { MONTH_WORDS, WEEKDAY_WORDS } from './words.ts';

/** The calendar's own words: days, dates, months and years, runs. None of them contains another moment. */

/** `01-31`, `31 January`, `January 31` or `31st of January`; how many tokens it takes, 0 if none comes next. */
function dayLength(stream: TokenStream, ahead = 0): number {
  const first = stream.peek(ahead);
  if (first.kind === 'day') return 1;
  const numbered = first.kind === 'number' || first.kind === 'ordinal';
  if (numbered && MONTH_WORDS.has(stream.word(ahead + 1))) return 2;
  if (numbered && stream.word(ahead + 1) === 'of' && MONTH_WORDS.has(stream.word(ahead + 2))) return 3;
  if (MONTH_WORDS.has(stream.word(ahead)) && ['number', 'ordinal'].includes(stream.peek(ahead + 1).kind))
    return 2;
  return 0;
}

export function startsDay(stream: TokenStream, ahead = 0): boolean {
  return dayLength(stream, ahead) > 0;
}

export const DAY_OF_YEAR = 'a day of the year';

/** A day of the year as `MM-DD`. */
export function dayOfYear(stream: TokenStream, expected: string): string {
  const token = stream.peek();
  const length = dayLength(stream);
  if (length === 0) return stream.unexpected(expected);
  const tokens = Array.from({ length }, () => stream.next());
  const month = tokens.find((one) => one.kind === 'word' && MONTH_WORDS.has(one.lower));
  const day = tokens.find((one) => one.kind === 'number' || one.kind === 'ordinal');
  const two = (value: number | string): string => String(value).padStart(2, '0');
  const text =
    month?.kind === 'word' && day !== undefined
      ? `${two(MONTH_WORDS.get(month.lower) ?? 0)}-${two(Number(day.text))}`
      : token.text;
  if (!isDayOfYear(text))
    stream.fail('RULE_OUT_OF_RANGE', `${text} is not a valid day of the year (MM-DD)`, token);
  // The end of a fiscal year that ends on it is meant in every year.
  if (text === '02-29' && month !== undefined && expected === DAY_OF_YEAR)
    stream.fail('RULE_AMBIGUOUS', 'not every year has it; write 02-29 for the last day of February', token);
  return text;
}

/** `last Friday of …`, `first Monday in …`. */
export function startsWeekday(stream: TokenStream, ahead = 0): boolean {
  const first = stream.word(ahead) === 'last' ? 1 : (ordinalAt(stream, ahead)?.tokens ?? 0);
  return first > 0 && WEEKDAY_WORDS.has(stream.word(ahead + first));
}

/** `last Friday of September`, `first Monday of the month`: without `month` in the second. */
export function weekdayHere(stream: TokenStream): WeekdayOfMonth | WeekdayOfYear {
  const day = weekdayAlone(stream);
  if (!stream.take('in')) stream.expect('of', 'and a month');
  if (stream.take('the', 'month') || stream.take('each', 'month') || stream.take('every', 'month'))
    return day;
  const month = MONTH_WORDS.get(stream.word());
  if (month === undefined)
    return stream.unexpected('"the month" or the name of a month', ['the', ...MONTH_WORDS.keys()]);
  stream.next();
  return { ...day, month };
}

function weekdayAlone(stream: TokenStream): WeekdayOfMonth {
  const token = stream.peek();
  const ordinal = ordinalAt(stream);
  const nth = stream.take('last') ? -1 : ordinal && takeWritten(stream, ordinal);
  const name = stream.peek();
  const weekday = WEEKDAY_WORDS.get(stream.word());
  if (weekday === undefined) return stream.unexpected('a weekday, such as Friday', WEEKDAY_WORDS.keys());
  stream.next();
  if (nth === -1 || nth === 1 || nth === 2 || nth === 3 || nth === 4) return { nth, weekday };
  const message = `not every month has such a ${name.text}; write one of the first to fourth, or the last`;
  return stream.fail('RULE_OUT_OF_RANGE', message, token);
}

/** `03-31`, `31 March`, `the last Saturday of September` or `the Saturday nearest 30 September`. */
export function yearEndHere(stream: TokenStream): YearEnd {
  const article = stream.word() === 'the' ? 1 : 0;
  const weekday = WEEKDAY_WORDS.get(stream.word(article));
  if (weekday !== undefined) {
    stream.skip(article + 1);
    if (!stream.take('nearest') && !stream.take('closest')) stream.expect('nearest', 'and a day of the year');
    stream.take('to');
    return { weekday, nearest: dayOfYear(stream, YEAR_END) };
  }
  if (!startsWeekday(stream, article)) return dayOfYear(stream, YEAR_END);
  stream.skip(article);
  const token = stream.peek();
  const day = weekdayHere(stream);
  if ('month' in day) return day;
  return stream.fail('RULE_SYNTAX', 'name the month in which the year ends, such as September', token);
}

/** `2030-12-31`, or `31 December 2030`; `undefined` if neither comes next. */
export function takeDate(stream: TokenStream): string | undefined {
  const token = stream.peek();
  const length = token.kind === 'day' ? 0 : dayLength(stream);
  if (token.kind !== 'date' && (length === 0 || !isYear(stream.peek(length)))) return undefined;
  const text =
    token.kind === 'date'
      ? stream.next().text
      : ((day) => `${stream.next().text}-${day}`)(dayOfYear(stream, 'a date'));
  if (!isDate(text))
    return stream.fail('RULE_OUT_OF_RANGE', `${text} is not a valid date between 1900 and 2200`, token);
  return text;
}

function isYear({ kind, text }: Token): boolean {
  return kind === 'number' && text.length === 4;
}

const YEAR_END = 'the last day of the year as MM-DD, such as 03-31';

/** `month`, `quarter`, `calendar year`, `fiscal year [ending 03-31]`, `UK tax year`, `tax year`, `academic year`, `year ending 04-05`, `day`. */
function calendarUnit(stream: TokenStream, expected: string): CalendarUnit {
  if (stream.take('day') || stream.take('calendar', 'day')) return 'day';
  if (stream.take('month')) return 'month';
  if (stream.take('quarter') || stream.take('calendar', 'quarter')) return 'quarter';
  if (stream.take('calendar', 'year')) return 'calendar-year';
  if (stream.word() === 'year' && stream.word(1) === 'ending') {
    stream.next();
    return ending(stream) ?? stream.unexpected(YEAR_END);
  }
  if (stream.take('uk', 'tax', 'year')) return ukTaxYear(stream);
  if (stream.take('tax', 'year')) return ending(stream) ?? 'tax-year';
  if (stream.take('academic', 'year') || stream.take('school', 'year'))
    return ending(stream) ?? 'academic-year';
  const fiscal = ['fiscal', 'financial', 'accounting'].some((word) => stream.take(word, 'year'));
  if (!fiscal) return stream.unexpected(expected, ['month', 'quarter', 'calendar', 'fiscal', 'year']);
  return ending(stream) ?? 'fiscal-year';
}

function ending(stream: TokenStream): CalendarUnit | undefined {
  if (!stream.take('ending')) return undefined;
  stream.take('on');
  return { yearEnding: yearEndHere(stream) };
}

function ukTaxYear(stream: TokenStream): CalendarUnit {
  const token = stream.peek();
  const year = ending(stream);
  if (typeof year === 'object' && year.yearEnding !== '04-05') {
    const message = 'the UK tax year ends on 5 April; leave out the day, or leave out "UK"';
    stream.fail('RULE_AMBIGUOUS', message, token);
  }
  return 'uk-tax-year';
}

/** A unit after `the end of` or `the last day of`, noting the year of the policy that it may be. */
export function unitHere(reading: Reading, kind: 'end-of' | 'last-day-of'): CalendarUnit {
  const { stream, uses } = reading;
  stream.take('the');
  const words = kind === 'end-of' ? 'the end of the' : 'the last day of the';
  const token = stream.peek();
  const unit = calendarUnit(
    stream,
    `"month", "calendar year", "fiscal year" or "year ending MM-DD" after "${words}"`,
  );
  if (unit === 'day' && kind === 'last-day-of')
    stream.fail('RULE_SYNTAX', 'a day has no last day; write "the end of the day of"', token);
  if (isPolicyYear(unit)) uses.push({ kind: unit, name: printUnit(unit), ...stream.position(token) });
  return unit;
}

const EVERY = ['daily', 'weekly', 'monthly', 'quarterly', 'yearly'];

export function startsRun(stream: TokenStream): boolean {
  return (
    stream.word() === 'run' || (stream.word(1) === 'run' && EVERY.some((word) => word === stream.word()))
  );
}

/** `run on 09-01`, `monthly run on day 15`, `weekly run on Monday at 10:00`, `daily run at 04:00 in Europe/Berlin`, `quarterly run`. */
export function runIn(stream: TokenStream): Run {
  const { every, time } = scheduleIn(stream);
  const zone = zoneIn(stream);
  return { every, ...present({ time, zone }) };
}

interface Run {
  readonly every: RunDay;
  readonly time?: string;
  readonly zone?: string;
}

/** `in Europe/Berlin`, `in UTC`. */
function zoneIn(stream: TokenStream): string | undefined {
  const token = stream.peek(1);
  if (stream.word() !== 'in' || (token.kind !== 'zone' && stream.word(1) !== 'utc')) return undefined;
  stream.skip(2);
  const zone = token.kind === 'zone' ? token.text : 'UTC';
  if (isZone(zone)) return zone;
  const hint = didYouMean(zone, Intl.supportedValuesOf('timeZone'));
  const message = `${zone} is not a time zone${hint || '; name one of the IANA database, such as Europe/Berlin'}`;
  return stream.fail('RULE_OUT_OF_RANGE', message, token);
}

function scheduleIn(stream: TokenStream): Run {
  const every = stream.word() === 'run' ? undefined : stream.next().text.toLowerCase();
  stream.expect('run', `after "${every}"`);
  const day = dayOfRun(stream, every);
  if (stream.word() !== 'at' || stream.peek(1).kind !== 'time') return { every: day };
  stream.next();
  const token = stream.next();
  const [hour = '', minute = ''] = token.text.split(':');
  if (Number(hour) > 23 || Number(minute) > 59)
    stream.fail('RULE_OUT_OF_RANGE', `${token.text} is not a valid time of day (HH:MM)`, token);
  return { every: day, time: `${hour.padStart(2, '0')}:${minute}` };
}

function dayOfRun(stream: TokenStream, every: string | undefined): RunDay {
  if (every === 'daily') return 'day';
  if (every === 'quarterly') return 'quarter';
  // `on or after` and `on the next run` belong to what comes after the run.
  const isDay = stream.word(1) !== 'or' && !(stream.word(1) === 'the' && stream.word(2) === 'next');
  const on = isDay && stream.take('on');
  if (on && !stream.take('the') && !stream.take('a')) stream.take('an');
  if (every === 'monthly') return on ? monthlyDay(stream) : { dayOfMonth: 1 };
  if (on) {
    const weekday = every === 'yearly' ? undefined : WEEKDAY_WORDS.get(stream.word());
    if (weekday !== undefined) {
      stream.next();
      return { weekday };
    }
    if (every !== 'weekly' && startsWeekday(stream)) return weekdayRun(stream, every);
    if (every !== 'weekly' && startsDay(stream)) return { dayOfYear: dayOfYear(stream, DAY_OF_YEAR) };
  }
  if (every === 'yearly') return stream.unexpected('"on" and the day of the year as MM-DD, such as 09-01');
  if (every === 'weekly')
    return stream.unexpected('"on" and a weekday, such as Monday', WEEKDAY_WORDS.keys());
  return stream.unexpected('"on" and a day of the year (09-01) or a weekday (Monday)', WEEKDAY_WORDS.keys());
}

function weekdayRun(stream: TokenStream, every: string | undefined): RunDay {
  const token = stream.peek();
  const weekdayOf = weekdayHere(stream);
  if (every === 'yearly' && !('month' in weekdayOf))
    stream.fail('RULE_SYNTAX', 'name the month of the yearly run, such as September', token);
  return { weekdayOf };
}

function monthlyDay(stream: TokenStream): RunDay {
  if (!startsWeekday(stream)) return { dayOfMonth: dayOfMonth(stream) };
  const weekdayOf = weekdayAlone(stream);
  if (!stream.take('of', 'the', 'month')) stream.take('in', 'the', 'month');
  return { weekdayOf };
}

function dayOfMonth(stream: TokenStream): number {
  stream.take('day');
  const token = stream.peek();
  const day = Number(token.text);
  if ((token.kind !== 'number' && token.kind !== 'ordinal') || day < 1 || day > 31)
    return stream.unexpected('the day of the month, such as "day 15"');
  stream.next();
  return day;
}
