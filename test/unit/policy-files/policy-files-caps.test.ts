import { describe, expect, it } from 'vitest';
import { GOOD_POLICY, describeMistakes, policyFrom, written } from '../../support/rules/policy-text.ts';

const capped = (cap: string): string =>
  written(
    '    rule: account plus {fair period}\n',
    `    owner: crm-team\n    rule: account plus {fair period}\n    cap: ${cap}\n`,
  );

describe('a policy file', () => {
  it('names the team of a category, and how long its records may wait', () => {
    const { owner, cap, rules } = policyFrom(capped('10 years')).categories['contact-data'] ?? { rules: [] };
    expect(owner).toBe('crm-team');
    expect(rules.map(({ id }) => id)).toEqual(['contact-data/category/0']);
    expect(cap).toMatchObject({
      id: 'contact-data/cap',
      basis: 'policy',
      isCap: true,
      text: '10 years after the registration, because no event came',
    });
  });

  it('has neither unless it says so', () => {
    expect(policyFrom(GOOD_POLICY).categories['contact-data']).not.toHaveProperty('owner');
    expect(policyFrom(GOOD_POLICY).categories['contact-data']).not.toHaveProperty('cap');
  });

  it('may leave the cap to the operator, whose period the text then has', () => {
    const { cap } = policyFrom(capped('"{fair period}"')).categories['contact-data'] ?? {};
    expect(cap?.text).toBe(
      '{fair period} after the registration, because no event came (fair period: 90 days)',
    );
  });

  it('counts a setting as used if only a cap uses it', () => {
    const text = written(
      '    rule: account plus {fair period}\n',
      '    rule: 1 year after account.closed\n    cap: "{fair period}"\n',
    );
    expect(policyFrom(text).categories['contact-data']?.cap?.rule.stages).toMatchObject([
      { notBefore: { period: { days: 90 } } },
    ]);
  });
});

describeMistakes('a cap', [
  [
    'its unit is misspelled',
    capped('10 yeers'),
    [
      'crm.yaml:18:13 expected a unit (hours, days, weeks, months or years), found "yeers"; did you mean "years"?',
    ],
  ],
  [
    'it is a whole rule',
    capped('10 years after account.closed'),
    [
      'crm.yaml:18:10 found "10 years after account.closed"; write a period such as `10 years`, or a setting such as `"{fallback cap}"`',
    ],
  ],
  [
    'it is a maximum',
    capped('within 10 years'),
    [
      'crm.yaml:18:10 found "within 10 years"; write a period such as `10 years`, or a setting such as `"{fallback cap}"`',
    ],
  ],
  [
    'it counts working days',
    capped('400 working days'),
    [
      'crm.yaml:18:10 found "400 working days"; write a period such as `10 years`, or a setting such as `"{fallback cap}"`',
    ],
  ],
  [
    'it names another action',
    capped('anonymise 10 years'),
    [
      'crm.yaml:18:10 found "anonymise 10 years"; write a period such as `10 years`, or a setting such as `"{fallback cap}"`',
    ],
  ],
  [
    'it names a setting that is not declared',
    capped('"{fairer period}"'),
    ['crm.yaml:18:11 the policy declares no setting "fairer period"; did you mean "fair period"?'],
  ],
  ['it is a number', capped('10'), ['crm.yaml:18:10 found the number 10; write a period such as `10 years`']],
  [
    'the owner is empty',
    written('    rule: account', '    owner: " "\n    rule: account'),
    ['crm.yaml:16:12 empty; name the team that is asked about its records, such as `billing-team`'],
  ],
  [
    'a rule counts from the registration by itself',
    written(
      'account plus {fair period}',
      'the later of 10 years after tenure.registered and account plus {fair period}',
    ),
    ['crm.yaml:16:39 the policy declares no event "tenure.registered"'],
  ],
]);
