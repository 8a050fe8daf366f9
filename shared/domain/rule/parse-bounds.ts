import type { Condition, Moment, StageAction } from './ast.ts';
import { deeper } from './parse-context.ts';
import type { ParseContext } from './parse-context.ts';
import { conditionBehind, joined, parseMoment, takeCondition, takeOtherwise } from './parse-moment.ts';
import { suffixBehind } from './parse-suffix.ts';
import { parsePeriodIn, takeNumber } from './parse-name.ts';
import { startsOperand } from './parse-operand.ts';
import { startsPeriod } from './parse-period.ts';
import type { TokenStream } from './token-stream.ts';
import { ACTION_WORDS, AFTER_WORDS } from './words.ts';

/** What a stage says, or one branch of it. */
export interface Body {
  readonly action?: StageAction;
  readonly notBefore?: Moment;
  readonly notAfter?: Moment;
  /** No word said which bound is meant: another branch may. */
  readonly bare: boolean;
}

/** `[action] bounds`, with conditions before or behind: `if C, within … , otherwise …`. */
export function parseBody(context: ParseContext): Body {
  const { stream } = context;
  const start = stream.peek();
  const condition = takeCondition(context);
  if (condition !== undefined) {
    if (!stream.takeMark(',') && !stream.take('then')) stream.unexpected('a comma behind the condition');
    const then = suspended(context, plain(context), start);
    return either(context, condition, then, otherwiseBody(context), start);
  }
  const body = suspended(context, plain(context), start);
  const suffix = conditionBehind(context);
  if (suffix === undefined) return body;
  if (suffix.kind === 'condition')
    return either(context, suffix.condition, body, otherwiseBody(context), start);
  const by = parseMoment(context);
  return changed(body, (of) => ({ kind: 'override', of, by, source: suffix.source }));
}

function otherwiseBody(context: ParseContext): Body {
  if (!takeOtherwise(context.stream)) return { notBefore: { kind: 'not-applicable' }, bare: true };
  deeper(context);
  return parseBody(context);
}

/** Both branches state the same bounds: a word in one of them holds for the other. */
function either(
  context: ParseContext,
  condition: Condition,
  then: Body,
  otherwise: Body,
  start: ReturnType<TokenStream['peek']>,
): Body {
  const actions = new Set([then.action, otherwise.action].filter((action) => action !== undefined));
  if (actions.size > 1)
    context.stream.fail(
      'RULE_SYNTAX',
      'both branches of a condition do the same to the data; write two rules',
      start,
    );
  const [action] = actions;
  const [a, b] = [alike(then, otherwise), alike(otherwise, then)];
  const sides = (['notBefore', 'notAfter'] as const).filter((side) => a[side] ?? b[side]);
  const bounds = sides.map((side) => {
    const [first, second] = [a[side] ?? always(a), b[side] ?? always(b)];
    if (first === undefined || second === undefined) {
      const message =
        'one branch says from when and the other by when; write the same in both, such as "within … if …, otherwise within …"';
      return context.stream.fail('RULE_AMBIGUOUS', message, start);
    }
    return [side, { kind: 'if', condition, met: first, otherwise: second }] as const;
  });
  return { ...(action && { action }), ...Object.fromEntries(bounds), bare: a.bare && b.bare };
}

/** A bare moment means the bound that the other branch names. */
function alike(body: Body, other: Body): Body {
  const { notBefore } = body;
  if (!body.bare || notBefore === undefined) return body;
  if (other.bare || other.notAfter === undefined || other.notBefore !== undefined) return body;
  return { ...(body.action && { action: body.action }), notAfter: notBefore, bare: true };
}

/** What holds for every bound: a branch that keeps, does not apply or cannot be computed. */
function always({ notBefore, notAfter }: Body): Moment | undefined {
  const only = notBefore ?? notAfter;
  return only !== undefined && ['never', 'not-applicable', 'not-computable'].includes(only.kind)
    ? only
    : undefined;
}

function changed(body: Body, change: (moment: Moment) => Moment): Body {
  const { notBefore, notAfter } = body;
  return {
    ...body,
    ...(notBefore && { notBefore: change(notBefore) }),
    ...(notAfter && { notAfter: change(notAfter) }),
  };
}

function suspended(context: ParseContext, body: Body, start: ReturnType<TokenStream['peek']>): Body {
  const refuse = (): never =>
    context.stream.fail(
      'RULE_SYNTAX',
      '"restarted" needs a period that can begin again, such as 7 years after X',
      start,
    );
  let result = body;
  for (let suffix = suffixBehind(context); suffix !== undefined; suffix = suffixBehind(context)) {
    const apply = suffix;
    result = changed(result, (moment) => apply(moment, refuse));
  }
  return result;
}

function plain(context: ParseContext): Body {
  const { stream } = context;
  const keeps = stream.take('keep') || stream.take('retain');
  if (keeps && ['permanently', 'indefinitely', 'forever'].some((word) => stream.take(word)))
    return { action: 'delete', notBefore: { kind: 'never' }, bare: true };
  stream.take('for');
  if (keeps) {
    return { action: 'delete', ...bounds(context) };
  }
  const action = takeAction(stream);
  const conditional = ['if', 'when', 'where', 'unless'].includes(stream.word());
  return { ...(conditional ? parseBody(context) : bounds(context)), ...(action && { action }) };
}

/** Where the text leaves the choice between the two, deleting does what it asks for. */
function takeAction(stream: TokenStream): StageAction | undefined {
  const action = ACTION_WORDS.get(stream.word());
  // An action word may also be the name of an event: `until review`.
  if (action === undefined) return undefined;
  stream.next();
  const other = stream.word() === 'or' ? ACTION_WORDS.get(stream.word(1)) : undefined;
  if (other === undefined) return action;
  stream.next();
  stream.next();
  return [action, other].includes('delete') ? 'delete' : action;
}

const LATEST = ['no later than', 'not later than'];
const AT_MOST = ['at most', 'no longer than', 'not longer than', 'no more than', 'not more than', 'up to'];
const AT_LEAST = ['at least', 'no less than', 'not less than'];
const EARLIEST = ['not before', 'no earlier than', 'not earlier than'];
const UPON = [
  'until',
  'upon',
  'once',
  'as soon as',
  'immediately after',
  'immediately upon',
  'without delay after',
  'without undue delay after',
];

function bounds(context: ParseContext): Omit<Body, 'action'> {
  const { stream } = context;
  const takeAny = (phrases: readonly string[]): boolean =>
    phrases.some((phrase) => stream.take(...phrase.split(' ')));
  const moment = (ofMeansAfter = false): Moment => joined(context, ofMeansAfter);
  if (takeAny(UPON)) return { notBefore: moment(), bare: false };
  if (stream.take('by') || takeAny(LATEST)) return { notAfter: moment(), bare: false };
  if (stream.take('within')) {
    if (!startsPeriod(stream)) stream.unexpected('a period behind "within", such as 30 days');
    return { notAfter: moment(true), bare: false };
  }
  if (takeAny(AT_MOST)) return { notAfter: moment(), bare: false };
  if (takeAny(AT_LEAST)) return { ...atLeast(context), bare: false };
  if (stream.word() === 'between') return { ...between(context), bare: false };
  if (takeAny(EARLIEST)) {
    const notBefore = moment();
    return stream.take('and', 'by')
      ? { notBefore, notAfter: moment(), bare: false }
      : { notBefore, bare: false };
  }
  // `after 6 years from X`.
  if (stream.word() === 'after' && startsPeriod(stream, 1)) stream.next();
  if (!startsOperand(stream))
    stream.unexpected('a period such as 30 days, "within", "until", "the later of" or an event');
  context.fallbackIsMaximum = false;
  const found = moment();
  return context.fallbackIsMaximum ? { notAfter: found, bare: false } : { notBefore: found, bare: true };
}

/** `at least 7 years [and at most 10 years] after X`, or the upper bound with a start of its own. */
function atLeast(context: ParseContext): { notBefore: Moment; notAfter?: Moment } {
  const { stream } = context;
  if (!startsPeriod(stream)) stream.unexpected('a period behind "at least", such as 7 years');
  let probe = 0;
  while (isPeriodToken(stream, probe)) probe += 1;
  if (stream.word(probe) === 'and' && stream.word(probe + 1) === 'at' && stream.word(probe + 2) === 'most') {
    const least = parsePeriodIn(context, false);
    stream.take('and', 'at', 'most');
    const notAfter = joined(context, false);
    if (notAfter.kind !== 'after') return stream.unexpected('"after" and an event behind the two periods');
    return { notBefore: { kind: 'after', period: least, start: notAfter.start }, notAfter };
  }
  const notBefore = joined(context, false);
  return stream.take('and', 'at', 'most') ? { notBefore, notAfter: joined(context, false) } : { notBefore };
}

function isPeriodToken(stream: TokenStream, ahead: number): boolean {
  if (startsPeriod(stream, ahead)) return true;
  // `10 working days except 2024-12-25, 2024-12-26`.
  if (stream.word(ahead) === 'except' || stream.peek(ahead).kind === 'date') return true;
  const goesOn = stream.word(ahead) === 'and' || stream.peek(ahead).text === ',';
  if (goesOn && stream.peek(ahead + 1).kind === 'date') return true;
  if (stream.word(ahead) === 'and') return startsPeriod(stream, ahead + 1);
  const [before, earlier] = [stream.peek(ahead - 1), stream.peek(ahead - 2)];
  const unit = ahead > 0 && startsPeriod(stream, ahead - 1) && before.kind !== 'setting';
  const twoWords = ahead > 1 && startsPeriod(stream, ahead - 2) && earlier.kind !== 'setting';
  const days = ['day', 'days'].includes(stream.word(ahead));
  return (unit || (twoWords && days)) && stream.peek(ahead).kind === 'word' && stream.word(ahead) !== 'and';
}

/** `between 7 and 10 years after X`, `between 6 months and 1 year after X`. */
function between(context: ParseContext): { notBefore: Moment; notAfter: Moment } {
  const { stream } = context;
  stream.next();
  const token = stream.peek();
  const shared = stream.word(1) === 'and' ? takeNumber(stream) : undefined;
  const least = shared === undefined ? parsePeriodIn(context, true) : undefined;
  stream.expect('and', 'and the longer period');
  const most = parsePeriodIn(context, false);
  if (!AFTER_WORDS.some((word) => stream.take(word)))
    stream.unexpected('"after" behind the two periods', AFTER_WORDS);
  const start = context.read.operand(context);
  const [unit, ...others] = 'setting' in most ? [] : Object.keys(most);
  if (shared !== undefined && (unit === undefined || others.length > 0))
    return stream.fail(
      'RULE_SYNTAX',
      'a number alone needs the unit of the other, as in "between 7 and 10 years"',
      token,
    );
  const shorter = least ?? { [unit ?? 'days']: shared };
  return {
    notBefore: { kind: 'after', period: shorter, start },
    notAfter: { kind: 'after', period: most, start },
  };
}
