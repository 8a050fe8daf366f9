import { expect, it } from 'vitest';
import { describeMistakes, policyFrom, written } from '../../support/rules/policy-text.ts';

/** The good policy with this in line 17, in the category `contact-data`. */
const having = (subjects: string): string =>
  written('{fair period}\n  usage', `{fair period}\n    subjects: ${subjects}\n  usage`);

it('a category says what one person asks of a record about several', () => {
  const subjects = (text: string) => policyFrom(having(text)).categories['contact-data']?.subjects;
  expect(
    subjects('{ fields: { sender: { name: clear }, recipient: { to.name: clear if present } } }'),
  ).toEqual({
    onRequest: 'redact',
    fields: {
      sender: { name: { kind: 'null' } },
      recipient: { 'to.name': { kind: 'null', ifPresent: true } },
    },
  });
  expect(subjects('{ onRequest: keep }')).toEqual({ onRequest: 'keep', fields: {} });
  expect(subjects('{ onRequest: delete, fields: { sender: {} } }')).toEqual({
    onRequest: 'delete',
    fields: { sender: {} },
  });
});

describeMistakes('what one person asks of a record about several', [
  [
    'nothing is said',
    having('{}'),
    [
      'crm.yaml:17:15 no fields are named; write the fields of each person, such as `fields: { sender: { name: clear } }`, or `onRequest: keep` or `delete`',
    ],
  ],
  [
    'it asks for something else',
    having('{ onRequest: anonymise }'),
    [
      'crm.yaml:17:15 no fields are named; write the fields of each person, such as `fields: { sender: { name: clear } }`, or `onRequest: keep` or `delete`',
      'crm.yaml:17:28 found "anonymise"; write `redact` (the fields of that person are masked), `delete` (the record is deleted for all) or `keep` (until all have asked)',
    ],
  ],
  [
    'a field has a word that is not a mask',
    having('{ fields: { sender: { name: cler } } }'),
    ['crm.yaml:17:43 "cler" is not a mask; did you mean "clear"?'],
  ],
  [
    'a role has a name in capital letters',
    having('{ fields: { Sender: { name: clear } } }'),
    [
      'crm.yaml:17:27 "Sender" is not a valid name; write roles in lower case and the fields of the person in each, such as `sender: { name: clear }`',
    ],
  ],
  [
    'one field is about two people',
    having('{ fields: { sender: { people: clear }, recipient: { people.to: clear } } }'),
    [
      'crm.yaml:17:65 "people" is a field of the sender, too; name it for one of them, or write `onRequest: keep`',
    ],
  ],
]);
