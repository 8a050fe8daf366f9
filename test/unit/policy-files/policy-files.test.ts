import { describe, expect, it } from 'vitest';
import { printRule } from '../../../shared/domain/rule/print.ts';
import { loadPolicies } from '../../../shared/policy-files/load-policies.ts';
import { GOOD_POLICY, mistakesIn, policyFrom, written } from '../../support/rules/policy-text.ts';

describe('a policy file', () => {
  it('becomes a policy of the domain', () => {
    expect(policyFrom(GOOD_POLICY)).toMatchObject({
      name: 'crm',
      version: '1',
      // The midnight that begins 2025 in Berlin.
      effectiveFrom: Date.parse('2024-12-31T23:00:00Z'),
      zone: 'Europe/Berlin',
      regions: ['eu-central-1'],
      leadSeconds: 24 * 3600,
      graceSeconds: 72 * 3600,
      writeLagSeconds: 3600,
      reportAfterSeconds: 400 * 24 * 3600,
      events: {
        'account.closed': {
          entity: 'account',
          undoneBy: ['account.reopened'],
          personal: false,
          attributes: {},
        },
      },
      attributes: {},
      notComputable: [],
    });
  });

  it('gives its own lead, grace, write lag, and time after which it is reported', () => {
    const own = 'lead: 3 days\ngrace: PT36H\nwriteLag: 90 minutes\nreportAfter: 730 days\nregions';
    const policy = policyFrom(written('regions', own));
    const { leadSeconds, graceSeconds, writeLagSeconds, reportAfterSeconds } = policy;
    expect([leadSeconds, graceSeconds, writeLagSeconds, reportAfterSeconds]).toEqual([
      259_200, 129_600, 5400, 63_072_000,
    ]);
  });

  it('says what applications are told, and how long before', () => {
    const told = (own: string) => {
      const { notify, notifyBeforeSeconds } = policyFrom(written('regions', `${own}\nregions`));
      return { notify, notifyBeforeSeconds };
    };
    const both = 'notify: [upcoming, failed]';
    expect(told(both)).toEqual({ notify: ['upcoming', 'failed'], notifyBeforeSeconds: 7 * 86_400 });
    expect(told(`${both}\nnotifyBefore: 36 hours`).notifyBeforeSeconds).toBe(129_600);
    expect(told('notify: [failed]')).toEqual({ notify: ['failed'] });
    for (const own of ['notify: [failed]\nnotifyBefore: 2 days', 'notifyBefore: 2 days'])
      expect(mistakesIn(written('regions', `${own}\nregions`)).join()).toContain(
        'says how long before a disposal applications are told, but `notify` does not list `upcoming`; add it there, or remove this line',
      );
    for (const short of ['1 hour', '24 hours', 'PT35H'])
      expect(mistakesIn(written('regions', `${both}\nnotifyBefore: ${short}\nregions`)).join()).toMatch(
        /records are looked through once a day.*write at least `36 hours`/,
      );
    expect(mistakesIn(written('regions', 'notify: [deleted]\nregions')).join()).toMatch(
      /write one of upcoming, completed, blocked/,
    );
  });

  it('can say that it has no holidays, and then counts working days without them', () => {
    const counting = `${GOOD_POLICY}  order-data: within 10 working days after account.closed\n`;
    expect(mistakesIn(counting)).toEqual([
      'crm.yaml:21:3 the rule counts working days, but the policy lists no holidays; list them, or write [] if there are none',
    ]);
    const policy = policyFrom(written('regions', 'holidays: []\nregions', counting));
    expect(policy.holidays).toEqual([]);
    expect(printRule(policy.categories['order-data']!.rules[0]!.rule)).toBe(
      'within 10 working days after account.closed',
    );
  });

  it('puts the operator’s period into the rule and beside its words', () => {
    const [rule] = policyFrom(GOOD_POLICY).categories['contact-data']?.rules ?? [];
    expect(printRule(rule!.rule)).toBe('90 days after account.closed');
    expect(rule?.text).toBe('account plus {fair period} (fair period: 90 days)');
  });

  it('says of every rule where it comes from', () => {
    const text = written(
      '    rule: account',
      '    source: { sentence: "We keep\n        it." }\n    rule: account',
    );
    const [rule] = policyFrom(text).categories['contact-data']?.rules ?? [];
    expect(rule?.source).toEqual({ document: 'CRM privacy policy', sentence: 'We keep it.' });
  });

  it('reads masks in words', () => {
    const masks = `email: clear
      name: pseudonym
      born: truncate to year
      city: { constant: unknown }
      visits: { constant: 0 }`;
    expect(policyFrom(written('email: pseudonym', masks)).categories['usage-data']?.masks).toEqual({
      email: { kind: 'null' },
      name: { kind: 'pseudonym' },
      born: { kind: 'truncate-date', to: 'year' },
      city: { kind: 'constant', value: 'unknown' },
      visits: { kind: 'constant', value: 0 },
    });
  });

  it('reads masks of fields that records may lack, and of fields inside fields', () => {
    const masks = `email: clear if present
      born: truncate to year if present
      city: { constant: unknown, if present: true }
      profile.email: pseudonym
      addresses[].street: pseudonym if present
      full\\.name: clear`;
    expect(policyFrom(written('email: pseudonym', masks)).categories['usage-data']?.masks).toEqual({
      email: { kind: 'null', ifPresent: true },
      born: { kind: 'truncate-date', to: 'year', ifPresent: true },
      city: { kind: 'constant', value: 'unknown', ifPresent: true },
      'profile.email': { kind: 'pseudonym' },
      'addresses[].street': { kind: 'pseudonym', ifPresent: true },
      [String.raw`full\.name`]: { kind: 'null' },
    });
  });

  it('reads pseudonyms of a length and form', () => {
    const masks = `email: pseudonym as e-mail
      other: pseudonym as e-mail of 30 characters if present
      phone: pseudonym of 15 digits that may collide
      name: pseudonym of 20 characters`;
    expect(policyFrom(written('email: pseudonym', masks)).categories['usage-data']?.masks).toEqual({
      email: { kind: 'pseudonym', form: { kind: 'e-mail', length: 49 } },
      other: { kind: 'pseudonym', form: { kind: 'e-mail', length: 30 }, ifPresent: true },
      phone: { kind: 'pseudonym', form: { kind: 'digits', length: 15 } },
      name: { kind: 'pseudonym', form: { kind: 'characters', length: 20 } },
    });
  });

  it('adds the default rules to every category, below its own', () => {
    const text = written('categories:', 'default: keep permanently\ncategories:\n  notes:');
    const { notes, 'contact-data': contact } = policyFrom(text).categories;
    expect(notes?.rules.map(({ id, level }) => [id, level])).toEqual([['notes/default/0', 'default']]);
    expect(contact?.rules.map(({ id, level }) => [id, level])).toEqual([
      ['contact-data/default/0', 'default'],
      ['contact-data/category/0', 'category'],
    ]);
  });

  it('ranks jurisdictions and statutes above, and gives a statute the basis of law', () => {
    const text = written(
      '    rule: account plus {fair period}',
      `    rules: [account plus {fair period}, within 3 years after account.closed]
    across: earliest
    jurisdictions: { EU: within 30 days after account.closed }
    statutory:
      rule: 10 years after the end of the calendar year of account.closed
      source: { document: Commercial Code }`.replace(
        '[account plus {fair period},',
        '["account plus {fair period}",',
      ),
      written('events:', 'attributes: { jurisdiction: text }\nevents:'),
    );
    const rules = policyFrom(text).categories['contact-data']?.rules ?? [];
    expect(
      rules.map(({ id, basis, jurisdiction, across, source }) => [
        id,
        basis,
        jurisdiction,
        across,
        source?.document,
      ]),
    ).toEqual([
      ['contact-data/category/0', 'policy', undefined, 'earliest', 'CRM privacy policy'],
      ['contact-data/category/1', 'policy', undefined, 'earliest', 'CRM privacy policy'],
      ['contact-data/jurisdiction/EU/0', 'policy', 'EU', 'latest', 'CRM privacy policy'],
      ['contact-data/statutory/0', 'law', undefined, 'latest', 'Commercial Code'],
    ]);
  });

  it.each([
    ['contract term plus 3 years', '3 years after contract.ended'],
    ['30 days after disconnect', '30 days after account.disconnected'],
    ['within 30 days after account.disconnected', 'within 30 days after account.disconnected'],
    ['subscription plus 90 days', '90 days after subscription.ended'],
    ['membership plus 1 year', '1 year after member.left'],
  ])('takes “%s” as it is written', (words, means) => {
    const text = `format: 1
policy: phrases
version: '1'
effectiveFrom: 2025-01-01
zone: UTC
regions: [eu-central-1]
nouns:
  membership: member.left
events:
  contract.ended: { entity: contract }
  account.disconnected: { entity: account }
  subscription.ended: { entity: subscription }
  member.left: { entity: person }
categories:
  data: ${words}
`;
    const [rule] = policyFrom(text, {}).categories['data']?.rules ?? [];
    expect([rule?.text, printRule(rule!.rule)]).toEqual([words, means]);
  });

  it('lists what no date can be computed from, and what limits it', () => {
    const text = `${GOOD_POLICY}notComputable:
  - sentence: We keep your data for a fair period.
    reason: What is fair is not said.
    cappedBy: fair period
`;
    expect(policyFrom(text).notComputable).toEqual([
      {
        statement: 'We keep your data for a fair period.',
        reason: 'What is fair is not said. (limited by the operator\'s "fair period")',
      },
    ]);
  });

  it('declares what events and holdings may carry', () => {
    const text = written(
      'settings:',
      `  person.born: { entity: person, personal: true }
  invoice.paid: { entity: invoice, attributes: { amount: number } }
attributes:
  plan: { type: text, default: free }
  jurisdiction: text
settings:`,
    );
    const policy = policyFrom(text);
    expect(policy.events['person.born']?.personal).toBe(true);
    expect(policy.events['invoice.paid']?.attributes).toEqual({ amount: 'number' });
    expect(policy.attributes).toEqual({
      plan: { type: 'text', default: 'free' },
      jurisdiction: { type: 'text' },
    });
  });
});

describe('policies that are loaded together', () => {
  const later = written("'1'", "'2'", written('2025-01-01', '2026-01-01'));

  it('are one set with all versions of each', () => {
    const settings = { crm: { 'fair period': '90 days' } };
    const files = [GOOD_POLICY, later].map((text, i) => ({ path: `crm-${i}.yaml`, text }));
    const loaded = loadPolicies(files, { settings });
    expect(loaded.ok && loaded.policySet.policies.map(({ name, version }) => [name, version])).toEqual([
      ['crm', '1'],
      ['crm', '2'],
    ]);
  });

  it('may declare the same event alike', () => {
    const other = `format: 1
policy: erp
version: '1'
effectiveFrom: 2025-01-01
zone: UTC
regions: [eu-central-1]
events:
  account.reopened: { entity: account }
  account.closed: { undoneBy: [account.reopened], entity: account }
categories:
  order-data: 1 year after account.closed
`;
    expect(mistakesIn({ 'crm.yaml': GOOD_POLICY, 'erp.yaml': other })).toEqual([]);
  });

  it('are an empty set when there are no files', () => {
    expect(loadPolicies([])).toEqual({ ok: true, policySet: { policies: [] } });
  });
});
