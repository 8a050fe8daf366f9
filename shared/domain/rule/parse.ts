import { UNITS } from '../calendar/units.ts';
import type { Duration, Unit, YearEnd } from '../calendar/units.ts';
import { isStoreAction, strength } from '../record/actions.ts';
import { isSetting } from './ast.ts';
import type { NameUse, ParsedRule, RuleError, UnlinkedStage } from './ast.ts';
import { saysAction, stagesOf } from './body-stages.ts';
import { tokenize } from './lexer.ts';
import type { Token } from './lexer.ts';
import { linkStages, referencesIn } from './link-stages.ts';
import { CONDITION_WORDS, operand } from './grammar.ts';
import { expectLink, LINKS } from './links.ts';
import { parseBody } from './parse-body.ts';
import { yearEndHere } from './parse-calendar.ts';
import { periodHere, startsPeriod, startsPeriodIn } from './parse-period.ts';
import { mistypedIn, period as periodIn, readingOf } from './reading.ts';
import type { Reading } from './reading.ts';
import { refuseJoint, refuseMeantLabel } from './refused-wordings.ts';
import { RuleProblem, tokenStream } from './token-stream.ts';
import type { TokenStream } from './token-stream.ts';
import { ACTION_WORDS, UNIT_NAMES, UNIT_WORDS } from './words.ts';

type Parsed<Result> = ({ readonly ok: true } & Result) | { readonly ok: false; readonly error: RuleError };

/**
 * Reads a rule by recursive descent; the grammar is in `docs/rules.md`, one function a production. Always answers
 * with a rule or one positioned error, in time linear in the text. Needs no policy: `resolveRule` binds the names.
 */
export function parseRule(text: string): Parsed<ParsedRule> {
  return parsed(text, (stream) => {
    const read = parseStages(stream);
    const { stages, uses } = linkStages(read.stages, stream.position(stream.peek()));
    return { rule: { stages }, uses: [...read.uses, ...uses] };
  });
}

/** A period alone, as an operator writes a required setting. */
export function parsePeriod(text: string): Parsed<{ readonly period: Duration }> {
  return parsed(text, (stream) => {
    if (stream.peek().kind === 'setting') stream.unexpected('a period such as 90 days');
    const period = periodHere(stream, false);
    if (stream.peek().kind !== 'end') stream.unexpected('only a period such as 90 days');
    return isSetting(period) ? stream.unexpected('a period such as 90 days') : { period };
  });
}

/** The last day of a year alone, as a policy states it: `03-31`, `last Saturday of September`. */
export function parseYearEnd(text: string): Parsed<{ readonly yearEnd: YearEnd }> {
  return parsed(text, (stream) => {
    const yearEnd = yearEndHere(stream);
    if (stream.peek().kind !== 'end') stream.unexpected('only the last day of the year, such as 03-31');
    return { yearEnd };
  });
}

function parsed<Result>(text: string, read: (stream: TokenStream) => Result): Parsed<Result> {
  const lexed = tokenize(text);
  if ('error' in lexed) return { ok: false, error: lexed.error };
  try {
    return { ok: true, ...read(tokenStream(text, lexed.tokens)) };
  } catch (problem) {
    if (problem instanceof RuleProblem) return { ok: false, error: problem.problem };
    throw problem;
  }
}

/** The stages as they are written, before they are linked to each other, and the names that they use. */
function parseStages(stream: TokenStream): {
  readonly stages: readonly UnlinkedStage[];
  readonly uses: readonly NameUse[];
} {
  const reading = readingOf(stream);
  const stages: UnlinkedStage[] = [];
  let branched = false;
  let front: Token | undefined;
  do {
    const start = stream.peek();
    refuseConditionOfAll(stream, front, isLabelled(stream));
    front = CONDITION_WORDS.includes(stream.word()) ? start : undefined;
    const later = stages.length > 0 && !isLabelled(stream);
    const found = stagesHere({ ...reading, later });
    branched ||= found.length > 1;
    for (const next of found) {
      if (next.label === undefined) checkOrder(stream, stages, next, start);
      else if (stages.some(({ label }) => label === next.label))
        stream.fail(
          'RULE_STAGE_ORDER',
          `two stages are called "${next.label}"; give each its own name`,
          start,
        );
      stages.push(next);
    }
  } while (separator(stream));
  if (stream.peek().kind !== 'end') trailing(reading);
  if (branched) refuseNeighbours(stages);
  return { stages, uses: reading.uses };
}

/** `if A, anonymise X, then delete Y`: the condition could be about the second stage, too. A name begins a part of its own. */
function refuseConditionOfAll(stream: TokenStream, front: Token | undefined, labelled: boolean): void {
  if (front === undefined || labelled) return;
  const message =
    'it is not clear whether the condition in front is about the stages after "then" as well; write it at the end of each stage that it is about, such as "anonymise … if A, then delete … if A"';
  stream.fail('RULE_AMBIGUOUS', message, front);
}

/** Where each branch has an action of its own, it depends on the case which stage is the previous one. */
function refuseNeighbours(stages: readonly UnlinkedStage[]): void {
  const [reference] = stages
    .flatMap(referencesIn)
    .filter(({ wanted }) => wanted.kind !== 'label' && wanted.kind !== 'action');
  if (reference === undefined) return;
  const message =
    'it is not clear which stage is meant, because the branches have different actions; name the event instead';
  throw new RuleProblem({ code: 'RULE_AMBIGUOUS', message, ...reference.position });
}

/** Stages go from weaker to stronger: what is deleted cannot be anonymised later. Stages with names are for parts. */
function checkOrder(
  stream: TokenStream,
  before: readonly UnlinkedStage[],
  next: UnlinkedStage,
  start: Token,
): void {
  const unlabelled = before.filter(({ label }) => label === undefined);
  const last = unlabelled.findLast(({ action }) => isStoreAction(action))?.action;
  const gone = last === 'delete' && next.action !== 'delete';
  const weaker =
    last !== undefined &&
    isStoreAction(last) &&
    isStoreAction(next.action) &&
    strength(next.action) <= strength(last);
  if (!gone && !weaker) return;
  const message = `"${next.action}" cannot follow "${last ?? next.action}"; the order is restrict, anonymise, delete, each at most once; if stages are for different parts of the data, give them names, such as "backups: delete …"`;
  stream.fail('RULE_STAGE_ORDER', message, start);
}

/** `, then`, `; then`, `and then` or `;`. */
function separator(stream: TokenStream): boolean {
  const mark = stream.peek();
  stream.possible(stream.mark(',', ';'), 'then');
  const comma = stream.mark(',') === 1;
  const semicolon = mark.kind === 'mark' && mark.text === ';' && stream.peek(1).kind !== 'end';
  if (semicolon || (comma && ['then', 'and'].includes(stream.word(1)) && isThen(stream, 1))) stream.next();
  if (stream.word() === 'and' && stream.word(1) === 'then') stream.next();
  return stream.take('then') || semicolon;
}

function isThen(stream: TokenStream, ahead: number): boolean {
  return stream.word(ahead) === 'then' || stream.word(ahead + 1) === 'then';
}

/** An unexpected word. Often a keyword was mistyped, and was read as part of the name before it. */
function trailing({ stream, uses }: Reading): never {
  const comma = stream.mark(',');
  if (stream.word(comma) === 'and') {
    const message =
      'it is not clear what "and" adds; write "the later of A and B" if all of them have to have happened, "the earlier of A and B" if one is enough, or ", then" before another stage';
    stream.fail('RULE_SYNTAX', message, stream.peek(comma));
  }
  const names = uses.filter(({ kind }) => kind === 'event' || kind === 'attribute');
  const last = names.toSorted((a, b) => a.offset - b.offset).at(-1);
  const mistyped = mistypedIn(last?.name ?? '');
  if (mistyped !== undefined) {
    const { word, meant } = mistyped;
    const token = stream.peek();
    const message = `the words before ${JSON.stringify(token.text.slice(0, 40))} were read as a name; did you mean "${meant}" instead of "${word}"?`;
    stream.fail('RULE_SYNTAX', message, token);
  }
  refuseJoint(stream);
  return stream.unexpected();
}

/** `other documents: delete …`, and a colon after a condition. */
function refuseLongLabel(stream: TokenStream): void {
  let length = 0;
  while (length < 12 && !['', 'then'].includes(stream.word(length))) length += 1;
  const colon = stream.peek(length);
  if (length < 2 || colon.kind !== 'mark' || colon.text !== ':') return;
  const name = Array.from({ length }, (_, index) => stream.peek(index).text).join(' ');
  const message = ['if', 'when', 'where', 'unless', 'otherwise'].includes(stream.word())
    ? 'write a comma after the condition, not a colon'
    : `write the name of a part of the data in quotation marks if it has several words: "${name}": …`;
  stream.fail('RULE_SYNTAX', message);
}

function startsRepeated(stream: TokenStream): boolean {
  return ACTION_WORDS.has(stream.word()) && stream.word(1) === 'every';
}

/** `review every 5 years after X`. */
function repeated(reading: Reading): UnlinkedStage {
  const { stream } = reading;
  const token = stream.peek();
  const action = ACTION_WORDS.get(token.text.toLowerCase());
  if (action !== 'review' && action !== 'notify') {
    const message = `only "review" and "notify" can be repeated; write "${token.text}" with the period after which it is done`;
    return stream.fail('RULE_SYNTAX', message, token);
  }
  stream.skip(2);
  const period =
    startsPeriod(stream) && !startsPeriodIn(stream) ? periodIn(reading, false) : { [oneUnit(stream)]: 1 };
  expectLink(stream, LINKS);
  const start = operand(reading).moment;
  return { action, notBefore: { kind: 'after', period, start }, repeats: true };
}

/** `every year`. */
function oneUnit(stream: TokenStream): Unit {
  const unit = UNITS.find((one) => UNIT_NAMES[one] === `${stream.word()}s`);
  if (unit === undefined || unit === 'seconds')
    return stream.unexpected('a period after "every", such as 5 years', UNIT_WORDS.keys());
  stream.next();
  return unit;
}

/** One stage, or one for each action of its branches. */
function stagesHere(reading: Reading): readonly UnlinkedStage[] {
  const { stream } = reading;
  const name = stream.peek();
  const labelled = isLabelled(stream);
  if (!labelled) refuseLongLabel(stream);
  if (labelled) {
    stream.skip(2);
    if (name.text.trim() === '')
      stream.fail('RULE_SYNTAX', 'the name of the stage is empty; write one before the colon', name);
  }
  const body = startsRepeated(stream) ? undefined : parseBody(reading);
  const found = body === undefined ? [repeated(reading)] : stagesOf(stream, body);
  if (labelled && found.length > 1) {
    const message = `the stage "${name.text}" has a different action in each branch; write a stage with its own name for each`;
    stream.fail('RULE_STAGE_ORDER', message, name);
  }
  if (labelled) refuseMeantLabel(stream, name, body === undefined || saysAction(body));
  return found.map((each) => ({ ...each, ...(labelled && { label: name.text }) }));
}

function isLabelled(stream: TokenStream): boolean {
  const [name, colon] = [stream.peek(), stream.peek(1)];
  return (name.kind === 'word' || name.kind === 'string') && colon.kind === 'mark' && colon.text === ':';
}
