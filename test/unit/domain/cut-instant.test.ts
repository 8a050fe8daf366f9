import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutInstant } from '../../../shared/domain/calendar/cut-instant.ts';

test.each([
  // Local midnight in Almaty lies in the year before in UTC.
  ['1979-12-31 18:00:00+00', 'year', 'Asia/Almaty', '1979-12-31T18:00:00Z'],
  ['1980-05-17 21:30:00.123+00', 'month', 'Asia/Almaty', '1980-04-30T18:00:00Z'],
  ['1980-05-17T21:30:00+07:00', 'day', 'America/New_York', '1980-05-17T04:00:00Z'],
  ['2024-02-29T23:59:59.999999Z', 'day', 'UTC', '2024-02-29T00:00:00Z'],
  // The clock of São Paulo skipped this midnight: the day began at 01:00.
  ['2018-11-04 12:00:00+00', 'day', 'America/Sao_Paulo', '2018-11-04T03:00:00Z'],
  // Local mean time, whose offset has seconds.
  ['1850-06-01 12:00:00+00', 'year', 'Europe/Paris', '1849-12-31T23:50:39Z'],
] as const)('%s cut to the %s in %s is %s', (text, to, zone, cut) => {
  expect(cutInstant(text, to, zone)).toBe(cut);
});

test.each(['infinity', '-infinity', '0044-03-15 00:00:00+00 BC', '10000-01-01 00:00:00+00', '1980-01-01'])(
  'what is not an instant of the years 1 to 9999 is not cut: %s',
  (text) => {
    expect(cutInstant(text, 'year', 'UTC')).toBeUndefined();
  },
);

test('what was cut stays as it is, and is never later than what it was cut from', () => {
  const at = fc.date({
    min: new Date('1800-01-01T00:00:00Z'),
    max: new Date('2200-01-01T00:00:00Z'),
    noInvalidDate: true,
  });
  const to = fc.constantFrom('year', 'month', 'day');
  const zone = fc.constantFrom(
    'UTC',
    'Asia/Almaty',
    'America/Sao_Paulo',
    'Pacific/Apia',
    'Pacific/Auckland',
    'Europe/Dublin',
  );
  fc.assert(
    fc.property(at, to, zone, (date, unit, where) => {
      const cut = cutInstant(date.toISOString(), unit, where)!;
      expect(cutInstant(cut, unit, where)).toBe(cut);
      expect(Date.parse(cut)).toBeLessThanOrEqual(date.getTime());
    }),
  );
});
