import type { Duration } from '../calendar/units.ts';
import { isDuration } from './ast.ts';
import type { UnlinkedCondition, UnlinkedMoment } from './ast.ts';
import { changed, mapEnds, refuseLawOfAll, refuseOther } from './body-stages.ts';
import type { Body, Bounds, Doing } from './body-stages.ts';
import {
  CONDITION_WORDS,
  conditionAfter,
  conditionInFront,
  lawAfter,
  moments,
  operand,
  refuseAfterLaw,
  refuseCondition,
  refuseForAll,
  startsOperand,
  takeOtherwise,
  withSuffixes,
} from './grammar.ts';
import { expectLink, LATEST_LINKS } from './links.ts';
import { numberAt } from './number-words.ts';
import { startsPeriod, takeNumber } from './parse-period.ts';
import { lookAhead, period } from './reading.ts';
import type { Reading } from './reading.ts';
import {
  refuseBackwards,
  refuseKeepWithin,
  refuseAgeReached,
  refuseAsLongAs,
  refuseKeepUpon,
  refuseNamedObject,
  refuseObject,
  refuseOtherVerb,
  refuseRotation,
  refuseStatement,
  refuseUntil,
} from './refused-wordings.ts';
import type { TokenStream } from './token-stream.ts';
import { momentsOf } from './walk.ts';
import { ACTION_WORDS, STAGE_NOUNS } from './words.ts';

/** `[action] bounds`, with conditions before or after: `if C, within … , otherwise …`. */
export function parseBody(reading: Reading): Body {
  const { stream } = reading;
  const front = conditionInFront(reading);
  const said = suffixed(reading);
  const comma = stream.peek();
  const law = lawAfter(reading);
  const met: Body =
    law === undefined
      ? said
      : {
          kind: 'law',
          of: said,
          by: required(reading),
          source: law,
          ...(comma.kind === 'mark' && { comma }),
        };
  const condition = front ?? (law === undefined ? conditionAfter(reading) : undefined);
  if (condition === undefined) return met;
  if (front === undefined && comma.kind === 'mark') refuseForAll(reading, comma);
  refuseCondition(stream);
  return branches(reading, condition, met);
}

/** What a law requires. What follows could be about this part, or about everything before it. */
function required(reading: Reading): Body {
  const by = CONDITION_WORDS.includes(reading.stream.word()) ? parseBody(reading) : plain(reading);
  refuseAfterLaw(reading);
  return by;
}

/** `if A, if B, X, otherwise Y` does not say which condition the `otherwise` belongs to, unless each has its own. */
function branches(reading: Reading, condition: UnlinkedCondition, met: Body): Body {
  const { stream } = reading;
  const token = stream.peek();
  if (!takeOtherwise(stream)) {
    if (endsWithOtherwise(met)) {
      const message =
        'it is not clear which condition "otherwise" belongs to; join the conditions with "and", or use parentheses, such as if A, (if B, X, otherwise Y) or if A, (if B, X), otherwise Y';
      stream.fail('RULE_AMBIGUOUS', message, token);
    }
    return { kind: 'if', condition, met };
  }
  reading.levels.enter();
  const otherwise = parseBody({ ...reading, last: true });
  refuseLawOfAll(stream, met, otherwise);
  return { kind: 'if', condition, met, otherwise };
}

function endsWithOtherwise(body: Body): boolean {
  switch (body.kind) {
    case 'said':
      return false;
    case 'if':
      return body.otherwise !== undefined;
    case 'law':
      return endsWithOtherwise(body.by);
  }
}

function suffixed(reading: Reading): Body {
  const start = reading.stream.peek();
  return withSuffixes(
    reading,
    plain(reading),
    (body, suffix) => mapEnds(body, (end) => changed(reading.stream, end, suffix)),
    start,
  );
}

function plain(reading: Reading): Body {
  const { stream } = reading;
  const at = stream.peek();
  const keeps = stream.take('keep') || stream.take('retain');
  if (keeps && ['permanently', 'indefinitely', 'forever'].some((word) => stream.take(word)))
    return { kind: 'said', notBefore: { kind: 'never' }, form: 'bare', at };
  if (keeps) refuseKeepWithin(stream);
  if (stream.take('for') || keeps) {
    refuseKeepUpon(stream, at);
    return { kind: 'said', verb: 'keep', ...refuseNamedObject(stream, 'until', bounds(reading)), at };
  }
  refuseOtherVerb(stream);
  refuseStatement(stream);
  const doing = takeAction(stream);
  if (doing !== undefined) refuseObject(stream);
  if (!CONDITION_WORDS.includes(stream.word())) {
    if (doing === undefined) return { kind: 'said', ...bounds(reading), at };
    refuseUntil(stream, at);
    return { kind: 'said', ...doing, ...refuseNamedObject(stream, 'upon', bounds(reading)), at };
  }
  const branch = parseBody(reading);
  if (doing === undefined) return branch;
  let isFirst = true;
  return mapEnds(branch, (end) => {
    if (isFirst) refuseOther(stream, doing, end);
    isFirst = false;
    return end.verb === undefined ? { ...end, action: doing.action, ...(doing.or && { or: doing.or }) } : end;
  });
}

/** Where the text leaves a choice that includes deleting, deleting satisfies it. */
function takeAction(stream: TokenStream): Doing | undefined {
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
    return { action, verb: 'action' };
  }
  stream.skip(2);
  // `erase or destroy` is one action.
  if (other === action) return { action, verb: 'action' };
  if ([action, other].some((one) => one === 'review' || one === 'notify'))
    stream.fail(
      'RULE_AMBIGUOUS',
      `it is not clear whether one can be left out; write "${action} …, then …"`,
      noun,
    );
  const [done, or] = other === 'delete' ? [other, action] : [action, other];
  return { action: done, or, verb: 'action' };
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
  refuseAsLongAs(stream);
  if (stream.takeAny(UPON)) {
    refuseAgeReached(stream);
    return { notBefore: moments(reading), form: 'word' };
  }
  if (stream.take('by') || stream.takeAny(LATEST))
    return { notAfter: latest(reading, LATEST_LINKS), form: 'word' };
  if (stream.take('within')) {
    if (!startsPeriod(stream)) stream.unexpected('a period after "within", such as 30 days');
    refuseBackwards(reading, 'within');
    return { notAfter: latest(reading, OF_WORDS), form: 'spreads' };
  }
  if (stream.takeAny(AT_MOST)) {
    refuseBackwards(reading, 'at most');
    return { notAfter: latest(reading, LATEST_LINKS), form: 'spreads' };
  }
  if (stream.takeAny(AT_LEAST)) return { ...atLeast(reading), form: 'word' };
  if (stream.word() === 'between') return { ...between(reading), form: 'word' };
  if (stream.takeAny(EARLIEST)) {
    const notBefore = moments(reading);
    return stream.take('and', 'by')
      ? { notBefore, notAfter: latest(reading, LATEST_LINKS), form: 'word' }
      : { notBefore, form: 'word' };
  }
  // `after 6 years from X`.
  if (stream.word() === 'after') {
    if (!startsPeriod(stream, 1))
      stream.fail(
        'RULE_SYNTAX',
        '"after" needs a period, such as "3 years after X"; for the moment itself, write "upon X"',
      );
    stream.next();
  }
  if (!startsOperand(stream))
    return stream.unexpected(
      'a period such as 30 days, "within", "until", "the later of" or an event',
      ACTION_WORDS.keys(),
    );
  const found = moments(reading);
  const isMaximum = [...momentsOf(found)].some(({ kind }) => kind === 'latest');
  return isMaximum ? { notAfter: found, form: 'word' } : { notBefore: found, form: 'bare' };
}

/** `at least 7 years [and at most 10 years] after X`, or the upper bound with a start of its own. */
function atLeast(reading: Reading): { notBefore: UnlinkedMoment; notAfter?: UnlinkedMoment } {
  const { stream } = reading;
  if (!startsPeriod(stream)) stream.unexpected('a period after "at least", such as 7 years');
  refuseBackwards(reading, 'at least');
  const sharesStart = lookAhead(reading, () => {
    period(reading, false);
    return stream.take('and', 'at', 'most');
  });
  if (sharesStart) {
    const least = period(reading, false);
    stream.take('and', 'at', 'most');
    const notAfter = latest(reading, LATEST_LINKS);
    if (notAfter.kind !== 'after') return stream.unexpected('"after" and an event after the two periods');
    return { notBefore: { kind: 'after', period: least, start: notAfter.start }, notAfter };
  }
  const notBefore = moments(reading);
  return stream.take('and', 'at', 'most')
    ? { notBefore, notAfter: latest(reading, LATEST_LINKS) }
    : { notBefore };
}

function latest(reading: Reading, links: readonly string[]): UnlinkedMoment {
  return moments({ ...reading, latest: true }, links);
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
