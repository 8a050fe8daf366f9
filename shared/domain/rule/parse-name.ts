import { isDate, isDayOfYear } from '../calendar/calendar.ts';
import { isSetting } from './ast.ts';
import type { Period } from './ast.ts';
import type { Token } from './lexer.ts';
import { parsePeriodHere } from './parse-period.ts';
import type { ParseContext } from './parse-context.ts';
import type { TokenStream } from './token-stream.ts';
import { isKeyword, MONTH_WORDS, NUMBER_WORDS } from './words.ts';

const LONGEST_NOUN = 4;

/** A dotted name, or a noun of up to four words. */
function readName(context: ParseContext, expected: string): { name: string; token: Token } {
  const { stream } = context;
  const token = stream.peek();
  if (token.kind !== 'word' || isKeyword(token.lower)) return stream.unexpected(expected);
  const words = [stream.next().text];
  while (!token.text.includes('.') && stream.peek().kind === 'word' && !isKeyword(stream.word())) {
    if (words.length === LONGEST_NOUN || stream.peek().text.includes('.')) {
      context.lastNoun = words;
      return unclear(stream, words);
    }
    words.push(stream.next().text);
  }
  context.lastNoun = words;
  return { name: words.join(' '), token };
}

/** A name that has to be an event, noted for the policy to bind. */
export function eventName(context: ParseContext): string {
  const { name, token } = readName(
    context,
    'an event such as contract.ended, or a noun such as contract term',
  );
  noteEvent(context, name, token);
  return name;
}

export function noteEvent(context: ParseContext, name: string, token: Token): void {
  context.uses.push({ kind: 'event', name, ...context.stream.position(token) });
}

/** A bare name in a condition: the event it means is known only from what follows. */
export function bareName(context: ParseContext): { name: string; asEvent: () => void } {
  const { name, token } = readName(context, 'an event such as appeal.filed, or an attribute such as plan');
  return { name, asEvent: () => noteEvent(context, name, token) };
}

function unclear(stream: TokenStream, words: readonly string[]): never {
  const token = stream.peek();
  const message = `a noun has at most ${LONGEST_NOUN} words and stands apart from event names; ${JSON.stringify([...words, token.text].join(' ').slice(0, 80))} cannot be one name`;
  return stream.fail('RULE_SYNTAX', message, token);
}

/** A period, noting the setting that it may name. */
export function parsePeriodIn(context: ParseContext, behindPlus: boolean): Period {
  const token = context.stream.peek();
  const period = parsePeriodHere(context.stream, behindPlus);
  if (isSetting(period)) {
    context.uses.push({ kind: 'setting', name: period.setting, ...context.stream.position(token) });
  }
  return period;
}

/** `01-31`, `31 January`, `January 31` or `31st of January`; how many tokens it takes, 0 when none stands ahead. */
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

export function startsDay(stream: TokenStream): boolean {
  return dayLength(stream) > 0;
}

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
  if (!isDayOfYear(text)) stream.fail('RULE_OUT_OF_RANGE', `${text} is not a day of the year (MM-DD)`, token);
  return text;
}

/** `2030-12-31`, or `31 December 2030`; `undefined` when neither stands ahead. */
export function takeDate(stream: TokenStream): string | undefined {
  const token = stream.peek();
  const length = token.kind === 'day' ? 0 : dayLength(stream);
  if (token.kind !== 'date' && (length === 0 || !/^\d{4}$/.test(stream.peek(length).text))) return undefined;
  const text =
    token.kind === 'date'
      ? stream.next().text
      : ((day) => `${stream.next().text}-${day}`)(dayOfYear(stream, 'a date'));
  if (!isDate(text))
    return stream.fail('RULE_OUT_OF_RANGE', `${text} is not a day between 1900 and 2200`, token);
  return text;
}

/** A whole number, in digits or words; `undefined` when none stands ahead. */
export function takeNumber(stream: TokenStream): number | undefined {
  const token = stream.peek();
  const value = token.kind === 'number' ? Number(token.text) : NUMBER_WORDS.get(stream.word());
  if (value !== undefined) stream.next();
  return value;
}
