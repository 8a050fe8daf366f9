import { describe, expect, test } from 'vitest';
import { isPlausible } from '../../../shared/domain/facts/plausible.ts';
import type { Occurred } from '../../../shared/domain/record/ids.ts';

const plausible = (occurred: string, event: Partial<Parameters<typeof isPlausible>[1]> = {}) =>
  isPlausible(occurred as Occurred, { personal: false, ...event });

describe('a date that stands for a missing one', () => {
  test.each([
    '1970-01-01',
    '1970-01-01T00:00:00Z',
    '1970-01-01T00:00Z',
    '1970-01-01T00:00:00.000Z',
    '1970-01-01T00:00:00+01:00',
    '1970-01-01T01:00:00+01:00',
    '1969-12-31T19:00:00-05:00',
    '1900-01-01',
    '1949-12-31',
    '1949-12-31T23:59:59Z',
  ])('is not plausible: %s', (occurred) => {
    expect(plausible(occurred)).toBe(false);
  });

  test.each(['1950-01-01', '1969-12-31', '1970-01-01T08:30:00Z', '1970-01-02', '2026-03-01', '2199-12-31'])(
    'is not %s',
    (occurred) => {
      expect(plausible(occurred)).toBe(true);
    },
  );

  test('may be a birth', () => {
    for (const occurred of ['1970-01-01', '1900-01-01', '1923-05-06', '1970-01-01T00:00:00Z'])
      expect(plausible(occurred, { personal: true })).toBe(true);
  });
});

test('what the policy declares counts alone, also for personal events', () => {
  const range = { plausible: { from: '1970-01-01', to: '2030-06-30' } };
  for (const personal of [true, false]) {
    expect(plausible('1970-01-01', { ...range, personal })).toBe(true);
    expect(plausible('1969-12-31', { ...range, personal })).toBe(false);
    expect(plausible('2030-06-30T23:59:59+02:00', { ...range, personal })).toBe(true);
    expect(plausible('2030-07-01', { ...range, personal })).toBe(false);
  }
  expect(plausible('1901-01-01', { plausible: { to: '2030-12-31' } })).toBe(true);
  expect(plausible('2199-12-31', { plausible: { from: '2020-01-01' } })).toBe(true);
});
