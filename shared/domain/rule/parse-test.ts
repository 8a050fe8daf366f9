import type { AttributeValue } from '../record/about.ts';
import { COMPARISONS } from './ast.ts';
import type { AgeTest, AttributeType, Comparison, Test } from './ast.ts';
import { takeNumber } from './parse-period.ts';
import type { TokenStream } from './token-stream.ts';
import { isKeyword, UNIT_WORDS } from './words.ts';

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
  for (;;) {
    const comma = stream.mark(',');
    const or = stream.word(comma) === 'or' ? 1 : 0;
    const value = ['string', 'number'].includes(stream.peek(comma + or).kind);
    // `is "x", 6 years after …`: the comma ends the condition.
    const follows = or === 0 && (!listed || isUnit(stream.word(comma + 1)));
    if (!value || follows) break;
    stream.skip(comma + or);
    const token = stream.peek();
    values.push(takeValue(stream));
    if (typeof values.at(-1) !== typeof first)
      stream.fail('RULE_TYPE', 'the values have different types; use only texts or only numbers', token);
  }
  return { kind: 'is', values };
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

function takeValue(stream: TokenStream): AttributeValue {
  const token = stream.peek();
  if (token.kind === 'word' && isKeyword(token.lower))
    return stream.unexpected('a value: text in quotation marks, a number, true or false');
  if (token.kind !== 'string' && token.kind !== 'number' && token.kind !== 'word')
    return stream.unexpected('a value: text in quotation marks, a number, true or false');
  stream.next();
  if (token.kind === 'number') return Number(token.text);
  if (token.kind === 'word' && ['true', 'yes'].includes(token.lower)) return true;
  if (token.kind === 'word' && token.lower === 'false') return false;
  return token.text;
}

/** `under 18`, `at least 18`, `18 or over`. */
export function ageTest(stream: TokenStream): AgeTest {
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
  if (UNIT_WORDS.get(stream.word()) === 'years') stream.next();
  if (under) return { kind: 'under', years };
  if (!atLeast && !stream.take('or', 'over') && !stream.take('or', 'older') && !stream.take('or', 'more'))
    stream.unexpected('"or over" after the age');
  return { kind: 'at least', years };
}
