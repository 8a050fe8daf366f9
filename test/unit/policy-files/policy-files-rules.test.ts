import { describeMistakes, written } from '../../support/rules/policy-text.ts';

describeMistakes('events', [
  [
    'an event is written in upper case',
    written('  account.reopened: {', '  Account.Reopened: {'),
    [
      'crm.yaml:9:49 the policy declares no event "account.reopened"; did you mean "Account.Reopened"?',
      'crm.yaml:10:3 "Account.Reopened" is not a valid name; write events in lower case, such as `account.closed: { entity: account }`, not beginning with `tenure.`',
    ],
  ],
  [
    'an event takes a name of the system',
    written('settings:', '  tenure.erasure: { entity: account }\nsettings:'),
    [
      'crm.yaml:11:3 "tenure.erasure" is not a valid name; write events in lower case, such as `account.closed: { entity: account }`, not beginning with `tenure.`',
    ],
  ],
  [
    'an event happens to nothing',
    written('account.reopened: { entity: account }', 'account.reopened: {}'),
    ['crm.yaml:10:3 "entity" is missing; name the type of entity that it happens to, such as `account`'],
  ],
  [
    'an event is left empty',
    written('account.reopened: { entity: account }', 'account.reopened:'),
    [
      'crm.yaml:10:3 found nothing; an event is a mapping with entity, undoneBy, byPurpose, personal, plausible, attributes',
    ],
  ],
  [
    'no date is plausible',
    written(
      'reopened: { entity: account }',
      'reopened: { entity: account, plausible: { from: 2030-01-01, to: 2020-01-01 } }',
    ),
    [
      'crm.yaml:10:51 no date is in this range; write the first and the last day, such as `{ from: 1990-01-01, to: 2100-12-31 }`',
    ],
  ],
  [
    'a plausible date is not a date',
    written('reopened: { entity: account }', 'reopened: { entity: account, plausible: { from: 1990 } }'),
    [
      'crm.yaml:10:59 found the number 1990; write the first day on which the event can have happened, such as `1990-01-01`',
    ],
  ],
  [
    'yes is written for true',
    written('reopened: { entity: account }', 'reopened: { entity: account, personal: yes }'),
    [
      'crm.yaml:10:50 found "yes"; write `true` if its dates are personal, such as births, or `month` if the time of a disposal must not tell the day either; otherwise leave it out',
    ],
  ],
  [
    'what undoes an event is not declared',
    written('[account.reopened]', '[account.reopend]'),
    ['crm.yaml:9:49 the policy declares no event "account.reopend"; did you mean "account.reopened"?'],
  ],
  [
    'an event undoes itself',
    written('[account.reopened]', '[account.closed]'),
    ['crm.yaml:9:49 "account.closed" cannot undo itself; name the event that takes it back'],
  ],
  [
    'what undoes an event happens to another entity',
    written('reopened: { entity: account }', 'reopened: { entity: contract }'),
    [
      'crm.yaml:9:49 "account.reopened" happens to a contract, "account.closed" to an account; only an event of the same entity type can undo it',
    ],
  ],
]);

describeMistakes('rules, at the place inside the text', [
  [
    'a plain rule has a mistake',
    written('account plus {fair period}', 'account pluss {fair period}'),
    [
      'crm.yaml:16:25 the words before "fair period" were read as a name; did you mean "plus" instead of "pluss"?',
    ],
  ],
  [
    'a rule in double quotes has a mistake after an escape',
    written('account plus {fair period}', '"account \\u0070lus {fair period} plsu 3 days"'),
    [
      'crm.yaml:16:44 expected "plus", "or", "held", "paused", "but not before", "at the next run", "if", "unless", "then" or the end of the rule, found "plsu"; did you mean "plus"?',
    ],
  ],
  [
    'a rule in single quotes ends too early',
    written('account plus {fair period}', "'account plus {fair period} or'"),
    [
      'crm.yaml:16:41 expected an event such as contract.ended, or a noun such as contract term, found the end of the rule',
    ],
  ],
  [
    'a folded rule has a mistake on its second line',
    written('account plus {fair period}', '>-\n      account plus\n      {fair period} plsu\n      3 days'),
    [
      'crm.yaml:18:21 expected "plus", "or", "held", "paused", "but not before", "at the next run", "if", "unless", "then" or the end of the rule, found "plsu"; did you mean "plus"?',
    ],
  ],
  [
    'a plain rule has a mistake on its third line',
    written('account plus {fair period}', 'account plus\n      {fair period}\n      aftr 3 days'),
    [
      'crm.yaml:18:7 expected "plus", "or", "held", "paused", "but not before", "at the next run", "if", "unless", "then" or the end of the rule, found "aftr"',
    ],
  ],
  [
    'two events of one rule are misspelled',
    written(
      '30 days after account.closed, then delete 2 years after account.closed',
      '30 days after account.close, then delete 2 years after account.clsoed',
    ),
    [
      'crm.yaml:18:35 the policy declares no event "account.close"; did you mean "account.closed"?',
      'crm.yaml:18:76 the policy declares no event "account.clsoed"; did you mean "account.closed"?',
    ],
  ],
  [
    'a noun is misspelled',
    written('account plus', 'acount plus'),
    ['crm.yaml:16:11 the policy does not say which event "acount" means; did you mean "account"?'],
  ],
  [
    'a built-in noun stands for an event that is not declared',
    written('account plus', 'contract term plus'),
    [
      'crm.yaml:16:11 "contract term" stands for the event "contract.ended", which the policy does not declare',
    ],
  ],
  [
    'a setting is misspelled',
    written('{fair period}', '{fare period}'),
    ['crm.yaml:16:24 the policy declares no setting "fare period"; did you mean "fair period"?'],
  ],
  [
    'the fiscal year is not stated',
    written(
      'account plus {fair period}',
      'account plus {fair period} or the end of the fiscal year of account.closed, whichever is later',
    ),
    [
      'crm.yaml:16:56 the policy has no fiscal year end; add one (MM-DD), or write "the end of the year ending MM-DD of …"',
    ],
  ],
  [
    'a rule is a number',
    written('account plus {fair period}', '90'),
    [
      'crm.yaml:16:11 found the number 90; write the rule as a sentence, such as `within 30 days after account.closed`',
    ],
  ],
  [
    'a rule is a mapping',
    written('account plus {fair period}', '{ after: account.closed }'),
    [
      'crm.yaml:16:11 found a mapping; write the rule as a sentence, such as `within 30 days after account.closed`',
    ],
  ],
]);

describeMistakes('what this release cannot do', [
  [
    'a rule asks for a review',
    written(
      'account plus {fair period}',
      'review 1 year after account.closed, then delete account plus {fair period}',
    ),
    [
      'crm.yaml:16:11 "review" is a step for people and is not supported in this release; write what to do with the data: `restrict …`, `anonymise …` or `delete …`',
    ],
  ],
  [
    'a later stage notifies',
    written(
      'account plus {fair period}',
      'delete account plus {fair period}, then notify 1 day after account.closed',
    ),
    [
      'crm.yaml:16:51 "notify" is a step for people and is not supported in this release; write what to do with the data: `restrict …`, `anonymise …` or `delete …`',
    ],
  ],
]);
