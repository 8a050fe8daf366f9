import { describe, expect, test } from 'vitest';
import { parseRule } from '../../../shared/domain/rule/parse.ts';
import { printRule } from '../../../shared/domain/rule/print.ts';
import { refusal } from '../../support/rules/asked.ts';

const SECOND_START = 'whether the period also starts here';
const LAST_PLUS = 'whether the period is added to all dates or only to this one';
const OPEN_LIST = 'where the list before this ends';
const ABOUT = 'whether the words before the first event are also about this';
const PLUS = 'what "plus" adds to';

describe('a list that can be read in two ways is refused', () => {
  const others = [
    'the 18th birthday of p.b',
    'the end of the month of b.b',
    'the last day of the calendar year of b.b',
    'the next 31 January after b.b',
    'the next monthly run after b.b',
    'the 3rd b.b after c.c',
    '5 newer b.b than c.c',
    'the last b.b before c.c',
    '2030-12-31',
    'the later of b.b and c.c',
    'b.b',
    '(b.b)',
    'first b.b',
    'the date in expiry',
  ];
  test.each(others)('7 years after a.a or %s, whichever is later', (other) => {
    expect(refusal(`7 years after a.a or ${other}, whichever is later`)).toContain(SECOND_START);
    expect(refusal(`c.d or 7 years after a.a or ${other}, whichever is later`)).toContain(SECOND_START);
    expect(refusal(`7 years after a.a or until ${other}, whichever is later`)).toBeUndefined();
    expect(refusal(`(7 years after a.a) or ${other}, whichever is later`)).toBeUndefined();
    expect(refusal(`7 years after a.a or 3 years after ${other}, whichever is later`)).toBeUndefined();
  });

  test.each([
    ['the later of contract and employment plus 6 years', LAST_PLUS],
    ['the earliest of a.a, b.b and c.c plus 6 years', LAST_PLUS],
    ['the later of 3 years after a.a, b.b and c.c plus 6 years', LAST_PLUS],
    ['the later of a.a and b.b plus 6 years if any', LAST_PLUS],
    ['vessel.scrapped or vessel.sold plus 4 years, whichever comes first', LAST_PLUS],
    ['2 years after the later of a.a and b.b plus 6 years', LAST_PLUS],
    ['the earlier of a.a and b.b or c.c, whichever is later', OPEN_LIST],
    ['6 years after the earlier of a.a and b.b or 3 years after c.c, whichever is later', OPEN_LIST],
    ['the end of the month of a.a or b.b, whichever is later', ABOUT],
    ['the 18th birthday of a.a or b.b, whichever is later', ABOUT],
    ['5 newer a.a than b.b or c.c, whichever is later', ABOUT],
    ['the last a.a before b.b plus 3 years', PLUS],
    ['the next 31 January after a.a plus 3 years', PLUS],
    ['the next monthly run after a.a plus 3 years', PLUS],
    ['5 newer a.a than b.b plus 3 years', PLUS],
    ['3 years after a.a and b.b', 'what "and" adds'],
    ['until a.a, and b.b', 'what "and" adds'],
  ])('%s', (rule, message) => {
    expect(refusal(rule)).toContain(message);
  });
});

test.each([
  [
    '6 years after the later of contract and employment',
    '6 years after the later of contract and employment',
  ],
  ['(the later of a.a and b.b) plus 6 years', '6 years after the later of a.a and b.b'],
  ['the later of a.a and (b.b plus 6 years)', 'the later of a.a and 6 years after b.b'],
  ['the later of a.a and 6 years after b.b', 'the later of a.a and 6 years after b.b'],
  ['the later of a.a plus 6 years and b.b', 'the later of 6 years after a.a and b.b'],
  [
    'the later of a.a plus 2 years and b.b plus 6 years',
    'the later of 2 years after a.a and 6 years after b.b',
  ],
  ['a.a or until b.b plus 6 years, whichever is later', 'the later of a.a and 6 years after b.b'],
  ['the later of 7 years after a.a and b.b', 'the later of 7 years after a.a and b.b'],
  [
    '(the earlier of a.a and b.b) or c.c, whichever is later',
    'the later of (the earlier of a.a and b.b) and c.c',
  ],
  [
    'the end of the month of a.a or the end of the month of b.b, whichever is later',
    'the later of the end of the month of a.a and the end of the month of b.b',
  ],
  [
    'the 18th birthday of p.b or 7 years after a.a, whichever is later',
    'the later of the 18th birthday of p.b and 7 years after a.a',
  ],
  ['3 years after the last a.a before b.b', '3 years after the last a.a before b.b'],
  ['the last a.a before (b.b plus 3 years)', 'the last a.a before 3 years after b.b'],
  ['the end of the calendar year of a.a plus 3 years', '3 years after the end of the calendar year of a.a'],
])('%s is clear', (rule, wanted) => {
  const parsed = parseRule(rule);
  const canonical = parseRule(wanted);
  expect(parsed.ok && canonical.ok && printRule(parsed.rule)).toBe(canonical.ok && printRule(canonical.rule));
});
