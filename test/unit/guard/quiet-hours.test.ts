import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quietProblem, quietUntil, WEEKDAYS } from '../../../shared/domain/guard/quiet-hours.ts';
import { at } from '../../support/samples.ts';

const VIENNA = 'Europe/Vienna';

describe('quiet hours', () => {
  const office = { zone: VIENNA, hours: [{ from: '08:00', to: '18:00', days: ['mon', 'fri'] as const }] };
  const night = { zone: VIENNA, hours: [{ from: '22:00', to: '06:00', days: ['sat'] as const }] };
  const lateNight = { zone: VIENNA, hours: [{ from: '01:00', to: '02:30' }] };
  const earlyNight = { zone: VIENNA, hours: [{ from: '02:30', to: '05:00' }] };

  test.for([
    ['before they begin', office, '2026-03-02T06:59:59.999Z', undefined],
    ['at their first instant', office, '2026-03-02T07:00:00Z', '2026-03-02T17:00:00Z'],
    ['at their last millisecond', office, '2026-03-02T16:59:59.999Z', '2026-03-02T17:00:00Z'],
    ['at their end', office, '2026-03-02T17:00:00Z', undefined],
    ['on another day', office, '2026-03-03T10:00:00Z', undefined],
    ['before midnight', night, '2026-03-07T22:30:00Z', '2026-03-08T05:00:00Z'],
    ['after the midnight that they go over', night, '2026-03-08T04:59:00Z', '2026-03-08T05:00:00Z'],
    ['in the evening of a day on which they only end', night, '2026-03-08T22:30:00Z', undefined],
    // On 29 March 2026, 02:00 to 03:00 do not exist in Vienna.
    [
      'when their end is skipped, until the later reading',
      lateNight,
      '2026-03-29T01:10:00Z',
      '2026-03-29T01:30:00Z',
    ],
    [
      'when their beginning is skipped, from the earlier reading',
      earlyNight,
      '2026-03-29T00:45:00Z',
      '2026-03-29T03:00:00Z',
    ],
    // On 25 October 2026, 02:00 to 03:00 come twice.
    [
      'when their end comes twice, until the second',
      lateNight,
      '2026-10-25T00:40:00Z',
      '2026-10-25T01:30:00Z',
    ],
    [
      'when their beginning comes twice, from the first',
      earlyNight,
      '2026-10-25T00:35:00Z',
      '2026-10-25T04:00:00Z',
    ],
  ] as const)('%s', ([, quiet, now, end]) => {
    expect(quietUntil(quiet, at(now))).toBe(end === undefined ? undefined : at(end));
  });

  test('that follow each other without a gap end with the last of them', () => {
    const quiet = {
      zone: VIENNA,
      hours: [
        { from: '00:00', to: '24:00', days: ['mon', 'tue', 'wed', 'thu', 'fri'] as const },
        { from: '00:00', to: '09:00', days: ['sat'] as const },
      ],
    };
    expect(quietUntil(quiet, at('2026-03-02T12:00:00Z'))).toBe(at('2026-03-07T08:00:00Z'));
  });

  test('are those that a clock on the wall shows, in every zone and minute', () => {
    const time = fc.integer({ min: 0, max: 1439 });
    const span = fc.record({ from: time, to: time, days: fc.subarray([...WEEKDAYS], { minLength: 1 }) });
    fc.assert(
      fc.property(
        span,
        fc.constantFrom(VIENNA, 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'UTC'),
        fc.integer({ min: at('2026-01-01T00:00:00Z') / 60_000, max: at('2026-12-31T00:00:00Z') / 60_000 }),
        ({ from, to, days }, zone, minute) => {
          const now = minute * 60_000;
          const quiet = { zone, hours: [{ from: clock(from), to: clock(to), days }] };
          const until = quietUntil(quiet, now);
          const shown = isShownQuiet({ from, to, days }, zone, now);
          if (shown) expect(until).toBeGreaterThan(now);
          // Longer than the wall shows only around a change of the clocks.
          if (until !== undefined && !shown) expect(isNearChange(zone, now)).toBe(true);
          const free = quietProblem(quiet) === undefined;
          if (until !== undefined && free) expect(quietUntil(quiet, until)).toBeUndefined();
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('quiet hours are refused', () => {
  test('if the zone is unknown', () => {
    expect(quietProblem({ zone: 'Europe/Wien', hours: [{ from: '08:00', to: '18:00' }] })).toBe(
      '"Europe/Wien" is not a time zone; write one such as `Europe/Vienna`',
    );
  });

  test.for([
    ['one span around the clock', [{ from: '08:00', to: '08:00' }]],
    [
      'two spans that leave half an hour',
      [
        { from: '08:00', to: '18:00' },
        { from: '18:30', to: '08:00' },
      ],
    ],
  ] as const)('if they leave no hour free: %s', ([, hours]) => {
    expect(quietProblem({ zone: VIENNA, hours })).toMatch(/leave at least one hour free/);
  });

  test('but not if one hour of the week is left', () => {
    const days = WEEKDAYS.filter((day) => day !== 'sun');
    const hours = [
      { from: '00:00', to: '24:00', days },
      { from: '01:00', to: '24:00', days: ['sun'] as const },
    ];
    expect(quietProblem({ zone: VIENNA, hours })).toBeUndefined();
  });
});

function clock(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

/** By what a clock on the wall and a calendar show, from the platform's own formatting. */
function isShownQuiet(
  { from, to, days }: { readonly from: number; readonly to: number; readonly days: readonly string[] },
  zone: string,
  now: number,
): boolean {
  const { day, minute } = shown(zone, now);
  const before = WEEKDAYS[(WEEKDAYS.findIndex((name) => name === day) + 6) % 7] ?? '';
  if (from < to) return days.includes(day) && minute >= from && minute < to;
  return (days.includes(day) && minute >= from) || (days.includes(before) && minute < to);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function shown(zone: string, now: number): { readonly day: string; readonly minute: number } {
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  formats.set(zone, format);
  const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, value]));
  return {
    day: (parts.get('weekday') ?? '').toLowerCase(),
    minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')),
  };
}

function isNearChange(zone: string, now: number): boolean {
  const offset = (instant: number): number => {
    const { minute } = shown(zone, instant);
    return (minute - Math.floor(instant / 60_000) + 100_000_000 * 1440) % 1440;
  };
  const hours = 3 * 3_600_000;
  return offset(now - hours) !== offset(now + hours);
}
