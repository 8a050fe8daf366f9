import type { Suspension, UnlinkedMoment } from './ast.ts';
import type { Token } from './lexer.ts';
import { LINKS } from './links.ts';
import type { TokenStream } from './token-stream.ts';
import { countedBy, isCounted, lastPartOf } from './walk.ts';

/** One operand, as it was read. */
export interface Read {
  readonly moment: UnlinkedMoment;
  /** `plus`: a period was added to its end. Words outside parentheses cannot change what is in them. */
  readonly how: 'plain' | 'parentheses' | 'plus';
  /** `or until X` cannot be a second start of the period before it. */
  readonly until?: boolean;
  readonly at: Token;
}

/** An operand after an `or`: what stands before it could also be about it. */
export function refuseSecondStart(stream: TokenStream, before: readonly Read[], next: Read): void {
  if (next.until === true || hasPeriod(next.moment)) return;
  const refuse = (message: string): never => stream.fail('RULE_AMBIGUOUS', message, next.at);
  for (const { moment, how } of before) {
    if (how !== 'plain') continue;
    if (moment.kind === 'after' || moment.kind === 'before')
      refuse(
        'it is not clear whether the period also starts here; write "… after the later of A and B" if it does, or "… or until B" if it does not',
      );
    if (isAbout(moment) && !isAbout(next.moment))
      refuse(
        'it is not clear whether the words before the first event are also about this; write them again if they are, or "… or until B" if they are not',
      );
  }
}

/** `the later of A and B or C, whichever is earlier`; the stream is at the `or`. */
export function refuseOpenList(stream: TokenStream, before: Read): void {
  const previous = stream.peek(-1);
  const isClosed = previous.kind === 'mark' && previous.text === ')';
  const isList = before.moment.kind === 'later' || before.moment.kind === 'earlier';
  if (before.how === 'parentheses' || !(isList || (!isClosed && endsWithList(before.moment)))) return;
  stream.fail(
    'RULE_AMBIGUOUS',
    'it is not clear where the list before this ends; put the list in parentheses, such as (the later of A and B) or C, whichever is earlier',
  );
}

/** `the later of A and B plus 6 years` */
export function refuseLastPlus(stream: TokenStream, operands: readonly Read[]): void {
  const last = operands.at(-1);
  const others = operands.slice(0, -1);
  if (last?.how !== 'plus' || last.until === true || others.every(({ moment }) => hasPeriod(moment))) return;
  stream.fail(
    'RULE_AMBIGUOUS',
    'it is not clear whether the period is added to all dates or only to this one; write "6 years after the later of A and B" for all, or "6 years after B" in the place of "B plus 6 years"',
    last.at,
  );
}

/** `30 days after X plus 1 year`, `the last X before Y plus 1 year`; the stream is at the `plus`. */
export function refusePlus(stream: TokenStream, { moment, how }: Read): void {
  if (how !== 'plain') return;
  if (moment.kind === 'after' || moment.kind === 'before')
    stream.fail(
      'RULE_AMBIGUOUS',
      'it is not clear what "plus" adds to; use parentheses: (30 days after X) plus 1 year, or 30 days after (X plus 1 year)',
    );
  if (moment.kind === 'nth' || moment.kind === 'next-day' || moment.kind === 'run')
    stream.fail(
      'RULE_AMBIGUOUS',
      'it is not clear what "plus" adds to; write "1 year after the last X before Y", or put "Y plus 1 year" in parentheses',
    );
}

/**
 * What stops or begins again is the time of one period. Of `6 years after X, at the end of the month, paused …`, of
 * `the later of A and B, paused …` and of `1 year after 6 years after X, paused …` it would not be clear which time that is.
 * `isApart`: what the period starts from is in parentheses, so that only the period before them is meant.
 */
export function refuseUncounted(
  stream: TokenStream,
  how: Exclude<Suspension, 'held'>,
  of: UnlinkedMoment,
  { start, isApart }: { readonly start: Token; readonly isApart: boolean },
): void {
  const counted = countedBy(of);
  if (counted === 'not counted')
    return stream.fail(
      'RULE_INCONSISTENT',
      how === 'restarted'
        ? '"restarted" needs a period that can start again, such as 7 years after X'
        : '"paused" needs a period whose time can stop; write it directly after the period, such as 7 years after X, paused from A until B, at the end of the month',
      start,
    );
  if (isApart || !isCounted(counted.start)) return;
  const inside = how === 'paused' ? 'paused from A until B' : 'held from A until B, then restarted';
  const message = `it is not clear which period is ${how}; add them up, or write 1 year after (6 years after X), ${inside}, or 1 year after (6 years after X, ${inside})`;
  stream.fail('RULE_AMBIGUOUS', message, start);
}

/** Words that can stand between a period and what it starts from. */
const LAST_OF_LINKS = LINKS.map((link) => link.split(' ').at(-1));

/** Whether the stream is after `6 years after (…)`. */
export function endsApart(stream: TokenStream): boolean {
  let open = 0;
  let back = -1;
  do {
    const { kind, text } = stream.peek(back);
    if (kind === 'mark' && text === ')') open += 1;
    if (kind === 'mark' && text === '(') open -= 1;
    back -= 1;
  } while (open > 0);
  return stream.peek(-1).text === ')' && LAST_OF_LINKS.includes(stream.word(back));
}

/** Whether it is counted by a period, so that the period of another operand is not meant for it. */
function hasPeriod(moment: UnlinkedMoment): boolean {
  switch (moment.kind) {
    case 'after':
    case 'before':
    case 'never':
    case 'not-applicable':
    case 'not-computable':
      return true;
    case 'later':
    case 'earlier':
      return moment.of.every((operand) => hasPeriod(operand.moment));
    case 'if':
      return hasPeriod(moment.met) && hasPeriod(moment.otherwise);
    case 'end-of':
    case 'last-day-of':
    case 'next-day':
    case 'weekday-of':
    case 'run':
    case 'nth':
    case 'birthday':
    case 'suspended':
    case 'override':
    case 'latest':
      return hasPeriod(moment.of);
    case 'event':
    case 'date':
    case 'date-in':
    case 'stage':
      return false;
  }
}

/** `the end of the month of X`, `the 18th birthday of X`: words that could be about more than one event. */
function isAbout({ kind }: UnlinkedMoment): boolean {
  return ['end-of', 'last-day-of', 'next-day', 'weekday-of', 'run', 'nth', 'birthday'].includes(kind);
}

function endsWithList(moment: UnlinkedMoment): boolean {
  const { kind } = lastPartOf(moment);
  return kind === 'later' || kind === 'earlier';
}
