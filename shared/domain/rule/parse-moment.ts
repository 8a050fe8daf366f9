import type { Condition, Moment, Operand } from './ast.ts';
import { negated, parseCondition } from './parse-condition.ts';
import { deeper } from './parse-context.ts';
import type { ParseContext } from './parse-context.ts';
import { parsePeriodIn } from './parse-name.ts';
import { parseOperand } from './parse-operand.ts';
import type { Read } from './parse-operand.ts';
import { suffixBehind } from './parse-suffix.ts';
import type { TokenStream } from './token-stream.ts';
import { COMPARISON_WORDS } from './words.ts';

/** With everything that may stand behind it: what suspends it, what it is rounded to, and its conditions. */
export function parseMoment(context: ParseContext): Moment {
  const { stream } = context;
  const start = stream.peek();
  const condition = takeCondition(context);
  if (condition !== undefined) {
    if (!stream.takeMark(',') && !stream.take('then')) stream.unexpected('a comma behind the condition');
    const met = withSuffixes(context, joined(context, false), start);
    return { kind: 'if', condition, met, otherwise: otherwise(context) };
  }
  const moment = withSuffixes(context, joined(context, false), start);
  const suffix = conditionBehind(context);
  if (suffix === undefined) return moment;
  if (suffix.kind === 'law')
    return { kind: 'override', of: moment, by: parseMoment(context), source: suffix.source };
  return { kind: 'if', condition: suffix.condition, met: moment, otherwise: otherwise(context) };
}

function otherwise(context: ParseContext): Moment {
  if (!takeOtherwise(context.stream)) return { kind: 'not-applicable' };
  deeper(context);
  return parseMoment(context);
}

export function takeOtherwise(stream: TokenStream): boolean {
  const mark = stream.peek().kind === 'mark' && [',', ';'].includes(stream.peek().text) ? 1 : 0;
  const word = stream.word(mark);
  const which = word === 'in' && stream.word(mark + 1) === 'which' && stream.word(mark + 2) === 'case';
  if (word !== 'otherwise' && word !== 'else' && !which) return false;
  stream.takeMark(',', ';');
  stream.next();
  if (which) stream.take('which', 'case');
  stream.takeMark(',');
  return true;
}

/** `if C`, `when C` or `unless C`. */
export function takeCondition(context: ParseContext): Condition | undefined {
  const { stream } = context;
  if (stream.take('if') || stream.take('when') || stream.take('where')) return parseCondition(context);
  return stream.take('unless') ? negated(parseCondition(context)) : undefined;
}

/** A condition behind what it is about, or `unless "law" requires`. */
export function conditionBehind(
  context: ParseContext,
): { kind: 'condition'; condition: Condition } | { kind: 'law'; source: string } | undefined {
  const { stream } = context;
  const comma = stream.peek().kind === 'mark' && stream.peek().text === ',' ? 1 : 0;
  if (!['if', 'when', 'where', 'unless'].includes(stream.word(comma)) || ifAny(stream, comma))
    return undefined;
  if (comma === 1) stream.takeMark(',');
  const law = stream.peek(1);
  if (stream.word() === 'unless' && law.kind === 'string') {
    stream.next();
    stream.next();
    if (law.text.trim() === '') stream.fail('RULE_SYNTAX', 'name the law that requires it', law);
    stream.expect('requires', 'behind the law');
    return { kind: 'law', source: law.text };
  }
  const condition = takeCondition(context);
  return condition && { kind: 'condition', condition };
}

/** One operand, or several joined by `or` and closed by `whichever is later|earlier`. */
export function joined(context: ParseContext, ofMeansAfter: boolean): Moment {
  const { stream } = context;
  const start = stream.peek();
  const first = sum(context, ofMeansAfter);
  const optional = takeIfAny(stream);
  if (!joins(stream) && !optional) return first.moment;
  const operands: Operand[] = [{ moment: first.moment, optional }];
  while (joins(stream)) {
    stream.takeMark(',');
    stream.next();
    const token = stream.peek();
    const until = stream.take('until') || stream.take('upon');
    const operand = sum(context, ofMeansAfter);
    if (first.open && operand.moment.kind === 'event' && !operand.grouped && !until) {
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
  const verbs = ['is', 'comes', 'occurs', 'happens', 'ends', 'falls'];
  if (!verbs.some((verb) => stream.take(verb))) stream.unexpected('"is" behind "whichever"', verbs);
  stream.take('the');
  const kind = comparison(stream);
  if (operands.length < 2) stream.fail('RULE_SYNTAX', 'one operand is not enough to compare', start);
  return compared(context, kind, operands, start);
}

function joins(stream: TokenStream): boolean {
  const comma = stream.peek().kind === 'mark' && stream.peek().text === ',' ? 1 : 0;
  return stream.word(comma) === 'or';
}

/** `X plus 3 years`; counts nested and repeated sums alike as depth. */
function sum(context: ParseContext, ofMeansAfter: boolean): Read {
  const { stream } = context;
  const depth = context.depth;
  deeper(context);
  const first = primary(context, ofMeansAfter);
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

export function primary(context: ParseContext, ofMeansAfter = false): Read {
  const { stream } = context;
  const article = ['the', 'a', 'an'].includes(stream.word()) ? 1 : 0;
  if (!isComparison(stream.word(article)) || stream.word(article + 1) !== 'of')
    return parseOperand(context, ofMeansAfter);
  const begin = stream.peek().at;
  if (article === 1) stream.next();
  return { moment: list(context, begin), grouped: true, open: false };
}

/** `the later of A, B and C`; the comma before `and` is allowed. */
function list(context: ParseContext, begin: number): Moment {
  const { stream } = context;
  const start = stream.peek();
  const kind = comparison(stream);
  stream.take('of');
  const operands: Operand[] = [];
  do {
    if (!stream.take('until')) stream.take('upon');
    operands.push({ moment: sum(context, false).moment, optional: takeIfAny(stream) });
  } while (nextOperand(stream));
  if (operands.length < 2) {
    stream.unexpected(
      `"and" with a second operand of "the ${kind} of" (which begins at character ${begin + 1})`,
      ['and'],
    );
  }
  return compared(context, kind, operands, start);
}

const ENDS_LIST = [
  'then',
  'whichever',
  'otherwise',
  'else',
  'if',
  'when',
  'where',
  'unless',
  'held',
  'paused',
  'suspended',
  'but',
  'or',
];

/** Leaves `, then`, `, otherwise`, `and by` and `and at most` to what they belong to. */
function nextOperand(stream: TokenStream): boolean {
  const comma = stream.peek().kind === 'mark' && stream.peek().text === ',' ? 1 : 0;
  const joinsBy = stream.word(comma) === 'and' && !['by', 'at', 'then'].includes(stream.word(comma + 1));
  if (!joinsBy && (comma === 0 || ENDS_LIST.includes(stream.word(1)) || behindComma(stream))) return false;
  if (comma === 1) stream.takeMark(',');
  if (joinsBy) stream.take('and');
  return true;
}

/** `, in which case`, `, and …` and `, at the next run` go on with something else than an operand. */
function behindComma(stream: TokenStream): boolean {
  return ['in', 'and'].includes(stream.word(1)) || (stream.word(1) === 'at' && stream.word(2) === 'the');
}

function compared(
  context: ParseContext,
  kind: 'later' | 'earlier',
  of: Operand[],
  start: ReturnType<TokenStream['peek']>,
): Moment {
  if (kind === 'earlier' && of.some((operand) => operand.optional)) {
    const message =
      'an "earlier of" leaves out what has not happened anyway; "if any" belongs to "the later of"';
    context.stream.fail('RULE_SYNTAX', message, start);
  }
  return { kind, of };
}

function isComparison(word: string): boolean {
  return COMPARISON_WORDS.has(word) || word === 'first' || word === 'last';
}

function comparison(stream: TokenStream): 'later' | 'earlier' {
  if (stream.take('first')) return 'earlier';
  if (stream.take('last')) return 'later';
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

function withSuffixes(context: ParseContext, moment: Moment, start: ReturnType<TokenStream['peek']>): Moment {
  let result = moment;
  for (let suffix = suffixBehind(context); suffix !== undefined; suffix = suffixBehind(context))
    result = suffix(result, () =>
      context.stream.fail(
        'RULE_SYNTAX',
        '"restarted" needs a period that can begin again, such as 7 years after X',
        start,
      ),
    );
  return result;
}
