import { describe, expect, test } from 'vitest';
import { parseRule } from '../../../shared/domain/rule/parse.ts';
import { printRule } from '../../../shared/domain/rule/print.ts';
import { asked, refusal } from '../../support/rules/asked.ts';

const ALL_STAGES = 'whether the condition in front is about the stages after "then" as well';
const LAW_IS = 'whether what the law requires is a maximum, too';
const LAW_ABOUT = 'whether the law is about this branch or about all of them';
const BEGINS_OR_ENDS = 'says when this begins or ends';
const KEEPING = 'whether the keeping begins or ends then';
const NAME = 'the name after the verb is read as an event';

test.each([
  ['if paid, anonymise 1 year after a.a, then delete 2 years after a.a', ALL_STAGES],
  ['unless paid, restrict upon a.a; delete 2 years after a.a', ALL_STAGES],
  ['if paid, restrict upon a.a, otherwise anonymise upon a.a, then delete 2 years after a.a', ALL_STAGES],
  ['by (30 days after a.a unless "law" requires 1 year after a.a)', LAW_IS],
  ['at most (30 days after a.a unless "law" requires 1 year after a.a)', LAW_IS],
  ['not before b.b and by (a.a unless "law" requires 1 year after a.a)', LAW_IS],
  ['until b.b, but no later than (a.a unless "law" requires 1 year after a.a)', LAW_IS],
  ['by the earlier of (a.a unless "law" requires 1 year after a.a) and 2030-12-31', LAW_IS],
  ['by (if paid, (a.a unless "law" requires 1 year after a.a), otherwise 2030-12-31)', LAW_IS],
  ['2 years after a.a if paid, otherwise 1 year after a.a, unless "law" requires b.b', LAW_ABOUT],
  ['if paid, within 2 years after a.a, otherwise by b.b, unless "law" requires 1 year after b.b', LAW_ABOUT],
  ['delete until 2030-12-31', BEGINS_OR_ENDS],
  ['restrict until a.a, then delete 1 year after a.a', BEGINS_OR_ENDS],
  ['live: archive until 3 years after a.a', BEGINS_OR_ENDS],
  ['retain upon a.a', KEEPING],
  ['keep as soon as a.a', KEEPING],
  ['keep immediately after a.a', KEEPING],
  ['keep without undue delay after a.a', KEEPING],
  ['delete the account', NAME],
  ['keep a.a', NAME],
  ['archive contract if urgent', NAME],
  ['if amount is one of 1,000 or 2,000, 1 year after a.a', 'without a comma if it is one number'],
])('is refused, because it could mean two things: %s', (rule, message) => {
  expect(refusal(rule)).toContain(message);
});

const facts = { paid: true, amount: 2 };
const events = { 'a.a': '2020-12-31', 'b.b': '2021-06-30' };

describe('each of the meanings can be written', () => {
  test.each([
    ['anonymise 1 year after a.a if paid, then delete 2 years after a.a', ['2022-01-01…', '2023-01-01…']],
    [
      'live: if paid, delete 1 year after a.a; backups: delete b.b plus 1 year',
      ['2022-01-01…', '2022-07-01…'],
    ],
    ['by (30 days after a.a unless "law" requires within 1 year after a.a)', ['…2022-01-01']],
    [
      'by (a.a unless "law" requires by (a.a unless "other law" requires no later than b.b))',
      ['…2021-07-01'],
    ],
    ['within 30 days after (a.a unless "law" requires b.b)', ['…2021-07-31']],
    ['2 years after a.a if paid, otherwise 1 year after a.a unless "law" requires b.b', ['2023-01-01…']],
    ['(2 years after a.a if paid, otherwise b.b) unless "law" requires 9 years after a.a', ['2030-01-01…']],
    [
      'if paid, 2 years after a.a, unless "law" requires b.b, otherwise a.a, unless "law" requires 9 years after a.a',
      ['2021-07-01…'],
    ],
    ['keep until a.a', ['2021-01-01…']],
    ['delete upon a.a', ['2021-01-01…']],
    ['if amount is one of 1, 2 or 3, until a.a', ['2021-01-01…']],
  ])('%s', (rule, dates) => {
    const day = (at: string | undefined): string => at?.slice(0, 10) ?? '';
    const { stages } = asked(rule, events, facts);
    expect(stages.map(({ notBefore, notAfter }) => `${day(notBefore)}…${day(notAfter)}`)).toEqual(dates);
    const parsed = parseRule(rule);
    const printed = parsed.ok ? printRule(parsed.rule) : '';
    const again = parseRule(printed);
    expect(again.ok && again.rule, printed).toEqual(parsed.ok && parsed.rule);
  });
});
