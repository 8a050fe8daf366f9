import { describe, expect, it } from 'vitest';
import {
  describeMistakes,
  GOOD_POLICY,
  mistakesIn,
  policyFrom,
  written,
} from '../../support/rules/policy-text.ts';

const CONSENTS = `events:
  consent.withdrawn: { entity: account, byPurpose: true, undoneBy: [consent.given] }
  consent.given: { entity: account, byPurpose: true }
`;
const WITH_CONSENTS = written('events:\n', CONSENTS);

/** The good policy with consents, and with these purposes in line 11. */
const having = (purposes: string): string =>
  written('settings:', `purposes:${purposes}\nsettings:`, WITH_CONSENTS);

describe('purposes that say more than their name', () => {
  const policy = policyFrom(
    having(`
  marketing:
    rule: within 1 day after consent.withdrawn
    source: { sentence: You can withdraw your consent at any time. }
    fields: { email: clear, nickname: clear if present }
  newsletter: within 1 day after consent.withdrawn
  service:
  billing: {}`),
  );

  it('have a rule that ends them, and fields', () => {
    expect(policy.purposes).toEqual(['marketing', 'newsletter', 'service', 'billing']);
    expect(Object.keys(policy.purposePolicies ?? {})).toEqual(['marketing', 'newsletter']);
    expect(policy.purposePolicies?.['marketing']).toMatchObject({
      rule: {
        text: 'within 1 day after consent.withdrawn',
        basis: 'policy',
        across: 'latest',
        source: { sentence: 'You can withdraw your consent at any time.' },
      },
      fields: { email: { kind: 'null' }, nickname: { kind: 'null', ifPresent: true } },
    });
  });

  it('are ended by events that name a purpose', () => {
    expect(policy.events['consent.withdrawn']).toEqual({
      entity: 'account',
      byPurpose: true,
      undoneBy: ['consent.given'],
      personal: false,
      attributes: { purpose: 'text' },
    });
  });

  it('are not in the rules of categories', () => {
    const rules = Object.values(policy.categories).flatMap((category) => category.rules);
    expect(rules.map(({ id }) => id)).toEqual(['contact-data/category/0', 'usage-data/category/0']);
  });

  it('may be a list, which says nothing more', () => {
    const listed = policyFrom(having(' [service, marketing]'));
    expect(listed.purposes).toEqual(['service', 'marketing']);
    expect(listed).not.toHaveProperty('purposePolicies');
  });

  it('use settings like every rule', () => {
    const text = having(' { marketing: { rule: "within {quiet time} after consent.withdrawn" } }');
    const declared = written('settings:\n', 'settings:\n  quiet time: { sentence: Soon. }\n', text);
    const settings = { crm: { 'fair period': '90 days', 'quiet time': '5 days' } };
    expect(mistakesIn(declared, settings)).toEqual([]);
  });
});

describeMistakes('purposes', [
  [
    'they are a word',
    having(' marketing'),
    [
      'crm.yaml:13:11 found "marketing"; list the purposes for which its data may be held, such as `[service, billing]`',
    ],
  ],
  [
    'the list is empty',
    having(' []'),
    ['crm.yaml:13:11 empty; list the purposes for which its data may be held, such as `[service, billing]`'],
  ],
  [
    'a purpose has a name in capital letters',
    having(' { Marketing: {} }'),
    [
      'crm.yaml:13:13 "Marketing" is not a valid name; write purposes in lower case, each with what ends it, such as `marketing: { rule: within 1 day after consent.withdrawn, fields: { email: clear } }`, or with `{}`',
    ],
  ],
  [
    'a key is misspelled',
    having(' { marketing: { feilds: { email: clear } } }'),
    ['crm.yaml:13:26 a purpose has no key "feilds"; did you mean "fields"?'],
  ],
  [
    'a field has a word that is not a mask',
    having(' { marketing: { fields: { email: cler } } }'),
    ['crm.yaml:13:43 "cler" is not a mask; did you mean "clear"?'],
  ],
  [
    'no fields are listed',
    having(' { marketing: { fields: {} } }'),
    ['crm.yaml:13:34 no fields are listed; write fields, such as `email: clear`, or remove `fields`'],
  ],
  [
    'one field is inside another one',
    having(' { marketing: { fields: { profile: clear, profile.email: clear } } }'),
    [
      'crm.yaml:13:67 "profile.email" and "profile" overlap, because one of them is inside the other; remove one of them',
    ],
  ],
  [
    'a rule says what to do with the record',
    having(' { marketing: { rule: anonymise within 1 day after consent.withdrawn } }'),
    [
      'crm.yaml:13:32 the rule of a purpose says only when the purpose ends; write one date, such as `within 1 day after consent.withdrawn`, and what becomes of its fields under `fields` of "marketing"',
    ],
  ],
  [
    'a rule names an event that is not declared',
    having(' { marketing: within 1 day after consent.withdrwn }'),
    ['crm.yaml:13:43 the policy declares no event "consent.withdrwn"; did you mean "consent.withdrawn"?'],
  ],
  [
    'a category waits for an event that is about one purpose',
    written(
      'rule: account plus {fair period}',
      'rules:\n      - account plus {fair period}\n      - within 1 day after consent.withdrawn',
      having(' [service]'),
    ),
    [
      'crm.yaml:21:9 "consent.withdrawn" is about one purpose (`byPurpose`), and this rule is about the whole record; write the rule under the purpose: `purposes: { marketing: { rule: within 1 day after consent.withdrawn, fields: { email: clear } } }`',
    ],
  ],
  [
    'an event is about one purpose, and the policy has none',
    WITH_CONSENTS,
    [
      'crm.yaml:9:52 the event is about one purpose, and the policy lists none; write `purposes`, such as `purposes: [service, marketing]`',
      'crm.yaml:10:48 the event is about one purpose, and the policy lists none; write `purposes`, such as `purposes: [service, marketing]`',
    ],
  ],
  [
    'an event about everything is undone by one about a purpose',
    having(' [service]').replace('byPurpose: true, undoneBy', 'undoneBy'),
    [
      'crm.yaml:9:52 "consent.given" is about one purpose (`byPurpose`), and "consent.withdrawn" is about all of them; write `byPurpose: true` for both, or for none',
    ],
  ],
  [
    'the purpose of an event is not text',
    having(' [service]').replace(
      'consent.given: { entity: account,',
      'consent.given: { entity: account, attributes: { purpose: number },',
    ),
    ['crm.yaml:10:60 an event with `byPurpose` has the attribute "purpose", which is text; remove it here'],
  ],
  [
    'byPurpose is not true',
    having(' [service]').replace('byPurpose: true }', 'byPurpose: false }'),
    [
      'crm.yaml:10:48 found false; write `true` if each event is about one purpose, such as a consent; otherwise leave it out',
    ],
  ],
]);

it('says where two policies disagree about an event', () => {
  const other = GOOD_POLICY.replace('policy: crm', 'policy: erp')
    .replace(/categories:[\s\S]*/, 'categories:\n  other: account plus {fair period}\n')
    .replace('events:\n', 'events:\n  consent.given: { entity: account }\n');
  expect(
    mistakesIn(
      { 'crm.yaml': having(' [service]'), 'erp.yaml': other },
      { crm: { 'fair period': '90 days' }, erp: { 'fair period': '90 days' } },
    ),
  ).toEqual([
    'erp.yaml:9:3 "consent.given" is not about one purpose here but is in crm.yaml:10:3; declare an event the same way in every policy, or rename one of them',
  ]);
});
