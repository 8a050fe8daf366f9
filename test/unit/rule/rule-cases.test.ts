import { expect, test } from 'vitest';
import { due } from '../../../shared/domain/plan/due.ts';
import type { Occurred } from '../../../shared/domain/record/ids.ts';
import { parseRule } from '../../../shared/domain/rule/parse.ts';
import { resolveRule } from '../../../shared/domain/rule/resolve.ts';
import { CALENDAR_CASES } from '../../support/rules/calendar-cases.ts';
import { RULE_CASES } from '../../support/rules/rule-cases.ts';

test.each([...RULE_CASES, ...CALENDAR_CASES])(
  '$rule: $events $facts gives $due',
  ({ rule: text, due: wanted, ...one }) => {
    const { events = {}, facts = {}, zone = 'UTC', ...options } = one;
    const parsed = parseRule(text);
    if (!parsed.ok) throw new Error(parsed.error.message);
    const year = options.fiscalYearEnd === undefined ? {} : { fiscalYearEnd: options.fiscalYearEnd };
    const resolved = resolveRule(parsed, { nouns: {}, settings: {}, ...year });
    if (!resolved.ok) throw new Error(resolved.errors.map(({ message }) => message).join());
    const dates = Object.entries(events).map(([name, given]): [string, Occurred[]] => [
      name,
      [given].flat() as Occurred[],
    ]);
    const question = {
      text,
      rule: resolved.rule,
      zone,
      events: Object.fromEntries(dates),
      attributes: facts,
    };
    const found = due({ ...question, ...options });
    expect(found.due ?? found.status).toBe(wanted);
  },
);
