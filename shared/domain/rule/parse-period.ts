import { isDate } from '../calendar/calendar.ts';
import type { SettingReference } from './ast.ts';
import type { Duration, Unit } from '../calendar/units.ts';
import { startsLink } from './links.ts';
import { numberAt, takeWritten } from './number-words.ts';
import type { TokenStream } from './token-stream.ts';
import { MONTH_WORDS, UNIT_NAMES, UNIT_WORDS } from './words.ts';

/** About a thousand years each: a longer period is a typing error, or should say `keep permanently`. */
const LARGEST: Readonly<Record<Unit, number>> = {
  years: 1000,
  months: 12_000,
  weeks: 53_000,
  days: 366_000,
  workingDays: 260_000,
  hours: 8_784_000,
  minutes: 527_040_000,
  seconds: 31_622_400_000,
};

export function startsPeriod(stream: TokenStream, ahead = 0): boolean {
  const token = stream.peek(ahead);
  if (token.kind === 'setting' || startsPeriodIn(stream, ahead)) return true;
  const number = numberAt(stream, ahead);
  if (number === undefined) return false;
  const after = ahead + number.tokens;
  // Words that are numbers may also begin a name, so a unit has to follow.
  return token.kind === 'number' ? !NOT_A_UNIT.has(stream.word(after)) : unitAt(stream, after) !== undefined;
}

/** `the period in contract_term`. */
export function startsPeriodIn(stream: TokenStream, ahead = 0): boolean {
  const article = stream.word(ahead) === 'the' ? 1 : 0;
  return stream.word(ahead + article) === 'period' && stream.word(ahead + article + 1) === 'in';
}

/** A number before these starts a date, or counts things. */
const NOT_A_UNIT: ReadonlySet<string> = new Set([...MONTH_WORDS.keys(), 'of', 'newer', 'or']);

/** A whole number, in digits or words; `undefined` if none comes next. */
export function takeNumber(stream: TokenStream): number | undefined {
  const found = numberAt(stream);
  return found && takeWritten(stream, found);
}

/** The unit there and how many words it takes: `30 calendar days`, `10 working days`. */
export function unitAt(stream: TokenStream, ahead: number): { unit: Unit; words: number } | undefined {
  const word = stream.word(ahead);
  const isDays = ['day', 'days'].includes(stream.word(ahead + 1));
  if (isDays && (word === 'working' || word === 'business')) return { unit: 'workingDays', words: 2 };
  if (isDays && word === 'calendar') return { unit: 'days', words: 2 };
  // In `the hundred second payment`, and `a second payment`, it is an ordinal.
  if (word === 'second' && stream.peek(ahead - 1).kind !== 'number') return undefined;
  const unit = UNIT_WORDS.get(word);
  return unit && { unit, words: 1 };
}

/**
 * `7 years`, `7 years and 6 months`, `{reasonable period}`. After a `plus`, "… and 6 months after X" starts the next
 * operand, so there an `and` belongs to the period only when no `after` follows.
 */
export function periodHere(stream: TokenStream, afterPlus: boolean): Duration | SettingReference {
  const first = stream.peek();
  if (first.kind === 'setting') {
    if (first.text === '')
      stream.fail('RULE_SYNTAX', 'write a setting as a name in braces, such as {reasonable period}');
    stream.next();
    return { setting: first.text };
  }
  if (!startsPeriod(stream) || startsPeriodIn(stream))
    stream.unexpected('a period such as 30 days, or a setting such as {reasonable period}');
  const duration: Partial<Record<Unit, number>> = {};
  let holidays: readonly string[] = [];
  do {
    const amountToken = stream.peek();
    const amount = takeNumber(stream) ?? stream.unexpected('a number');
    const found = unitAt(stream, 0);
    if (found === undefined) {
      return stream.unexpected('a unit (hours, days, weeks, months or years)', UNIT_WORDS.keys());
    }
    const { unit, words } = found;
    if (duration[unit] !== undefined)
      stream.fail('RULE_INCONSISTENT', `the period has ${UNIT_NAMES[unit]} twice; add them up`, amountToken);
    if (amount > LARGEST[unit]) {
      const message = `a period can have at most ${LARGEST[unit]} ${UNIT_NAMES[unit]}; to keep the data forever, write "keep permanently"`;
      stream.fail('RULE_OUT_OF_RANGE', message, amountToken);
    }
    duration[unit] = amount;
    stream.skip(words);
    if (unit === 'workingDays') holidays = holidaysHere(stream);
  } while (continues(stream, afterPlus) && stream.take('and'));
  if (Object.values(duration).every((amount) => amount === 0)) {
    const message =
      'a period of 0 has no length; write "upon X" for at once, or "keep permanently" if there is no end';
    stream.fail('RULE_OUT_OF_RANGE', message, first);
  }
  return holidays.length === 0 ? duration : { ...duration, holidays };
}

/** `10 working days except 2024-12-25 and 2024-12-26`. */
function holidaysHere(stream: TokenStream): readonly string[] {
  if (!stream.take('except')) return [];
  const days: string[] = [];
  do {
    const token = stream.peek();
    if (token.kind !== 'date') return stream.unexpected('a holiday as YYYY-MM-DD');
    if (!isDate(token.text))
      stream.fail('RULE_OUT_OF_RANGE', `${token.text} is not a valid date between 1900 and 2200`);
    days.push(stream.next().text);
  } while (another(stream));
  return [...new Set(days)].toSorted();
}

function another(stream: TokenStream): boolean {
  const comma = stream.mark(',');
  const and = stream.word(comma) === 'and' ? 1 : 0;
  if (comma + and === 0 || stream.peek(comma + and).kind !== 'date') return false;
  stream.skip(comma + and);
  return true;
}

function continues(stream: TokenStream, afterPlus: boolean): boolean {
  if (
    stream.word() !== 'and' ||
    stream.peek(1).kind === 'setting' ||
    startsPeriodIn(stream, 1) ||
    !startsPeriod(stream, 1)
  )
    return false;
  if (!afterPlus) return true;
  return stream.lookAhead(() => {
    stream.skip(1 + (numberAt(stream, 1)?.tokens ?? 1));
    stream.skip(unitAt(stream, 0)?.words ?? 1);
    holidaysHere(stream);
    return !['before', 'later', 'thereafter'].includes(stream.word()) && !startsLink(stream, 0);
  });
}
