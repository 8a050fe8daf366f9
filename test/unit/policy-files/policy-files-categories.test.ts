import { GOOD_POLICY, describeMistakes, written } from '../../support/rules/policy-text.ts';

/** Another policy that disagrees about an event. */
const OTHER_POLICY = `format: 1
policy: erp
version: '1'
effectiveFrom: 2025-01-01
zone: Europe/Berlin
regions: [eu-central-1]
events:
  account.closed: { entity: order }
categories:
  order-data: 1 year after account.closed
`;
const WITH_PLAN = written('settings:', 'attributes:\n  plan: text\nsettings:');

describeMistakes('categories', [
  [
    'a category has no rule',
    written('    rule: account plus {fair period}\n', '    description: who to call\n'),
    [
      'crm.yaml:15:3 this category has no rule, and the policy has no `default`; write `rule: …`, or `rule: not computable, because "…"`',
    ],
  ],
  [
    'a category has its rules twice',
    written(
      '    rule: account plus {fair period}\n',
      '    rule: account plus {fair period}\n    rules: [keep permanently]\n',
    ),
    ['crm.yaml:17:12 `rule` and `rules` are both set; keep one of them'],
  ],
  [
    'a list of rules is empty',
    written('    rule: account plus {fair period}\n', '    rules: []\n'),
    ['crm.yaml:16:12 empty; list the rules, each as a sentence'],
  ],
  [
    'there are rules for some jurisdictions only',
    written(
      '    rule: account plus {fair period}\n',
      '    jurisdictions:\n      EU: account plus {fair period}\n',
    ),
    [
      'crm.yaml:15:3 this category has rules for some jurisdictions only; write `rule: …` for holdings of all others',
      'crm.yaml:16:5 these rules depend on the attribute `jurisdiction` of holdings, which the policy does not declare; write `attributes: { jurisdiction: text }`, or name the event that says it under `jurisdictionFrom`',
    ],
  ],
  [
    'a statutory rule has no rule',
    written('    rule: account', '    statutory: { source: { document: Law } }\n    rule: account'),
    ['crm.yaml:16:16 no rule found; write `rule: …`'],
  ],
  [
    'a statutory rule names no law',
    written('    rule: account', '    statutory: keep permanently\n    rule: account'),
    ['crm.yaml:16:16 a statutory rule must name the law that it comes from; write `source: { document: … }`'],
  ],
  [
    'a source is misspelled',
    written('    rule: account', '    source: { sentance: x }\n    rule: account'),
    ['crm.yaml:16:15 a source has no key "sentance"; did you mean "sentence"?'],
  ],
  [
    'there is no such way across entities',
    written('    rule: account', '    across: all\n    rule: account'),
    ['crm.yaml:16:13 found "all"; write `latest` (the last entity decides) or `earliest` (the first does)'],
  ],
  [
    'a rule anonymises and nothing says how',
    written('    anonymise:\n      email: pseudonym\n', ''),
    [
      'crm.yaml:18:11 this rule anonymises, but the category "usage-data" does not say how to mask its fields; write `anonymise: { email: pseudonym }` with the fields of its records',
    ],
  ],
  [
    'masks stand where nothing anonymises',
    written('    rule: account', '    anonymise: { email: clear }\n    rule: account'),
    [
      'crm.yaml:16:16 no rule of the category "contact-data" anonymises; write a rule such as `anonymise 30 days after account.closed, then delete …`, or remove these masks',
    ],
  ],
  [
    'masks name no field',
    written('anonymise:\n      email: pseudonym', 'anonymise: {}'),
    ['crm.yaml:19:16 no fields are listed; write fields, such as `email: pseudonym`'],
  ],
  [
    'a mask is misspelled',
    written('email: pseudonym', 'email: pseudonim'),
    ['crm.yaml:20:14 "pseudonim" is not a mask; did you mean "pseudonym"?'],
  ],
  [
    'a field has no mask yet',
    written('email: pseudonym', 'email:'),
    [
      'crm.yaml:20:7 found nothing; write `clear`, `pseudonym`, `truncate to year`, `truncate to month`, `truncate to day` or `{ constant: … }` (`clear` empties the field)',
    ],
  ],
  [
    'a constant is not a number',
    written('email: pseudonym', 'email: { constant: .nan }'),
    ['crm.yaml:20:14 a constant must be text, a number, `true` or `false`; to empty the field write `clear`'],
  ],
  [
    'the words after a mask are misspelled',
    written('email: pseudonym', 'email: clear if presnt'),
    ['crm.yaml:20:14 "clear if presnt" is not a mask; did you mean "clear if present"?'],
  ],
  [
    'a constant does not say whether the field may be missing',
    written('email: pseudonym', 'email: { constant: x, if present: false }'),
    ['crm.yaml:20:14 write `if present: true` if records may lack the field; otherwise leave it out'],
  ],
  [
    'a masked field is not a path',
    written('email: pseudonym', 'addresses[0].street: clear'),
    [
      String.raw`crm.yaml:20:28 "addresses[0].street" is not a field; write ${'`email`, `profile.email` for a field inside a field, or `addresses[].street` for a field of every element of a list'}; write \ before a dot, a bracket or a backslash that is part of a name`,
    ],
  ],
  [
    'a masked field is inside another',
    written('email: pseudonym', 'profile.email: pseudonym\n      profile: clear'),
    [
      'crm.yaml:21:16 "profile" and "profile.email" overlap, because one of them is inside the other; remove one of them',
    ],
  ],
  [
    'a field is masked as a list and as a map',
    written('email: pseudonym', 'a.name: clear\n      a[].name: clear'),
    [
      'crm.yaml:21:17 "a[].name" and "a.name" take the same field once as a list and once as a map; correct one of them',
    ],
  ],
  ...(
    [
      [
        'max 20',
        '"pseudonym max 20" is not a form of a pseudonym; write `pseudonym`, `pseudonym of 20 characters`, `pseudonym of 30 digits`, `pseudonym as e-mail` or `pseudonym as e-mail of 40 characters`',
      ],
      [
        'of 15 digits',
        'a pseudonym of this form with 15 digits has too few values: two people would get the same one sooner or later, and a real value could be taken for a pseudonym and stay; write at least 25 digits, or, if you accept that, write `that may collide` after it',
      ],
      [
        'of 9 characters that may collide',
        'a pseudonym of this form with 9 characters has too few values: two people would get the same one; write at least 16 characters, or `clear`',
      ],
      [
        'as e-mail of 20 characters',
        'a pseudonym of this form with 20 characters has too few values: two people would get the same one sooner or later, and a real value could be taken for a pseudonym and stay; write at least 26 characters, or, if you accept that, write `that may collide` after it',
      ],
      [
        'of 20 characters that may collide',
        'a pseudonym of this form with 20 characters has enough values; remove `that may collide`',
      ],
      ['of 41 digits', 'a pseudonym of this form has at most 40 digits; write a smaller number'],
      ['if presnt', '"pseudonym if presnt" is not a mask; did you mean "pseudonym if present"?'],
    ] as const
  ).map(
    ([form, message]) =>
      [
        `a pseudonym is written as "${form}"`,
        written('email: pseudonym', `email: pseudonym ${form}`),
        [`crm.yaml:20:14 ${message}`],
      ] as const,
  ),
  [
    'a mask is another mapping',
    written('email: pseudonym', 'email: { value: x }'),
    [
      'crm.yaml:20:14 the only mapping allowed here is `{ constant: … }`; write `clear`, `pseudonym`, `truncate to year`, `truncate to month`, `truncate to day` or `{ constant: … }`',
    ],
  ],
]);

describeMistakes('settings of the operator', [
  [
    'a required setting has no value',
    GOOD_POLICY,
    [
      `crm.yaml:12:3 the setting "fair period" has no value; set it in the configuration, for example settings: { 'crm': { 'fair period': '90 days' } }. The policy says: "We keep your data for a fair period."`,
    ],
    {},
  ],
  [
    'a setting is not a period',
    GOOD_POLICY,
    [
      `crm.yaml:12:3 the setting "fair period" is set to "90 dyas", which is not a period (expected a unit (hours, days, weeks, months or years), found "dyas"; did you mean "days"?); set it in the configuration, for example settings: { 'crm': { 'fair period': '90 days' } }. The policy says: "We keep your data for a fair period."`,
    ],
    { crm: { 'fair period': '90 dyas' } },
  ],
  [
    'the operator misspells a setting',
    GOOD_POLICY,
    [
      'crm.yaml:11:1 the configuration sets "fair perod", which this policy does not declare; did you mean "fair period"?',
    ],
    { crm: { 'fair period': '90 days', 'fair perod': '1 year' } },
  ],
  [
    'a setting quotes no sentence',
    written('sentence: We', 'description: We'),
    ['crm.yaml:12:3 "sentence" is missing; quote the sentence of the policy that leaves the period open'],
  ],
  [
    'no rule uses a setting',
    written('account plus {fair period}', 'account plus 90 days'),
    [
      'crm.yaml:12:3 no rule uses the setting "fair period"; use it in a rule, such as `account plus {fair period}`, or remove it',
    ],
  ],
]);

describeMistakes('several files', [
  [
    'a category is in two policies',
    { 'crm.yaml': GOOD_POLICY, 'erp.yaml': written('policy: crm', 'policy: erp') },
    [
      'erp.yaml:15:3 the category "contact-data" is also in the policy "crm", crm.yaml:15:3; a category belongs to one policy: rename one of them, or put all its rules into one policy',
      'erp.yaml:17:3 the category "usage-data" is also in the policy "crm", crm.yaml:17:3; a category belongs to one policy: rename one of them, or put all its rules into one policy',
    ],
    { crm: { 'fair period': '1 year' }, erp: { 'fair period': '1 year' } },
  ],
  [
    'a version is there twice',
    { 'crm.yaml': GOOD_POLICY, 'old/crm.yaml': GOOD_POLICY },
    [
      'old/crm.yaml:3:10 version "1" of the policy "crm" is also in crm.yaml:3:10; give each version its own name and effective date',
      'old/crm.yaml:4:16 another version of the policy "crm" takes effect on the same day, in crm.yaml:4:16; give each version its own name and effective date',
    ],
  ],
  [
    'an event happens to two types of entities',
    { 'crm.yaml': GOOD_POLICY, 'erp.yaml': OTHER_POLICY },
    [
      'erp.yaml:8:3 "account.closed" happens to "order" here and to "account" in crm.yaml:9:3; declare an event the same way in every policy, or rename one of them',
    ],
  ],
  [
    'an event is undone by different events',
    {
      'crm.yaml': GOOD_POLICY,
      'erp.yaml': written('{ entity: order }', '{ entity: account }', OTHER_POLICY),
    },
    [
      'erp.yaml:8:3 "account.closed" is undone by different events here than in crm.yaml:9:3; declare an event the same way in every policy, or rename one of them',
    ],
  ],
  [
    'an event has two ranges of plausible dates',
    {
      'crm.yaml': GOOD_POLICY,
      'erp.yaml': written(
        '{ entity: order }',
        '{ entity: account, undoneBy: [account.reopened], plausible: { from: 1990-01-01 } }\n  account.reopened: { entity: account }',
        OTHER_POLICY,
      ),
    },
    [
      'erp.yaml:8:3 "account.closed" has other plausible dates here than in crm.yaml:9:3; declare an event the same way in every policy, or rename one of them',
    ],
  ],
  [
    'an attribute has two types',
    {
      'a.yaml': WITH_PLAN,
      'b.yaml': written(
        'plan: text',
        'plan: number',
        written("'1'", "'2'", written('2025', '2026', WITH_PLAN)),
      ),
    },
    [
      'b.yaml:12:3 "plan" is number here and text in a.yaml:12:3; one holding can be subject to both policies: declare the attribute with the same type, or rename one of them',
    ],
  ],
]);

describeMistakes('everything at once', [
  [
    'a file has mistakes in its head, its rules, its masks and its settings',
    written(
      'zone:',
      'zne:',
      written('30 days after account.closed', '30 days after account.close', written('pseudonym', 'hash')),
    ),
    [
      'crm.yaml:1:1 "zone" is missing; name an IANA time zone, such as `Europe/Berlin` or `UTC`',
      'crm.yaml:5:1 a policy file has no key "zne"; did you mean "zone"?',
      `crm.yaml:12:3 the setting "fair period" has no value; set it in the configuration, for example settings: { 'crm': { 'fair period': '90 days' } }. The policy says: "We keep your data for a fair period."`,
      'crm.yaml:18:35 the policy declares no event "account.close"; did you mean "account.closed"?',
      'crm.yaml:20:14 "hash" is not a mask; write `clear`, `pseudonym`, `truncate to year`, `truncate to month`, `truncate to day` or `{ constant: … }`',
    ],
    {},
  ],
]);
