import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRule } from '../../../shared/domain/rule/parse.ts';
import { printRule } from '../../../shared/domain/rule/print.ts';
import { contradictionsOf } from '../../../shared/domain/rule/contradictions.ts';
import type { DueAnswer } from '../../../shared/domain/plan/due.ts';
import { asked, refusal } from '../../support/rules/asked.ts';
import type { Dates } from '../../support/rules/asked.ts';

/** The bounds of each stage as days that begin with their midnight, or why there is none. */
function bounds({ stages }: DueAnswer): Record<string, string> {
  const day = (at: string | undefined): string => at?.slice(0, 10) ?? '';
  return Object.fromEntries(
    stages.map(({ name, status, notBefore, notAfter }) => [
      name,
      status === 'due' ? `${day(notBefore)}…${day(notAfter)}` : status,
    ]),
  );
}

const ended: Dates = { 'a.b': '2020-12-31', 'c.c': '2021-06-30' };
const law = 'within 30 days after a.b unless "law" requires 1 year after c.c';
const paid = 'if paid, keep for 1 year after a.b, otherwise delete within 30 days after a.b';
const three =
  'if paid, keep for 1 year after a.b, otherwise if closed, within 30 days after a.b, otherwise keep permanently';
const either = 'anonymise 30 days after a.b if paid, otherwise delete 1 year after a.b';

test.each<[string, Dates, Record<string, boolean>, Record<string, string>]>([
  // A law has its own bound, and once it can be computed the other one does not count.
  [law, ended, {}, { delete: '2022-07-01…' }],
  [law, { 'a.b': '2020-12-31' }, {}, { delete: '…2021-01-31' }],
  [law, { 'c.c': '2021-06-30' }, {}, { delete: '2022-07-01…' }],
  [law, {}, {}, { delete: 'undetermined' }],
  ['3 years after a.b unless "law" requires within 30 days after c.c', ended, {}, { delete: '…2021-07-31' }],
  ['3 years after a.b unless "law" requires within 30 days after d.d', ended, {}, { delete: '2024-01-01…' }],
  [
    'at least 1 year and at most 3 years after a.b unless "law" requires 2 years after c.c',
    ended,
    {},
    { delete: '2023-07-01…' },
  ],
  ['within 30 days after a.b unless "law" requires keep permanently', ended, {}, { delete: 'never' }],

  // Branches have their own bounds.
  [paid, ended, { paid: true }, { delete: '2022-01-01…' }],
  [paid, ended, { paid: false }, { delete: '…2021-01-31' }],
  [paid, ended, {}, { delete: 'undetermined' }],
  [paid, {}, { paid: false }, { delete: 'undetermined' }],
  [three, ended, { paid: true }, { delete: '2022-01-01…' }],
  [three, ended, { paid: false, closed: true }, { delete: '…2021-01-31' }],
  [three, ended, { paid: false, closed: false }, { delete: 'never' }],
  [
    'within 1 year after a.b if paid, otherwise 2 years after a.b',
    ended,
    { paid: false },
    { delete: '…2023-01-01' },
  ],
  [
    'delete if paid, within 1 year after a.b, otherwise until c.c',
    ended,
    { paid: false },
    { delete: '2021-07-01…' },
  ],

  // A bound that is added.
  ['within 30 days after a.b, but not before c.c', { 'a.b': '2020-12-31' }, {}, { delete: 'undetermined' }],
  ['within 1 year after a.b, but not before c.c', ended, {}, { delete: '2021-07-01…2022-01-01' }],
  ['within 30 days after a.b, but not before 1 year after c.c', ended, {}, { delete: 'conflict' }],
  ['5 years after a.b, but no later than 2040-12-31', ended, {}, { delete: '2026-01-01…2041-01-01' }],
  ['5 years after a.b, but by 2022-12-31', ended, {}, { delete: 'conflict' }],
  ['5 years after a.b, but at most 9 years after c.c', ended, {}, { delete: '2026-01-01…2030-07-01' }],
  ['within 1 year after a.b, but no later than 2021-06-30', ended, {}, { delete: '…2021-07-01' }],

  // Branches have their own actions.
  [either, ended, { paid: true }, { anonymise: '2021-01-31…', delete: 'undetermined' }],
  [either, ended, { paid: false }, { anonymise: 'undetermined', delete: '2022-01-01…' }],
  [
    'anonymise 30 days after a.b if paid, otherwise keep permanently',
    ended,
    { paid: false },
    { anonymise: 'never' },
  ],
  [
    'anonymise if paid, 30 days after a.b, otherwise 1 year after a.b',
    ended,
    { paid: false },
    { anonymise: '2022-01-01…' },
  ],
  [
    'anonymise 30 days after a.b if paid, otherwise delete within 1 year after a.b',
    ended,
    { paid: false },
    { anonymise: 'undetermined', delete: '…2022-01-01' },
  ],
])('%s on %j %j gives %j', (rule, events, facts, wanted) => {
  expect(bounds(asked(rule, events, facts))).toEqual(wanted);
});

describe('a sentence in which a branch could be meant in two ways is refused', () => {
  const bound = 'it is not clear whether this branch is a minimum or a maximum';
  const action = 'it is not clear what is done in this branch';
  test.each([
    ['if paid, 1 year after a.b, otherwise within 30 days after a.b', bound],
    ['if paid, 1 year after a.b, otherwise delete within 30 days after a.b', bound],
    ['by a.b if paid, otherwise 5 years after c.c', bound],
    ['within 3 years after a.b if paid, otherwise the later of 5 years after a.b and c.c', bound],
    ['at least 1 year and at most 2 years after a.b if paid, otherwise 5 years after c.c', bound],
    ['if paid, 30 days after a.b, otherwise anonymise 1 year after a.b', action],
    ['if paid, anonymise 30 days after a.b, otherwise keep 1 year after a.b', action],
    [
      'anonymise 1 day after a.b if paid, otherwise delete 2 days after a.b if old, otherwise 3 days after a.b',
      action,
    ],
    [
      'if paid, if old, 1 year after a.b, otherwise 2 years after a.b',
      'which condition "otherwise" belongs to',
    ],
    [
      'if paid, delete if old, 1 year after a.b, otherwise 2 years after a.b',
      'which condition "otherwise" belongs to',
    ],
    ['1 year after a.b if paid if old, otherwise 2 years after a.b', 'how this condition and the one before'],
    [
      'if paid, 1 year after a.b unless old, otherwise 2 years after a.b',
      'how this condition and the one before',
    ],
    ['within 30 days after a.b, at the next monthly run', 'a maximum cannot wait for a run'],
    [
      'at least 1 year and at most 2 years after a.b, at the next run on 09-01',
      'a maximum cannot wait for a run',
    ],
    ['(5 years after a.b, but no later than 2040-12-31)', 'a maximum belongs to the whole rule'],
    [
      'data: anonymise 1 day after a.b if paid, otherwise delete 2 days after a.b',
      'a different action in each branch',
    ],
    [
      'restrict 1 day after a.b if paid, otherwise anonymise 2 days after a.b, then delete 30 days after the previous stage',
      'it is not clear which stage is meant',
    ],
    [
      'within 30 days after a.b unless "law" requires if paid, 1 year after a.b, otherwise within 2 years after a.b',
      'the law has a minimum in one case and a maximum in another',
    ],
    [
      'anonymise 1 year after a.b unless "law" requires delete 2 years after a.b',
      'the law has another action',
    ],
    ['anonymise if paid, 30 days after a.b, otherwise delete within 1 year after a.b', bound],
    [
      '1 year after a.b unless "law" requires 2 years after a.b if paid',
      'whether this is about what the law requires',
    ],
    [
      '1 year after a.b unless "law" requires 2 years after a.b, held from c.c until d.d',
      'whether this is about what the law',
    ],
    [
      '1 year after (a.b unless "law" requires c.c, held from c.c until d.d)',
      'whether this is about what the law requires',
    ],
    [
      'if paid, a.b unless "law" requires if old, c.c, otherwise d.d',
      'which condition "otherwise" belongs to',
    ],
    ['5 years after a.b, but after c.c', 'expected "not before"'],
  ])('%s', (rule, message) => {
    expect(refusal(rule)).toContain(message);
  });
});

describe('what a branch allows instead of its action', () => {
  test.each([
    'delete or anonymise 1 year after a.b if paid, otherwise 2 years after a.b',
    'delete or anonymise if paid, 1 year after a.b, otherwise 2 years after a.b',
    'delete or anonymise if paid, 1 year after a.b, otherwise delete or anonymise 2 years after a.b',
    'if paid, delete or anonymise 1 year after a.b, otherwise erase or anonymise 2 years after a.b',
  ])('is said of all branches by %s', (rule) => {
    const parsed = parseRule(rule);
    expect(parsed.ok && printRule(parsed.rule)).toBe(
      'delete or anonymise if paid is true, 1 year after a.b, otherwise 2 years after a.b',
    );
  });

  test.each([
    [
      'anonymise or restrict 1 year after a.b if paid, otherwise delete 2 years after a.b',
      'anonymise or restrict if paid is true, 1 year after a.b, then delete if paid is true, does not apply, otherwise 2 years after a.b',
    ],
    [
      'anonymise 1 year after a.b if paid, otherwise delete or anonymise 2 years after a.b',
      'anonymise if paid is true, 1 year after a.b, then delete or anonymise if paid is true, does not apply, otherwise 2 years after a.b',
    ],
    [
      'delete or anonymise if paid, keep permanently, otherwise 2 years after a.b',
      'delete or anonymise if paid is true, never, otherwise 2 years after a.b',
    ],
  ])('is said only of its action by %s', (rule, wanted) => {
    const parsed = parseRule(rule);
    expect(parsed.ok && printRule(parsed.rule)).toBe(wanted);
    expect(parseRule(wanted)).toMatchObject({ ok: true, rule: parsed.ok ? parsed.rule : {} });
  });

  const differs = 'one branch says "delete or anonymise" and another one "delete"; write the same in both';
  const unsaid = 'write its action, such as "delete or anonymise …"';
  const infront = '"delete or anonymise" in front of the condition says what is done';
  test.each([
    ['delete or anonymise if paid, 1 year after a.b, otherwise delete 2 years after a.b', differs],
    ['delete or anonymise 1 year after a.b if paid, otherwise delete 2 years after a.b', differs],
    [
      'delete or anonymise if paid, 1 year after a.b, otherwise anonymise 2 years after a.b if old, otherwise delete 3 years after a.b',
      differs,
    ],
    [
      'delete or restrict if paid, 1 year after a.b, otherwise delete or anonymise 2 years after a.b',
      'one branch says "delete or restrict" and another one "delete or anonymise"',
    ],
    ['if paid, 1 year after a.b, otherwise delete or anonymise 2 years after a.b', unsaid],
    ['delete or anonymise if paid, 1 year after a.b, otherwise keep for 2 years after a.b', unsaid],
    ['1 year after a.b unless "law" requires delete or anonymise 2 years after a.b', unsaid],
    ['delete or anonymise if paid, keep for 1 year after a.b', infront],
    ['delete or anonymise if paid, delete 1 year after a.b, otherwise 2 years after a.b', infront],
  ])('is neither added nor left out: %s is refused', (rule, message) => {
    expect(refusal(rule)).toContain(message);
  });
});

test('every branch is looked at for a maximum that is shorter than its minimum', () => {
  const parsed = parseRule(
    'if paid, at least 9 years and at most 7 years after a.b, otherwise within 1 year after a.b',
  );
  expect(parsed.ok && contradictionsOf(parsed.rule)).toEqual([
    'the maximum “7 years after a.b” is shorter than the minimum “9 years after a.b”',
  ]);
});

test('any nesting of branches, laws, bounds and actions is printed as it is read again', () => {
  const said = fc.constantFrom(
    'within 1 year after a.b',
    'at least 2 years after a.b',
    'until c.c',
    'by c.c, but not before 3 days after d.d',
    'keep permanently',
    'does not apply',
    'keep for 4 years after a.b',
    '5 years after d.d',
    'anonymise 6 days after d.d',
    'delete or anonymise 9 days after a.b',
    'restrict or anonymise within 9 days after a.b',
    'delete within 7 days after d.d',
    'not computable, because "no end"',
    'at least 1 year and at most 8 years after a.b',
  );
  const { body } = fc.letrec<{ body: string }>((tie) => ({
    body: fc.oneof(
      { depthSize: 'medium', withCrossShrink: true },
      said,
      fc.tuple(said, said).map(([of, by]) => `${of} unless "law" requires ${by}`),
      fc
        .tuple(fc.constantFrom('p', 'q', 'r'), said, tie('body'))
        .map(([one, met, other]) => `if ${one}, ${met}, otherwise ${other}`),
      fc.tuple(fc.constantFrom('p', 'q', 'r'), said).map(([one, met]) => `${met} if ${one}`),
    ),
  }));
  let read = 0;
  fc.assert(
    fc.property(body, (text) => {
      const parsed = parseRule(text);
      if (!parsed.ok) return;
      read += 1;
      const printed = printRule(parsed.rule);
      expect(parseRule(printed)).toMatchObject({ ok: true, rule: parsed.rule });
    }),
    { numRuns: 5000 },
  );
  expect(read).toBeGreaterThan(1000);
});

const unlessLaw = 'at least 1 day and at most 2 days after a.b unless "law" requires';
test.each([
  [
    'keep forever unless "law" requires if paid, notify between 1 and 5 days after a.b',
    'notify never unless "law" requires if paid is true, at least 1 day and at most 5 days after a.b',
  ],
  [`${unlessLaw} not before does not apply`, `${unlessLaw} until does not apply`],
  [`${unlessLaw} by does not apply`, `${unlessLaw} by does not apply`],
  [`${unlessLaw} does not apply`, `${unlessLaw} does not apply`],
])('“%s” is printed as “%s”, which is the same rule', (written, printed) => {
  const parsed = parseRule(written);
  expect(parsed.ok && printRule(parsed.rule)).toBe(printed);
  expect(parseRule(printed)).toMatchObject({ ok: true, rule: parsed.ok && parsed.rule });
});
