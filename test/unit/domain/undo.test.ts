import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EntityState } from '../../../shared/domain/facts/facts.ts';
import type { EntityRef } from '../../../shared/domain/record/ids.ts';
import { plan } from '../../../shared/domain/plan/plan.ts';
import { aPolicy, aRule, inputOf, iso, planOf } from '../../support/rules/rule-world.ts';
import type { Dated } from '../../support/rules/rule-world.ts';

const policies = [aPolicy({ records: [aRule('1 day after contract.ended')] }, { zone: 'Europe/Berlin' })];
const dated = (occurred: string, sent: string): Dated => ({ occurred, sent });

function actsAt(ends: readonly Dated[], renewals: readonly Dated[]): string | undefined {
  const subjects = [{ events: { 'contract.ended': ends, 'contract.renewed': renewals } }];
  return iso(planOf({ policies, subjects }).next?.actAt);
}

type Case = readonly [fact: string, end: Dated, renewal: Dated, actAt: string | undefined];
const late = '2999-01-01T00:00:00Z';

const CASES: readonly Case[] = [
  [
    'a renewal after the end undoes it',
    dated('2024-05-01T10:00:00Z', late),
    dated('2024-05-01T10:00:01Z', late),
    undefined,
  ],
  [
    'a renewal at the very instant of the end undoes it',
    dated('2024-05-01T10:00:00Z', late),
    dated('2024-05-01T10:00:00Z', late),
    undefined,
  ],
  [
    'a renewal before the end does not undo it',
    dated('2024-05-01T10:00:00Z', late),
    dated('2024-05-01T09:59:59Z', late),
    '2024-05-02T10:00:00Z',
  ],
  [
    'a renewal in November undoes an end announced in October for December',
    dated('2024-12-31', '2024-10-01T08:00:00Z'),
    dated('2024-11-15', '2024-11-15T08:00:00Z'),
    undefined,
  ],
  [
    'a renewal before the announcement does not',
    dated('2024-12-31', '2024-10-01T08:00:00Z'),
    dated('2024-09-15', '2024-11-15T08:00:00Z'),
    '2025-01-01T23:00:00Z',
  ],
  [
    'a renewal dated in the future undoes what ends before',
    dated('2024-05-01', late),
    dated('2030-01-01', late),
    undefined,
  ],
  // A date counts from its start when it ends something, and to its end when it undoes something.
  [
    'a date-only end is undone by a renewal at its first instant',
    dated('2024-05-01', late),
    dated('2024-05-01T00:00:00+02:00', late),
    undefined,
  ],
  [
    'a date-only end stands when the renewal is a second earlier',
    dated('2024-05-01', late),
    dated('2024-04-30T23:59:59+02:00', late),
    '2024-05-02T22:00:00Z',
  ],
  [
    'a date-only renewal undoes an end on its last second',
    dated('2024-05-01T23:59:59+02:00', late),
    dated('2024-05-01', late),
    undefined,
  ],
  [
    'a date-only renewal leaves an end on the following midnight',
    dated('2024-05-02T00:00:00+02:00', late),
    dated('2024-05-01', late),
    '2024-05-02T22:00:00Z',
  ],
  [
    'end and renewal on the same date: the renewal wins',
    dated('2024-05-01', late),
    dated('2024-05-01', late),
    undefined,
  ],
  [
    'a renewal the day before leaves the end',
    dated('2024-05-02', late),
    dated('2024-05-01', late),
    '2024-05-03T22:00:00Z',
  ],
];

describe('an end and what undoes it', () => {
  test.each(CASES)('%s', (_, end, renewal, actAt) => {
    expect(actsAt([end], [renewal])).toBe(actAt);
  });

  test('an end after the renewal counts again', () => {
    expect(actsAt([dated('2024-05-01', late), dated('2024-08-01', late)], [dated('2024-06-01', late)])).toBe(
      '2024-08-02T22:00:00Z',
    );
  });

  test('an earlier end counts when only the later one, announced long before, was undone', () => {
    const announced = dated('2024-12-31', '2024-01-10T00:00:00Z');
    const prompt = dated('2024-11-01', '2024-11-01T00:00:00Z');
    expect(actsAt([announced, prompt], [dated('2024-02-01', late)])).toBe('2024-11-02T23:00:00Z');
  });

  test('an undo that the policy does not name changes nothing', () => {
    const subjects = [{ events: { 'contract.ended': '2024-05-01', 'contract.started': '2024-06-01' } }];
    expect(iso(planOf({ policies, subjects }).next?.actAt)).toBe('2024-05-02T22:00:00Z');
  });

  test('is undone for one entity alone', () => {
    const subjects = [
      { events: { 'contract.ended': '2024-05-01', 'contract.renewed': '2024-06-01' } },
      { events: { 'contract.ended': '2024-05-01' } },
    ];
    expect(planOf({ policies, subjects }).status).toBe('undetermined');
  });

  test('the reason says what undid what', () => {
    const subjects = [{ events: { 'contract.ended': '2024-05-01', 'contract.renewed': '2024-06-01' } }];
    const { stages, explanation } = planOf({ policies, subjects });
    expect(stages[0]?.reasons).toEqual(['contract.ended has not happened since it was undone']);
    expect(explanation).toContain(
      'contract.ended of 2024-05-01 does not count: contract.renewed of 2024-06-01 undid it.',
    );
  });

  test('the order of the facts is irrelevant', () => {
    const when = fc.constantFrom(
      '2024-05-01',
      '2024-05-01T22:00:00Z',
      '2024-05-02',
      '2024-04-30T22:00:00Z',
      '2024-06-01',
      '2024-05-02T00:00:00+02:00',
    );
    const fact = fc.record({
      occurred: when,
      sent: fc.constantFrom('2024-04-01T00:00:00Z', '2024-05-01T12:00:00Z', late),
    });
    fc.assert(
      fc.property(
        fc.array(fact, { maxLength: 5 }),
        fc.array(fact, { maxLength: 3 }),
        fc.infiniteStream(fc.nat()),
        (ends, renewals, order) => {
          const input = inputOf({
            policies,
            subjects: [{ events: { 'contract.ended': ends, 'contract.renewed': renewals } }],
          });
          const shuffled = new Map(
            [...input.states].map(([ref, state]): [EntityRef, EntityState] => [
              ref,
              { ...state, occurrences: shuffle(state.occurrences, order) },
            ]),
          );
          expect(plan({ ...input, states: shuffled })).toEqual(plan(input));
        },
      ),
      { numRuns: 500 },
    );
  });
});

function shuffle(
  occurrences: EntityState['occurrences'],
  order: Iterator<number>,
): EntityState['occurrences'] {
  return Object.fromEntries(
    Object.entries(occurrences).map(([type, list]) => [
      type,
      list
        .map((one) => ({ one, rank: order.next().value as number }))
        .toSorted((a, b) => a.rank - b.rank)
        .map(({ one }) => one),
    ]),
  );
}
