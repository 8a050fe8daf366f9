import type { Duration } from '../calendar/units.ts';
import { isDuration } from './ast.ts';
import type { StageAction, UnlinkedCondition, UnlinkedMoment } from './ast.ts';
import {
  CONDITION_WORDS,
  conditionAfter,
  conditionInFront,
  moment,
  moments,
  operand,
  startsOperand,
  takeOtherwise,
  withSuffixes,
} from './grammar.ts';
import type { Suffix } from './grammar.ts';
import type { Token } from './lexer.ts';
import { expectLink, LATEST_LINKS } from './links.ts';
import { numberAt } from './number-words.ts';
import { startsPeriod, takeNumber } from './parse-period.ts';
import { lookAhead, period } from './reading.ts';
import type { Reading } from './reading.ts';
import { refuseOtherVerb, refuseRotation } from './refused-wordings.ts';
import type { TokenStream } from './token-stream.ts';
import { momentsOf } from './walk.ts';
import { ACTION_WORDS, STAGE_NOUNS } from './words.ts';

/** What a stage says, or one branch of it. */
export interface Body extends Bounds {
  readonly action?: StageAction;
}

interface Bounds {
  readonly notBefore?: UnlinkedMoment;
  readonly notAfter?: UnlinkedMoment;
  /** No word says which bound is meant; the other branch may say it. */
  readonly bare: boolean;
}

/** `[action] bounds`, with conditions before or after: `if C, within … , otherwise …`. */
export function parseBody(reading: Reading): Body {
  const { stream } = reading;
  const start = stream.peek();
  const condition = conditionInFront(reading);
  const said = withSuffixes(reading, plain(reading), changed, start);
  if (condition !== undefined) return either(stream, condition, said, otherwiseBody(reading), start);
  const after = conditionAfter(reading);
  if (after === undefined) return said;
  if (after.kind === 'condition') return either(stream, after.condition, said, otherwiseBody(reading), start);
  const by = moment(reading);
  return changed(said, (of) => ({ kind: 'override', of, by, source: after.source }));
}

function otherwiseBody(reading: Reading): Body {
  if (!takeOtherwise(reading.stream)) return { notBefore: { kind: 'not-applicable' }, bare: true };
  reading.levels.enter();
  return parseBody(reading);
}

/** Both branches have the same bounds: a word in one of them also counts for the other. */
function either(
  stream: TokenStream,
  condition: UnlinkedCondition,
  then: Body,
  otherwise: Body,
  start: Token,
): Body {
  const actions = new Set([then.action, otherwise.action].filter((action) => action !== undefined));
  if (actions.size > 1)
    stream.fail(
      'RULE_INCONSISTENT',
      'both branches of a condition must have the same action; write two rules instead',
      start,
    );
  const [action] = actions;
  const [a, b] = [alike(then, otherwise), alike(otherwise, then)];
  const bound = (side: 'notBefore' | 'notAfter'): UnlinkedMoment | undefined => {
    if (a[side] === undefined && b[side] === undefined) return undefined;
    const [met, other] = [a[side] ?? always(a), b[side] ?? always(b)];
    if (met !== undefined && other !== undefined) return { kind: 'if', condition, met, otherwise: other };
    const message =
      'one branch is a minimum and the other a maximum; use the same kind in both, such as "within … if …, otherwise within …"';
    return stream.fail('RULE_AMBIGUOUS', message, start);
  };
  const [notBefore, notAfter] = [bound('notBefore'), bound('notAfter')];
  return {
    ...(action && { action }),
    ...(notBefore && { notBefore }),
    ...(notAfter && { notAfter }),
    bare: a.bare && b.bare,
  };
}

/** A bare moment means the bound that the other branch names. */
function alike(one: Body, other: Body): Body {
  const { notBefore } = one;
  if (!one.bare || notBefore === undefined) return one;
  if (other.bare || other.notAfter === undefined || other.notBefore !== undefined) return one;
  return { ...(one.action && { action: one.action }), notAfter: notBefore, bare: true };
}

/** A branch that keeps, does not apply or cannot be computed: it is the same for every bound. */
function always({ notBefore, notAfter }: Body): UnlinkedMoment | undefined {
  const only = notBefore ?? notAfter;
  return only !== undefined && HAS_DATE[only.kind] ? undefined : only;
}

const HAS_DATE: Readonly<Record<UnlinkedMoment['kind'], boolean>> = {
  event: true,
  date: true,
  'date-in': true,
  after: true,
  before: true,
  'end-of': true,
  'last-day-of': true,
  'next-day': true,
  run: true,
  nth: true,
  birthday: true,
  later: true,
  earlier: true,
  if: true,
  suspended: true,
  override: true,
  stage: true,
  latest: true,
  'not-applicable': false,
  never: false,
  'not-computable': false,
};

function changed(said: Body, change: Suffix): Body {
  const { notBefore, notAfter } = said;
  return {
    ...said,
    ...(notBefore && { notBefore: change(notBefore) }),
    ...(notAfter && { notAfter: change(notAfter) }),
  };
}

function plain(reading: Reading): Body {
  const { stream } = reading;
  const keeps = stream.take('keep') || stream.take('retain');
  if (keeps && ['permanently', 'indefinitely', 'forever'].some((word) => stream.take(word)))
    return { action: 'delete', notBefore: { kind: 'never' }, bare: true };
  const lasts = stream.take('for');
  if (keeps || lasts) return { ...(keeps && { action: 'delete' }), ...bounds(reading) };
  refuseOtherVerb(stream);
  const action = takeAction(stream);
  const conditional = CONDITION_WORDS.includes(stream.word());
  return { ...(conditional ? parseBody(reading) : bounds(reading)), ...(action && { action }) };
}

/** Where the text leaves a choice that includes deleting, deleting satisfies it. */
function takeAction(stream: TokenStream): StageAction | undefined {
  const action = ACTION_WORDS.get(stream.word());
  // An action word may also be the name of an event: `until review`.
  if (action === undefined) return undefined;
  const noun = stream.next();
  const other = stream.word() === 'or' ? ACTION_WORDS.get(stream.word(1)) : undefined;
  if (other === undefined) {
    const after = stream.peek();
    const ends = after.kind === 'end' || (after.kind === 'mark' && after.text !== '(');
    if (STAGE_NOUNS.has(noun.text.toLowerCase()) && (ends || ['plus', 'or'].includes(stream.word()))) {
      const message = `"${noun.text}" is what is done here; say when, such as "${action} 3 years after X", or write "upon ${noun.text}" if it is an event`;
      stream.fail('RULE_AMBIGUOUS', message, noun);
    }
    return action;
  }
  stream.skip(2);
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
/** What links a period to its start after `within`: `within 30 days of X`. */
const OF_WORDS = [...LATEST_LINKS, 'of'];

function bounds(reading: Reading): Bounds {
  const { stream } = reading;
  refuseRotation(stream);
  if (stream.takeAny(UPON)) return { notBefore: moments(reading), bare: false };
  if (stream.take('by') || stream.takeAny(LATEST))
    return { notAfter: moments(reading, LATEST_LINKS), bare: false };
  if (stream.take('within')) {
    if (!startsPeriod(stream)) stream.unexpected('a period after "within", such as 30 days');
    return { notAfter: moments(reading, OF_WORDS), bare: false };
  }
  if (stream.takeAny(AT_MOST)) return { notAfter: moments(reading, LATEST_LINKS), bare: false };
  if (stream.takeAny(AT_LEAST)) return { ...atLeast(reading), bare: false };
  if (stream.word() === 'between') return { ...between(reading), bare: false };
  if (stream.takeAny(EARLIEST)) {
    const notBefore = moments(reading);
    return stream.take('and', 'by')
      ? { notBefore, notAfter: moments(reading, LATEST_LINKS), bare: false }
      : { notBefore, bare: false };
  }
  // `after 6 years from X`.
  if (stream.word() === 'after' && startsPeriod(stream, 1)) stream.next();
  if (!startsOperand(stream))
    stream.unexpected('a period such as 30 days, "within", "until", "the later of" or an event');
  const found = moments(reading);
  const isMaximum = [...momentsOf(found)].some(({ kind }) => kind === 'latest');
  return isMaximum ? { notAfter: found, bare: false } : { notBefore: found, bare: true };
}

/** `at least 7 years [and at most 10 years] after X`, or the upper bound with a start of its own. */
function atLeast(reading: Reading): { notBefore: UnlinkedMoment; notAfter?: UnlinkedMoment } {
  const { stream } = reading;
  if (!startsPeriod(stream)) stream.unexpected('a period after "at least", such as 7 years');
  const sharesStart = lookAhead(reading, () => {
    period(reading, false);
    return stream.take('and', 'at', 'most');
  });
  if (sharesStart) {
    const least = period(reading, false);
    stream.take('and', 'at', 'most');
    const notAfter = moments(reading, LATEST_LINKS);
    if (notAfter.kind !== 'after') return stream.unexpected('"after" and an event after the two periods');
    return { notBefore: { kind: 'after', period: least, start: notAfter.start }, notAfter };
  }
  const notBefore = moments(reading);
  return stream.take('and', 'at', 'most')
    ? { notBefore, notAfter: moments(reading, LATEST_LINKS) }
    : { notBefore };
}

/** `between 7 and 10 years after X`, `between 6 months and 1 year after X`. */
function between(reading: Reading): { notBefore: UnlinkedMoment; notAfter: UnlinkedMoment } {
  const { stream } = reading;
  stream.next();
  const token = stream.peek();
  const number = numberAt(stream);
  const hasAnd = Array.from({ length: number?.tokens ?? 0 }, (_, index) => stream.word(index)).includes(
    'and',
  );
  const shared = number && stream.word(number.tokens) === 'and' ? takeNumber(stream) : undefined;
  const least = shared === undefined ? period(reading, true) : undefined;
  if (stream.word() !== 'and' && hasAnd) {
    const message =
      '"and" could also be part of the number; write the numbers in digits, such as "between 100 and 120 days"';
    stream.fail('RULE_AMBIGUOUS', message, token);
  }
  stream.expect('and', 'and the longer period');
  const most = period(reading, false);
  expectLink(stream, LATEST_LINKS);
  const start = operand(reading).moment;
  const { holidays, ...amounts }: Duration = isDuration(most) ? most : {};
  const [unit, ...others] = Object.keys(amounts);
  if (shared !== undefined && (unit === undefined || others.length > 0))
    return stream.fail(
      'RULE_SYNTAX',
      'a number without a unit needs a single unit after "and", as in "between 7 and 10 years"',
      token,
    );
  const shorter = least ?? { [unit ?? 'days']: shared, ...(holidays && { holidays }) };
  return {
    notBefore: { kind: 'after', period: shorter, start },
    notAfter: { kind: 'after', period: most, start },
  };
}
