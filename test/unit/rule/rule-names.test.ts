import { describe, expect, test } from 'vitest';
import { parseRule } from '../../../shared/domain/rule/parse.ts';
import { resolveRule } from '../../../shared/domain/rule/resolve.ts';
import type { Vocabulary } from '../../../shared/domain/rule/resolve.ts';
import { loadPolicies } from '../../../shared/policy-files/load-policies.ts';
import { aPolicy, aRule, iso, planOf } from '../../support/rules/rule-world.ts';

const vocabulary: Vocabulary = {
  nouns: {},
  events: new Set(['x.y', 'account.closed']),
  settings: {},
  attributes: { plan: 'text', amount: 'number', paid: 'boolean' },
  eventAttributes: { 'account.closed': { reason: 'text' } },
};

function mistakes(rule: string): readonly string[] {
  const parsed = parseRule(rule);
  if (!parsed.ok) throw new Error(parsed.error.message);
  const resolved = resolveRule(parsed, vocabulary);
  return resolved.ok
    ? []
    : resolved.errors.map(({ code, column, message }) => `${column} ${code} ${message}`);
}

describe('a name in a rule', () => {
  test.each([
    [
      '1 day after x.y if plann is "a"',
      '20 RULE_NAME_UNKNOWN the policy declares no attribute "plann"; did you mean "plan"?',
    ],
    [
      '1 day after x.y if amount is "a"',
      '20 RULE_TYPE "amount" is a number and cannot be compared with text',
    ],
    [
      '1 day after x.y if paid is 5',
      '20 RULE_TYPE "paid" is true or false and cannot be compared with a number',
    ],
    ['1 day after x.y if plan', '20 RULE_TYPE "plan" is text and cannot be compared with true or false'],
    [
      '1 day after x.y if amount starts with "a"',
      '20 RULE_TYPE "amount" is a number and cannot be compared with text',
    ],
    [
      'the period in amount after x.y',
      '15 RULE_TYPE "amount" is a number; a period is read from an attribute of type text that holds it, such as P3Y or "3 years"',
    ],
    [
      'until the date in paid',
      '19 RULE_TYPE "paid" is true or false; a date is read from an attribute of type text that holds it, such as 2030-12-31',
    ],
    [
      'the period in reson of account.closed after x.y',
      '15 RULE_NAME_UNKNOWN account.closed has no attribute "reson"; did you mean "reason"?',
    ],
    [
      'the period in reason of acount.closed after x.y',
      '25 RULE_NAME_UNKNOWN the policy declares no event "acount.closed"; did you mean "account.closed"?',
    ],
    [
      '1 day after x.y if reson of account.closed is "a"',
      '20 RULE_NAME_UNKNOWN account.closed has no attribute "reson"; did you mean "reason"?',
    ],
    [
      '1 day after x.y if acount.closed has occurred',
      '20 RULE_NAME_UNKNOWN the policy declares no event "acount.closed"; did you mean "account.closed"?',
    ],
    [
      '1 day after x.y if account.closed',
      '20 RULE_NAME_UNKNOWN the policy declares no attribute "account.closed"; it is an event: write "account.closed has occurred"',
    ],
    [
      '1 day after x.y, held from x.y until x.z',
      '38 RULE_NAME_UNKNOWN the policy declares no event "x.z"; did you mean "x.y"?',
    ],
  ])('that the policy does not know is refused: %s', (rule, message) => {
    expect(mistakes(rule)).toEqual([message]);
  });

  test('that the policy knows is bound', () => {
    expect(
      mistakes('if plan is one of "a" or "b" and amount is at least 5 and paid, 1 day after x.y'),
    ).toEqual([]);
    expect(mistakes('if reason of account.closed is "abuse", 1 day after x.y')).toEqual([]);
  });
});

const head = `format: 1
policy: crm
version: '1'
effectiveFrom: 2025-03-01
zone: Europe/Berlin
regions: [eu-central-1]
events:
  account.closed: { entity: account, attributes: { reason: text } }
  request.received: { entity: account }
`;
const problems = (rest: string): readonly string[] => {
  const loaded = loadPolicies([{ path: 'crm.yaml', text: head + rest }]);
  return loaded.ok ? [] : loaded.problems.map(({ message }) => message);
};

describe('a policy file', () => {
  test('gives rules attributes, holidays and leap birthdays', () => {
    const rest = `attributes: { plan: { type: text, default: free } }
holidays: [2025-12-25]
leapBirthday: '02-28'
categories:
  data: 10 working days after account.closed if plan is "free" and reason of account.closed is "left"
`;
    const loaded = loadPolicies([{ path: 'crm.yaml', text: head + rest }]);
    expect(loaded).toMatchObject({
      ok: true,
      policySet: { policies: [{ holidays: ['2025-12-25'], leapBirthday: '02-28' }] },
    });
  });

  test('that counts working days says which days are none', () => {
    expect(problems('categories: { data: 10 working days after account.closed }\n')).toEqual([
      'the rule counts working days, but the policy lists no holidays; list them, or write [] if there are none',
    ]);
  });

  test('whose rule contradicts itself is refused', () => {
    const rule = 'the later of 3 years after account.closed and 1 year after account.closed';
    expect(problems(`categories: { data: ${rule} }\n`)).toEqual([
      '“1 year after account.closed” can never be the later one; remove it',
    ]);
  });

  test('that asks people for a step in any stage is refused', () => {
    const rule = "'a: notify 30 days before stage b; b: delete 1 year after account.closed'";
    expect(problems(`categories: { data: ${rule} }\n`)).toEqual([expect.stringMatching(/step for people/)]);
  });
});

describe('a plan', () => {
  const rule = aRule(
    'if tier is "gold", 5 years after contract.ended, otherwise 1 year after contract.ended',
  );
  const planned = (attributes: Record<string, string>, changes = {}) =>
    planOf({
      policies: [aPolicy({ records: [rule] }, { attributes: { tier: { type: 'text' } }, ...changes })],
      subjects: [{ events: { 'contract.ended': '2020-01-01' } }],
      variants: [{ attributes }],
    });

  test('goes by the attributes of the registration, then by the default of the policy', () => {
    expect(iso(planned({ tier: 'gold' }).next?.actAt)).toBe('2025-01-02T00:00:00Z');
    expect(iso(planned({ tier: 'tin' }).next?.actAt)).toBe('2021-01-02T00:00:00Z');
    const withDefault = planned({}, { attributes: { tier: { type: 'text', default: 'gold' } } });
    expect(iso(withDefault.next?.actAt)).toBe('2025-01-02T00:00:00Z');
  });

  test('keeps what has no such attribute, and says which it is', () => {
    const { status, stages } = planned({});
    expect(status).toBe('undetermined');
    expect(stages[0]?.reasons).toEqual([
      'it is not known whether tier is "gold": the holding has no attribute tier',
    ]);
  });

  test('leaves out a rule that does not apply, if another one does', () => {
    const rules = [
      aRule('3 years after contract.ended unless tier is "gold"', { id: 'a' }),
      aRule('9 years after contract.ended if tier is "gold"', { id: 'b' }),
    ];
    const { next } = planOf({
      policies: [aPolicy({ records: rules }, { attributes: { tier: { type: 'text' } } })],
      subjects: [{ events: { 'contract.ended': '2020-01-01' } }],
      variants: [{ attributes: { tier: 'gold' } }],
    });
    expect(iso(next?.actAt)).toBe('2029-01-02T00:00:00Z');
  });
});
