import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { due } from '../../../shared/domain/plan/due.ts';
import type { Occurred } from '../../../shared/domain/record/ids.ts';
import { parseRule } from '../../../shared/domain/rule/parse.ts';
import { printRule } from '../../../shared/domain/rule/print.ts';
import { GOOD_POLICY, mistakesIn } from '../../support/rules/policy-text.ts';
import { referenceDue } from '../../support/rules/reference-calendar.ts';
import { planFor } from '../../support/rules/rule-world.ts';
import { tenure } from '../../support/run-tenure.ts';

const folder = mkdtempSync(join(tmpdir(), 'tenure-repeated-'));
afterAll(() => rmSync(folder, { recursive: true }));

function read(rule: string): string {
  const parsed = parseRule(rule);
  return parsed.ok ? printRule(parsed.rule) : `${parsed.error.column}: ${parsed.error.message}`;
}

function dueOf(rule: string, occurred: string, now?: string, zone = 'UTC') {
  const parsed = parseRule(rule);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return due({
    text: rule,
    rule: parsed.rule,
    zone,
    events: { 'x.y': [occurred as Occurred] },
    attributes: {},
    ...(now !== undefined && { now: Date.parse(now) }),
  });
}

describe('a step that is repeated', () => {
  test.each([
    ['review every 5 years after record.created', 'review every 5 years after record.created'],
    ['warn every year from record.created', 'notify every 1 year after record.created'],
    ['Review every six (6) months counted from x.y.', 'review every 6 months after x.y'],
    [
      'review every 5 years after x.y, then delete 30 years after x.y',
      'review every 5 years after x.y, then delete 30 years after x.y',
    ],
    ['files: review every {interval} after x.y', 'files: review every {interval} after x.y'],
  ])('is read: “%s”', (rule, canonical) => {
    expect(read(rule)).toBe(canonical);
    expect(read(canonical)).toBe(canonical);
  });

  test.each([
    ['delete every 5 years after x.y', /^1: only "review" and "notify" can be repeated/],
    ['anonymise every month after x.y', /^1: only "review" and "notify" can be repeated/],
    ['review every 0 years after x.y', /^14: a period of 0 has no length/],
    ['review every now and then', /^14: expected a period after "every"/],
    ['review every 5 years after x.y if urgent', /expected/],
    ['review every 5 years after x.y, then delete 1 year after review', /repeated; name the event instead/],
    [
      'review every 5 years after x.y, then delete 1 year after the previous stage',
      /repeated; name the event/,
    ],
  ])('is refused: “%s”', (rule, message) => expect(read(rule)).toMatch(message));

  test('has a date after each period, counted from the start', () => {
    const rule = 'review every month after x.y';
    expect(dueOf(rule, '2026-01-31')).toMatchObject({
      due: '2026-03-01T00:00:00+00:00',
      stages: [{ occasion: 1 }],
    });
    // The month ends do not creep: the second date is 31 March, not 28 March.
    expect(dueOf(rule, '2026-01-31', '2026-03-02T00:00:00Z')).toMatchObject({
      due: '2026-04-01T00:00:00+00:00',
      stages: [{ occasion: 2 }],
    });
    expect(dueOf(rule, '2026-01-31', '2026-03-01T00:00:00Z')).toMatchObject({ stages: [{ occasion: 1 }] });
    expect(dueOf('review every 4 years after x.y', '2024-02-29', '2029-01-01T00:00:00Z').sentences).toContain(
      'review is repeated: this is its 2nd date.',
    );
  });

  test('has the first date at or after any instant that a slow reading finds', () => {
    const day = (from: string, to: string) =>
      fc.date({ min: new Date(from), max: new Date(to), noInvalidDate: true });
    fc.assert(
      fc.property(
        day('2000-01-01', '2030-01-01').map((date) => date.toISOString().slice(0, 10)),
        day('2000-01-01', '2060-01-01'),
        fc.integer({ min: 1, max: 30 }),
        fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Beirut'),
        (occurred, now, months, zone) => {
          let count = 1;
          while (referenceDue(occurred, { months: months * count }, zone) < now.getTime()) count += 1;
          const found = dueOf(`review every ${months} months after x.y`, occurred, now.toISOString(), zone);
          expect(found.stages[0]?.occasion).toBe(count);
          expect(Date.parse(found.due ?? '')).toBe(referenceDue(occurred, { months: months * count }, zone));
        },
      ),
      { numRuns: 150 },
    );
  });

  test('is found at once, however often it is repeated', () => {
    const found = dueOf('review every 1 second after x.y', '1900-01-01', '2200-01-01T00:00:00Z');
    expect(found.due).toBe('2200-01-01T00:00:00+00:00');
  });

  test('waits for its event, and never disposes of anything', () => {
    expect(dueOf('review every year after a.b', '2020-01-01')).toMatchObject({ status: 'undetermined' });
    const { stages, next } = planFor('review every year after invoice.issued', {
      'invoice.issued': '2000-01-01',
    });
    expect(next).toBeUndefined();
    expect(stages.filter(({ status }) => status === 'due')).toEqual([]);
    expect(mistakesIn(`${GOOD_POLICY}  order-data: review every year after account.closed\n`)).toEqual([
      expect.stringMatching(/"review" is a step for people/),
    ]);
  });

  test('shows its next date on the command line', async () => {
    const events = join(folder, 'events.json');
    writeFileSync(events, JSON.stringify({ 'x.y': '2020-01-01' }));
    const asked = [
      'rule',
      'due',
      '--rule',
      'review every 5 years after x.y',
      '--zone',
      'UTC',
      '--events',
      events,
    ];
    expect(JSON.parse((await tenure([...asked, '--json'])).out)).toMatchObject({
      due: '2025-01-02T00:00:00+00:00',
    });
    const then = await tenure([...asked, '--now', '2026-03-01T00:00:00Z', '--json']);
    expect(JSON.parse(then.out)).toMatchObject({
      due: '2030-01-02T00:00:00+00:00',
      stages: [{ occasion: 2 }],
    });
  });
});
