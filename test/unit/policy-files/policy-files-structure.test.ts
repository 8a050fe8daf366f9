import { GOOD_POLICY, describeMistakes, written } from '../../support/rules/policy-text.ts';

describeMistakes('the structure of the file', [
  [
    'the file is empty',
    '',
    [
      'crm.yaml:1:1 found nothing; a policy file is a mapping with format, policy, version, effectiveFrom, zone, document, jurisdiction, jurisdictionFrom, children, regions, purposes, lead, grace, writeLag, reportAfter, notify, notifyBefore, fiscalYearEnd, taxYearEnd, academicYearEnd, holidays, weekend, workdays, leapBirthday, nouns, attributes, events, settings, default, categories, notComputable',
    ],
  ],
  [
    'a bracket is not closed',
    written('[eu-central-1]', '[eu-central-1'),
    ['crm.yaml:8:1 a { or [ above is not closed before this line: close it with } or ]'],
  ],
  [
    'a tab indents a line',
    written('  contact-data', '\tcontact-data'),
    [
      'crm.yaml:15:1 this line is indented with a tab: use spaces',
      'crm.yaml:17:1 this line is not indented like its neighbours: give entries of one list or mapping the same indentation',
    ],
  ],
  [
    'a text that contains a colon is not quoted',
    written('CRM privacy', 'CRM: privacy'),
    ["crm.yaml:6:11 a second ': ' on one line: put text that contains ': ' in quotes"],
  ],
  [
    'a rule that begins with a brace is not quoted',
    written('account plus {fair period}', '{fair period} after account.closed'),
    [
      'crm.yaml:16:25 unexpected text after a value: put text that begins with { or [, or contains quotes, in quotes',
    ],
  ],
  [
    'a second document follows',
    `${GOOD_POLICY}---\nformat: 1\n`,
    ['crm.yaml:21:1 a second document begins here: one file holds one policy'],
  ],
  [
    'a key is given twice',
    written('regions', 'zone: UTC\nregions'),
    ['crm.yaml:7:1 "zone" is given twice: keep one of them'],
  ],
  [
    'an alias stands for a value',
    written('zone: Europe/Berlin', 'zone: &z Europe/Berlin\njurisdiction: *z'),
    ['crm.yaml:6:15 an alias (*z) is not supported in a policy: write the value itself'],
  ],
  [
    'a tag changes a value',
    written('Europe/Berlin', '!city Europe/Berlin'),
    ['crm.yaml:5:7 tags are not supported in a policy: remove the `!…`'],
  ],
  [
    'another version of YAML is asked for',
    `%YAML 1.1\n---\n${GOOD_POLICY}`,
    ['crm.yaml:1:1 only YAML 1.2 is supported: remove the %YAML directive'],
  ],
  [
    'lists nest deeply',
    `zone: ${'['.repeat(30)}${']'.repeat(30)}`,
    [
      'crm.yaml:1:1 "categories" is missing; write categories in lower case and their rules, such as `account-data: …`',
      'crm.yaml:1:1 "effectiveFrom" is missing; write the date from which this version takes effect, such as `2025-01-01`',
      'crm.yaml:1:1 "format" is missing; write `format: 1`, the only supported format',
      'crm.yaml:1:1 "policy" is missing; name the policy in lower case, such as `calendera`',
      'crm.yaml:1:1 "regions" is missing; list the regions where its data may be stored, such as `[eu-central-1]`',
      'crm.yaml:1:1 "version" is missing; name this version; put numbers in quotes, such as `\'1.10\'`',
      'crm.yaml:1:7 found a list; name an IANA time zone, such as `Europe/Berlin` or `UTC`',
      'crm.yaml:1:31 nested too deeply: a policy needs at most six levels',
    ],
  ],
  [
    'lists nest without end',
    '['.repeat(9000),
    ['crm.yaml:1:1 nested too deeply: a policy needs at most six levels'],
  ],
  [
    'a name would mean something to every object',
    `${GOOD_POLICY}__proto__: 1\n`,
    ['crm.yaml:21:1 "__proto__" is a reserved name: choose another'],
  ],
  [
    'half a character is written as an escape',
    written('CRM privacy policy', '"CRM \\ud800"'),
    [
      'crm.yaml:6:11 this contains an invalid character or a control character: remove it, or write the intended character itself',
    ],
  ],
  ['a name is a list', `${GOOD_POLICY}[a, b]: 1\n`, ['crm.yaml:21:1 a name must be text']],
]);

describeMistakes('the head of the policy', [
  [
    'a key is misspelled',
    written('categories:', 'catagories:'),
    [
      'crm.yaml:1:1 "categories" is missing; write categories in lower case and their rules, such as `account-data: …`',
      'crm.yaml:14:1 a policy file has no key "catagories"; did you mean "categories"?',
    ],
  ],
  [
    'a key is not known at all',
    `${GOOD_POLICY}owner: me\n`,
    [
      'crm.yaml:21:1 a policy file has no key "owner"; its keys are format, policy, version, effectiveFrom, zone, document, jurisdiction, jurisdictionFrom, children, regions, purposes, lead, grace, writeLag, reportAfter, notify, notifyBefore, fiscalYearEnd, taxYearEnd, academicYearEnd, holidays, weekend, workdays, leapBirthday, nouns, attributes, events, settings, default, categories, notComputable',
    ],
  ],
  [
    'the zone is missing',
    written('zone: Europe/Berlin\n', ''),
    ['crm.yaml:1:1 "zone" is missing; name an IANA time zone, such as `Europe/Berlin` or `UTC`'],
  ],
  [
    'the zone is misspelled',
    written('Europe/Berlin', 'Europe/Berln'),
    ['crm.yaml:5:7 "Europe/Berln" is not a time zone; did you mean "Europe/Berlin"?'],
  ],
  [
    'the zone is an offset',
    written('Europe/Berlin', '+01:00'),
    ['crm.yaml:5:7 "+01:00" is not a time zone; name an IANA time zone, such as `Europe/Berlin` or `UTC`'],
  ],
  [
    'the format is of another version',
    written('format: 1', 'format: 2'),
    ['crm.yaml:1:9 found the number 2; write `format: 1`, the only supported format'],
  ],
  [
    'the version would lose its last digit',
    written("'1'", '1.10'),
    ["crm.yaml:3:10 found the number 1.1; name this version; put numbers in quotes, such as `'1.10'`"],
  ],
  [
    'the day does not exist',
    written('2025-01-01', '2025-02-30'),
    [
      'crm.yaml:4:16 found "2025-02-30"; write the date from which this version takes effect, such as `2025-01-01`',
    ],
  ],
  [
    'a length is not the same on every day',
    written('regions', 'lead: 1 month\nregions'),
    ['crm.yaml:7:7 found "1 month"; write a length such as `24 hours`, `3 days` (of 24 hours) or `PT24H`'],
  ],
  [
    'no region is listed',
    written('[eu-central-1]', '[]'),
    ['crm.yaml:7:10 empty; list the regions where its data may be stored, such as `[eu-central-1]`'],
  ],
  [
    'the regions are not a list',
    written('[eu-central-1]', 'eu-central-1'),
    [
      'crm.yaml:7:10 found "eu-central-1"; list the regions where its data may be stored, such as `[eu-central-1]`',
    ],
  ],
  [
    'the fiscal year ends on no day',
    written('regions', "fiscalYearEnd: '06-31'\nregions"),
    [
      'crm.yaml:7:16 found "06-31"; write the last day of the fiscal year as month and day, such as `\'03-31\'`, or as `last saturday of september`',
    ],
  ],
  [
    'a noun has too many words',
    written('settings:', 'nouns:\n  end of the long membership: account.closed\nsettings:'),
    [
      'crm.yaml:12:3 "end of the long membership" is not a valid name; write nouns of one to four words and the event of each, such as `membership: member.left`',
    ],
  ],
  [
    'a noun stands for an undeclared event',
    written('settings:', 'nouns:\n  membership: account.ended\nsettings:'),
    [
      'crm.yaml:12:15 the policy declares no event "account.ended"; declare it under `events`, such as `account.ended: { entity: account }`',
    ],
  ],
  [
    'an attribute has no such type',
    written('settings:', 'attributes:\n  plan: string\nsettings:'),
    ['crm.yaml:12:3 found "string"; write `text`, `number` or `boolean`'],
  ],
  [
    'a statement gives no reason and a cap that is not there',
    `${GOOD_POLICY}notComputable:\n  - sentence: As long as needed.\n    cappedBy: fair peroid\n`,
    [
      'crm.yaml:22:5 "reason" is missing; say why no date can be computed',
      'crm.yaml:23:15 the policy declares no setting "fair peroid"; did you mean "fair period"?',
    ],
  ],
]);
