import { describe, expect, test } from 'vitest';
import { parseRule } from '../../../shared/domain/rule/parse.ts';
import { printRule } from '../../../shared/domain/rule/print.ts';
import { spelled, spelledOrdinal, STYLES } from '../../support/rules/spelled.ts';

const ALL = Array.from({ length: 999 }, (_, index) => index + 1);

function read(rule: string): string {
  const parsed = parseRule(rule);
  return parsed.ok ? printRule(parsed.rule) : `${parsed.error.column} ${parsed.error.code}`;
}

describe('a number in words', () => {
  test.each(STYLES)('from one to 999 is read: %o', (style) => {
    for (const number of ALL) {
      const words = spelled(number, style);
      const digits = read(`${number} days and 2 hours after x.y`);
      expect(read(`${words} days and two hours after x.y`)).toBe(digits);
      expect(read(`${words.toUpperCase()} (${number}) days and 2 hours after x.y`)).toBe(digits);
      expect(read(`${number} (${words}) days and 2 hours after x.y`)).toBe(digits);
      expect(read(`${number} (${number + 1}) days after x.y`)).toBe('1 RULE_AMBIGUOUS');
      expect(read(`${words} (${number + 1}) days after x.y`)).toBe('1 RULE_AMBIGUOUS');
    }
  });

  test.each(STYLES)('from the first to the 999th is read: %o', (style) => {
    for (const number of ALL.slice(1)) {
      const words = spelledOrdinal(number, style);
      const digits = read(`the ${number}th x.y after a.b`);
      expect(read(`the ${words} x.y after a.b`)).toBe(digits);
      expect(read(`the ${words} (${number}th) x.y after a.b`)).toBe(digits);
      expect(read(`the ${words} (${number + 1}th) x.y after a.b`)).toBe('5 RULE_AMBIGUOUS');
    }
  });

  test('from one to 998 begins a range', () => {
    const [style] = STYLES;
    for (const number of ALL.slice(0, -1)) {
      if (style === undefined) continue;
      const [from, to] = [spelled(number, style), spelled(number + 1, style)];
      const range = `at least ${number} day${number === 1 ? '' : 's'} and at most ${number + 1} days after x.y`;
      expect(read(`between ${from} days and ${to} days after x.y`)).toBe(range);
      // `one hundred and two days` is one number.
      if (number % 100 !== 0) expect(read(`between ${from} and ${to} days after x.y`)).toBe(range);
    }
  });

  test.each([
    ['between seven (7) and ten (10) years after x.y', 'at least 7 years and at most 10 years after x.y'],
    [
      'between one hundred and two hundred days after x.y',
      'at least 100 days and at most 200 days after x.y',
    ],
    ['at least six (6) years after x.y', '6 years after x.y'],
    [
      'at least seven (7) years and at most ten (10) years after x.y',
      'at least 7 years and at most 10 years after x.y',
    ],
    ['within a hundred days of x.y', 'within 100 days after x.y'],
    ['the eighteenth (18th) birthday of p.b', 'until the 18th birthday of p.b'],
    [
      'if the age of p.b at x.y is under eighteen (18), 3 years after x.y',
      'if the age of p.b at x.y is under 18, 3 years after x.y',
    ],
    [
      '3 years after x.y if amount is more than one hundred (100)',
      'if amount is more than 100, 3 years after x.y',
    ],
    ['five (5) newer v.m than x.y', 'until the 5th v.m after x.y'],
    ['ten (10) working days after x.y', '10 working days after x.y'],
    ['30 days after two factor reset', '30 days after two factor reset'],
    [
      'the later of x.y plus 3 years and one hundred and twenty days after a.b',
      'the later of 3 years after x.y and 120 days after a.b',
    ],
  ])('is read wherever a number is: %s', (rule, printed) => {
    expect(read(rule)).toBe(printed);
  });

  test.each([
    ['between seven (8) and ten (10) years after x.y', '9 RULE_AMBIGUOUS'],
    ['between seven (7) and ten (11) years after x.y', '23 RULE_AMBIGUOUS'],
    ['if the age of p.b at x.y is under eighteen (16), 3 years after x.y', '35 RULE_AMBIGUOUS'],
    ['3 years after x.y if amount is at least five (6)', '41 RULE_AMBIGUOUS'],
    ['five (6) newer v.m than x.y', '1 RULE_AMBIGUOUS'],
    ['between one hundred and twenty days after x.y', '9 RULE_AMBIGUOUS'],
    ['six (6 years after x.y', '5 RULE_SYNTAX'],
  ])('that says two things, or is not complete, is refused: %s', (rule, place) => {
    expect(read(rule)).toBe(place);
  });
});
