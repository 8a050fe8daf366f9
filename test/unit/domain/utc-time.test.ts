import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  dayId,
  daysOfMonth,
  hourId,
  hourOf,
  minuteId,
  minuteOf,
} from '../../../shared/domain/calendar/utc-time.ts';
import { shardOf, SHARDS } from '../../../shared/domain/record/shard.ts';
import type { HoldingRef } from '../../../shared/domain/record/ids.ts';

const instants = fc.integer({
  min: Date.parse('1900-01-01T00:00:00Z'),
  max: Date.parse('2300-01-01T00:00:00Z'),
});

test('days, hours and minutes are written as ISO 8601 writes them, over four centuries', () => {
  fc.assert(
    fc.property(instants, (instant) => {
      const iso = new Date(instant).toISOString();
      expect(dayId(instant)).toBe(iso.slice(0, 10));
      expect(hourId(instant)).toBe(iso.slice(0, 13));
      expect(minuteId(instant)).toBe(iso.slice(0, 16));
    }),
    { numRuns: 2000 },
  );
});

test('the ids of leap days, year ends and the epoch are right', () => {
  const at = (iso: string): string => minuteId(Date.parse(iso));
  expect(at('2024-02-29T23:59:59.999Z')).toBe('2024-02-29T23:59');
  expect(at('2000-02-29T00:00:00Z')).toBe('2000-02-29T00:00');
  expect(at('2100-03-01T00:00:00Z')).toBe('2100-03-01T00:00');
  expect(at('1999-12-31T23:59:59Z')).toBe('1999-12-31T23:59');
  expect(minuteId(0)).toBe('1970-01-01T00:00');
  expect(minuteId(-1)).toBe('1969-12-31T23:59');
});

test('an instant belongs to the minute and the hour that began at or before it', () => {
  const instant = Date.parse('2026-03-01T10:05:59.999Z');
  expect(minuteOf(instant)).toBe(Date.parse('2026-03-01T10:05:00Z'));
  expect(hourOf(instant)).toBe(Date.parse('2026-03-01T10:00:00Z'));
  expect(minuteOf(minuteOf(instant))).toBe(minuteOf(instant));
});

test('a shard is the first four bits of the decoded reference', () => {
  for (let index = 0; index < 500; index += 1) {
    const bytes = createHash('sha256').update(`holding ${index}`).digest().subarray(0, 16);
    expect(shardOf(bytes.toString('base64url') as HoldingRef)).toBe((bytes[0] as number) >> 4);
  }
});

test('references spread over every shard', () => {
  const refs = Array.from({ length: 1000 }, (_, index) =>
    createHash('sha256').update(`${index}`).digest('base64url').slice(0, 22),
  );
  const shards = refs.map((ref) => shardOf(ref as HoldingRef));
  expect(new Set(shards).size).toBe(SHARDS);
});

test('each month of a thousand years has its days', () => {
  for (let year = 1500; year < 2500; year += 1)
    for (let month = 1; month <= 12; month += 1)
      expect(daysOfMonth(year, month)).toBe(new Date(Date.UTC(year, month, 0)).getUTCDate());
});
