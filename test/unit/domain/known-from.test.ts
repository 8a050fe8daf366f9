import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../../shared/domain/plan/plan.ts';
import { anEvent, aPolicy, aRule, iso, planOf, type Subject } from '../../support/rules/rule-world.ts';

const EVENTS = { 'x.y': anEvent(), 'c.c': anEvent(), 'a.a': anEvent(), 'b.b': anEvent() };

function planned(text: string, events: Subject['events']): Plan {
  return planOf({
    policies: [aPolicy({ records: [aRule(text)] }, { events: EVENTS })],
    subjects: [{ events }],
    now: '2025-01-01T00:00:00Z',
  });
}

const BOTH = { 'x.y': '2024-01-01T00:00:00Z', 'c.c': '2024-01-02T00:00:00Z' };
const within = 'if a.a has occurred within 6 weeks after x.y, 10 years after x.y, otherwise 5 days after c.c';

describe('as long as an event may still come that changes the branch', () => {
  test('the date is the end of the span', () => {
    const { next, explanation } = planned(within, BOTH);
    expect(iso(next?.window?.notBefore)).toBe('2024-02-12T00:00:00Z');
    expect(iso(next?.actAt)).toBe('2024-02-12T00:00:00Z');
    expect(explanation.join(' ')).toContain(
      'Until 2024-02-12T00:00:00+00:00, an event that has not happened may still change this. So the date is 2024-02-12T00:00:00+00:00.',
    );
  });

  test('a later date stays as it is', () => {
    const { next, explanation } = planned(within, { ...BOTH, 'c.c': '2024-05-02T00:00:00Z' });
    expect(iso(next?.actAt)).toBe('2024-05-07T00:00:00Z');
    expect(explanation.join(' ')).not.toContain('may still change');
  });

  test('an event that came decides at once', () => {
    const rule =
      'if a.a has occurred within 6 weeks after x.y, 5 days after c.c, otherwise 10 years after x.y';
    expect(iso(planned(rule, { ...BOTH, 'a.a': '2024-01-03T00:00:00Z' }).next?.actAt)).toBe(
      '2024-01-07T00:00:00Z',
    );
  });

  test.each([
    [
      'before a date',
      'if a.a has occurred before 2030-01-01, 10 years after x.y, otherwise 5 days after c.c',
      '2030-01-01T00:00:00Z',
    ],
    [
      'on or before a date',
      'if a.a has occurred on or before 2030-01-01, 10 years after x.y, otherwise 5 days after c.c',
      '2030-01-02T00:00:00Z',
    ],
    [
      'not within a span, in front',
      'if a.a has not occurred within 6 weeks after x.y, 5 days after c.c, otherwise 10 years after x.y',
      '2024-02-12T00:00:00Z',
    ],
    [
      'both of two: the first that is over decides',
      'if (a.a has occurred within 6 weeks after x.y and b.b has occurred within 1 year after x.y), 10 years after x.y, otherwise 5 days after c.c',
      '2024-02-12T00:00:00Z',
    ],
    [
      'one of two: the last that is over decides',
      'if (a.a has occurred within 6 weeks after x.y or b.b has occurred within 1 year after x.y), 10 years after x.y, otherwise 5 days after c.c',
      '2025-01-01T00:00:00Z',
    ],
  ])('%s', (_, rule, expected) => {
    expect(iso(planned(rule, BOTH).next?.actAt)).toBe(expected);
  });

  test('a maximum is not kept before it is known that it applies', () => {
    const rule =
      'within 5 days after c.c if a.a has not occurred within 6 weeks after x.y, otherwise within 10 years after x.y';
    expect(iso(planned(rule, BOTH).next?.window?.floor)).toBe('2024-02-12T00:00:00Z');
  });
});

const CONDITIONS = [
  'a.a has occurred within 6 weeks after x.y',
  'a.a has occurred before 2024-06-01',
  'a.a has occurred on or before 2024-06-01',
  '(a.a has occurred within 6 weeks after x.y and b.b has occurred within 9 weeks after c.c)',
  '(a.a has occurred within 6 weeks after x.y or b.b has occurred within 9 weeks after c.c)',
  '(a.a has not occurred within 6 weeks after x.y and b.b has occurred before 2024-06-01)',
] as const;

test('an event that comes after the date never leads to a later date', () => {
  const day = fc
    .integer({ min: 0, max: 400 })
    .map((days) => new Date(Date.UTC(2024, 0, 1 + days)).toISOString());
  fc.assert(
    fc.property(
      fc.constantFrom(...CONDITIONS),
      fc.boolean(),
      fc.record({ c: day, late: day, which: fc.constantFrom('a.a', 'b.b'), known: fc.option(day) }),
      (condition, isFirst, { c, late, which, known }) => {
        const [short, long] = ['5 days after c.c', '10 years after x.y'];
        const rule = `if ${condition}, ${isFirst ? short : long}, otherwise ${isFirst ? long : short}`;
        const other = which === 'a.a' ? 'b.b' : 'a.a';
        const events = { 'x.y': '2024-01-01T00:00:00Z', 'c.c': c, ...(known !== null && { [other]: known }) };
        const before = planned(rule, events).next?.actAt;
        // Announced ends and what comes in time may change everything.
        if (
          before === undefined ||
          Date.parse(late) < before ||
          (known !== null && Date.parse(known) > before)
        )
          return;
        expect(planned(rule, { ...events, [which]: late }).next?.actAt).toBe(before);
      },
    ),
    { numRuns: 500 },
  );
});
