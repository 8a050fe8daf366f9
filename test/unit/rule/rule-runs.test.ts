import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRule } from '../../../shared/domain/rule/parse.ts';
import { printRule } from '../../../shared/domain/rule/print.ts';
import { instantOf, startOfDay, wallClock } from '../../support/rules/reference-calendar.ts';
import { boundOf, planFor } from '../../support/rules/rule-world.ts';

function read(rule: string): string {
  const parsed = parseRule(rule);
  return parsed.ok ? printRule(parsed.rule) : `${parsed.error.column}: ${parsed.error.message}`;
}

describe('a run names its zone', () => {
  test.each([
    [
      '1 day after x.y, at the next daily run at 04:00 in Europe/Berlin',
      'daily run at 04:00 in Europe/Berlin',
    ],
    ['1 day after x.y, at the next monthly run in utc', 'monthly run in UTC'],
    ['1 day after x.y, at the next run on 09-01 in Etc/GMT+5', 'run on 09-01 in Etc/GMT+5'],
    [
      '1 day after x.y, at the next daily run in America/Argentina/Buenos_Aires',
      'daily run in America/Argentina/Buenos_Aires',
    ],
  ])('“%s”', (rule, run) => {
    const canonical = `the next ${run} after 1 day after x.y`;
    expect(read(rule)).toBe(canonical);
    expect(read(canonical)).toBe(canonical);
  });

  test('and one that does not exist is refused, with the one that was probably meant', () => {
    expect(read('1 day after x.y, at the next daily run at 04:00 in Europe/Berln')).toBe(
      '52: Europe/Berln is not a time zone; did you mean "Europe/Berlin"?',
    );
    expect(read('1 day after x.y, at the next daily run at 04:00 in Berlin')).toMatch(/found "in"/);
  });

  test('and has its own midnight, changes of the clock included', () => {
    const rule = 'upon invoice.issued, at the next daily run at 02:30 in Europe/Berlin';
    // In the night to 29 March 2026 there is no 02:30 in Berlin.
    expect(boundOf(rule, 'UTC', { 'invoice.issued': '2026-03-29T00:00:00Z' })).toBe(
      '2026-03-29T01:30:00+00:00',
    );
    expect(boundOf(rule, 'UTC', { 'invoice.issued': '2026-03-29T01:30:01Z' })).toBe(
      '2026-03-30T00:30:00+00:00',
    );
    // The midnight that begins 31 March 2024 does not exist in Beirut.
    const beirut = 'upon invoice.issued, at the next daily run in Asia/Beirut';
    expect(boundOf(beirut, 'UTC', { 'invoice.issued': '2024-03-30T21:59:00Z' })).toBe(
      '2024-03-30T22:00:00+00:00',
    );
    // A date of New York ends there, not in Berlin.
    expect(boundOf(rule, 'America/New_York', { 'invoice.issued': '2026-06-01' })).toBe(
      '2026-06-02T20:30:00-04:00',
    );
  });

  const day = fc.integer({
    min: Date.parse('2020-01-01') / 86_400_000,
    max: Date.parse('2030-01-01') / 86_400_000,
  });
  const zone = fc.constantFrom(
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'Asia/Beirut',
    'Australia/Lord_Howe',
  );

  test('and is the first of them at or after the instant, in every pair of zones', () => {
    fc.assert(
      fc.property(day, zone, zone, fc.integer({ min: 0, max: 1439 }), (at, own, other, minute) => {
        const date = new Date(at * 86_400_000).toISOString().slice(0, 10);
        const clock = [Math.floor(minute / 60), minute % 60]
          .map((part) => String(part).padStart(2, '0'))
          .join(':');
        const rule = `upon invoice.issued, at the next daily run at ${clock} in ${other}`;
        const over = startOfDay((at + 1) * 86_400_000, own);
        const today = Math.floor(wallClock(over, other) / 86_400_000);
        const runs = [today, today + 1].map((local) =>
          instantOf(local * 86_400_000 + minute * 60_000, other),
        );
        const { next } = planFor(rule, { 'invoice.issued': date }, { zone: own });
        expect(next?.window?.notBefore).toBe(runs.find((run) => run >= over));
      }),
      { numRuns: 200 },
    );
  });
});

describe('seconds', () => {
  test('are exact time, also over a change of the clock', () => {
    const rule = '100 seconds after invoice.issued';
    expect(boundOf(rule, 'Europe/Berlin', { 'invoice.issued': '2026-03-29T01:59:30+01:00' })).toBe(
      '2026-03-29T03:01:10+02:00',
    );
    expect(
      boundOf('1 minute and 1 second after invoice.issued', 'UTC', { 'invoice.issued': '2026-03-29' }),
    ).toBe('2026-03-30T00:01:01+00:00');
  });

  test.each([
    ['1 second after x.y', '1 second after x.y'],
    ['ninety seconds after x.y', '90 seconds after x.y'],
    ['until the second payment.made after x.y', 'until the 2nd payment.made after x.y'],
    ['until a second payment after x.y', 'until the 2nd payment after x.y'],
    ['until the one hundred second payment after x.y', 'until the 102nd payment after x.y'],
    ['a second after x.y', /expected/],
  ])('and ordinals are told apart: “%s”', (rule, canonical) => {
    if (typeof canonical === 'string') expect(read(rule)).toBe(canonical);
    else expect(read(rule)).toMatch(canonical);
  });
});
