import { describe, expect, test } from 'vitest';
import {
  addPeriod,
  formatDistance,
  formatInstant,
  isDate,
  isDayOfYear,
  isZone,
  parseOccurred,
  pointOf,
  roundDownToMinute,
  roundUpToMinute,
  timeZoneDatabase,
} from '../../../shared/domain/calendar/calendar.ts';
import type { Occurred } from '../../../shared/domain/record/ids.ts';

describe('when something occurred', () => {
  test.each([
    '1900-01-01',
    '2200-12-31',
    '2024-02-29',
    '2024-02-29T10:00Z',
    '2024-02-29T10:00:00+05:30',
    '2024-02-29T23:59:59.123456789-11:00',
    '2024-02-29T00:00:00+14:00',
  ])('%s is taken as it is', (text) => {
    expect(parseOccurred(text)).toEqual({ ok: true, occurred: text });
  });

  test.each([
    ['2024-02-29T10:00', 'OCCURRED_AMBIGUOUS'],
    ['2024-02-29T10:00:00.5', 'OCCURRED_AMBIGUOUS'],
    ['1899-12-31', 'OCCURRED_OUT_OF_RANGE'],
    ['2201-01-01T00:00:00Z', 'OCCURRED_OUT_OF_RANGE'],
    ['0000-01-01', 'OCCURRED_OUT_OF_RANGE'],
    ...[
      '2023-02-29',
      '2024-13-01',
      '2024-00-10',
      '2024-01-00',
      '2024-1-1',
      '20240101',
      '2024-02-29 10:00Z',
      '2024-02-29T24:00Z',
    ].map((text) => [text, 'OCCURRED_NOT_A_DATE']),
    ...[
      '2024-02-29T10:60Z',
      '2024-02-29T10:00:60Z',
      '2024-02-29T10Z',
      '2024-02-29T10:00+0530',
      '2024-02-29T10:00+15:00',
      '2024-02-29T10:00+05:60',
    ].map((text) => [text, 'OCCURRED_NOT_A_DATE']),
    ...['', 'tomorrow', '+002024-01-01', '2024-02-29T10:00Z[UTC]', '2024-02-29\n', '2024-02-29t10:00z'].map(
      (text) => [text, 'OCCURRED_NOT_A_DATE'],
    ),
  ])('%j is refused with %s', (text, code) => {
    expect(parseOccurred(text)).toEqual({ ok: false, code });
  });

  test('is never taken as earlier than it was, down to the nanosecond', () => {
    expect(pointOf('2024-02-29T10:00:00.000000001Z' as Occurred)).toEqual({
      kind: 'instant',
      at: Date.parse('2024-02-29T10:00:00.001Z'),
    });
    expect(pointOf('1960-01-01T00:00:00.000999999Z' as Occurred)).toEqual({
      kind: 'instant',
      at: Date.parse('1960-01-01T00:00:00.001Z'),
    });
    expect(pointOf('1960-01-01T00:00:00.002Z' as Occurred)).toEqual({
      kind: 'instant',
      at: Date.parse('1960-01-01T00:00:00.002Z'),
    });
  });
});

describe('the calendar', () => {
  test('knows zones by their names alone', () => {
    expect(['Asia/Almaty', 'UTC', 'Europe/Berlin'].map(isZone)).toEqual([true, true, true]);
    expect(['', '+05:00', 'Europe/Nowhere', 'Z', '../etc'].map(isZone)).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  test('knows days and days of the year', () => {
    expect(['2024-02-29', '2023-02-29', '1899-01-01', '2024-02-29T00:00Z'].map(isDate)).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(['02-29', '12-31', '02-30', '13-01', '2-1'].map(isDayOfYear)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  test('rounds to minutes in both directions', () => {
    const half = Date.parse('2024-05-01T10:00:30Z');
    expect(formatInstant(roundUpToMinute(half), 'UTC')).toBe('2024-05-01T10:01:00+00:00');
    expect(formatInstant(roundDownToMinute(half), 'UTC')).toBe('2024-05-01T10:00:00+00:00');
    expect(roundUpToMinute(roundDownToMinute(half))).toBe(roundDownToMinute(half));
  });

  test('ends somewhere, and says so instead of failing', () => {
    expect(addPeriod({ kind: 'date', date: '2024-01-01' }, { years: 300_000 }, 'UTC')).toEqual({
      kind: 'beyond',
    });
    expect(addPeriod({ kind: 'instant', at: 0 }, { days: 200_000_000 }, 'UTC')).toEqual({ kind: 'beyond' });
  });

  test('tells distances to people', () => {
    const day = Date.parse('2024-05-01T00:00:00Z');
    expect(formatDistance(day, Date.parse('2024-05-03T01:00:00Z'))).toBe('2 days and 1 hour');
    expect(formatDistance(day + 5000, day)).toBe('less than a minute');
  });

  test('names the time-zone database that it reads', () => {
    expect(timeZoneDatabase()).toMatch(/^\d{4}[a-z]$/);
  });
});
