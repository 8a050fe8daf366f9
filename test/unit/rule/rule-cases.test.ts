import { expect, test } from 'vitest';
import { asked } from '../../support/rules/asked.ts';
import { CALENDAR_CASES } from '../../support/rules/calendar-cases.ts';
import { RULE_CASES } from '../../support/rules/rule-cases.ts';

test.each([...RULE_CASES, ...CALENDAR_CASES])(
  '$rule: $events $facts gives $due',
  ({ rule, events, facts, due, ...options }) => {
    const found = asked(rule, events, facts, options);
    expect(found.due ?? found.status).toBe(due);
  },
);
