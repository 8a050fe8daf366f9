import { describe, expect, test } from 'vitest';
import { erase } from '../../support/people/request-world.ts';
import { aPolicy, aRule, iso, planOf } from '../../support/rules/rule-world.ts';

const ASKED = '2026-05-01T10:00:30Z';
const NOW = '2026-05-02T00:00:00Z';
const law = (text: string) => aRule(text, { level: 'statutory' });

describe('an erasure request after a maximum has passed', () => {
  test.each([
    ['a law that only says by when', [law('within 30 days after contract.ended')]],
    ['a law that says both', [law('at least 10 days and at most 30 days after contract.ended')]],
    [
      'a law and a policy',
      [law('within 30 days after contract.ended'), aRule('10 days after contract.ended')],
    ],
  ])('does not keep the record: %s', (_, rules) => {
    const { status, next } = planOf({
      policies: [aPolicy({ records: rules })],
      subjects: [{ events: { 'contract.ended': '2026-01-01' } }, { type: 'person', events: erase(ASKED) }],
      now: NOW,
    });
    expect(status).toBe('due');
    expect(next?.action).toBe('delete');
    expect(iso(next?.actAt)).toBe('2026-05-01T10:01:00Z');
  });

  test('does not keep the record: the maximum is of a category that was not asked for', () => {
    const { status, next } = planOf({
      policies: [
        aPolicy({
          records: [aRule('keep permanently')],
          notes: [aRule('within 30 days after contract.ended')],
        }),
      ],
      categories: ['records', 'notes'],
      subjects: [
        { events: { 'contract.ended': '2026-01-01' } },
        { type: 'person', events: erase(ASKED, { scope: { categories: ['records'] } }) },
      ],
      now: NOW,
    });
    expect(status).toBe('due');
    expect(next?.action).toBe('delete');
  });
});

describe('an erasure request of one person that has reached the person’s account', () => {
  const ask = (account: string, other: ReturnType<typeof erase> | undefined) =>
    planOf({
      policies: [aPolicy({ records: [aRule('3 years after contract.ended')] })],
      subjects: [
        { type: 'person', events: erase(ASKED) },
        { type: 'person', events: other ?? {} },
        { type: 'account', events: erase(ASKED, { request: account }) },
      ],
      now: NOW,
    });

  test('does not delete what is about another person, too', () => {
    expect(ask('r-1', undefined).next).toBeUndefined();
  });

  test('deletes it once the other person has asked', () => {
    expect(ask('r-1', erase(ASKED, { request: 'r-2' })).next?.action).toBe('delete');
  });

  test('leaves what is asked for the account itself as it is', () => {
    expect(ask('r-3', undefined).next?.action).toBe('delete');
  });
});
