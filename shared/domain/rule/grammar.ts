import type { Operand, Placeholder, Test, UnlinkedCondition, UnlinkedMoment, When } from './ast.ts';
import {
  endsApart,
  refuseLastPlus,
  refuseOpenList,
  refusePlus,
  refuseSecondStart,
  refuseUncounted,
} from './clear-lists.ts';
import type { Read } from './clear-lists.ts';
import type { Token } from './lexer.ts';
import {
  DAY_OF_YEAR,
  dayOfYear,
  runIn,
  startsDay,
  startsRun,
  startsWeekday,
  takeDate,
  unitHere,
  weekdayHere,
} from './parse-calendar.ts';
import { expectLink, LATEST_LINKS, LINKS } from './links.ts';
import { referTo, stageReference } from './link-stages.ts';
import { numberAt, ordinalAt, takeWritten } from './number-words.ts';
import { startsPeriod, takeNumber } from './parse-period.ts';
import { ageTests, attributeTest, startsTextTest, takeTextTest, typeOf } from './parse-test.ts';
import { attributeIn, eventName, noteEvent, period, readName, suspension } from './reading.ts';
import type { Reading } from './reading.ts';
import type { TokenStream } from './token-stream.ts';
import { COMPARISON_WORDS, FROM_WORDS, HAPPEN, HAPPENED, isKeyword } from './words.ts';

/*
 * The middle of the grammar in `docs/rules.md`, one function for each production. Moments, operands and conditions
 * contain each other, so they are in one file: they call each other, and return what they know.
 */

/** A moment with all that may follow it: what suspends it, what it is rounded to, and its conditions. */
function moment(reading: Reading): UnlinkedMoment {
  const { stream } = reading;
  const start = stream.peek();
  const apply = (of: UnlinkedMoment, suffix: Suffix): UnlinkedMoment => withSuffix(stream, of, suffix);
  const front = conditionInFront(reading);
  const met = withSuffixes(reading, moments(reading), apply, start);
  const law = front === undefined ? lawAfter(reading) : undefined;
  if (law !== undefined) {
    const by = required(reading);
    refuseAfterLaw(reading);
    return { kind: 'override', of: met, by, source: law };
  }
  const condition = front ?? conditionAfter(reading);
  if (condition === undefined) return met;
  refuseCondition(stream);
  return { kind: 'if', condition, met, otherwise: otherwiseMoment(reading) };
}

function otherwiseMoment(reading: Reading): UnlinkedMoment {
  if (!takeOtherwise(reading.stream)) return { kind: 'not-applicable' };
  reading.levels.enter();
  return moment({ ...reading, last: true });
}

export function takeOtherwise(stream: TokenStream): boolean {
  const length = otherwiseLength(stream);
  if (length === 0) return false;
  stream.skip(length);
  stream.takeMark(',');
  return true;
}

/** How many tokens come next that begin the other branch; 0 if none does. */
function otherwiseLength(stream: TokenStream): number {
  const mark = stream.mark(',', ';');
  stream.possible(mark, 'otherwise');
  const word = stream.word(mark);
  if (word === 'otherwise' || word === 'else') return mark + 1;
  const which = word === 'in' && stream.word(mark + 1) === 'which' && stream.word(mark + 2) === 'case';
  return which ? mark + 3 : 0;
}

export const CONDITION_WORDS = ['if', 'when', 'where', 'unless'];

/** `if C`, `when C` or `unless C`. */
function takeCondition(reading: Reading): UnlinkedCondition | undefined {
  const { stream } = reading;
  if (stream.take('if') || stream.take('when') || stream.take('where')) return condition(reading);
  return stream.take('unless') ? negated(condition(reading)) : undefined;
}

export function conditionInFront(reading: Reading): UnlinkedCondition | undefined {
  const { stream } = reading;
  const found = takeCondition(reading);
  if (found !== undefined && !stream.takeMark(',') && !stream.take('then'))
    stream.unexpected('a comma after the condition');
  return found;
}

/** A condition after what it is about. */
export function conditionAfter(reading: Reading): UnlinkedCondition | undefined {
  const { stream } = reading;
  const comma = stream.mark(',');
  stream.possible(comma, 'if', 'unless');
  if (!startsCondition(stream, comma)) return undefined;
  stream.skip(comma);
  return takeCondition(reading);
}

function startsCondition(stream: TokenStream, ahead: number): boolean {
  return CONDITION_WORDS.includes(stream.word(ahead)) && !ifAny(stream, ahead);
}

/** `unless "law" requires`: the name of the law. */
export function lawAfter({ stream }: Reading): string | undefined {
  const comma = stream.mark(',');
  const law = stream.peek(comma + 1);
  if (stream.word(comma) !== 'unless' || law.kind !== 'string') return undefined;
  stream.skip(comma + 2);
  if (law.text.trim() === '')
    stream.fail('RULE_SYNTAX', 'the name of the law is empty; write it in the quotation marks', law);
  stream.expect('requires', 'after the name of the law');
  return law.text;
}

const LATEST_WORDS = ['within', 'by', 'no later than', 'not later than', 'at most'];

/** `by (X unless "law" requires within 1 year after Y)`: without the word, the law's minimum would be a maximum. */
function required(reading: Reading): UnlinkedMoment {
  const { stream, latest } = reading;
  const start = stream.peek();
  const says = stream.takeAny(LATEST_WORDS);
  if (says === (latest === true)) return moments(reading, says ? LATEST_LINKS : LINKS);
  const message = says
    ? 'this part is a minimum; write the law with its maximum without parentheses, such as 3 years after X unless "law" requires within 30 days after X'
    : 'it is not clear whether what the law requires is a maximum, too; write "requires within …" or "requires by …" if it is, and else no parentheses, such as within 30 days after X unless "law" requires 1 year after X';
  return stream.fail('RULE_AMBIGUOUS', message, start);
}

/** `X if A if B`, `if A, X unless B`. */
export function refuseCondition(stream: TokenStream): void {
  const comma = stream.mark(',');
  if (!startsCondition(stream, comma)) return;
  const message =
    'it is not clear how this condition and the one before it belong together; join them with "and" or "or", or use parentheses, such as (X if A, otherwise Y) if B';
  stream.fail('RULE_AMBIGUOUS', message, stream.peek(comma));
}

/** `X unless "law" requires Y, held from A until B` */
export function refuseAfterLaw(reading: Reading): void {
  const { stream } = reading;
  const token = stream.peek(stream.mark(','));
  if (!startsCondition(stream, stream.mark(',')) && suffix(reading, token) === undefined) return;
  const message =
    'it is not clear whether this is about what the law requires or about the whole; put the part that it is about in parentheses';
  stream.fail('RULE_AMBIGUOUS', message, token);
}

/** What follows a moment and changes it, or adds a bound to it. */
export type Suffix =
  | {
      readonly kind: 'suspended' | 'run';
      readonly change: (moment: UnlinkedMoment) => UnlinkedMoment;
      readonly at: Token;
    }
  | { readonly kind: 'minimum' | 'maximum'; readonly of: UnlinkedMoment; readonly at: Token };

function withSuffix(stream: TokenStream, of: UnlinkedMoment, suffix: Suffix): UnlinkedMoment {
  switch (suffix.kind) {
    case 'suspended':
    case 'run':
      return suffix.change(of);
    case 'minimum':
      return both('later', of, suffix.of);
    case 'maximum': {
      const message =
        'a maximum belongs to the whole rule, not to a part in parentheses; write it after the parentheses, or write "the earlier of A and B"';
      return stream.fail('RULE_INCONSISTENT', message, suffix.at);
    }
  }
}

export function both(kind: 'later' | 'earlier', ...of: readonly UnlinkedMoment[]): UnlinkedMoment {
  return { kind, of: of.map((each) => ({ moment: each, optional: false })) };
}

/** `anonymise X, then delete Y, unless paid`: with the comma it could be about all stages. */
export function refuseForAll(reading: Reading, at: Token): void {
  if (reading.later !== true) return;
  const message =
    'it is not clear whether this is about the last stage or about all of them; without the comma it is about the last one, and for all of them write it in each stage';
  reading.stream.fail('RULE_AMBIGUOUS', message, at);
}

export function withSuffixes<Of>(
  reading: Reading,
  of: Of,
  apply: (of: Of, suffix: Suffix) => Of,
  start: Token,
): Of {
  let result = of;
  for (;;) {
    const comma = reading.stream.mark(',');
    const next = suffix(reading, start);
    if (next === undefined) return result;
    if (comma === 1) refuseForAll(reading, next.at);
    if (reading.last === true && otherwiseLength(reading.stream) === 0) {
      const message =
        'it is not clear whether this is about the last branch or about all of them; put the branch in parentheses, such as "otherwise (3 years after X, at the next run on 09-01)", or write it in each branch';
      reading.stream.fail('RULE_AMBIGUOUS', message, next.at);
    }
    result = apply(result, next);
  }
}

const BUT_NOT_BEFORE = ['but not before', 'but no earlier than', 'but not earlier than'];
const BUT_NOT_AFTER = ['but by', 'but no later than', 'but not later than'];
const BUT_AT_LEAST = ['but at least', 'but no less than', 'but not less than'];
const BUT_AT_MOST = ['but within', 'but at most', 'but no longer than', 'but not longer than'];

/** `held from A until B`, `paused from A until B`, `but not before X`, `but by X`, `at the next run on 09-01`. */
function suffix(reading: Reading, start: Token): Suffix | undefined {
  const { stream, levels } = reading;
  const comma = stream.mark(',');
  stream.possible(comma, 'held', 'paused', 'but not before', 'at the next run');
  const word = stream.word(comma);
  const at = stream.peek(comma);
  if (word === 'held' || word === 'paused') {
    const isApart = endsApart(stream);
    stream.skip(comma);
    levels.enter();
    const { how, intervals } = suspension(reading);
    const change = (of: UnlinkedMoment): UnlinkedMoment => {
      if (how !== 'held') refuseUncounted(stream, how, of, { start, isApart });
      return { kind: 'suspended', how, of, intervals };
    };
    return { kind: 'suspended', change, at };
  }
  if (word === 'suspended') {
    const message =
      '"suspended" does not say what happens when it ends; write "held from A until B" (the date waits for the end), "paused from A until B" (that time does not count) or "held from A until B, then restarted" (the period starts again)';
    return stream.fail('RULE_AMBIGUOUS', message, stream.peek(comma));
  }
  if (word === 'but') return added(reading, comma);
  const ends = ['at', 'the', 'end', 'of'].every((each, at) => stream.word(comma + at) === each);
  if (ends) {
    if (comma === 0) stream.fail('RULE_AMBIGUOUS', AT_THE_END);
    stream.skip(comma + 4);
    levels.enter();
    const unit = unitHere(reading, 'end-of');
    return { kind: 'run', change: (of) => ({ kind: 'end-of', unit, of }), at };
  }
  const onNext = (word === 'at' || word === 'on') && stream.word(comma + 1) === 'the';
  if (!onNext || stream.word(comma + 2) !== 'next') return undefined;
  stream.skip(comma + 3);
  if (!startsRun(stream)) stream.unexpected('"run", such as "at the next run on 09-01"', ['run']);
  levels.enter();
  const run = runIn(stream);
  return { kind: 'run', change: (of) => ({ kind: 'run', ...run, of }), at };
}

/** `but not before X`, `but by X`, `but at most P after X`: another bound. */
function added(reading: Reading, comma: number): Suffix {
  const { stream } = reading;
  stream.skip(comma);
  const at = stream.peek();
  const [minimum, maximum] = [stream.takeAny(BUT_NOT_BEFORE), stream.takeAny(BUT_NOT_AFTER)];
  const [least, most] = [stream.takeAny(BUT_AT_LEAST), stream.takeAny(BUT_AT_MOST)];
  if (!minimum && !maximum && !least && !most) {
    stream.next();
    stream.unexpected('"not before", "no later than", "at least" or "at most" after "but"', [
      'not',
      'no',
      'at',
      'by',
    ]);
  }
  if ((least || most) && !startsPeriod(stream)) stream.unexpected('a period such as 30 days, and an event');
  reading.levels.enter();
  if (minimum || least) return { kind: 'minimum', of: operand(reading).moment, at };
  return { kind: 'maximum', of: operand({ ...reading, latest: true }, LATEST_LINKS).moment, at };
}

const AT_THE_END =
  'it is not clear what is at the end of it; write a comma before "at" if the period ends then, or "after the end of the … of X" if it begins then';

/** One sum, or several joined by `or` and closed by `whichever is later|earlier`. `links` are words between a period and its start. */
export function moments(reading: Reading, links: readonly string[] = LINKS): UnlinkedMoment {
  const { stream } = reading;
  const start = stream.peek();
  const first = sum(reading, links);
  const optional = takeIfAny(stream);
  if (!joins(stream) && !optional) return first.moment;
  const read = [first];
  const operands: Operand<Placeholder>[] = [{ moment: first.moment, optional }];
  while (joins(stream)) {
    refuseOpenList(stream, read.at(-1) ?? first);
    stream.skip(stream.mark(',') + 1);
    const at = stream.peek();
    const until = stream.take('until') || stream.take('upon');
    const next = { ...sum(reading, links), until, at };
    refuseSecondStart(stream, read, next);
    read.push(next);
    operands.push({ moment: next.moment, optional: takeIfAny(stream) });
  }
  stream.takeMark(',');
  if (stream.word() !== 'whichever') {
    stream.unexpected('"whichever is later" or "whichever is earlier" at the end', ['whichever']);
  }
  stream.next();
  const verbs = ['is', 'comes', 'occurs', 'happens', 'ends', 'falls'];
  if (!verbs.some((verb) => stream.take(verb))) stream.unexpected('"is" after "whichever"', verbs);
  stream.take('the');
  const kind = comparison(stream);
  if (operands.length < 2)
    stream.fail('RULE_SYNTAX', '"whichever" needs at least two dates to compare', start);
  refuseLastPlus(stream, read);
  return compared(stream, kind, operands, start);
}

function joins(stream: TokenStream): boolean {
  stream.possible(stream.mark(','), 'or');
  return stream.word(stream.mark(',')) === 'or';
}

/** `X plus 3 years`. Each `plus` counts as a level, as nesting does. */
function sum(reading: Reading, links: readonly string[] = LINKS): Read {
  const { stream, levels } = reading;
  return levels.within(() => {
    let read = operand(reading, links);
    while (startsPlus(stream)) {
      refusePlus(stream, read);
      stream.next();
      levels.enter();
      const moment: UnlinkedMoment = { kind: 'after', period: period(reading, true), start: read.moment };
      read = { moment, how: 'plus', at: read.at };
    }
    return read;
  });
}

function startsPlus(stream: TokenStream): boolean {
  stream.possible(0, 'plus');
  return stream.word() === 'plus';
}

/** `the later of A, B and C`, or a single operand. */
export function operand(reading: Reading, links: readonly string[] = LINKS): Read {
  const { stream } = reading;
  const article = ['the', 'a', 'an'].includes(stream.word()) ? 1 : 0;
  const at = stream.peek();
  const isList = isComparison(stream.word(article)) && stream.word(article + 1) === 'of';
  if (isList) stream.skip(article);
  const found = isList ? list(reading, at.at) : single(reading, links);
  return { moment: found, how: at.kind === 'mark' ? 'parentheses' : 'plain', at };
}

/** An operand one level deeper. */
function inner(reading: Reading): UnlinkedMoment {
  reading.levels.enter();
  return operand({ ...reading, latest: false }).moment;
}

/** `the later of A, B and C`; the comma before `and` is allowed. */
function list(reading: Reading, begin: number): UnlinkedMoment {
  const { stream } = reading;
  const start = stream.peek();
  const kind = comparison(stream);
  stream.take('of');
  const operands: Operand<Placeholder>[] = [];
  const read: Read[] = [];
  let isLast = false;
  let joint: 'comma' | 'and' | undefined;
  do {
    const until = stream.take('until') || stream.take('upon');
    const next = sum({ ...reading, joined: true });
    read.push({ ...next, until });
    operands.push({ moment: next.moment, optional: takeIfAny(stream) });
    const mark = stream.peek();
    joint = nextOperand(stream, isLast);
    if (joint === 'and' && isLast) {
      const message =
        'it is not clear what this "and" joins; separate more than two dates by commas, as in "the later of A, B and C", or put a list in parentheses, as in "(the later of A and B) and C"';
      stream.fail('RULE_AMBIGUOUS', message, mark);
    }
    isLast ||= joint === 'and';
  } while (joint !== undefined);
  if (!isLast) {
    stream.unexpected(
      `"and" and ${operands.length === 1 ? 'a second' : 'the last'} date for "the ${kind} of" (which starts at character ${begin + 1})`,
      ['and'],
    );
  }
  refuseLastPlus(stream, read);
  return compared(stream, kind, operands, start);
}

/** A comma lists more until an `and` came. Leaves `and by`, `and at most` and `and then` to what they belong to. */
function nextOperand(stream: TokenStream, isLast: boolean): 'comma' | 'and' | undefined {
  const comma = stream.mark(',');
  if (stream.word(comma) !== 'and') {
    if (comma === 0 || isLast) return undefined;
    stream.skip(comma);
    return 'comma';
  }
  if (['by', 'at', 'then'].includes(stream.word(comma + 1))) return undefined;
  stream.skip(comma + 1);
  return 'and';
}

function compared(
  stream: TokenStream,
  kind: 'later' | 'earlier',
  of: readonly Operand<Placeholder>[],
  start: Token,
): UnlinkedMoment {
  if (kind === 'earlier' && of.some((each) => each.optional)) {
    const message =
      '"the earlier of" ignores what has not happened anyway; use "if any" only with "the later of"';
    stream.fail('RULE_INCONSISTENT', message, start);
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
  const comma = stream.mark(',');
  if (!ifAny(stream, comma)) return false;
  stream.skip(comma + 2);
  return true;
}

const OPENING = [
  'the',
  'a',
  'an',
  'first',
  'last',
  'never',
  'not',
  'end',
  'does',
  ...COMPARISON_WORDS.keys(),
];

export function startsOperand(stream: TokenStream): boolean {
  const token = stream.peek();
  if (['date', 'day', 'ordinal'].includes(token.kind) || startsPeriod(stream) || startsDay(stream))
    return true;
  if (token.kind === 'mark') return token.text === '(';
  if (token.kind === 'number') return startsNewer(stream);
  return token.kind === 'word' && (OPENING.includes(token.lower) || !isKeyword(token.lower));
}

/** One operand other than a list. */
function single(reading: Reading, links: readonly string[]): UnlinkedMoment {
  const { stream } = reading;
  const token = stream.peek();

  const date = takeDate(stream);
  if (date !== undefined) return { kind: 'date', date };
  if (startsPeriod(stream)) return shifted(reading, links);
  if (stream.takeMark('(')) {
    reading.levels.enter();
    const found = moment({ ...reading, joined: false, last: false, later: false });
    if (!stream.takeMark(')')) stream.unexpected('a closing parenthesis');
    return found;
  }
  if (token.kind === 'number' || startsNewer(stream)) return newer(reading);
  if (stream.take('never')) return { kind: 'never' };
  if (stream.take('not', 'applicable') || stream.take('does', 'not', 'apply'))
    return { kind: 'not-applicable' };
  if (stream.take('not', 'computable')) return notComputable(reading);

  takeArticle(stream);
  if (stream.take('date', 'in')) return { kind: 'date-in', ...attributeIn(reading, 'date') };
  if (stream.take('date', 'of')) takeArticle(stream);
  if (stream.take('end', 'of')) return unitOf(reading, 'end-of');
  if (stream.take('last', 'day', 'of')) return unitOf(reading, 'last-day-of');
  if (startsWeekday(stream)) return weekday(reading);
  const reference = stageReference(stream);
  if (reference !== undefined) return reference;
  if (stream.word() === 'next' || stream.word() === 'first' || startsOrdinal(stream)) {
    const counted = nth(reading);
    if (counted !== undefined) return counted;
  }
  const pick = stream.take('first') ? 'first' : 'last';
  const last = pick === 'last' && stream.take('last');
  const name = eventName(reading);
  if (last && stream.take('before')) {
    return { kind: 'nth', name, count: 1, side: 'before', of: inner(reading) };
  }
  return { kind: 'event', name, pick };
}

function takeArticle(stream: TokenStream): void {
  if (!stream.take('the') && !stream.take('a')) stream.take('an');
}

/** `P after X`, `P before X`, `P thereafter`. */
function shifted(reading: Reading, links: readonly string[]): UnlinkedMoment {
  const { stream } = reading;
  const length = period(reading, false);
  const token = stream.peek();
  if (stream.take('thereafter') || stream.take('later'))
    return { kind: 'after', period: length, start: referTo(stream, { kind: 'previous' }, token) };
  if (stream.take('before')) return { kind: 'before', period: length, end: inner(reading) };
  // In a list or in parentheses, a maximum is still one.
  expectLink(stream, reading.latest === true && links === LINKS ? LATEST_LINKS : links);
  return { kind: 'after', period: length, start: inner(reading) };
}

/** `the end of the calendar year of X`, `… in which X occurred`. */
function unitOf(reading: Reading, kind: 'end-of' | 'last-day-of'): UnlinkedMoment {
  return { kind, unit: unitHere(reading, kind), of: ofOrInWhich(reading) };
}

/** `of X`, or `in which X has occurred`. */
function ofOrInWhich(reading: Reading): UnlinkedMoment {
  const { stream } = reading;
  if (stream.take('in', 'which') || stream.take('on', 'which')) {
    const of = inner(reading);
    const fell = ['has', 'have'].some((word) => stream.take(word));
    if (
      !['occurs', 'happens', 'falls', 'fell', 'ends', ...HAPPENED].some((word) => stream.take(word)) &&
      fell
    )
      stream.unexpected('"occurred" after "has"', HAPPENED);
    return of;
  }
  stream.expect('of', 'and an event');
  return inner(reading);
}

/** `last Friday of the month of X`, `[next] last Friday of September after X`. */
function weekday(reading: Reading, next?: 'next'): UnlinkedMoment {
  const { stream } = reading;
  const token = stream.peek();
  const day = weekdayHere(stream);
  if (!('month' in day)) {
    if (next) stream.fail('RULE_SYNTAX', 'after "next", name the month, such as September', token);
    return { kind: 'weekday-of', day, of: ofOrInWhich(reading) };
  }
  return { kind: 'next-day', day, count: 1, ...expectAfter(stream), of: inner(reading) };
}

function startsOrdinal(stream: TokenStream): boolean {
  return ordinalAt(stream) !== undefined;
}

/** `the next run on 09-01 after X`, `the 2nd 01-31 after X`, `the 21st birthday of X`, `the first payment after X`. */
function nth(reading: Reading): UnlinkedMoment | undefined {
  const { stream } = reading;
  const token = stream.peek();
  // `first` alone picks an occurrence; only what comes after the name shows which is meant.
  const ordinal = ordinalAt(stream) ?? { value: 1, tokens: 1 };
  if (stream.word() === 'first' && !countsFrom(stream, ordinal.tokens)) return undefined;
  const word = stream.word();
  const count = takeWritten(stream, ordinal);
  if (count < 1) stream.fail('RULE_OUT_OF_RANGE', 'counting starts with the 1st', token);
  if (stream.take('birthday')) {
    if (word === 'next')
      stream.fail(
        'RULE_AMBIGUOUS',
        'it is not clear which birthday is meant; write its number, such as "the 18th birthday of X"',
        token,
      );
    stream.expect('of', 'and the birth to count from');
    if (count > 150) stream.fail('RULE_OUT_OF_RANGE', 'a birthday can be at most the 150th', token);
    return { kind: 'birthday', age: count, of: inner(reading) };
  }
  if (word === 'next' && startsWeekday(stream)) return weekday(reading, 'next');
  if (startsRun(stream) && ordinal.tokens === 1 && ['next', 'first'].includes(word)) {
    const run = runIn(stream);
    // A run takes what is over by then, so that "on or after" says no more than "after".
    expectAfter(stream);
    return { kind: 'run', ...run, of: inner(reading) };
  }
  if (startsDay(stream)) {
    const day = dayOfYear(stream, DAY_OF_YEAR);
    return { kind: 'next-day', day, count, ...expectAfter(stream), of: inner(reading) };
  }
  const name = eventName(reading);
  if (!FROM_WORDS.some((word) => stream.take(word)))
    stream.unexpected(`"after" and what to count from, after "${name}"`, FROM_WORDS);
  return { kind: 'nth', name, count, side: 'after', of: inner(reading) };
}

/** `after`, or `on or after`. */
function expectAfter(stream: TokenStream): { readonly orOn?: true } {
  const orOn = stream.take('on', 'or');
  if (!FROM_WORDS.some((word) => stream.take(word)))
    stream.unexpected('"after" and what to count from', FROM_WORDS);
  return orOn ? { orOn } : {};
}

/** Whether `first` counts from something: `first login after account.opened`, unlike `first login`. */
function countsFrom(stream: TokenStream, after: number): boolean {
  const day = stream.peek(after);
  if (['day', 'number', 'ordinal'].includes(day.kind) || stream.word(after) === 'birthday') return true;
  if (startsDay(stream, after) || stream.word(after) === 'run' || stream.word(after + 1) === 'run')
    return true;
  let ahead = after;
  while (stream.peek(ahead).kind === 'word' && !isKeyword(stream.word(ahead)) && ahead <= after + 4)
    ahead += 1;
  return ahead > after && FROM_WORDS.some((word) => word === stream.word(ahead));
}

function startsNewer(stream: TokenStream): boolean {
  const number = numberAt(stream);
  return number !== undefined && stream.word(number.tokens) === 'newer';
}

/** `5 newer versions than X`: what "keep the last five" waits for. */
function newer(reading: Reading): UnlinkedMoment {
  const { stream } = reading;
  const token = stream.peek();
  const count = takeNumber(stream) ?? 1;
  if (count < 1) stream.fail('RULE_OUT_OF_RANGE', 'counting starts with 1', token);
  stream.expect('newer', 'after the number');
  const name = eventName(reading);
  stream.expect('than', 'and what they are newer than');
  return { kind: 'nth', name, count, side: 'after', of: inner(reading) };
}

function notComputable(reading: Reading): UnlinkedMoment {
  const { stream, levels } = reading;
  stream.takeMark(',');
  stream.expect('because', 'and the reason in quotation marks');
  const reason = stream.peek();
  if (reason.kind !== 'string' || reason.text.trim() === '')
    return stream.unexpected('the reason in quotation marks');
  stream.next();
  const mark = stream.mark(',', ';');
  if (stream.word(mark) !== 'fallback') return { kind: 'not-computable', reason: reason.text };
  stream.skip(mark + 1);
  levels.enter();
  const isMaximum = stream.take('within') || stream.take('by') || stream.take('at', 'most');
  const of: UnlinkedMoment = stream.take('keep', 'permanently') ? { kind: 'never' } : operand(reading).moment;
  return { kind: 'not-computable', reason: reason.text, fallback: isMaximum ? { kind: 'latest', of } : of };
}

/** `A and B`, `A or B`; both together need parentheses. */
function condition(outer: Reading): UnlinkedCondition {
  const reading = { ...outer, joined: true };
  const { stream, levels } = reading;
  return levels.within(() => {
    const first = part(reading);
    const join = stream.word();
    const of = [first];
    while (continues(stream, join)) {
      const before = of.at(-1);
      const isOpen = endsNegated(stream, before);
      const isOpenText = isText(before, stream.peek(-1).kind === 'word');
      const token = stream.next();
      of.push(part(reading));
      if (join === 'or' && isOpenText && isBare(stream, of.at(-1))) {
        const message =
          'it is not clear whether this is another value or a condition of its own; write "plan is one of "free" or "paid"", or "plan is "free" or (paid)"';
        stream.fail('RULE_AMBIGUOUS', message, token);
      }
      if (!isOpen || !isBare(stream, of.at(-1))) continue;
      const message = `it is not clear whether "not" is about both; write "not (A ${join} B)" or "(not A) ${join} B"`;
      stream.fail('RULE_AMBIGUOUS', message, token);
    }
    const other = join === 'and' ? 'or' : 'and';
    if (of.length > 1 && continues(stream, other)) {
      const message =
        'it is not clear whether "and" or "or" comes first; use parentheses, such as A and (B or C)';
      stream.fail('RULE_AMBIGUOUS', message);
    }
    return of.length === 1 ? first : { kind: join === 'and' ? 'all' : 'any', of };
  });
}

/** `plan is not "free"`, `not paid`: an attribute that is denied, without parentheses. */
function endsNegated(stream: TokenStream, read: UnlinkedCondition | undefined): boolean {
  return read?.kind === 'not' && read.of.kind === 'attribute' && stream.peek(-1).text !== ')';
}

/** A text, as a word or as the last of several: after one more `or`, a word could be another one. */
function isText(read: UnlinkedCondition | undefined, isWord: boolean): boolean {
  const tested = read?.kind === 'not' ? read.of : read;
  if (tested?.kind !== 'attribute' || tested.test.kind !== 'is') return false;
  const { values } = tested.test;
  return typeof values[0] === 'string' && (isWord || values.length > 1);
}

/** An attribute by itself: no verb of its own says that a "not" before it has ended. */
function isBare(stream: TokenStream, read: UnlinkedCondition | undefined): boolean {
  if (read?.kind !== 'attribute' || read.test.kind !== 'is' || read.test.values[0] !== true) return false;
  return ![')', 'true', 'yes'].includes(stream.peek(-1).text.toLowerCase());
}

/** Leaves `and by` and `and at most` to the stage, and `or whichever` to the moment. */
function continues(stream: TokenStream, join: string): boolean {
  if (stream.word() !== join || (join !== 'and' && join !== 'or')) return false;
  const next = stream.peek(1);
  if (next.kind === 'mark') return next.text === '(';
  const words = ['not', 'the', 'no', 'age', 'a', 'an'];
  return next.kind === 'word' && (words.includes(next.lower) || !isKeyword(next.lower));
}

function part(reading: Reading): UnlinkedCondition {
  const { stream, levels } = reading;
  if (stream.take('not')) {
    levels.enter();
    return negated(part(reading));
  }
  if (stream.takeMark('(')) {
    const found = condition(reading);
    if (!stream.takeMark(')')) stream.unexpected('a closing parenthesis');
    return found;
  }
  if (stream.take('no')) {
    const name = eventName(reading);
    if (!stream.take('has') && !stream.take('have')) stream.take('had');
    expectHappened(stream);
    return negated(occurred(reading, name));
  }
  takeArticle(stream);
  if (stream.word() === 'age' && stream.word(1) === 'of') return age(reading);
  return named(reading);
}

function negated(found: UnlinkedCondition): UnlinkedCondition {
  return found.kind === 'not' ? found.of : { kind: 'not', of: found };
}

/** A name and what is said about it: that it occurred, or what it is. What follows decides whether it is an event. */
function named(reading: Reading): UnlinkedCondition {
  const { stream } = reading;
  const { name, token } = readName(reading, 'an event such as appeal.filed, or an attribute such as plan');
  const asEvent = (not: boolean): UnlinkedCondition => {
    noteEvent(reading, name, token);
    const found = occurred(reading, name);
    return not ? negated(found) : found;
  };
  if (['has', 'have', 'had'].some((word) => stream.take(word))) {
    const not = stream.take('not');
    expectHappened(stream);
    return asEvent(not);
  }
  if (HAPPENED.some((word) => stream.take(word))) return asEvent(false);
  if (stream.word() === 'did' && !startsTextTest(stream)) {
    stream.next();
    stream.expect('not', 'after "did"');
    if (!HAPPEN.some((word) => stream.take(word))) stream.unexpected('"occur" after "did not"', HAPPEN);
    return asEvent(true);
  }
  if (stream.take('never')) {
    expectHappened(stream);
    return asEvent(true);
  }
  const event = stream.take('of') ? { event: eventName(reading) } : {};
  const attribute = (test: Test): UnlinkedCondition => {
    const type = typeOf(test);
    reading.uses.push({ kind: 'attribute', name, ...event, type, ...stream.position(token) });
    return { kind: 'attribute', name, ...event, test };
  };
  const text = takeTextTest(stream);
  if (text !== undefined) return text.not ? negated(attribute(text.test)) : attribute(text.test);
  if (!stream.take('is') && !stream.take('was')) return attribute({ kind: 'is', values: [true] });
  const not = stream.take('not');
  const found = attribute(attributeTest(stream));
  return not ? negated(found) : found;
}

function expectHappened(stream: TokenStream): void {
  if (!HAPPENED.some((word) => stream.take(word))) stream.unexpected('"occurred" after "has"', HAPPENED);
}

function occurred(reading: Reading, name: string): UnlinkedCondition {
  const when = span(reading);
  return when === undefined ? { kind: 'occurred', name } : { kind: 'occurred', name, when };
}

/** `before M`, `on or before M`, `within P after M`, `more than P after M`. */
function span(reading: Reading): When<Placeholder> | undefined {
  const { stream } = reading;
  if (stream.take('on', 'or', 'before') || stream.take('by')) return { kind: 'by', of: inner(reading) };
  if (stream.take('on', 'or', 'after')) return { kind: 'from', of: inner(reading) };
  if (stream.take('before')) return { kind: 'before', of: inner(reading) };
  if (stream.take('after')) return { kind: 'after', of: inner(reading) };
  if (stream.take('more', 'than')) {
    const least = period(reading, false);
    if (stream.take('before'))
      return { kind: 'before', of: { kind: 'before', period: least, end: inner(reading) } };
    expectSide(stream);
    return { kind: 'after', of: { kind: 'after', period: least, start: inner(reading) } };
  }
  if (!stream.take('within') && !stream.take('less', 'than')) return undefined;
  if (!startsPeriod(stream)) stream.unexpected('a period after "within", such as 6 weeks');
  const most = period(reading, false);
  if (stream.take('before')) return { kind: 'within', period: most, side: 'before', of: inner(reading) };
  expectSide(stream);
  return { kind: 'within', period: most, side: 'after', of: inner(reading) };
}

function expectSide(stream: TokenStream): void {
  if (stream.word() === 'of') {
    const message =
      'it is not clear whether the time lies before or after it; write "within 30 days after X" or "within 30 days before X"';
    stream.fail('RULE_AMBIGUOUS', message);
  }
  if (!FROM_WORDS.some((word) => stream.take(word)))
    stream.unexpected('"after" or "before" after the period', FROM_WORDS);
}

/** `the age of B at X is under 18`, where B is the birth. */
function age(reading: Reading): UnlinkedCondition {
  const { stream } = reading;
  stream.take('age', 'of');
  takeArticle(stream);
  const birth = eventName(reading);
  stream.expect('at', 'and the event at which the age is taken');
  const at = inner(reading);
  if (!stream.take('is')) stream.expect('was', 'and "under 18" or "at least 18"');
  const not = stream.take('not');
  const of = ageTests(stream).map((test): UnlinkedCondition => ({ kind: 'age', birth, at, test }));
  const [only] = of;
  const found: UnlinkedCondition = only !== undefined && of.length === 1 ? only : { kind: 'all', of };
  return not ? negated(found) : found;
}
