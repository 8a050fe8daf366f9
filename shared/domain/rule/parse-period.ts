import type { Duration, Period, RuleError, Unit } from './ast.ts';
import { tokenize } from './lexer.ts';
import { RuleProblem, tokenStream } from './token-stream.ts';
import type { TokenStream } from './token-stream.ts';
import { AFTER_WORDS, NUMBER_WORDS, UNIT_WORDS } from './words.ts';

/** Roughly a thousand years each: longer periods are typing errors, and `keep permanently` says what they would. */
const LARGEST: Readonly<Record<Unit, number>> = {
  years: 1000,
  months: 12_000,
  weeks: 53_000,
  days: 366_000,
  hours: 8_784_000,
};

export function startsPeriod(stream: TokenStream, ahead = 0): boolean {
  const kind = stream.peek(ahead).kind;
  if (kind === 'number' || kind === 'setting') return true;
  return NUMBER_WORDS.has(stream.word(ahead)) && UNIT_WORDS.has(stream.word(ahead + 1));
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
  do {
    const amountToken = stream.next();
    const amount = NUMBER_WORDS.get(amountToken.text.toLowerCase()) ?? Number(amountToken.text);
    const unit = UNIT_WORDS.get(stream.word());
    if (unit === undefined) {
      return stream.unexpected('a unit (hours, days, weeks, months or years)', UNIT_WORDS.keys());
    }
    if (duration[unit] !== undefined)
      stream.fail('RULE_SYNTAX', `the period names ${unit} twice`, amountToken);
    if (amount > LARGEST[unit]) {
      const message = `a period has at most ${LARGEST[unit]} ${unit}; for no end at all write "keep permanently"`;
      stream.fail('RULE_OUT_OF_RANGE', message, amountToken);
    }
    duration[unit] = amount;
    stream.next();
  } while (continues(stream, behindPlus) && stream.take('and'));
  return duration;
}

function continues(stream: TokenStream, behindPlus: boolean): boolean {
  if (stream.word() !== 'and' || stream.peek(1).kind === 'setting' || !startsPeriod(stream, 1)) return false;
  return !(behindPlus && AFTER_WORDS.some((word) => word === stream.word(3)));
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
