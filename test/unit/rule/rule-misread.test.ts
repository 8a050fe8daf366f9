import { describe, expect, test } from 'vitest';
import { due } from '../../../shared/domain/plan/due.ts';
import type { DueQuestion } from '../../../shared/domain/plan/due.ts';
import { contradictionsOf } from '../../../shared/domain/rule/contradictions.ts';
import { parsePeriod, parseRule } from '../../../shared/domain/rule/parse.ts';
import { printRule } from '../../../shared/domain/rule/print.ts';
import { resolveRule } from '../../../shared/domain/rule/resolve.ts';

/* Sentences that were accepted and meant something else than a careful reader understands. */

const AMBIGUOUS: readonly (readonly [rule: string, ...says: string[]])[] = [
  ['keep within 3 years of a.b', 'keep for 30 days after X', 'delete within 30 days after X'],
  ['retain by 2030-12-31', 'keep for 30 days after X'],
  ['within 90 days before a.b', 'by 90 days before X', 'not before 90 days before X'],
  ['at most 90 days before a.b', 'by 90 days before X'],
  ['at least 90 days before a.b', 'by 90 days before X', 'not before 90 days before X'],
  ['within 12 months without a.b', '12 months without X'],
  ['by the later of c.d and 12 months beginning with a.b', 'whether the first day counts'],
  ['the later of a.b and c.d and e.f', 'the later of A, B and C', '(the later of A and B) and C'],
  ['the earlier of a.b and 12 years after c.d and e.f', 'the later of A, B and C'],
  ['the next birthday of p.b', 'the 18th birthday of X'],
  [
    'if a.b has occurred within 30 days of c.d, 1 year after c.d',
    'within 30 days after X',
    'within 30 days before X',
  ],
  ['if plan is not "free" and paid, 1 year after a.b', 'not (A and B)', '(not A) and B'],
  ['if not paid or closed, 1 year after a.b', 'not (A or B)', '(not A) or B'],
  [
    'if plan is free or paid, 1 year after a.b',
    'plan is one of "free" or "paid"',
    'plan is "free" or (paid)',
  ],
  [
    'if plan is one of "free" or "trial" or paid, 1 year after a.b',
    'plan is one of "free" or "paid"',
    'plan is "free" or (paid)',
  ],
  ['until the next 29 February after a.b', 'write 02-29 for the last day of February'],
  ['until the 2nd February 29 on or after a.b', 'write 02-29 for the last day of February'],
  ['3 years after a.b, at the next run on 29 February', 'write 02-29 for the last day of February'],
  ['review or delete 5 years after a.b', 'review …, then …'],
  ['delete or notify 5 years after a.b', 'whether one can be left out'],
  ['if plan is unknown, 1 year after a.b', 'in quotation marks'],
  ['10 years after a.b if plan is known, otherwise 1 year after a.b', 'in quotation marks'],
  ['if plan is not given, 1 year after a.b', 'in quotation marks'],
  ['if plan is one of free or missing, 1 year after a.b', 'in quotation marks'],
  [
    '1 year after 6 years after a.b, paused from h.a until h.b',
    '1 year after (6 years after X), paused from A until B',
    '1 year after (6 years after X, paused from A until B)',
  ],
  [
    '(6 years after a.b) plus 1 year, held from h.a until h.b, then restarted',
    '1 year after (6 years after X), held from A until B, then restarted',
  ],
  ['1 year after a.b if x, otherwise 3 years after a.b, at the next monthly run', 'in parentheses'],
  ['1 year after a.b if x, otherwise 3 years after a.b, held from h.a until h.b', 'in parentheses'],
  ['anonymise 1 year after a.b, then delete 2 years after a.b, unless paid', 'without the comma'],
  ['anonymise 1 year after a.b, then delete 2 years after a.b, held from h.a until h.b', 'in each stage'],
];

describe('a sentence with two readings', () => {
  test.each(AMBIGUOUS)('%s is refused with both', (rule, ...says) => {
    const parsed = parseRule(rule);
    expect(parsed).toMatchObject({ ok: false, error: { code: 'RULE_AMBIGUOUS' } });
    for (const said of says) expect(parsed.ok ? '' : parsed.error.message).toContain(said);
  });

  test.each([
    'by 90 days before a.b',
    'not before 90 days before a.b',
    '12 months without a.b',
    'the later of a.b, c.d and e.f',
    'the later of (the later of a.b and c.d) and e.f',
    'if not (plan is "free" and paid), 1 year after a.b',
    'if (not paid) or closed, 1 year after a.b',
    'if plan is "free" or (paid), 1 year after a.b',
    'if plan is "free" or paid is true, 1 year after a.b',
    'if amount is at least 5 or urgent, 1 year after a.b',
    'if plan is free and paid, 1 year after a.b',
    'if plan is one of "free" or "trial" or (paid), 1 year after a.b',
    'if plan is one of "free", "trial" or paid, 1 year after a.b',
    'if plan is "unknown", 1 year after a.b',
    'if plan is one of "free", "trial" or kind is "b", 1 year after a.b',
    'if plan is one of "free", "trial" or pay day has occurred, 1 year after a.b',
    'if plan is one of "free", "trial" or age of p.b at a.b is under 18, 1 year after a.b',
    'until the next 02-29 after a.b',
    'until 29 February 2028',
    '3 years after the end of the fiscal year ending 29 February of a.b',
    '1 year after (6 years after a.b), paused from h.a until h.b',
    '1 year after (6 years after a.b, paused from h.a until h.b)',
    'anonymise 6 months after a.b, then delete (1 year after the previous stage, paused from h.a until h.b)',
    '6 years after the end of the calendar year of a.b, paused from h.a until h.b',
    '6 years after a.b, paused from h.a until h.b, at the end of the calendar year',
    '1 year after a.b if x, otherwise (3 years after a.b, at the next monthly run)',
    'anonymise 1 year after a.b, then delete 2 years after a.b unless paid',
    'anonymise 1 year after a.b, then delete (2 years after a.b, held from h.a until h.b)',
    'live: delete 1 year after a.b; backups: delete 2 years after a.b, held from h.a until h.b',
    '1 year after a.b, at the next monthly run if x, otherwise 3 years after a.b',
    'if x, 1 year after a.b, held from h.a until h.b, otherwise 3 years after a.b',
  ])('%s has one', (rule) => {
    expect(parseRule(rule)).toMatchObject({ ok: true });
  });
});

describe('a word before a colon', () => {
  test.each([
    ['restrict: 30 days after a.b', 'restrict 30 days after X', 'restrict: delete 30 days after X'],
    ['anonymise: 30 days after a.b; delete: 3 years after a.b', 'anonymise 30 days after X'],
    ['anonymised: 30 days after a.b', 'anonymise 30 days after X'],
    ['"Restriction": if paid, 30 days after a.b, otherwise 1 year after a.b', 'restrict 30 days after X'],
    ['archive: 1 year after a.b, then delete: 3 years after a.b', 'archive 30 days after X'],
    ['transferred: keep for 1 year after a.b', 'archive 30 days after X'],
    ['redact: within 30 days after a.b', 'anonymise 30 days after X'],
    ['paid: 10 years after a.b; otherwise: 5 years after a.b', 'if A, X, otherwise Y'],
    ['minimum: 3 years after a.b; maximum: 5 years after a.b', 'at least 1 year and at most 2 years'],
  ])(
    'that says what is done, or is part of the sentence, cannot be a name without an action: %s',
    (rule, ...says) => {
      const parsed = parseRule(rule);
      expect(parsed).toMatchObject({ ok: false, error: { code: 'RULE_AMBIGUOUS' } });
      for (const said of says) expect(parsed.ok ? '' : parsed.error.message).toContain(said);
    },
  );

  test.each([
    'restrict: restrict 30 days after a.b',
    'anonymise: delete 30 days after a.b',
    'review: delete if paid, 30 days after a.b, otherwise 1 year after a.b',
    'delete: 30 days after a.b',
    'notice: notify every 5 years after a.b',
    'backups: 30 days after a.b',
  ])('is a name where the action is said, or is deletion: %s', (rule) => {
    expect(parseRule(rule)).toMatchObject({ ok: true });
  });
});

test.each([
  'the next working day after a.b',
  '3 years after Monday',
  '3 years after the fiscal year',
  '3 years from now',
])('a word of the calendar is not read as an event, also where every name is one: %s', (rule) => {
  const parsed = parseRule(rule);
  const resolved = parsed.ok ? resolveRule(parsed, { nouns: {}, settings: {} }) : parsed;
  expect(resolved).toMatchObject({ ok: false, errors: [{ code: 'RULE_NAME_UNKNOWN' }] });
  const named = {
    nouns: { 'working day': 'day.began', monday: 'a.b', 'fiscal year': 'a.b', now: 'a.b' },
    settings: {},
  };
  expect(parsed.ok && resolveRule(parsed, named)).toMatchObject({ ok: true });
});

describe('a list of values', () => {
  test.each([
    ['plan is one of free or paid', ['free', 'paid']],
    ['plan is one of free, paid or gold', ['free', 'paid', 'gold']],
    ['plan is one of free, "paid", or gold', ['free', 'paid', 'gold']],
    ['plan is one of "free", "paid"', ['free', 'paid']],
  ])('%s has all of them', (condition, values) => {
    const parsed = parseRule(`if ${condition}, contract plus 3 years`);
    const moment = parsed.ok ? parsed.rule.stages[0]?.notBefore : undefined;
    expect(moment).toMatchObject({ kind: 'if', condition: { name: 'plan', test: { kind: 'is', values } } });
  });

  test('with a word in it ends with a value, and not with a condition', () => {
    expect(parseRule('if plan is one of "free", gold or kind is "b", 1 year after a.b').ok).toBe(false);
  });

  test('of one value is refused', () => {
    for (const list of ['"secret, restricted or internal"', 'free'])
      expect(parseRule(`if plan is one of ${list}, 1 year after a.b`)).toMatchObject({
        ok: false,
        error: { code: 'RULE_SYNTAX' },
      });
  });
});

describe('a period of 0', () => {
  test.each([
    '0 days after a.b',
    'within 0 hours after a.b',
    'contract plus 0 years and 0 months',
    'zero days after a.b',
  ])('%s is refused', (rule) => {
    expect(parseRule(rule).ok).toBe(false);
  });

  test('is refused as a setting, and says what to write', () => {
    const parsed = parsePeriod('0 days');
    expect(parsed.ok ? '' : parsed.error.message).toMatch(/upon X.*keep permanently/);
    expect(parsePeriod('0 years and 3 months')).toMatchObject({ ok: true });
  });
});

describe('the next day of the year', () => {
  const dateOf = (rule: string, at: string): string | undefined => {
    const parsed = parseRule(rule);
    if (!parsed.ok) throw new Error(parsed.error.message);
    const events = { 'a.b': [at] } as unknown as DueQuestion['events'];
    return due({ text: rule, rule: parsed.rule, zone: 'Europe/London', events, attributes: {} }).due;
  };

  test.each([
    ['until the next 31 January on or after a.b', '2024-01-31', '2024-02-01T00:00:00+00:00'],
    ['until the next 31 January on or after a.b', '2024-01-31T10:00:00Z', '2024-02-01T00:00:00+00:00'],
    ['until the next 31 January after a.b', '2024-01-31', '2025-02-01T00:00:00+00:00'],
    ['until the next 31 January on or after a.b', '2024-02-01', '2025-02-01T00:00:00+00:00'],
    ['until the 2nd 31 January on or following a.b', '2024-01-31', '2025-02-01T00:00:00+00:00'],
    ['until the next last Friday of May on or after a.b', '2024-05-31', '2024-06-01T00:00:00+01:00'],
  ])('%s %s is %s', (rule, at, date) => {
    expect(dateOf(rule, at)).toBe(date);
  });

  test('says in its canonical wording whether the same day counts', () => {
    const parsed = parseRule('until the next 31 January on or after a.b');
    expect(parsed.ok && printRule(parsed.rule)).toBe('until the next 01-31 on or after a.b');
  });
});

describe('what can never come', () => {
  test.each([
    '5 newer x.y than x.y',
    'the 3rd x.y after x.y',
    '1 year after the first x.y after the last x.y',
    'the next x.y after 30 days after x.y',
    'if x.y has occurred after x.y, 1 year after x.y',
    'if kind is "a" and kind is "b", 1 year after x.y',
    'if a.f has occurred within 6 weeks after x.y, 6 years after x.y, otherwise 2 weeks after x.y',
    'within 2 weeks after x.y if a.f has not occurred within 6 weeks after x.y, otherwise within 1 year after x.y',
  ])('%s is a finding', (rule) => {
    const parsed = parseRule(rule);
    expect(parsed.ok ? contradictionsOf(parsed.rule) : parsed.error.message).toHaveLength(1);
  });

  test.each([
    '5 newer x.y than the first x.y',
    '5 newer x.y than this.y',
    'the last x.y before x.y',
    'the first x.y after the earlier of x.y and z.z',
    'if x.y has occurred on or after x.y, 1 year after x.y',
    'if a.f has occurred within 6 weeks after x.y, 6 years after x.y, otherwise 6 weeks after x.y',
    'if a.f has occurred within 6 weeks after x.y, 2 weeks after a.f, otherwise 1 year after x.y',
  ])('%s is none', (rule) => {
    const parsed = parseRule(rule);
    expect(parsed.ok ? contradictionsOf(parsed.rule) : parsed.error.message).toEqual([]);
  });
});
