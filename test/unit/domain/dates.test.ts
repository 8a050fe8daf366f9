import { describe, expect, test } from 'vitest';
import { boundOf } from '../../support/rules/rule-world.ts';
import type { DatedCase as Case } from '../../support/rules/rule-world.ts';

const ended = (...dates: string[]) => ({ 'contract.ended': dates });

const PERIODS: readonly Case[] = [
  ['contract plus 3 years', 'Asia/Almaty', ended('2021-05-10'), '2024-05-11T00:00:00+05:00'],
  ['contract plus 3 years', 'Asia/Almaty', ended('2022-05-10T14:30:00+06:00'), '2025-05-10T14:30:00+05:00'],
  ['contract term plus 3 years', 'Asia/Almaty', ended('2021-02-28'), '2024-02-29T00:00:00+06:00'],
  ['contract term plus 3 years', 'Asia/Almaty', ended('2020-02-29'), '2023-03-01T00:00:00+06:00'],
  ['contract term plus 3 years', 'Asia/Almaty', ended('2021-12-31T23:30:00Z'), '2025-01-01T05:30:00+05:00'],
  ['contract plus 4 years', 'UTC', ended('2020-02-29'), '2024-03-01T00:00:00+00:00'],
  ['contract plus 1 year', 'UTC', ended('2024-02-29T08:15:00Z'), '2025-02-28T08:15:00+00:00'],
  ['1 month after contract.ended', 'Europe/Berlin', ended('2023-01-31'), '2023-03-01T00:00:00+01:00'],
  ['1 month after contract.ended', 'Europe/Berlin', ended('2024-01-31'), '2024-03-01T00:00:00+01:00'],
  [
    '1 month after contract.ended',
    'Europe/Berlin',
    ended('2024-01-31T09:00:00+01:00'),
    '2024-02-29T09:00:00+01:00',
  ],
  ['6 months after contract.ended', 'Europe/Berlin', ended('2023-08-31'), '2024-03-01T00:00:00+01:00'],
  ['1 month and 1 day after contract.ended', 'UTC', ended('2023-01-31'), '2023-03-02T00:00:00+00:00'],
  ['30 days after contract.ended', 'UTC', ended('2024-02-01'), '2024-03-03T00:00:00+00:00'],
  ['2 weeks after contract.ended', 'UTC', ended('2024-12-25'), '2025-01-09T00:00:00+00:00'],
  ['1 week and 1 day after contract.ended', 'UTC', ended('2024-02-22'), '2024-03-02T00:00:00+00:00'],
  ['48 hours after contract.ended', 'UTC', ended('2024-02-28T10:00:00Z'), '2024-03-01T10:00:00+00:00'],
  ['48 hours after contract.ended', 'UTC', ended('2024-02-28'), '2024-03-02T00:00:00+00:00'],
  ['until contract.ended', 'Asia/Almaty', ended('2024-03-01'), '2024-03-02T00:00:00+05:00'],
  ['until contract.ended', 'Europe/Berlin', ended('2024-06-30T12:00:00Z'), '2024-06-30T14:00:00+02:00'],
  ['until 2027-12-31', 'Europe/Berlin', {}, '2028-01-01T00:00:00+01:00'],
  ['3 years after 2021-02-28', 'UTC', {}, '2024-02-29T00:00:00+00:00'],
];

const PERIOD_ENDS: readonly Case[] = [
  [
    '10 years after the end of the calendar year of invoice.issued',
    'Europe/Berlin',
    { 'invoice.issued': '2012-02-29' },
    '2023-01-01T00:00:00+01:00',
  ],
  [
    '3 years after the end of the calendar year of invoice.issued',
    'Europe/Berlin',
    { 'invoice.issued': '2024-12-31T23:00:00Z' },
    '2029-01-01T00:00:00+01:00',
  ],
  [
    '3 years after the end of the calendar year of invoice.issued',
    'Europe/Berlin',
    { 'invoice.issued': '2024-12-31' },
    '2028-01-01T00:00:00+01:00',
  ],
  [
    '3 years after the end of the calendar year of invoice.issued',
    'Europe/Berlin',
    { 'invoice.issued': '2025-01-01' },
    '2029-01-01T00:00:00+01:00',
  ],
  [
    '6 years after the end of the fiscal year of invoice.issued',
    'Europe/London',
    { 'invoice.issued': '2019-06-01' },
    '2026-04-01T00:00:00+01:00',
  ],
  [
    '6 years after the end of the fiscal year of invoice.issued',
    'Europe/London',
    { 'invoice.issued': '2019-03-31' },
    '2025-04-01T00:00:00+01:00',
  ],
  [
    '6 years after the end of the fiscal year of invoice.issued',
    'Europe/London',
    { 'invoice.issued': '2019-04-01' },
    '2026-04-01T00:00:00+01:00',
  ],
  [
    '1 year after the end of the year ending 02-29 of invoice.issued',
    'UTC',
    { 'invoice.issued': '2023-02-28' },
    '2024-03-01T00:00:00+00:00',
  ],
  [
    '1 year after the end of the year ending 02-29 of invoice.issued',
    'UTC',
    { 'invoice.issued': '2024-02-29' },
    '2025-03-01T00:00:00+00:00',
  ],
  [
    '1 year after the end of the year ending 02-29 of invoice.issued',
    'UTC',
    { 'invoice.issued': '2023-03-01' },
    '2025-03-01T00:00:00+00:00',
  ],
  [
    '22 months after the end of the year ending 04-05 of invoice.issued',
    'Europe/London',
    { 'invoice.issued': '2022-04-05' },
    '2024-02-06T00:00:00+00:00',
  ],
  [
    '22 months after the end of the fiscal year ending 04-05 of invoice.issued',
    'Europe/London',
    { 'invoice.issued': '2022-04-06' },
    '2025-02-06T00:00:00+00:00',
  ],
  [
    '3 years after the end of the month of contract.ended',
    'UTC',
    ended('2021-02-10'),
    '2024-03-01T00:00:00+00:00',
  ],
  [
    '1 month after the end of the month of contract.ended',
    'UTC',
    ended('2024-01-31'),
    '2024-03-01T00:00:00+00:00',
  ],
  [
    'until the end of the month of contract.ended',
    'Asia/Tokyo',
    ended('2024-01-31T15:00:00Z'),
    '2024-03-01T00:00:00+09:00',
  ],
  [
    'until the end of the month of 3 months after contract.ended',
    'UTC',
    ended('2024-11-30'),
    '2025-03-01T00:00:00+00:00',
  ],
];

const SEVERAL_EVENTS: readonly Case[] = [
  [
    '1 year after contract.ended',
    'UTC',
    ended('2023-05-31', '2024-02-29', '2022-01-01'),
    '2025-03-01T00:00:00+00:00',
  ],
  [
    '1 year after first contract.ended',
    'UTC',
    ended('2023-05-31', '2024-02-29', '2022-01-01'),
    '2023-01-02T00:00:00+00:00',
  ],
  [
    '1 year after the last contract.ended',
    'UTC',
    ended('2024-02-28T23:00:00Z', '2024-02-28'),
    '2025-03-01T00:00:00+00:00',
  ],
  [
    '1 year after the first contract.ended',
    'UTC',
    ended('2024-02-28', '2024-02-28T23:00:00Z'),
    '2025-02-28T23:00:00+00:00',
  ],
  [
    'the later of 3 years after contract.ended and audit.completed',
    'UTC',
    { ...ended('2020-01-01'), 'audit.completed': '2024-06-01' },
    '2024-06-02T00:00:00+00:00',
  ],
  [
    'the later of 3 years after contract.ended and audit.completed',
    'UTC',
    { ...ended('2020-01-01'), 'audit.completed': '2021-06-01' },
    '2023-01-02T00:00:00+00:00',
  ],
  [
    'the later of 3 years after contract.ended and audit.completed if any',
    'UTC',
    ended('2020-01-01'),
    '2023-01-02T00:00:00+00:00',
  ],
  [
    '3 years after contract.ended or 5 years after contract.started, whichever is earlier',
    'UTC',
    { ...ended('2020-01-01'), 'contract.started': '2017-01-01' },
    '2022-01-02T00:00:00+00:00',
  ],
  [
    'the earlier of 3 years after contract.ended and audit.completed',
    'UTC',
    ended('2020-01-01'),
    '2023-01-02T00:00:00+00:00',
  ],
  [
    'the later of (the earlier of contract.ended and audit.completed) and 1 year after contract.started',
    'UTC',
    { ...ended('2020-01-01'), 'audit.completed': '2019-05-05', 'contract.started': '2017-01-01' },
    '2019-05-06T00:00:00+00:00',
  ],
  // Counted from a reached date, six months and four and a half years are not five years.
  [
    '4 years and 6 months after 6 months after contract.ended',
    'UTC',
    ended('2016-08-31'),
    '2021-08-29T00:00:00+00:00',
  ],
  ['5 years after contract.ended', 'UTC', ended('2016-08-31'), '2021-09-01T00:00:00+00:00'],
  ['90 days after 7 years after contract.ended', 'UTC', ended('2017-02-28'), '2024-05-29T00:00:00+00:00'],
];

describe.each([
  ['periods run on the local calendar', PERIODS],
  ['a start can be rounded to the end of its month or year', PERIOD_ENDS],
  ['one of several events decides', SEVERAL_EVENTS],
] as const)('%s', (_, cases) => {
  test.each(cases)('%s in %s: %j gives %s', (...one) => {
    expect(boundOf(...one)).toBe(one[3]);
  });
});
