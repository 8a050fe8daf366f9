import { expect, test } from 'vitest';
import { boundOf } from '../../support/rules/rule-world.ts';
import type { DatedCase as Case } from '../../support/rules/rule-world.ts';

const ended = (...dates: string[]) => ({ 'contract.ended': dates });

const CLOCK_CHANGES: readonly Case[] = [
  // Spring forward: 02:30 does not exist on 31 March 2024.
  [
    '1 day after contract.ended',
    'Europe/Berlin',
    ended('2024-03-30T02:30:00+01:00'),
    '2024-03-31T03:30:00+02:00',
  ],
  [
    '24 hours after contract.ended',
    'Europe/Berlin',
    ended('2024-03-30T02:30:00+01:00'),
    '2024-03-31T03:30:00+02:00',
  ],
  [
    '24 hours after contract.ended',
    'Europe/Berlin',
    ended('2024-03-30T12:00:00+01:00'),
    '2024-03-31T13:00:00+02:00',
  ],
  [
    '1 day after contract.ended',
    'Europe/Berlin',
    ended('2024-03-30T12:00:00+01:00'),
    '2024-03-31T12:00:00+02:00',
  ],
  [
    '1 day and 2 hours after contract.ended',
    'Europe/Berlin',
    ended('2024-03-30T01:00:00+01:00'),
    '2024-03-31T04:00:00+02:00',
  ],
  // Fall back: 02:30 happens twice on 27 October 2024; the earlier counts.
  [
    '1 day after contract.ended',
    'Europe/Berlin',
    ended('2024-10-26T02:30:00+02:00'),
    '2024-10-27T02:30:00+02:00',
  ],
  [
    '1 year after contract.ended',
    'Europe/Berlin',
    ended('2023-10-27T02:30:00+02:00'),
    '2024-10-27T02:30:00+02:00',
  ],
  [
    '10 years after contract.ended',
    'Europe/Berlin',
    ended('2020-10-25T02:15:00+01:00'),
    '2030-10-25T02:15:00+02:00',
  ],
  [
    '36 hours after contract.ended',
    'Europe/Berlin',
    ended('2024-10-26T12:00:00+02:00'),
    '2024-10-27T23:00:00+01:00',
  ],
  [
    '30 days after contract.ended',
    'America/Toronto',
    ended('2024-02-09T02:30:00-05:00'),
    '2024-03-10T03:30:00-04:00',
  ],
  [
    '30 days after contract.ended',
    'America/Toronto',
    ended('2024-10-04T01:30:00-04:00'),
    '2024-11-03T01:30:00-04:00',
  ],
  ['30 days after contract.ended', 'America/Toronto', ended('2024-02-20'), '2024-03-22T00:00:00-04:00'],
  // Midnights that do not exist: the first instant of the day.
  ['1 day after contract.ended', 'America/Sao_Paulo', ended('2018-11-02'), '2018-11-04T01:00:00-02:00'],
  ['1 month after contract.ended', 'America/Sao_Paulo', ended('2018-10-03'), '2018-11-04T01:00:00-02:00'],
  [
    '1 day after contract.ended',
    'America/Sao_Paulo',
    ended('2018-11-03T00:30:00-03:00'),
    '2018-11-04T01:30:00-02:00',
  ],
  ['until contract.ended', 'Asia/Beirut', ended('2022-03-26'), '2022-03-27T01:00:00+03:00'],
  [
    '30 days after the end of the month of contract.ended',
    'America/Asuncion',
    ended('2017-09-10'),
    '2017-10-31T00:00:00-03:00',
  ],
  [
    'until the end of the month of contract.ended',
    'America/Asuncion',
    ended('2017-09-10'),
    '2017-10-01T01:00:00-03:00',
  ],
  // Samoa skipped 30 December 2011.
  ['until contract.ended', 'Pacific/Apia', ended('2011-12-29'), '2011-12-31T00:00:00+14:00'],
  ['1 day after contract.ended', 'Pacific/Apia', ended('2011-12-29'), '2011-12-31T00:00:00+14:00'],
  ['2 days after contract.ended', 'Pacific/Apia', ended('2011-12-29'), '2012-01-01T00:00:00+14:00'],
  [
    '1 day after contract.ended',
    'Pacific/Apia',
    ended('2011-12-29T10:00:00-10:00'),
    '2011-12-31T10:00:00+14:00',
  ],
  // Kazakhstan moved to one zone at the end of 29 February 2024: its last hour happened twice.
  ['contract term plus 4 years', 'Asia/Almaty', ended('2020-02-29'), '2024-03-01T00:00:00+05:00'],
  ['until contract.ended', 'Asia/Almaty', ended('2024-02-28'), '2024-02-29T00:00:00+06:00'],
  [
    '1 day after contract.ended',
    'Asia/Almaty',
    ended('2024-02-28T23:30:00+06:00'),
    '2024-02-29T23:30:00+06:00',
  ],
  [
    '1 day after contract.ended',
    'Asia/Almaty',
    ended('2024-02-29T12:00:00+06:00'),
    '2024-03-01T12:00:00+05:00',
  ],
  [
    '90 days after contract.ended',
    'Australia/Lord_Howe',
    ended('2024-07-08T02:15:00+10:30'),
    '2024-10-06T02:45:00+11:00',
  ],
];

test.each(CLOCK_CHANGES)('a clock change loses no day: %s in %s, %j, gives %s', (...one) => {
  expect(boundOf(...one)).toBe(one[3]);
});
