import { describe, expect, it, test } from 'vitest';
import { latestInstantOf } from '../../../shared/domain/calendar/local-time.ts';
import type { ClockColumn } from '../../../shared/domain/configuration/configuration.ts';
import { readClock, type Readable } from '../../../shared/domain/datasets/clock-value.ts';

const NOW = Date.parse('2026-03-01T00:00:00Z');
const READABLE: Readable = { until: NOW + 60_000, declared: [{ personal: false }] };

type Reading = Omit<ClockColumn, 'column'>;
const read = (value: unknown, column: Reading = {}, readable = READABLE): string => {
  const clock = readClock(value as Parameters<typeof readClock>[0], column, readable);
  return clock.kind === 'dated' ? clock.occurred : clock.kind;
};

describe('a clock of a row', () => {
  test.each([
    ['2025-02-28', '2025-02-28'],
    ['2025-02-28T10:00:00Z', '2025-02-28T10:00:00.000Z'],
    ['2025-02-28 10:00:00+05:00', '2025-02-28T05:00:00.000Z'],
    // Never earlier than it was.
    ['2025-02-28T10:00:00.000001Z', '2025-02-28T10:00:00.001Z'],
    ['1970-01-02', '1970-01-02'],
  ])('reads the date %s', (value, occurred) => {
    expect(read(value)).toBe(occurred);
  });

  test.each([
    [1_700_000_000, 'seconds', '2023-11-14T22:13:20.000Z'],
    ['1700000000', 'seconds', '2023-11-14T22:13:20.000Z'],
    [1_700_000_000.0001, 'seconds', '2023-11-14T22:13:20.001Z'],
    [1_700_000_000_000, 'milliseconds', '2023-11-14T22:13:20.000Z'],
  ] as const)('reads the number %s of %s', (value, unit, occurred) => {
    expect(read(value, { unit })).toBe(occurred);
  });

  // 30 minutes past 2 in the night in which clocks go back comes twice, and in the other one not at all.
  test.each([
    ['2024-10-27 02:30:00', 'Europe/Berlin', '2024-10-27T01:30:00.000Z'],
    ['2024-03-31T02:30:00', 'Europe/Berlin', '2024-03-31T01:30:00.000Z'],
    ['2024-07-01T12:00', 'Europe/Berlin', '2024-07-01T10:00:00.000Z'],
    ['2024-07-01T12:00:00.0000001', 'UTC', '2024-07-01T12:00:00.001Z'],
    ['2018-11-04T00:00:00', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z'],
    ['2024-07-01T12:00:00+02:00', 'Asia/Tokyo', '2024-07-01T10:00:00.000Z'],
  ])('reads %s on the clocks of %s', (value, zone, occurred) => {
    expect(read(value, { zone })).toBe(occurred);
  });

  test.each([
    ['a time of no zone', '2025-02-28T10:00:00', {}],
    ['a number of no unit', 1_700_000_000, {}],
    ['a date where a number is expected', '2025-02-28', { unit: 'seconds' }],
    ['an infinite time', 'infinity', {}],
    ['a day that does not exist', '2025-02-29', {}],
    ['a time of day that does not exist', '2025-02-28T25:00:00Z', { zone: 'UTC' }],
    ['words', 'yesterday', { zone: 'UTC' }],
    ['an object', { at: '2025-02-28' }, {}],
    ['true', true, { unit: 'seconds' }],
    ['the epoch', '1970-01-01', {}],
    ['the instant of the epoch', 0, { unit: 'seconds' }],
    ['the epoch on the clocks of a zone', '1970-01-01 00:00:00', { zone: 'Asia/Tokyo' }],
    ['a time before 1970', '1969-12-31T23:59:59Z', {}],
    ['a negative number', -1, { unit: 'seconds' }],
    ['seconds taken for milliseconds', 1_700_000_000, { unit: 'milliseconds' }],
    ['seconds of the year 5000 taken for milliseconds', 95_617_584_000, { unit: 'milliseconds' }],
    ['days taken for seconds', 20_000, { unit: 'seconds' }],
    ['minutes taken for seconds', 28_000_000, { unit: 'seconds' }],
    ['microseconds taken for milliseconds', 1_700_000_000_000_000, { unit: 'milliseconds' }],
    ['milliseconds taken for seconds', 1_700_000_000_000, { unit: 'seconds' }],
    ['tomorrow', '2026-03-02T00:00:00Z', {}],
    ['the day after tomorrow', '2026-03-03', {}],
    ['a minute and a millisecond from now', NOW + 60_001, { unit: 'milliseconds' }],
  ] as const)('says nothing with %s', (_, value, column) => {
    expect(read(value, column)).toBe('undated');
  });

  it('may be a number from 1973 on', () => {
    expect(read(100_000_000, { unit: 'seconds' })).toBe('1973-03-03T09:46:40.000Z');
    expect(read(100_000_000_000, { unit: 'milliseconds' })).toBe('1973-03-03T09:46:40.000Z');
  });

  it('may be a little ahead of our own, and a date may have begun somewhere else', () => {
    expect(read(NOW + 60_000, { unit: 'milliseconds' })).toBe('2026-03-01T00:01:00.000Z');
    expect(read('2026-03-01')).toBe('2026-03-01');
  });

  it('has not happened where there is none', () => {
    expect(read(null)).toBe('absent');
    expect(read(undefined)).toBe('absent');
  });

  it('says nothing with a day that a policy does not expect', () => {
    const declared = [{ personal: false }, { personal: false, plausible: { from: '2010-01-01' } }];
    expect(read('2009-12-31', {}, { ...READABLE, declared })).toBe('undated');
    expect(read('2010-01-01', {}, { ...READABLE, declared })).toBe('2010-01-01');
  });
});

it('finds the instants of a date that a zone left out', () => {
  const noon = Date.parse('2011-12-30T12:00:00Z');
  expect(new Date(latestInstantOf(noon, 'Pacific/Apia')).toISOString()).toBe('2011-12-30T22:00:00.000Z');
});
