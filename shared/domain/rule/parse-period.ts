import { isDate } from '../calendar/calendar.ts';
import type { Period, RuleError } from './ast.ts';
import type { Duration, Unit } from '../calendar/units.ts';
import { tokenize } from './lexer.ts';
import { RuleProblem, tokenStream } from './token-stream.ts';
import type { TokenStream } from './token-stream.ts';
import { AFTER_WORDS, MONTH_WORDS, NUMBER_WORDS, UNIT_WORDS } from './words.ts';

/** Roughly a thousand years each: longer periods are typing errors, and `keep permanently` says what they would. */
const LARGEST: Readonly<Record<Unit, number>> = {
  years: 1000,
  months: 12_000,
  weeks: 53_000,
  days: 366_000,
  workingDays: 260_000,
  hours: 8_784_000,
  minutes: 527_040_000,
};

export function startsPeriod(stream: TokenStream, ahead = 0): boolean {
  const kind = stream.peek(ahead).kind;
  if (kind === 'number') return !NOT_A_UNIT.has(stream.word(ahead + 1));
  if (kind === 'setting') return true;
  return NUMBER_WORDS.has(stream.word(ahead)) && unitAt(stream, ahead + 1) !== undefined;
}

/** A number in front of these begins a date, or a number of things. */
const NOT_A_UNIT: ReadonlySet<string> = new Set([...MONTH_WORDS.keys(), 'newer', 'or']);

/** The unit there and how many words it takes: `30 calendar days`, `10 working days`. */
function unitAt(stream: TokenStream, ahead: number): { unit: Unit; words: number } | undefined {
  const word = stream.word(ahead);
  const isDays = ['day', 'days'].includes(stream.word(ahead + 1));
  if (isDays && (word === 'working' || word === 'business')) return { unit: 'workingDays', words: 2 };
  if (isDays && word === 'calendar') return { unit: 'days', words: 2 };
  const unit = UNIT_WORDS.get(word);
  return unit && { unit, words: 1 };
}

/**
 * `7 years`, `7 years and 6 months`, `{reasonable period}`. Behind a `plus`, "… and 6 months after X" begins the next
 * operand, so there an `and` belongs to the period only when no `after` follows.
 */
export function parsePeriodHere(stream: TokenStream, behindPlus: boolean): Period {
  const first = stream.peek();
  if (first.kind === 'setting') {
    if (first.text === '')
      stream.fail('RULE_SYNTAX', 'a setting is a name between braces, such as {reasonable period}');
    stream.next();
    return { setting: first.text };
  }
  if (!startsPeriod(stream))
    stream.unexpected('a period such as 30 days, or a setting such as {reasonable period}');
  const duration: Partial<Record<Unit, number>> = {};
  let holidays: readonly string[] = [];
  do {
    const amountToken = stream.next();
    const amount = NUMBER_WORDS.get(amountToken.text.toLowerCase()) ?? Number(amountToken.text);
    const found = unitAt(stream, 0);
    if (found === undefined) {
      return stream.unexpected('a unit (hours, days, weeks, months or years)', UNIT_WORDS.keys());
    }
    const { unit, words } = found;
    if (duration[unit] !== undefined)
      stream.fail(
        'RULE_SYNTAX',
        `the period names ${unit === 'workingDays' ? 'working days' : unit} twice`,
        amountToken,
      );
    if (amount > LARGEST[unit]) {
      const message = `a period has at most ${LARGEST[unit]} ${unit === 'workingDays' ? 'working days' : unit}; for no end at all write "keep permanently"`;
      stream.fail('RULE_OUT_OF_RANGE', message, amountToken);
    }
    duration[unit] = amount;
    for (let word = 0; word < words; word++) stream.next();
    if (unit === 'workingDays') holidays = holidaysHere(stream);
  } while (continues(stream, behindPlus) && stream.take('and'));
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
      stream.fail('RULE_OUT_OF_RANGE', `${token.text} is not a day between 1900 and 2200`);
    days.push(stream.next().text);
  } while (another(stream));
  return [...new Set(days)].toSorted();
}

function another(stream: TokenStream): boolean {
  const comma = stream.peek().kind === 'mark' && stream.peek().text === ',' ? 1 : 0;
  const and = stream.word(comma) === 'and' ? 1 : 0;
  if (comma + and === 0 || stream.peek(comma + and).kind !== 'date') return false;
  for (let skipped = 0; skipped < comma + and; skipped++) stream.next();
  return true;
}

function continues(stream: TokenStream, behindPlus: boolean): boolean {
  if (stream.word() !== 'and' || stream.peek(1).kind === 'setting' || !startsPeriod(stream, 1)) return false;
  if (!behindPlus) return true;
  const behind = stream.word(2 + (unitAt(stream, 2)?.words ?? 1));
  return behind !== 'before' && !AFTER_WORDS.some((word) => word === behind);
}

/** A period alone, as an operator writes a required setting. */
export function parsePeriod(text: string): { ok: true; period: Duration } | { ok: false; error: RuleError } {
  const lexed = tokenize(text);
  if ('error' in lexed) return { ok: false, error: lexed.error };
  const stream = tokenStream(text, lexed.tokens);
  try {
    if (stream.peek().kind === 'setting') stream.unexpected('a period such as 90 days');
    const period = parsePeriodHere(stream, false);
    if (stream.peek().kind !== 'end') stream.unexpected('nothing after the period');
    return 'setting' in period ? stream.unexpected('a period such as 90 days') : { ok: true, period };
  } catch (problem) {
    if (problem instanceof RuleProblem) return { ok: false, error: problem.problem };
    throw problem;
  }
}
