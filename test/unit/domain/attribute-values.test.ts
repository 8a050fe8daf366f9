import { describe, expect, test } from 'vitest';
import { explainedStep } from '../../../shared/domain/plan/explain-step.ts';
import { evaluate } from '../../../shared/domain/evaluate/evaluate.ts';
import type { Facts } from '../../../shared/domain/evaluate/evaluated.ts';
import type { Attributes } from '../../../shared/domain/record/about.ts';
import type { EntityState } from '../../../shared/domain/facts/facts.ts';
import { aPolicy, anEvent, aRule, iso, occurrence, planOf, ruleOf } from '../../support/rules/rule-world.ts';
import type { Dated, Subject } from '../../support/rules/rule-world.ts';

const policy = {
  attributes: { term: { type: 'text' as const }, expires: { type: 'text' as const } },
  events: {
    'contract.signed': anEvent({ attributes: { term: 'text', expires: 'text' } }),
    'contract.ended': anEvent(),
    'hold.placed': anEvent(),
    'hold.released': anEvent(),
  },
};

function planned(rule: string, events: Subject['events'], attributes: Attributes = {}) {
  const { status, stages, next } = planOf({
    policies: [aPolicy({ records: [aRule(rule)] }, policy)],
    subjects: [{ events }],
    variants: [{ attributes }],
  });
  return status === 'due' ? iso(next?.window?.notBefore ?? next?.window?.notAfter) : stages[0]?.reasons;
}

const ended = { 'contract.ended': '2021-01-31' };
const signed = (attributes: Attributes, occurred = '2020-01-01'): Dated => ({ occurred, attributes });

describe('the period in an attribute', () => {
  const rule = 'the period in term after contract.ended';

  test.each([
    ['P3Y', '2024-02-01T00:00:00Z'],
    ['P1M', '2021-03-01T00:00:00Z'],
    ['P1Y1M', '2022-03-01T00:00:00Z'],
    ['P2W', '2021-02-15T00:00:00Z'],
    ['P1Y2M3DT4H5M', '2022-04-04T04:05:00Z'],
    ['PT36H', '2021-02-02T12:00:00Z'],
    ['PT30S', '2021-02-01T00:00:30Z'],
    ['3 years', '2024-02-01T00:00:00Z'],
    [' eighteen  months ', '2022-08-01T00:00:00Z'],
    ['six (6) months and 2 days', '2021-08-03T00:00:00Z'],
  ])('is read: %s', (term, due) => {
    expect(planned(rule, ended, { term })).toBe(due);
  });

  test.each([
    'as agreed',
    '3',
    'P',
    'PT',
    'P3',
    'P3S',
    'PT0.5S',
    'P1.5Y',
    '-P3Y',
    'P-3Y',
    'p3y',
    'P3Y ',
    'P0D',
    '0 days',
    'P0Y0M',
    'P1001Y',
    '1001 years',
    'P99999999999999999999Y',
    '10 working days',
    '{reasonable period}',
    'the period in expires',
    '3 years after contract.ended',
    '6 (7) years',
    '',
    'Jane Doe, 3 years',
  ])(
    'that is none, zero, too long or not the calendar’s keeps the record, and is not quoted: "%s"',
    (term) => {
      expect(planned(rule, ended, { term })).toEqual([
        'the attribute term holds no period such as P3Y or "3 years"',
      ]);
    },
  );

  test('that is missing keeps the record, whatever else counts', () => {
    expect(planned(rule, ended)).toEqual(['the holding has no attribute term']);
    expect(
      planned('the later of the period in term after contract.ended if any and 2020-01-01', ended),
    ).toEqual(['the holding has no attribute term']);
  });

  test('comes from the policy’s default where the registration has none', () => {
    const found = planOf({
      policies: [
        aPolicy(
          { records: [aRule(rule)] },
          { ...policy, attributes: { term: { type: 'text', default: 'P2Y' } } },
        ),
      ],
      subjects: [{ events: ended }],
    });
    expect(iso(found.next?.window?.notBefore)).toBe('2023-02-01T00:00:00Z');
  });

  test('comes from the last such event', () => {
    const of = 'the period in term of contract.signed after contract.ended';
    const events = {
      ...ended,
      'contract.signed': [signed({ term: 'P9Y' }, '2019-01-01'), signed({ term: 'P1Y' })],
    };
    expect(planned(of, events)).toBe('2022-02-01T00:00:00Z');
    expect(planned(of, ended)).toEqual(['contract.signed has not happened']);
    expect(planned(of, { ...ended, 'contract.signed': signed({}) })).toEqual([
      'contract.signed has no attribute term',
    ]);
    expect(planned(of, { ...ended, 'contract.signed': signed({ term: 'x' }) })).toEqual([
      'the attribute term of contract.signed holds no period such as P3Y or "3 years"',
    ]);
  });

  test('counts in every place of a period', () => {
    const term = 'P1Y';
    expect(planned('within the period in term after contract.ended', ended, { term })).toBe(
      '2022-02-01T00:00:00Z',
    );
    expect(planned('the period in term before contract.ended', ended, { term })).toBe('2020-02-01T00:00:00Z');
    expect(planned('contract.ended plus the period in term', ended, { term })).toBe('2022-02-01T00:00:00Z');
    const within =
      'if contract.ended has occurred within the period in term after contract.signed, until contract.ended, otherwise keep permanently';
    const events = { ...ended, 'contract.signed': '2020-06-01' };
    expect(planned(within, events, { term })).toBe('2021-02-01T00:00:00Z');
    expect(planned(within, events, { term: 'P1M' })).toEqual(['the rule keeps the data permanently']);
    expect(planned(within, events, { term: 'x' })).toEqual([
      expect.stringContaining('the attribute term holds no period'),
    ]);
  });

  test('starts again at the end of a hold', () => {
    const held =
      'the period in term after contract.ended, held from hold.placed until hold.released, then restarted';
    const events = { ...ended, 'hold.placed': '2021-06-01', 'hold.released': '2021-07-31' };
    expect(planned(held, events, { term: 'P1Y' })).toBe('2022-08-01T00:00:00Z');
  });
});

describe('the date in an attribute', () => {
  const rule = 'until the date in expires';

  test.each([
    ['2030-12-31', '2031-01-01T00:00:00Z'],
    ['2030-12-31T10:00:00+02:00', '2030-12-31T08:00:00Z'],
    ['2030-12-31T10:00Z', '2030-12-31T10:00:00Z'],
  ])('is read: %s', (expires, due) => {
    expect(planned(rule, {}, { expires })).toBe(due);
  });

  test.each([
    'soon',
    '31.12.2030',
    '2030-02-30',
    '2030-12-31T10:00:00',
    '1899-12-31',
    '2201-01-01',
    '2030',
    '',
  ])('that is none keeps the record, and is not quoted: "%s"', (expires) => {
    expect(planned(rule, {}, { expires })).toEqual([
      'the attribute expires holds no date such as 2030-12-31, and no date-time with its offset',
    ]);
  });

  test('of an event is left out with “if any” as long as the event has not happened, and waits after that', () => {
    const any = 'the later of the date in expires of contract.signed if any and 1 year after contract.ended';
    expect(planned(any, ended)).toBe('2022-02-01T00:00:00Z');
    expect(planned(any, { ...ended, 'contract.signed': signed({ expires: '2025-12-31' }) })).toBe(
      '2026-01-01T00:00:00Z',
    );
    expect(planned(any, { ...ended, 'contract.signed': signed({}) })).toEqual([
      'contract.signed has no attribute expires',
    ]);
  });
});

test('what was read from an attribute is a step of the explanation', () => {
  const { stages } = ruleOf('the period in term after the date in expires of contract.signed');
  const occurrences = { 'contract.signed': [occurrence(signed({ expires: '2024-01-31' }))] };
  const state: EntityState = { version: 1, profile: '', occurrences, rebuilt: 0, dangling: [], holds: [] };
  const facts: Facts = {
    policy: aPolicy({}, policy),
    zone: 'UTC',
    attributes: { term: 'P1M' },
    stateFor: () => state,
  };
  const bound = stages[0]?.notBefore;
  const steps = bound === undefined ? [] : evaluate(bound, facts).steps;
  expect(steps.map((step) => explainedStep(step, 'UTC').text)).toEqual([
    'The date in expires of contract.signed is 2024-01-31.',
    'The period in term is 1 month.',
    '1 month after 2024-01-31 (until the end of that day) is 2024-02-29 (until the end of that day). That month has no day 31, so its last day counts: 2024-02-29.',
  ]);
});
