import type { AttributeValue } from '../record/about.ts';
import { COMPARISONS } from './ast.ts';
import type { AgeTest, AttributeType, Comparison, Test, TextTest } from './ast.ts';
import { takeNumber } from './parse-period.ts';
import type { TokenStream } from './token-stream.ts';
import { HAPPENED, isKeyword, UNIT_WORDS } from './words.ts';

/** `"semver"`, `semver`, `5`, `true`, `one of "a", "b" or "c"`, `at least 5`. */
export function attributeTest(stream: TokenStream): Test {
  const comparison = takeComparison(stream);
  if (comparison !== undefined) {
    const value = takeNumber(stream);
    return value === undefined ? stream.unexpected('a number') : { kind: comparison, value };
  }
  const listed = stream.take('one', 'of');
  const values = [takeValue(stream)];
  const [first] = values;
  let isClosed = false;
  for (;;) {
    const comma = stream.mark(',');
    const or = stream.word(comma) === 'or' ? 1 : 0;
    const value =
      ['string', 'number'].includes(stream.peek(comma + or).kind) ||
      (listed && !isClosed && startsWord(stream, comma, or));
    // `is "x", 6 years after …`: the comma ends the condition.
    const follows = or === 0 && (comma === 0 || !listed || isUnit(stream.word(comma + 1)));
    if (!value || follows) break;
    refuseThousands(stream, comma);
    stream.skip(comma + or);
    isClosed ||= or === 1;
    const token = stream.peek();
    values.push(takeValue(stream));
    if (typeof values.at(-1) !== typeof first)
      stream.fail('RULE_TYPE', 'the values have different types; use only texts or only numbers', token);
  }
  if (listed && values.length === 1)
    stream.unexpected('a second value after "one of", each in quotation marks of its own', ['or']);
  if (typeof first === 'number' && !listed && values.length === 1) {
    if (stream.takeAny(OR_MORE)) return { kind: 'at least', value: first };
    if (stream.takeAny(OR_LESS)) return { kind: 'at most', value: first };
  }
  return { kind: 'is', values };
}

const VERBS = [...HAPPENED, ...'is was has have had did does of never ends'.split(' ')];

/** A value without quotation marks: after `or`, or before another one that `or` ends the list with. */
function startsWord(stream: TokenStream, comma: number, or: number): boolean {
  const isWord = (ahead: number): boolean =>
    stream.peek(ahead).kind === 'word' && !isKeyword(stream.word(ahead)) && !stream.word(ahead).includes('.');
  if (!isWord(comma + or)) return false;
  // `or kind is "b"` and `or age of …` are conditions.
  const isLast = (ahead: number): boolean => {
    const after = stream.word(ahead + 1);
    return after === '' || (isKeyword(after) && !VERBS.includes(after));
  };
  if (or === 1) return isLast(comma + 1);
  let next = comma + 1;
  while (stream.peek(next).text === ',' && (isWord(next + 1) || stream.peek(next + 1).kind === 'string'))
    next += 2;
  const last = stream.peek(next).text === ',' ? next + 1 : next;
  return stream.word(last) === 'or' && isLast(last + 1);
}

const TEXT_VERBS: ReadonlyMap<string, TextTest> = new Map<string, TextTest>([
  ['start with', 'starts with'],
  ['begin with', 'starts with'],
  ['end with', 'ends with'],
  ['contain', 'contains'],
]);

/** `starts with`, `does not contain`: the verb is not part of the name before it. */
export function startsTextTest(stream: TokenStream): boolean {
  return stream.lookAhead(() => takeTextVerb(stream) !== undefined);
}

/** `starts with "a"`, `does not contain one of "a" or "b"`. */
export function takeTextTest(
  stream: TokenStream,
): { readonly test: Test; readonly not: boolean } | undefined {
  const verb = takeTextVerb(stream);
  if (verb === undefined) return undefined;
  const listed = stream.take('one', 'of');
  const texts = [takeText(stream)];
  for (;;) {
    const comma = listed ? stream.mark(',') : 0;
    const or = stream.word(comma) === 'or' ? 1 : 0;
    if (comma + or === 0 || stream.peek(comma + or).kind !== 'string') break;
    stream.skip(comma + or);
    texts.push(takeText(stream));
  }
  return { test: { kind: verb.kind, texts }, not: verb.not };
}

function takeTextVerb(stream: TokenStream): { readonly kind: TextTest; readonly not: boolean } | undefined {
  for (const [verb, kind] of TEXT_VERBS) {
    if (stream.takeAny([`does not ${verb}`, `did not ${verb}`])) return { kind, not: true };
    if (stream.takeAny([verb.replace(/\w+/, '$&s')])) return { kind, not: false };
  }
  return undefined;
}

function takeText(stream: TokenStream): string {
  const token = stream.peek();
  if (token.kind !== 'string') return stream.unexpected('the text in quotation marks');
  stream.next();
  if (token.text === '')
    stream.fail(
      'RULE_SYNTAX',
      'every text contains the empty one; write some text in the quotation marks',
      token,
    );
  return token.text;
}

function isUnit(word: string): boolean {
  return UNIT_WORDS.has(word) || ['working', 'business', 'calendar'].includes(word);
}

/** What an attribute has to be for the test. */
export function typeOf(test: Test): AttributeType {
  switch (test.kind) {
    case 'is': {
      const [value] = test.values;
      return typeof value === 'string' ? 'text' : typeof value === 'number' ? 'number' : 'boolean';
    }
    case 'less than':
    case 'at most':
    case 'more than':
    case 'at least':
      return 'number';
    case 'starts with':
    case 'ends with':
    case 'contains':
      return 'text';
  }
}

const COMPARISON_PHRASES: Readonly<Record<Comparison, readonly string[]>> = {
  'at least': ['at least'],
  'at most': ['at most'],
  'more than': ['more than', 'over', 'above'],
  'less than': ['less than', 'under', 'below'],
};

function takeComparison(stream: TokenStream): Comparison | undefined {
  return COMPARISONS.find((comparison) =>
    COMPARISON_PHRASES[comparison].some((phrase) => stream.take(...phrase.split(' '))),
  );
}

/** `plan is unknown`, `plan is not given`: a condition of the language compares values, and cannot ask whether there is one. */
const ABOUT_PRESENCE: ReadonlySet<string> = new Set(
  'known unknown missing given empty null none set present absent available defined undefined specified provided'.split(
    ' ',
  ),
);

function takeValue(stream: TokenStream): AttributeValue {
  const token = stream.peek();
  if (token.kind === 'word' && isKeyword(token.lower))
    return stream.unexpected('a value: text in quotation marks, a number, true or false');
  if (token.kind !== 'string' && token.kind !== 'number' && token.kind !== 'word')
    return stream.unexpected('a value: text in quotation marks, a number, true or false');
  if (token.kind === 'word' && token.text.includes('.')) {
    const message = `"${token.text}" looks like the name of an event; if it is a text to compare with, write it in quotation marks`;
    return stream.fail('RULE_SYNTAX', message, token);
  }
  if (token.kind === 'word' && ABOUT_PRESENCE.has(token.lower)) {
    const message = `"${token.text}" could be a text, or say whether there is a value; write a text in quotation marks`;
    return stream.fail('RULE_AMBIGUOUS', message, token);
  }
  stream.next();
  if (token.kind === 'number') return Number(token.text);
  if (token.kind === 'word' && ['true', 'yes'].includes(token.lower)) return true;
  if (token.kind === 'word' && token.lower === 'false') return false;
  return token.text;
}

/** `under 18`, `at least 18`, `18 or over`, and `17`, which is two tests. */
export function ageTests(stream: TokenStream): readonly AgeTest[] {
  const token = stream.peek();
  const under = stream.take('under') || stream.take('below') || stream.take('less', 'than');
  const atLeast = !under && stream.take('at', 'least');
  if (!under && !atLeast && takeComparison(stream) !== undefined) {
    const message = 'it is not clear whether the birthday itself counts; write "under 18" or "at least 18"';
    stream.fail('RULE_AMBIGUOUS', message, token);
  }
  const years = takeNumber(stream);
  if (years === undefined) return stream.unexpected('"under 18" or "at least 18"', ['under', 'least']);
  if (years > 150) stream.fail('RULE_OUT_OF_RANGE', 'an age can be at most 150 years', token);
  const unit = UNIT_WORDS.get(stream.word());
  if (unit === 'years') stream.next();
  else if (unit !== undefined)
    stream.fail('RULE_SYNTAX', 'an age in a rule is in whole years, such as "under 18"');
  if (!stream.take('old')) stream.take('of', 'age');
  if (under) return [{ kind: 'under', years }];
  if (atLeast || stream.takeAny(AND_OVER)) return [{ kind: 'at least', years }];
  refuseOrMore(stream, `"under ${years}", "at least ${years}" or "${years} or over"`);
  return [
    { kind: 'at least', years },
    { kind: 'under', years: years + 1 },
  ];
}

const either = (words: string): readonly string[] =>
  words.split(' ').flatMap((word) => [`or ${word}`, `and ${word}`]);
const AND_OVER = either('over older more above');
const OR_MORE = either('more over above greater higher older up');
const OR_LESS = either('less fewer under below lower younger down');

/** `17 or younger` would be read as another condition, an attribute with the name "younger". */
function refuseOrMore(stream: TokenStream, write: string): void {
  const found = [...OR_MORE, ...OR_LESS].find((phrase) => stream.lookAhead(() => stream.takeAny([phrase])));
  if (found !== undefined)
    stream.fail('RULE_AMBIGUOUS', `it is not clear what "${found}" adds to the number; write ${write}`);
}

/** `one of 1,000 or 2,000` */
function refuseThousands(stream: TokenStream, comma: number): void {
  const [before, mark, after] = [stream.peek(-1), stream.peek(), stream.peek(1)];
  const isClose = mark.at === before.at + before.text.length && after.at === mark.at + 1;
  if (comma === 0 || !isClose || before.kind !== 'number' || after.kind !== 'number') return;
  const message = `write ${before.text}${after.text} without a comma if it is one number, and with a space after the comma if it is two`;
  stream.fail('RULE_AMBIGUOUS', message, before);
}
