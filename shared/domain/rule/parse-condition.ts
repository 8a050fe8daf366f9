import type { AttributeValue } from '../record/holding.ts';
import type { AgeTest, Comparison, Condition, Moment, NameUse, Test, When } from './ast.ts';
import { deeper } from './parse-context.ts';
import type { ParseContext } from './parse-context.ts';
import { bareName, eventName, parsePeriodIn, takeNumber } from './parse-name.ts';
import { startsPeriod } from './parse-period.ts';
import type { TokenStream } from './token-stream.ts';
import { HAPPEN, HAPPENED, isKeyword, UNIT_WORDS } from './words.ts';

/** `A and B`, `A or B`; both together need parentheses. */
export function parseCondition(context: ParseContext): Condition {
  const { stream } = context;
  const depth = context.depth;
  deeper(context);
  const first = single(context);
  const join = stream.word();
  const of = [first];
  while (continues(stream, join)) {
    stream.next();
    of.push(single(context));
  }
  const other = join === 'and' ? 'or' : 'and';
  if (of.length > 1 && continues(stream, other)) {
    const message =
      'it is not clear whether "and" or "or" comes first; set parentheses, such as: A and (B or C)';
    stream.fail('RULE_AMBIGUOUS', message);
  }
  context.depth = depth;
  return of.length === 1 ? first : { kind: join === 'and' ? 'all' : 'any', of };
}

/** Leaves `and by` and `and at most` to the stage, and `or whichever` to the moment. */
function continues(stream: TokenStream, join: string): boolean {
  if (stream.word() !== join || (join !== 'and' && join !== 'or')) return false;
  const next = stream.peek(1);
  if (next.kind === 'mark') return next.text === '(';
  const words = ['not', 'the', 'no', 'age', 'a', 'an'];
  return next.kind === 'word' && (words.includes(next.lower) || !isKeyword(next.lower));
}

function single(context: ParseContext): Condition {
  const { stream } = context;
  if (stream.take('not')) {
    deeper(context);
    return negated(single(context));
  }
  if (stream.takeMark('(')) {
    const condition = parseCondition(context);
    if (!stream.takeMark(')')) stream.unexpected('a closing parenthesis');
    return condition;
  }
  if (stream.take('no')) {
    const name = eventName(context);
    if (!stream.take('has') && !stream.take('have')) stream.take('had');
    happened(stream);
    return negated(occurred(context, name));
  }
  if (!stream.take('the') && !stream.take('a')) stream.take('an');
  if (stream.word() === 'age' && stream.word(1) === 'of') return age(context);
  return named(context);
}

export function negated(condition: Condition): Condition {
  return condition.kind === 'not' ? condition.of : { kind: 'not', of: condition };
}

/** A name and what is said of it: that it occurred, or what it is. */
function named(context: ParseContext): Condition {
  const { stream } = context;
  const token = stream.peek();
  const { name, asEvent } = bareName(context);
  if (['has', 'have', 'had'].some((word) => stream.take(word))) {
    const not = stream.take('not');
    asEvent();
    happened(stream);
    const condition = occurred(context, name);
    return not ? negated(condition) : condition;
  }
  if (HAPPENED.some((word) => stream.take(word))) {
    asEvent();
    return occurred(context, name);
  }
  if (stream.take('did')) {
    stream.expect('not', 'behind "did"');
    asEvent();
    if (!HAPPEN.some((word) => stream.take(word))) stream.unexpected('"occur" behind "did not"', HAPPEN);
    return negated(occurred(context, name));
  }
  if (stream.take('never')) {
    asEvent();
    happened(stream);
    return negated(occurred(context, name));
  }
  const event = stream.take('of') ? eventName(context) : undefined;
  const note = (type: NameUse['type']): void => {
    const at = stream.position(token);
    const of = event === undefined ? {} : { event };
    context.uses.push({ kind: 'attribute', name, ...of, ...(type && { type }), ...at });
  };
  const attribute = (test: Test): Condition => {
    const [value] = test.kind === 'is' ? test.values : [test.value];
    note(typeof value === 'string' ? 'text' : typeof value === 'number' ? 'number' : 'boolean');
    return { kind: 'attribute', name, ...(event === undefined ? {} : { event }), test };
  };
  if (!stream.take('is') && !stream.take('was')) return attribute({ kind: 'is', values: [true] });
  const not = stream.take('not');
  const condition = attribute(test(stream));
  return not ? negated(condition) : condition;
}

function happened(stream: TokenStream): void {
  if (!HAPPENED.some((word) => stream.take(word))) stream.unexpected('"occurred" behind "has"', HAPPENED);
}

function occurred(context: ParseContext, name: string): Condition {
  const when = whenever(context);
  return when === undefined ? { kind: 'occurred', name } : { kind: 'occurred', name, when };
}

/** `before M`, `on or before M`, `within P after M`, `more than P after M`. */
function whenever(context: ParseContext): When | undefined {
  const { stream } = context;
  const of = (): Moment => {
    deeper(context);
    return context.read.operand(context);
  };
  if (stream.take('on', 'or', 'before') || stream.take('by')) return { kind: 'by', of: of() };
  if (stream.take('on', 'or', 'after')) return { kind: 'from', of: of() };
  if (stream.take('before')) return { kind: 'before', of: of() };
  if (stream.take('after')) return { kind: 'after', of: of() };
  if (stream.take('more', 'than')) {
    const period = parsePeriodIn(context, false);
    if (stream.take('before')) return { kind: 'before', of: { kind: 'before', period, end: of() } };
    afterOrOf(stream);
    return { kind: 'after', of: { kind: 'after', period, start: of() } };
  }
  if (!stream.take('within') && !stream.take('less', 'than')) return undefined;
  if (!startsPeriod(stream)) stream.unexpected('a period behind "within", such as 6 weeks');
  const period = parsePeriodIn(context, false);
  if (stream.take('before')) return { kind: 'within', period, side: 'before', of: of() };
  afterOrOf(stream);
  return { kind: 'within', period, side: 'after', of: of() };
}

function afterOrOf(stream: TokenStream): void {
  const words = ['after', 'of', 'from', 'following', 'since'];
  if (!words.some((word) => stream.take(word)))
    stream.unexpected('"after" or "before" behind the period', words);
}

/** `"semver"`, `semver`, `5`, `true`, `one of "a", "b" or "c"`, `at least 5`. */
function test(stream: TokenStream): Test {
  const comparison = takeComparison(stream);
  if (comparison !== undefined) {
    const value = takeNumber(stream);
    return value === undefined ? stream.unexpected('a number') : { kind: comparison, value };
  }
  const listed = stream.take('one', 'of');
  const values = [takeValue(stream)];
  const [first] = values;
  for (;;) {
    const comma = stream.peek().kind === 'mark' && stream.peek().text === ',' ? 1 : 0;
    const or = stream.word(comma) === 'or' ? 1 : 0;
    const value = ['string', 'number'].includes(stream.peek(comma + or).kind);
    // `is "x", 6 years after …`: behind a comma comes what follows from the condition.
    const follows = or === 0 && (!listed || isUnit(stream.word(comma + 1)));
    if (!value || follows) break;
    for (let skipped = 0; skipped < comma + or; skipped++) stream.next();
    const token = stream.peek();
    values.push(takeValue(stream));
    if (typeof values.at(-1) !== typeof first)
      stream.fail(
        'RULE_TYPE',
        'the values are of different types; compare with texts or with numbers',
        token,
      );
  }
  return { kind: 'is', values };
}

function isUnit(word: string): boolean {
  return UNIT_WORDS.has(word) || ['working', 'business', 'calendar'].includes(word);
}

const COMPARISON: readonly (readonly [readonly string[], Comparison])[] = [
  [['at', 'least'], 'at least'],
  [['at', 'most'], 'at most'],
  [['more', 'than'], 'more than'],
  [['less', 'than'], 'less than'],
  [['over'], 'more than'],
  [['above'], 'more than'],
  [['under'], 'less than'],
  [['below'], 'less than'],
];

function takeComparison(stream: TokenStream): Comparison | undefined {
  return COMPARISON.find(([words]) => stream.take(...words))?.[1];
}

function takeValue(stream: TokenStream): AttributeValue {
  const token = stream.peek();
  if (token.kind === 'word' && isKeyword(token.lower))
    return stream.unexpected('a value: a text in quotation marks, a number, true or false');
  if (token.kind !== 'string' && token.kind !== 'number' && token.kind !== 'word')
    return stream.unexpected('a value: a text in quotation marks, a number, true or false');
  stream.next();
  if (token.kind === 'number') return Number(token.text);
  if (token.kind === 'word' && ['true', 'yes'].includes(token.lower)) return true;
  if (token.kind === 'word' && token.lower === 'false') return false;
  return token.text;
}

/** `the age of B at X is under 18`, B being the birth. */
function age(context: ParseContext): Condition {
  const { stream } = context;
  stream.take('age', 'of');
  if (!stream.take('the')) stream.take('a');
  const birth = eventName(context);
  stream.expect('at', 'and the event at which the age counts');
  deeper(context);
  const at = context.read.operand(context);
  if (!stream.take('is')) stream.expect('was', 'and "under 18" or "at least 18"');
  const not = stream.take('not');
  const condition: Condition = { kind: 'age', birth, at, test: ageTest(stream) };
  return not ? negated(condition) : condition;
}

function ageTest(stream: TokenStream): AgeTest {
  const token = stream.peek();
  const under = stream.take('under') || stream.take('below') || stream.take('less', 'than');
  const atLeast = !under && stream.take('at', 'least');
  if (!under && !atLeast && stream.peek().kind !== 'number' && takeComparison(stream) !== undefined) {
    const message = 'it is not clear on which side the birthday itself is; write "under 18" or "at least 18"';
    stream.fail('RULE_AMBIGUOUS', message, token);
  }
  const years = takeNumber(stream);
  if (years === undefined) return stream.unexpected('"under 18" or "at least 18"', ['under', 'least']);
  if (years > 150) stream.fail('RULE_OUT_OF_RANGE', 'nobody is older than 150 years', token);
  if (UNIT_WORDS.get(stream.word()) === 'years') stream.next();
  if (under) return { kind: 'under', years };
  if (!atLeast && !stream.take('or', 'over') && !stream.take('or', 'older') && !stream.take('or', 'more'))
    stream.unexpected('"or over" behind the age');
  return { kind: 'at least', years };
}
