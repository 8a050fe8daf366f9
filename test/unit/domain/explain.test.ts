import { expect, test } from 'vitest';
import { aPolicy, aRule, planFor, planOf } from '../../support/rules/rule-world.ts';

test('explains a date from the rule to the minute', () => {
  const { explanation } = planFor(
    'contract term plus 3 years',
    { 'contract.ended': ['2019-12-31', '2021-02-28'] },
    { zone: 'Asia/Almaty' },
  );
  expect(explanation).toEqual([
    'Category records follows policy test-policy, version 1, in zone Asia/Almaty.',
    'Rule default: contract term plus 3 years (default) “contract term plus 3 years” applies.',
    'contract.ended of 2019-12-31 is not used: it is not the last one.',
    'contract.ended happened on 2021-02-28, the last of 2 that count.',
    '3 years after 2021-02-28 (until the end of that day) is 2024-02-28 (until the end of that day).',
    'So: delete not before 2024-02-29T00:00:00+06:00.',
    'delete by “contract term plus 3 years”: not before 2024-02-29T00:00:00+06:00, floor 2021-03-01T00:00:00+06:00, acts at 2024-02-29T00:00:00+06:00, overdue after 2024-03-02T23:00:00+05:00.',
    'Next: delete at 2024-02-29T00:00:00+06:00.',
    'It would change with another contract.ended, or contract.renewed, which undoes it, or with a correction or retraction.',
  ]);
});

test('explains which operand won, by how much, and what was left out', () => {
  const rule =
    'the later of 1 year after the end of the calendar year of invoice.issued, contract.ended and audit.completed if any';
  const { explanation } = planFor(rule, {
    'invoice.issued': '2020-05-05',
    'contract.ended': '2020-06-01T12:00:00Z',
  });
  expect(explanation).toEqual(
    expect.arrayContaining([
      'The calendar year of 2020-05-05 (until the end of that day) ends at 2021-01-01T00:00:00+00:00.',
      '“1 year after the end of the calendar year of invoice.issued” is later than “contract.ended” by 578 days and 12 hours.',
      '“audit.completed” is left out: its date is not known.',
    ]),
  );
});

test('explains what a law replaced and which category holds longer', () => {
  const law = aRule('2 years after contract.ended', {
    level: 'statutory',
    source: { document: 'Accounting Act' },
  });
  const policy = aPolicy({
    registration: [aRule('1 year after contract.ended'), law],
    usage: [aRule('90 days after contract.ended', { id: 'usage' })],
    elsewhere: [
      aRule('9 days after contract.ended', { level: 'jurisdiction', jurisdiction: 'FR' }),
      aRule('8 days after contract.ended', { id: 'short' }),
    ],
  });
  const { explanation } = planOf({
    policies: [policy],
    subjects: [{ events: { 'contract.ended': '2020-01-01' } }],
    variants: [{ attributes: { jurisdiction: 'DE' } }],
  });
  expect(explanation).toEqual(
    expect.arrayContaining([
      'Rule statutory: 2 years after contract.ended (statutory) “2 years after contract.ended” applies, required by law, from Accounting Act.',
      'Rule default: 1 year after contract.ended (default) “1 year after contract.ended” is replaced: a statutory rule takes precedence.',
      'Rule jurisdiction: 9 days after contract.ended (jurisdiction) “9 days after contract.ended” applies only in jurisdiction FR.',
      'For delete, “2 years after contract.ended” holds longer than “90 days after contract.ended” of category usage by 641 days.',
    ]),
  );
});

test('explains why nothing has a date', () => {
  const { explanation } = planFor('3 years after contract.ended', { 'contract.started': '2020-01-01' });
  expect(explanation).toEqual(
    expect.arrayContaining([
      'No contract.ended counts so far.',
      'delete is not yet determined: contract.ended has not happened. Until then the holding is kept.',
      'Nothing is scheduled.',
    ]),
  );
});

test('says that a rule never lets it happen, and what is not known yet, in whole sentences', () => {
  const ended = { 'contract.ended': '2021-01-31' };
  expect(planFor('keep permanently', ended).explanation).toContain(
    'So: delete never happens: the rule keeps the data permanently.',
  );
  expect(planFor('3 years after audit.completed', ended).explanation).toContain(
    'So: the earliest date for delete is not known yet: audit.completed has not happened.',
  );
  expect(planFor('within 3 years after audit.completed', ended).explanation).toContain(
    'So: the latest date for delete is not known yet: audit.completed has not happened.',
  );
});

test.each([
  [
    '3 months after contract.ended',
    '2021-01-31',
    ' That month has no day 31, so its last day counts: 2021-04-30.',
  ],
  [
    '1 month and 3 days after contract.ended',
    '2021-01-31',
    ' That month has no day 31, so its last day counts: 2021-02-28.',
  ],
  [
    '1 year after contract.ended',
    '2024-02-29',
    ' That month has no day 29, so its last day counts: 2025-02-28.',
  ],
  ['2 months after contract.ended', '2021-01-31', ''],
  ['1 month after contract.ended', '2021-02-28', ''],
])('says where a month is too short: %s, %s', (rule, occurred, said) => {
  const { explanation } = planFor(rule, { 'contract.ended': occurred });
  expect(explanation.find((sentence) => sentence.includes(' after 20'))).toMatch(
    new RegExp(`\\(until the end of that day\\)\\.${said.replaceAll('.', '\\.')}$`),
  );
});

test('says on which day an age is reached', () => {
  const policy = aPolicy({
    records: [
      aRule(
        'if the age of person.born at contract.ended is under 18, 9 years after contract.ended, otherwise 1 year after contract.ended',
      ),
    ],
  });
  const { explanation } = planOf({
    policies: [policy],
    subjects: [
      { events: { 'contract.ended': '2020-03-01' } },
      { type: 'person', events: { 'person.born': '2004-02-29' } },
    ],
  });
  expect(explanation).toContain(
    'The age of 18 is reached on 2022-03-01; on 2020-03-01 (until the end of that day) it was not reached yet.',
  );
});
