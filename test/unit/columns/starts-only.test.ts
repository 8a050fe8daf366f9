import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { columnProblem } from '../../../shared/domain/columns/starts-only.ts';
import type { Policy, PolicyRule } from '../../../shared/domain/configuration/policy.ts';
import { rulesOf } from '../../../shared/domain/configuration/policy.ts';
import { eventsOf } from '../../../shared/domain/rule/walk.ts';
import { earlyWithout, type Known, known, policies, SAID } from '../../support/columns/late-facts.ts';
import { aPolicy, anEvent, aRule } from '../../support/rules/rule-world.ts';

const EVENTS: Policy['events'] = {
  [SAID]: anEvent({ entity: 'account', attributes: { kind: 'text' } }),
  'b.b': anEvent({ entity: 'account' }),
  'c.c': anEvent({ entity: 'contract' }),
};

function policyWith(rules: readonly (string | PolicyRule)[], changes: Partial<Policy> = {}): Policy {
  const first = rules.map((rule) => (typeof rule === 'string' ? aRule(rule) : rule));
  return aPolicy({ first }, { events: EVENTS, ...changes });
}

function facts(said: string, b: readonly string[], c: readonly string[] = [], erasure?: string): Known {
  const asked = erasure === undefined ? {} : { erasure };
  return {
    accounts: [{ [SAID]: [said], 'b.b': b }],
    contract: { 'c.c': c },
    attributes: {},
    ...asked,
  };
}

describe('an event that a column may say', () => {
  test('is nothing without which a record goes that would stay with it', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(policies, known, fc.boolean(), (policy, told, all) => {
        fc.pre(columnProblem(policy, SAID) === undefined);
        fc.pre(rulesOf(policy).some(({ rule }) => eventsOf(rule).has(SAID)));
        expect(earlyWithout(policy, told, (index) => all || index === 0)).toBeUndefined();
      }),
      { numRuns: 800, maxSkipsPerRun: 1000 },
    );
  });
});

describe('an event that a column may not say', () => {
  const EARLIER = 'could be due earlier without it';
  const CONFLICT = 'a conflict, which keeps records, would not be seen';

  test.each<[what: string, policy: Policy, told: Known, why: string]>([
    [
      'undoes another one',
      policyWith(['delete 1 day after b.b'], {
        events: { ...EVENTS, 'b.b': anEvent({ entity: 'account', undoneBy: [SAID] }) },
      }),
      facts('2021-01-01', ['2020-01-01']),
      'it undoes "b.b"',
    ],
    [
      'is an operand that may be missing',
      policyWith([`delete 1 month after the later of b.b and ${SAID} if any`]),
      facts('2020-01-15', ['2020-01-01']),
      EARLIER,
    ],
    [
      'is in a condition',
      policyWith([`if ${SAID} has occurred, delete 9 years after b.b, otherwise 1 month after b.b`]),
      facts('2020-01-02', ['2020-01-01']),
      EARLIER,
    ],
    [
      'begins a hold',
      policyWith([`delete 1 day after b.b, held from ${SAID} until c.c`]),
      facts('2020-01-01', ['2020-01-01']),
      EARLIER,
    ],
    [
      'gives the date of a law',
      policyWith([
        {
          ...aRule('delete 1 day after b.b'),
          rule: {
            stages: [
              {
                action: 'delete',
                notBefore: {
                  kind: 'override',
                  of: {
                    kind: 'after',
                    period: { years: 1 },
                    start: { kind: 'event', name: 'b.b', pick: 'last' },
                  },
                  by: {
                    kind: 'after',
                    period: { years: 9 },
                    start: { kind: 'event', name: SAID, pick: 'last' },
                  },
                  source: 'a law',
                },
              },
            ],
          },
        },
      ]),
      facts('2019-12-01', ['2020-01-01']),
      EARLIER,
    ],
    [
      // A month after 30 January, 23:00, is later than a month after 31 January, 00:00.
      'is one of two that start a period: periods of the calendar do not keep the order',
      policyWith([`delete 1 month after the earlier of b.b and ${SAID}`]),
      facts('2021-01-30T23:00:00Z', ['2021-01-31T00:00:00Z']),
      EARLIER,
    ],
    [
      'gives a latest date that is in conflict with the earliest one',
      policyWith([`delete 9 years after b.b, but no later than 1 day after ${SAID}`]),
      facts('2020-01-01', ['2020-01-01']),
      CONFLICT,
    ],
    [
      'gives a latest date that is in conflict with another rule of the category',
      policyWith(['delete 9 years after b.b', `delete within 1 day after ${SAID}`]),
      facts('2020-01-01', ['2020-01-01']),
      CONFLICT,
    ],
    [
      'gives the latest date of a law, which says nothing where people ask for erasure',
      {
        ...policyWith([aRule(`delete within 1 day after ${SAID}`, { basis: 'law' })]),
        categories: {
          first: { rules: [aRule(`delete within 1 day after ${SAID}`, { basis: 'law' })] },
          second: { rules: [aRule('delete 9 years after b.b', { basis: 'law' })] },
        },
      },
      facts('2020-01-01', ['2020-01-01'], [], '2021-01-01'),
      CONFLICT,
    ],
  ])('%s: a record would go that it keeps', (_what, policy, told, why) => {
    expect(earlyWithout(policy, told, () => true)).toMatch(/^delete at /);
    expect(columnProblem(policy, SAID)).toContain(why);
  });

  test.each<[what: string, changes: Partial<Policy>, why: string]>([
    [
      'is about a purpose',
      { events: { ...EVENTS, [SAID]: anEvent({ entity: 'account', byPurpose: true }) } },
      'it is about a purpose, and a column names none',
    ],
    [
      'says where somebody is',
      { jurisdictionFrom: { event: SAID, attribute: 'kind' } },
      'it says where somebody is, and a column says only when',
    ],
    [
      'says that somebody is a child',
      { children: { under: { years: 16 }, found: SAID } },
      'it says that somebody is a child',
    ],
    [
      'decides where a cap counts as long as no event gives a date',
      {
        categories: {
          first: { rules: [aRule(`delete 1 day after ${SAID}`)], cap: aRule('delete 10 years after b.b') },
        },
      },
      '"first" has a cap, which counts as long as the event has not arrived',
    ],
  ])('%s: it is told why', (_what, changes, why) => {
    expect(columnProblem(policyWith([`delete 1 day after ${SAID}`], changes), SAID)).toBe(why);
  });
});
