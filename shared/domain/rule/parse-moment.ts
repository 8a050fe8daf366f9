import { isDate, isDayOfYear } from '../calendar.ts';
import { isSetting } from './ast.ts';
import type { CalendarUnit, Moment, NameUse, Operand, Period } from './ast.ts';
import { parsePeriodHere, startsPeriod } from './parse-period.ts';
import type { TokenStream } from './token-stream.ts';
import { AFTER_WORDS, COMPARISON_WORDS, isKeyword } from './words.ts';

export interface MomentContext {
  readonly stream: TokenStream;
  readonly uses: NameUse[];
  depth: number;
  /** Words of the noun read last, to explain a mistyped keyword. */
  lastNoun?: readonly string[];
}

/** Levels of nesting: deep enough for any sentence, and far below what a call stack holds. */
const DEEPEST = 40;
const LONGEST_NOUN = 4;

/** A moment is one operand, or several joined by `or` and closed by `whichever is later|earlier`. */
export function parseMoment(
  context: MomentContext,
  options: { readonly ofMeansAfter?: boolean } = {},
): Moment {
  const { stream } = context;
  const start = stream.peek();
  const first = sum(context, options);
  const optional = takeIfAny(stream);
  if (stream.word() !== 'or' && !optional) return first.moment;
  const operands: Operand[] = [{ moment: first.moment, optional }];
  while (stream.take('or')) {
    const token = stream.peek();
    const operand = sum(context, options);
    if (first.open && operand.moment.kind === 'event' && !operand.grouped) {
      const message =
        'it is not clear whether the period also runs from this event; write "… after the later of A and B", or set parentheses';
      stream.fail('RULE_AMBIGUOUS', message, token);
    }
    operands.push({ moment: operand.moment, optional: takeIfAny(stream) });
  }
  stream.takeMark(',');
  if (stream.word() !== 'whichever') {
    stream.unexpected('"whichever is later" or "whichever is earlier" behind the operands', ['whichever']);
  }
  stream.next();
  stream.expect('is', 'behind "whichever"');
  const kind = comparison(stream);
  if (operands.length < 2) stream.fail('RULE_SYNTAX', 'one operand is not enough to compare', start);
  return compared(context, kind, operands, start);
}

export function startsOperand(stream: TokenStream): boolean {
  const token = stream.peek();
  if (token.kind === 'date' || (token.kind === 'mark' && token.text === '(') || startsPeriod(stream))
    return true;
  const opening = ['the', 'a', 'an', 'first', 'last', 'never', 'not', 'end', ...COMPARISON_WORDS.keys()];
  return token.kind === 'word' && (opening.includes(token.lower) || !isKeyword(token.lower));
}

/** A period, noting the setting that it may name. */
export function parsePeriodIn(context: MomentContext, behindPlus: boolean): Period {
  const token = context.stream.peek();
  const period = parsePeriodHere(context.stream, behindPlus);
  if (isSetting(period)) {
    context.uses.push({ kind: 'setting', name: period.setting, ...context.stream.position(token) });
  }
  return period;
}

interface Read {
  readonly moment: Moment;
  readonly grouped: boolean;
  /** A `P after X` whose extent another word could change. */
  readonly open: boolean;
}

/** `X plus 3 years`; counts nested and repeated sums alike as depth. */
function sum(context: MomentContext, options: { readonly ofMeansAfter?: boolean }): Read {
  const { stream } = context;
  const depth = context.depth;
  deeper(context);
  const first = primary(context, options);
  let { moment, grouped } = first;
  while (stream.word() === 'plus') {
    if (first.open) {
      const message =
        'it is not clear what "plus" adds to; set parentheses: (30 days after X) plus 1 year, or 30 days after (X plus 1 year)';
      stream.fail('RULE_AMBIGUOUS', message);
    }
    stream.next();
    deeper(context);
    moment = { kind: 'after', period: parsePeriodIn(context, true), start: moment };
    grouped = true;
  }
  context.depth = depth;
  return { moment, grouped, open: first.open };
}

function primary(context: MomentContext, options: { readonly ofMeansAfter?: boolean }): Read {
  const { stream } = context;
  const token = stream.peek();
  const read = (moment: Moment, grouped = true): Read => ({ moment, grouped, open: false });

  if (startsPeriod(stream)) {
    const period = parsePeriodIn(context, false);
    const after =
      AFTER_WORDS.some((word) => stream.take(word)) || (options.ofMeansAfter === true && stream.take('of'));
    if (!after) stream.unexpected('"after" or "from" behind the period', AFTER_WORDS);
    deeper(context);
    return {
      moment: { kind: 'after', period, start: primary(context, {}).moment },
      grouped: true,
      open: true,
    };
  }
  if (stream.takeMark('(')) {
    const moment = parseMoment(context, options);
    if (!stream.takeMark(')')) stream.unexpected('a closing parenthesis');
    return read(moment);
  }
  if (token.kind === 'date') {
    stream.next();
    if (!isDate(token.text))
      stream.fail('RULE_OUT_OF_RANGE', `${token.text} is not a day between 1900 and 2200`, token);
    return read({ kind: 'date', date: token.text });
  }
  if (stream.take('never')) return read({ kind: 'never' });
  if (stream.take('not', 'computable')) return read(notComputable(stream));

  if (!stream.take('the') && !stream.take('a')) stream.take('an');
  if (COMPARISON_WORDS.has(stream.word()) && stream.word(1) === 'of') return read(list(context, token.at));
  if (stream.take('end', 'of')) return read(endOf(context));
  const pick = stream.take('first') ? 'first' : 'last';
  if (pick === 'last') stream.take('last');
  return read({ kind: 'event', name: name(context), pick }, false);
}

/** `the later of A, B and C`; the comma before `and` is allowed. */
function list(context: MomentContext, at: number): Moment {
  const { stream } = context;
  const start = stream.peek();
  const kind = comparison(stream);
  stream.take('of');
  const operands: Operand[] = [];
  do {
    operands.push({ moment: sum(context, {}).moment, optional: takeIfAny(stream) });
  } while (nextOperand(stream));
  if (operands.length < 2) {
    stream.unexpected(
      `"and" with a second operand of "the ${kind} of" (which begins at character ${at + 1})`,
      ['and'],
    );
  }
  return compared(context, kind, operands, start);
}

/** Leaves `, then`, `and by` and `and at most` to the stage that they belong to. */
function nextOperand(stream: TokenStream): boolean {
  const comma = stream.peek().kind === 'mark' && stream.peek().text === ',' ? 1 : 0;
  const joins = stream.word(comma) === 'and' && !['by', 'at'].includes(stream.word(comma + 1));
  if (!joins && (comma === 0 || ['then', 'whichever'].includes(stream.word(1)))) return false;
  if (comma === 1) stream.takeMark(',');
  if (joins) stream.take('and');
  return true;
}

function compared(
  context: MomentContext,
  kind: 'later' | 'earlier',
  of: Operand[],
  start: ReturnType<TokenStream['peek']>,
): Moment {
  const optional = of.filter((operand) => operand.optional).length;
  if (optional > 0 && kind === 'earlier') {
    const message =
      'an "earlier of" leaves out what has not happened anyway; "if any" belongs to "the later of"';
    context.stream.fail('RULE_SYNTAX', message, start);
  }
  return { kind, of };
}

function comparison(stream: TokenStream): 'later' | 'earlier' {
  const kind = COMPARISON_WORDS.get(stream.word());
  if (kind === undefined) return stream.unexpected('"later" or "earlier"', COMPARISON_WORDS.keys());
  stream.next();
  return kind;
}

function ifAny(stream: TokenStream, ahead: number): boolean {
  return stream.word(ahead) === 'if' && stream.word(ahead + 1) === 'any';
}

function takeIfAny(stream: TokenStream): boolean {
  if (stream.peek().kind === 'mark' && stream.peek().text === ',' && ifAny(stream, 1)) stream.takeMark(',');
  return stream.take('if', 'any');
}

/** `the end of the month|calendar year|fiscal year|tax year|year ending MM-DD of X`. */
function endOf(context: MomentContext): Moment {
  const { stream } = context;
  stream.take('the');
  const token = stream.peek();
  let unit: CalendarUnit;
  if (stream.take('month')) unit = 'month';
  else if (stream.take('calendar', 'year')) unit = 'calendar-year';
  else if (stream.take('year', 'ending')) unit = { yearEnding: dayOfYear(stream) };
  else if (stream.take('fiscal', 'year')) {
    if (stream.take('ending')) unit = { yearEnding: dayOfYear(stream) };
    else {
      unit = 'fiscal-year';
      context.uses.push({ kind: 'fiscal-year', name: 'fiscal year', ...stream.position(token) });
    }
  } else {
    const expected = '"month", "calendar year", "fiscal year" or "year ending MM-DD" behind "the end of the"';
    return stream.unexpected(expected, ['month', 'calendar', 'fiscal', 'year']);
  }
  if (!stream.take('of')) stream.expect('of', 'and the event whose period is meant');
  deeper(context);
  return { kind: 'end-of', unit, of: primary(context, {}).moment };
}

function dayOfYear(stream: TokenStream): string {
  stream.take('on');
  const token = stream.peek();
  if (token.kind !== 'day') return stream.unexpected('the last day of the year as MM-DD, such as 03-31');
  if (!isDayOfYear(token.text))
    stream.fail('RULE_OUT_OF_RANGE', `${token.text} is not a day of the year (MM-DD)`, token);
  stream.next();
  return token.text;
}

function notComputable(stream: TokenStream): Moment {
  stream.takeMark(',');
  stream.expect('because', 'and the reason in quotation marks');
  const reason = stream.peek();
  if (reason.kind !== 'string' || reason.text.trim() === '')
    return stream.unexpected('the reason in quotation marks');
  stream.next();
  return { kind: 'not-computable', reason: reason.text };
}

/** A dotted event name, or a noun of up to four words that the policy binds to an event. */
function name(context: MomentContext): string {
  const { stream } = context;
  const first = stream.peek();
  if (first.kind !== 'word' || isKeyword(first.lower))
    return stream.unexpected('an event such as contract.ended, or a noun such as contract term');
  const words = [stream.next().text];
  while (!first.text.includes('.') && stream.peek().kind === 'word' && !isKeyword(stream.word())) {
    if (words.length === LONGEST_NOUN || stream.peek().text.includes('.')) {
      context.lastNoun = words;
      return unclear(stream, words);
    }
    words.push(stream.next().text);
  }
  context.lastNoun = words;
  const full = words.join(' ');
  context.uses.push({ kind: 'event', name: full, ...stream.position(first) });
  return full;
}

function unclear(stream: TokenStream, words: readonly string[]): never {
  const token = stream.peek();
  const message = `a noun has at most ${LONGEST_NOUN} words and stands apart from event names; ${JSON.stringify([...words, token.text].join(' ').slice(0, 80))} cannot be one name`;
  return stream.fail('RULE_SYNTAX', message, token);
}

function deeper(context: MomentContext): void {
  context.depth += 1;
  if (context.depth > DEEPEST) {
    const message = `the rule nests more than ${DEEPEST} levels deep; split it into stages or several rules`;
    context.stream.fail('RULE_TOO_DEEP', message);
  }
}
