import { describe, expect, test } from 'vitest';
import { explainIgnored, planAsOf } from '../../../shared/domain/plan/as-of.ts';
import type { Fact } from '../../../shared/domain/facts/facts.ts';
import { foldProfile } from '../../../shared/domain/configuration/fold-profile.ts';
import { EFFECT_TYPES } from '../../../shared/domain/people/effects.ts';
import { LINKED } from '../../../shared/domain/record/incoming.ts';
import type { EntityRef, EventRef, Occurred } from '../../../shared/domain/record/ids.ts';
import { aPolicy, aRule, anEvent, iso, planFor } from '../../support/rules/rule-world.ts';

const policies = { policies: [aPolicy({ records: [aRule('3 years after contract.ended')] })] };
const ref = 'contract-0' as EntityRef;

function fact(id: string, received: string, changes: Partial<Fact> = {}): Fact {
  return {
    ref: id as EventRef,
    kind: 'event',
    type: 'contract.ended',
    occurred: '2020-01-01' as Occurred,
    sent: Date.parse(received),
    received: Date.parse(received),
    bodyHash: id,
    ...changes,
  };
}

const history = [
  fact('a', '2020-01-02T00:00:00Z'),
  fact('b', '2021-06-01T00:00:00Z', { occurred: '2021-05-31' as Occurred }),
  fact('c', '2022-01-01T00:00:00Z', { kind: 'retraction', about: 'b' as EventRef }),
];

const asOf = (at: string) =>
  planAsOf(
    { categories: ['records'], entities: [{ type: 'contract', ref }], variants: [{}], done: [], policies },
    new Map([[ref, history]]),
    Date.parse(at),
  );

describe('a plan as of a past instant', () => {
  test.each([
    ['2020-01-01T00:00:00Z', undefined],
    ['2021-01-01T00:00:00Z', '2023-01-02T00:00:00Z'],
    ['2021-07-01T00:00:00Z', '2024-06-01T00:00:00Z'],
    ['2022-02-01T00:00:00Z', '2023-01-02T00:00:00Z'],
  ])('uses the facts received by %s', (at, due) => {
    expect(iso(asOf(at).plan.next?.window?.notBefore)).toBe(due);
  });

  test('names what was retracted and what came later', () => {
    expect(explainIgnored(asOf('2022-02-01T00:00:00Z'))).toEqual([
      'contract.ended of 2021-05-31 does not count: it was retracted.',
    ]);
    expect(explainIgnored(asOf('2021-01-01T00:00:00Z'))).toEqual([
      '2 facts were received later and were not known yet.',
    ]);
  });
});

describe('reasons as data', () => {
  test('hold rule, version, zone database, facts, steps and what would change it', () => {
    const { reasoning } = planFor('3 years after contract.ended', { 'contract.ended': '2021-02-28' });
    expect(reasoning).toMatchObject([
      {
        category: 'records',
        policy: 'test-policy',
        version: '1',
        zone: 'UTC',
        timeZoneDatabase: process.versions['tz'],
        rules: [
          {
            text: '3 years after contract.ended',
            standing: 'applies',
            bounds: [
              {
                bound: 'notBefore',
                status: 'determined',
                at: '2024-02-29T00:00:00+00:00',
                facts: [{ type: 'contract.ended', occurred: '2021-02-28' }],
                steps: [{ kind: 'fact' }, { kind: 'added', at: '2024-02-29T00:00:00+00:00' }],
              },
            ],
            wouldChange: [expect.stringContaining('another contract.ended')],
          },
        ],
      },
    ]);
  });
});

test('the fold keeps every occurrence of the events of which any may decide', () => {
  const events = Object.fromEntries(
    ['x.y', 'a.a', 'b.b', 'v.made', 's.t', 'p.q'].map((name) => [name, anEvent()]),
  );
  const rules = [
    aRule('1 year after x.y, held from a.a until b.b'),
    aRule('2 newer v.made than x.y', { id: 'count' }),
    aRule('if s.t has occurred within 1 year after p.q, 1 year after x.y', { id: 'span' }),
  ];
  const { types } = foldProfile({ policies: [aPolicy({ records: rules }, { events })] });
  const whole = Object.entries(types).filter(([, { keepAll }]) => keepAll);
  expect(whole.map(([name]) => name).toSorted()).toEqual(
    ['a.a', 'b.b', 's.t', ...EFFECT_TYPES, LINKED, 'v.made'].toSorted(),
  );
});
