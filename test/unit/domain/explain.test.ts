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

test.each([
  [
    'invoice.issued has occurred within 6 weeks after contract.ended',
    '2021-02-21',
    [
      'The span of 6 weeks after 2021-01-10 lasts until the end of 2021-02-21.',
      'invoice.issued happened on 2021-02-21.',
      'It is true that invoice.issued has occurred within 6 weeks after contract.ended.',
    ],
  ],
  [
    'invoice.issued has occurred within 30 hours after contract.ended',
    '2021-02-21',
    [
      'The span of 30 hours after 2021-01-10 lasts until 2021-01-12T06:00:00+00:00.',
      'invoice.issued happened on 2021-02-21.',
      'It is not true that invoice.issued has occurred within 30 hours after contract.ended.',
    ],
  ],
  [
    'invoice.issued has occurred within 30 days before contract.ended',
    undefined,
    [
      'The span of 30 days before 2021-01-10 begins at the end of 2020-12-11.',
      'No invoice.issued counts so far.',
      'It is not true that invoice.issued has occurred within 30 days before contract.ended.',
    ],
  ],
])('says when the span of a condition ends, and what is in it: %s', (condition, issued, said) => {
  const { explanation } = planFor(
    `if ${condition}, 5 years after contract.ended, otherwise 1 year after contract.ended`,
    { 'contract.ended': '2021-01-10', ...(issued !== undefined && { 'invoice.issued': issued }) },
  );
  const begin = explanation.findIndex((sentence) => sentence.startsWith('The span'));
  expect(explanation.slice(begin, begin + 3)).toEqual(said);
});

test.each([
  [
    '1 day and 2 hours after contract.ended',
    '2021-03-27T02:30:00+01:00',
    '1 day and 2 hours after 2021-03-27T02:30:00+01:00 is 2021-03-28T05:30:00+02:00. The clock skips 02:30:00 on that day, so the time moves forward to 03:30:00.',
  ],
  [
    '1 week before contract.ended',
    '2021-11-07T02:30:00+01:00',
    '1 week before 2021-11-07T02:30:00+01:00 is 2021-10-31T02:30:00+02:00. The clock shows 02:30:00 twice on that day, and the earlier one counts.',
  ],
  [
    'upon the next daily run at 02:30 after contract.ended',
    '2021-03-28T00:00:00+01:00',
    'The next daily run at 02:30 after contract.ended, counted from 2021-03-28T00:00:00+01:00, is 2021-03-28T03:30:00+02:00. The clock skips 02:30:00 on that day, so the time moves forward to 03:30:00.',
  ],
  [
    '24 hours after contract.ended',
    '2021-03-27T02:30:00+01:00',
    '24 hours after 2021-03-27T02:30:00+01:00 is 2021-03-28T03:30:00+02:00.',
  ],
])('says what a clock change does to a time: %s', (rule, occurred, said) => {
  const { explanation } = planFor(rule, { 'contract.ended': occurred }, { zone: 'Europe/Berlin' });
  expect(explanation).toContain(said);
});

test('says that a day begins later where the clock skips midnight', () => {
  const { explanation } = planFor(
    '1 year after the end of the month of contract.ended',
    { 'contract.ended': '1988-05-02' },
    { zone: 'Asia/Beirut' },
  );
  expect(explanation).toContain(
    '1 year after 1988-06-01T01:00:00+03:00 (the clock skips midnight) is 1989-06-01T00:00:00+03:00.',
  );
});

test('says from when a hold counts, and which date it gives', () => {
  const held = {
    'contract.ended': '2020-01-01',
    'invoice.issued': '2020-06-01',
    'audit.completed': '2020-12-31',
  };
  const how = (suspended: string): string | undefined =>
    planFor(`2 years after contract.ended, ${suspended}`, held).explanation.find((sentence) =>
      sentence.startsWith('invoice.issued of 2020-06-01 '),
    );
  expect(how('paused from invoice.issued until audit.completed')).toBe(
    'invoice.issued of 2020-06-01 paused the period until 2020-12-31 (until the end of that day). The date is now 2022-08-03 (until the end of that day).',
  );
  expect(how('held from invoice.issued until audit.completed, then restarted')).toBe(
    'invoice.issued of 2020-06-01 lasted until 2020-12-31 (until the end of that day), and the period started again then. The date is now 2022-12-31 (until the end of that day).',
  );
});

test('does not call one of two equal dates the later one', () => {
  const { explanation } = planFor('1 year after the later of contract.ended and audit.completed', {
    'contract.ended': '2021-01-10',
    'audit.completed': '2021-01-10',
  });
  expect(explanation).toContain('“contract.ended” and “audit.completed” are at the same time.');
});

test('names all events of a condition or count that none or too few of them fit', () => {
  const within = planFor(
    'if invoice.issued has occurred within 3 days after contract.ended, 1 year after contract.ended, otherwise 2 years after contract.ended',
    { 'contract.ended': '2020-01-01', 'invoice.issued': ['2020-01-09', '2020-01-05'] },
  );
  expect(within.explanation).toEqual(
    expect.arrayContaining([
      'The span of 3 days after 2020-01-01 lasts until the end of 2020-01-04.',
      'invoice.issued happened on 2020-01-05.',
      'invoice.issued happened on 2020-01-09.',
    ]),
  );
  const third = planFor('1 year after the 3rd invoice.issued after contract.ended', {
    'contract.ended': '2020-01-01',
    'invoice.issued': ['2020-01-09'],
  });
  expect(third.explanation).toContain('invoice.issued happened on 2020-01-09.');
  expect(third.explanation.filter((sentence) => sentence.startsWith('No invoice.issued'))).toEqual([]);
});

test('says of a bound that belongs to another branch that this part of the rule does not apply', () => {
  const { explanation } = planFor(
    'if invoice.issued has occurred, keep for 1 year after contract.ended, otherwise delete within 30 days after contract.ended',
    { 'contract.ended': '2020-01-01', 'invoice.issued': '2019-01-09' },
  );
  expect(explanation).toContain(
    'So: the rule gives no latest date for delete: this part of the rule does not apply, because “invoice.issued has occurred” is true.',
  );
});
