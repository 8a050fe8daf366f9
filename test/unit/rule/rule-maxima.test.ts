import { describe, expect, test } from 'vitest';
import { asked } from '../../support/rules/asked.ts';
import { aPolicy, aRule, iso, planOf } from '../../support/rules/rule-world.ts';

/* What has to be over by a date is done before it: what acts on the date itself is always late. */

const events = { 'a.b': '2024-03-05', 'c.d': '2024-09-01T10:00:00Z' };

describe('a maximum alone acts a day before it, and not before its start', () => {
  test.each([
    ['by 2030-12-31', '2030-12-31T00:00:00+00:00'],
    ['by the end of the calendar year of a.b', '2024-12-31T00:00:00+00:00'],
    ['by the last day of the month of a.b', '2024-03-31T00:00:00+00:00'],
    ['by the last Friday of the month of a.b', '2024-03-29T00:00:00+00:00'],
    ['by the next 31 January after a.b', '2025-01-31T00:00:00+00:00'],
    ['by the next monthly run after a.b', '2024-03-31T00:00:00+00:00'],
    ['by the 18th birthday of a.b', '2042-03-05T00:00:00+00:00'],
    ['by 30 days before a.b', '2024-02-04T00:00:00+00:00'],
    ['by the end of the day of c.d', '2024-09-01T10:00:00+00:00'],
    ['by the second Tuesday of the month of c.d', '2024-09-10T00:00:00+00:00'],
    ['by the first Sunday of the month of c.d', '2024-09-01T10:00:00+00:00'],
    ['by the later of 2024-08-31 and c.d', '2024-09-01T10:00:00+00:00'],
    ['by the earlier of 2024-08-31 and c.d', '2024-08-31T00:00:00+00:00'],
    ['within 1 year after 2023-12-31', '2024-12-31T00:00:00+00:00'],
    ['within 3 months after the end of the calendar year of a.b', '2025-03-31T00:00:00+00:00'],
    // Of an end that was announced, nothing is done before it has come.
    ['by c.d', '2024-09-01T10:00:00+00:00'],
  ])('%s acts at %s', (rule, actAt) => {
    expect(asked(rule, events).actAt).toBe(actAt);
  });

  test('also where an attribute has the date', () => {
    const facts = { expires_on: '2030-12-31' };
    expect(asked('by the date in expires_on', {}, facts).actAt).toBe('2030-12-31T00:00:00+00:00');
  });
});

describe('with a minimum, that is when it is done, however late the maximum is', () => {
  test.each([
    ['3 years after a.b, but no later than 2040-12-31', '2027-03-06T00:00:00+00:00'],
    ['not before a.b and by the end of the calendar year of 10 years after a.b', '2034-03-06T00:00:00+00:00'],
    ['not before a.b and by the end of the calendar year of a.b', '2024-03-06T00:00:00+00:00'],
    ['30 days after a.b, but by the next 31 January after a.b', '2024-04-05T00:00:00+00:00'],
    // The maximum counts from an event that has to have come first.
    ['1 month after a.b, but within 10 years after c.d', '2024-09-01T10:00:00+00:00'],
  ])('%s acts at %s', (rule, actAt) => {
    expect(asked(rule, events).actAt).toBe(actAt);
  });

  test('also of two rules', () => {
    const rules = [aRule('3 years after contract.ended'), aRule('by 2040-12-31')];
    const { next, explanation } = planOf({
      policies: [aPolicy({ records: rules })],
      subjects: [{ events: { 'contract.ended': '2024-03-05' } }],
    });
    expect([iso(next?.actAt), iso(next?.deadline)]).toEqual(['2027-03-06T00:00:00Z', '2041-01-01T00:00:00Z']);
    expect(explanation.join('\n')).not.toContain('1900');
  });
});

test('no explanation shows a floor that is none', () => {
  const { next, explanation } = planOf({
    policies: [aPolicy({ records: [aRule('by 2040-12-31')] })],
    subjects: [{ events: { 'contract.ended': '2024-03-05' } }],
  });
  expect(iso(next?.actAt)).toBe('2040-12-31T00:00:00Z');
  expect(explanation.join('\n')).not.toMatch(/1900|floor/);
});
