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
    ['a law and a policy', [law('within 30 days after contract.ended'), aRule('10 days after contract.ended')]],
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
      policies: [aPolicy({ records: [aRule('keep permanently')], notes: [aRule('within 30 days after contract.ended')] })],
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
