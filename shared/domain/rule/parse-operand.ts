import type { Moment } from './ast.ts';
import { deeper, holeFor } from './parse-context.ts';
import type { ParseContext } from './parse-context.ts';
import {
  dayOfYear,
  eventName,
  noteEvent,
  parsePeriodIn,
  startsDay,
  takeDate,
  takeNumber,
} from './parse-name.ts';
import { startsPeriod } from './parse-period.ts';
import { runIn, startsRun, unitIn } from './parse-unit.ts';
import type { TokenStream } from './token-stream.ts';
import { AFTER_WORDS, COMPARISON_WORDS, HAPPENED, isKeyword, ORDINAL_WORDS, STAGE_NOUNS } from './words.ts';

export interface Read {
  readonly moment: Moment;
  /** Not a bare event: an `or` behind it is clear. */
  readonly grouped: boolean;
  /** A `P after X` whose extent another word could change. */
  readonly open: boolean;
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
  if (token.kind === 'number') return stream.word(1) === 'newer';
  return token.kind === 'word' && (OPENING.includes(token.lower) || !isKeyword(token.lower));
}

/** One operand, apart from lists: those `parse-moment.ts` reads. */
export function parseOperand(context: ParseContext, ofMeansAfter: boolean): Read {
  const { stream } = context;
  const token = stream.peek();
  const read = (moment: Moment): Read => ({ moment, grouped: true, open: false });

  const date = takeDate(stream);
  if (date !== undefined) return read({ kind: 'date', date });
  if (startsPeriod(stream)) return shifted(context, ofMeansAfter);
  if (stream.takeMark('(')) {
    deeper(context);
    const moment = context.read.moment(context);
    if (!stream.takeMark(')')) stream.unexpected('a closing parenthesis');
    return read(moment);
  }
  if (token.kind === 'number') return read(newer(context));
  if (stream.take('never')) return read({ kind: 'never' });
  if (stream.take('not', 'applicable') || stream.take('does', 'not', 'apply'))
    return read({ kind: 'not-applicable' });
  if (stream.take('not', 'computable')) return read(notComputable(context));

  article(stream);
  if (stream.take('date', 'of')) article(stream);
  if (stream.take('end', 'of')) return read(unitOf(context, 'end-of'));
  if (stream.take('last', 'day', 'of')) return read(unitOf(context, 'last-day-of'));
  const stage = stageReference(context);
  if (stage !== undefined) return read(stage);
  if (stream.word() === 'next' || stream.word() === 'first' || startsOrdinal(stream)) {
    const counted = nth(context);
    if (counted !== undefined) return read(counted);
  }
  const pick = stream.take('first') ? 'first' : 'last';
  const last = pick === 'last' && stream.take('last');
  const name = eventName(context);
  if (last && stream.take('before')) {
    return read({ kind: 'nth', name, count: 1, side: 'before', of: inner(context) });
  }
  return { moment: { kind: 'event', name, pick }, grouped: false, open: false };
}

function article(stream: TokenStream): void {
  if (!stream.take('the') && !stream.take('a')) stream.take('an');
}

function inner(context: ParseContext): Moment {
  deeper(context);
  return context.read.operand(context);
}

/** `P after X`, `P before X`, `P thereafter`. */
function shifted(context: ParseContext, ofMeansAfter: boolean): Read {
  const { stream } = context;
  const period = parsePeriodIn(context, false);
  const token = stream.peek();
  if (stream.take('thereafter') || stream.take('later')) {
    const start = holeFor(context, { kind: 'previous' }, token);
    return { moment: { kind: 'after', period, start }, grouped: true, open: true };
  }
  if (stream.take('before')) {
    return { moment: { kind: 'before', period, end: inner(context) }, grouped: true, open: true };
  }
  const after = AFTER_WORDS.some((word) => stream.take(word)) || (ofMeansAfter && stream.take('of'));
  if (!after) stream.unexpected('"after" or "from" behind the period', AFTER_WORDS);
  return { moment: { kind: 'after', period, start: inner(context) }, grouped: true, open: true };
}

/** `the end of the calendar year of X`, `… in which X occurred`. */
function unitOf(context: ParseContext, kind: 'end-of' | 'last-day-of'): Moment {
  const { stream } = context;
  stream.take('the');
  const words = kind === 'end-of' ? 'the end of the' : 'the last day of the';
  const unit = unitIn(
    context,
    `"month", "calendar year", "fiscal year" or "year ending MM-DD" behind "${words}"`,
  );
  if (stream.take('in', 'which')) {
    const of = inner(context);
    const fell = ['has', 'have'].some((word) => stream.take(word));
    if (
      !['occurs', 'happens', 'falls', 'fell', 'ends', ...HAPPENED].some((word) => stream.take(word)) &&
      fell
    )
      stream.unexpected('"occurred" behind "has"', HAPPENED);
    return { kind, unit, of };
  }
  if (!stream.take('of')) stream.expect('of', 'and the event whose period is meant');
  return { kind, unit, of: inner(context) };
}

function startsOrdinal(stream: TokenStream): boolean {
  return stream.peek().kind === 'ordinal' || ORDINAL_WORDS.has(stream.word());
}

/** `the next run on 09-01 after X`, `the 2nd 01-31 after X`, `the 21st birthday of X`, `the first payment after X`. */
function nth(context: ParseContext): Moment | undefined {
  const { stream } = context;
  const token = stream.peek();
  const ordinal = token.kind === 'ordinal' ? Number(token.text) : ORDINAL_WORDS.get(stream.word());
  const count = ordinal ?? 1;
  // `first` alone picks an occurrence: only what comes behind the name tells.
  const plain = stream.word() === 'first' && !countsBehind(stream);
  if (plain) return undefined;
  stream.next();
  if (count < 1) stream.fail('RULE_OUT_OF_RANGE', 'counting begins with the 1st', token);
  if (stream.take('birthday')) {
    stream.expect('of', 'and the birth that it is counted from');
    if (count > 150) stream.fail('RULE_OUT_OF_RANGE', 'nobody has more than 150 birthdays', token);
    return { kind: 'birthday', age: count, of: inner(context) };
  }
  if (startsRun(stream) && count === 1) {
    const run = runIn(stream);
    behind(stream);
    return { kind: 'run', ...run, of: inner(context) };
  }
  if (startsDay(stream)) {
    const day = dayOfYear(stream, 'a day of the year');
    behind(stream);
    return { kind: 'next-day', day, count, of: inner(context) };
  }
  const name = eventName(context);
  if (!AFTER_WORDS.some((word) => stream.take(word)))
    stream.unexpected(`"after" and what it is counted from, behind "${name}"`, AFTER_WORDS);
  return { kind: 'nth', name, count, side: 'after', of: inner(context) };
}

function behind(stream: TokenStream): void {
  stream.take('on', 'or');
  if (!AFTER_WORDS.some((word) => stream.take(word)))
    stream.unexpected('"after" and what it is counted from', AFTER_WORDS);
}

/** Whether `first` counts from something: `first login after account.opened`, other than `first login`. */
function countsBehind(stream: TokenStream): boolean {
  const day = stream.peek(1);
  if (['day', 'number', 'ordinal'].includes(day.kind) || stream.word(1) === 'birthday') return true;
  if (stream.word(1) === 'run' || stream.word(2) === 'run') return true;
  let ahead = 1;
  while (stream.peek(ahead).kind === 'word' && !isKeyword(stream.word(ahead)) && ahead <= 5) ahead += 1;
  return ahead > 1 && ['after', 'following', 'since'].includes(stream.word(ahead));
}

/** `5 newer versions than X`: what "keep the last five" waits for. */
function newer(context: ParseContext): Moment {
  const { stream } = context;
  const token = stream.peek();
  const count = takeNumber(stream) ?? 1;
  if (count < 1) stream.fail('RULE_OUT_OF_RANGE', 'counting begins with 1', token);
  stream.expect('newer', 'behind the number');
  const name = eventName(context);
  stream.expect('than', 'and what they are newer than');
  return { kind: 'nth', name, count, side: 'after', of: inner(context) };
}

/** `the previous stage`, `the next stage`, `stage primary`, `that`, `the same start`, `deletion`. */
function stageReference(context: ParseContext): Moment | undefined {
  const { stream } = context;
  const token = stream.peek();
  if (stream.take('previous', 'stage') || stream.take('that'))
    return holeFor(context, { kind: 'previous' }, token);
  if (stream.take('next', 'stage')) return holeFor(context, { kind: 'next' }, token);
  if (stream.take('same', 'start')) return holeFor(context, { kind: 'start' }, token);
  const behindIt = stream.peek(1);
  const alone = behindIt.kind !== 'word' || isKeyword(behindIt.lower) || behindIt.lower === 'at';
  const action = STAGE_NOUNS.get(stream.word());
  if (action !== undefined && alone) {
    stream.next();
    return holeFor(context, { kind: 'action', action }, token, () => {
      noteEvent(context, token.text, token);
      return { kind: 'event', name: token.text, pick: 'last' };
    });
  }
  if (stream.word() !== 'stage' || (alone && behindIt.kind !== 'string')) return undefined;
  stream.next();
  const label = stream.next();
  return holeFor(context, { kind: 'label', label: label.text }, label);
}

function notComputable(context: ParseContext): Moment {
  const { stream } = context;
  stream.takeMark(',');
  stream.expect('because', 'and the reason in quotation marks');
  const reason = stream.peek();
  if (reason.kind !== 'string' || reason.text.trim() === '')
    return stream.unexpected('the reason in quotation marks');
  stream.next();
  const comma = stream.peek().kind === 'mark' && [',', ';'].includes(stream.peek().text) ? 1 : 0;
  if (stream.word(comma) !== 'fallback') return { kind: 'not-computable', reason: reason.text };
  stream.takeMark(',', ';');
  stream.next();
  deeper(context);
  if (stream.take('within') || stream.take('by') || stream.take('at', 'most'))
    context.fallbackIsMaximum = true;
  if (stream.take('keep', 'permanently'))
    return { kind: 'not-computable', reason: reason.text, fallback: { kind: 'never' } };
  return { kind: 'not-computable', reason: reason.text, fallback: context.read.operand(context) };
}
