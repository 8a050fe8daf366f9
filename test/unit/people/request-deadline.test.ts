import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  deadlineOf,
  deadlineRulesOf,
  extendedDeadlineOf,
} from '../../../shared/domain/people/request-deadline.ts';
import { compileRequests, RequestsConfig } from '../../../shared/domain/people/compile-requests.ts';
import type { PersonRequest } from '../../../shared/domain/people/request.ts';
import { aRequest, requestSettings } from '../../support/people-requests.ts';

const DAY = 86_400_000;
const settings = requestSettings();

const received = (iso: string, jurisdiction?: string): PersonRequest =>
  aRequest({
    receivedAt: Date.parse(iso),
    timeline: [{ did: 'filed', at: Date.parse(iso) }],
    ...(jurisdiction !== undefined && { jurisdiction }),
  });
const withSteps = (request: PersonRequest, ...steps: PersonRequest['timeline']): PersonRequest => ({
  ...request,
  timeline: [...request.timeline, ...steps],
});
const extended = (request: PersonRequest): PersonRequest => withSteps(request, { did: 'extended', at: 0 });
const on = (instant: number | undefined): string =>
  instant === undefined ? 'none' : new Date(instant).toISOString();

describe('the deadline of a request', () => {
  test.each([
    ['one month under the GDPR', received('2026-03-10T09:00:00Z', 'DE'), '2026-04-10T09:00:00.000Z'],
    ['the last day of a shorter month', received('2026-01-31T09:00:00Z', 'FR'), '2026-02-28T09:00:00.000Z'],
    ['29 February in a leap year', received('2028-01-30T09:00:00Z', 'DE'), '2028-02-29T09:00:00.000Z'],
    ['45 days under the CCPA', received('2026-06-01T19:00:00Z', 'US-CA'), '2026-07-16T19:00:00.000Z'],
    [
      'the same time of day in California after the clock changed',
      received('2026-02-01T20:00:00Z', 'US-CA'),
      '2026-03-18T19:00:00.000Z',
    ],
    [
      'the shortest where the jurisdiction is not known',
      received('2026-03-10T09:00:00Z'),
      '2026-04-10T09:00:00.000Z',
    ],
    [
      'the shortest in a place that is not configured',
      received('2026-03-10T09:00:00Z', 'XX'),
      '2026-04-10T09:00:00.000Z',
    ],
    [
      'two more months when it is extended',
      extended(received('2026-03-10T09:00:00Z', 'DE')),
      '2026-06-10T09:00:00.000Z',
    ],
    [
      '45 more days in California',
      extended(received('2026-06-01T19:00:00Z', 'US-CA')),
      '2026-08-30T19:00:00.000Z',
    ],
  ])('is %s', (_, request, date) => {
    expect(on(deadlineOf(settings, request))).toBe(date);
  });

  test('does not count the time while the identity was checked, where the law says so', () => {
    const asked = Date.parse('2026-03-10T09:00:00Z');
    const steps = [
      { did: 'identity-asked', at: asked },
      { did: 'identified', at: asked + 5 * DAY },
    ] as const;
    const german = withSteps(received('2026-03-10T09:00:00Z', 'DE'), ...steps);
    const american = withSteps(received('2026-03-10T19:00:00Z', 'US-CA'), ...steps);
    expect(on(deadlineOf(settings, german))).toBe('2026-04-15T09:00:00.000Z');
    expect(on(deadlineOf(settings, american))).toBe('2026-04-24T19:00:00.000Z');
  });

  test('is counted without the pause as long as the identity is open', () => {
    const open = withSteps(received('2026-03-10T09:00:00Z', 'DE'), {
      did: 'identity-asked',
      at: Date.parse('2026-03-10T09:00:00Z'),
    });
    expect(on(deadlineOf(settings, open))).toBe('2026-04-10T09:00:00.000Z');
  });

  test('can be counted in working days of a calendar', () => {
    const own = requestSettings({
      regimes: { kz: { answer: '3 working days', zone: 'Asia/Almaty', holidays: ['03-09'] } },
      jurisdictions: { KZ: 'kz' },
    });
    // A Friday; Monday 9 March is a holiday.
    expect(on(deadlineOf(own, received('2026-03-06T06:00:00Z', 'KZ')))).toBe('2026-03-12T06:00:00.000Z');
    expect(extendedDeadlineOf(own, received('2026-03-06T06:00:00Z', 'KZ'))).toBeUndefined();
    expect(deadlineRulesOf(own, received('2026-03-06T06:00:00Z', 'KZ'))).toEqual([
      'within 3 working days after request.received',
    ]);
    // Where a law may apply that knows no extension, none is promised, and the shortest date counts.
    expect(extendedDeadlineOf(own, received('2026-03-06T06:00:00Z'))).toBeUndefined();
    expect(on(deadlineOf(own, received('2026-03-06T06:00:00Z')))).toBe('2026-03-12T06:00:00.000Z');
  });

  test('is at once where the list of holidays does not cover the year', () => {
    const own = requestSettings({
      regimes: { short: { answer: '3 working days', holidays: ['2026-01-01'] } },
      jurisdictions: { SH: 'short' },
    });
    expect(on(deadlineOf(own, received('2027-03-06T06:00:00Z', 'SH')))).toBe('2027-03-06T06:00:00.000Z');
  });

  const instants = fc.integer({
    min: Date.parse('2001-01-01T00:00:00Z'),
    max: Date.parse('2099-01-01T00:00:00Z'),
  });

  test('is never after the one of any law that may apply, and an extension and a pause never make it earlier', () => {
    const jurisdictions = [undefined, 'DE', 'US-CA', 'XX'];
    fc.assert(
      fc.property(
        instants.map((at) => Math.floor(at / 1000) * 1000),
        fc.constantFrom(...jurisdictions),
        fc.integer({ min: 0, max: 60 * DAY }),
        (at, jurisdiction, pause) => {
          const request = received(new Date(at).toISOString(), jurisdiction);
          const deadline = deadlineOf(settings, request);
          const days = (deadline - at) / DAY;
          expect(days).toBeGreaterThanOrEqual(28);
          expect(days).toBeLessThanOrEqual(jurisdiction === 'US-CA' ? 45.05 : 31);
          for (const one of ['DE', 'US-CA'])
            if (jurisdiction === undefined || jurisdiction === 'XX')
              expect(deadline).toBeLessThanOrEqual(deadlineOf(settings, { ...request, jurisdiction: one }));
          expect(extendedDeadlineOf(settings, request)).toBe(deadlineOf(settings, extended(request)));
          expect(extendedDeadlineOf(settings, request)).toBeGreaterThan(deadline);
          const paused = withSteps(
            request,
            { did: 'identity-asked', at },
            { did: 'identified', at: at + Math.floor(pause / 1000) * 1000 },
          );
          const later = deadlineOf(settings, paused) - deadline;
          expect(later).toBeGreaterThanOrEqual(0);
          expect(later).toBeLessThanOrEqual(pause + DAY);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('under the GDPR is on the same day of the next month, or on its last day', () => {
    fc.assert(
      fc.property(instants, (at) => {
        const start = new Date(at);
        const end = new Date(deadlineOf(settings, received(start.toISOString(), 'DE')));
        const lastDay = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 2, 0)).getUTCDate();
        expect(end.getUTCDate()).toBe(Math.min(start.getUTCDate(), lastDay));
        expect((start.getUTCMonth() + 1) % 12).toBe(end.getUTCMonth());
      }),
      { numRuns: 200 },
    );
  });
});

describe('the configuration of requests', () => {
  const known = {
    entityTypes: { person: { ids: 'shared' }, contract: { ids: 'owned' } },
    producers: { shop: {} },
  } as const;
  test.each<[string, RequestsConfig, string]>([
    ['a period that is none', { regimes: { a: { answer: 'soon' } } }, 'requests.regimes.a.answer'],
    [
      'an extension that is none',
      { regimes: { a: { answer: '1 month', extension: 'later' } } },
      'requests.regimes.a.extension',
    ],
    [
      'more than a period',
      { regimes: { a: { answer: '1 month after x.y or 2 months' } } },
      'requests.regimes.a.answer',
    ],
    ['a jurisdiction without a regime', { jurisdictions: { BR: 'gpdr' } }, 'requests.jurisdictions.BR'],
    ['a filer about an owned type', { filers: { contract: ['shop'] } }, 'requests.filers.contract'],
    ['a filer about an unknown type', { filers: { persom: ['shop'] } }, 'requests.filers.persom'],
    ['a filer that is no producer', { filers: { person: ['shopp'] } }, 'requests.filers.person'],
    [
      'a week without working days',
      { regimes: { a: { answer: '1 month', weekend: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] } } },
      'requests.regimes.a.weekend',
    ],
  ])('is refused for %s', (_, config, path) => {
    const { problems } = compileRequests(config, known);
    expect(problems.map((problem) => problem.path)).toContain(path);
    for (const { message } of problems) expect(message).not.toBe('');
  });

  test('has the GDPR, the CCPA, and a week of notice without a word', () => {
    expect(Object.keys(settings.regimes)).toEqual(['gdpr', 'ccpa']);
    expect(settings.jurisdictions).toMatchObject({
      DE: 'gdpr',
      IE: 'gdpr',
      NO: 'gdpr',
      GB: 'gdpr',
      'US-CA': 'ccpa',
    });
    expect(settings.remindSeconds).toBe(7 * 86_400);
  });

  test('keeps the archive of an export for 7 days, or for 1 to 30 as the configuration says', () => {
    expect(settings.exportDays).toBe(7);
    expect(requestSettings({ exportDays: 30 }).exportDays).toBe(30);
    for (const exportDays of [0, 31, 1.5, '7'])
      expect(RequestsConfig.safeParse({ exportDays }).error?.issues[0]?.message).toContain(
        'write for how many days the archive of an export can be fetched, from 1 to 30',
      );
  });
});
