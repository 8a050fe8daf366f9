import { describe, expect, test } from 'vitest';
import type { EntityState } from '../../../shared/domain/facts/facts.ts';
import type { EntityRef } from '../../../shared/domain/record/ids.ts';
import { plan } from '../../../shared/domain/plan/plan.ts';
import { aPolicy, aRule, inputOf, iso, planFor, planOf } from '../../support/rules/rule-world.ts';

const ended = (occurred: string) => ({ 'contract.ended': occurred });
const contract = (occurred: string) => ({ events: ended(occurred) });

describe('what is unknown keeps', () => {
  test.each([
    ['an event that has not come', '3 years after contract.ended', /contract\.ended has not happened/],
    [
      'one operand of a later-of',
      'the later of 3 years after contract.started and audit.completed',
      /audit\.completed has not happened/,
    ],
    [
      'the start of a maximum alone',
      'within 30 days after contract.ended',
      /contract\.ended has not happened/,
    ],
    ['an entity that the holding is not about', '30 days after account.disconnected', /names no account/],
    ['an event that no policy declares', '30 days after contract.burnt', /declares no event contract\.burnt/],
  ])('%s', (_, rule, reason) => {
    const result = planFor(rule, { 'contract.started': '2001-01-01' });
    expect(result.status).toBe('undetermined');
    expect(result.next).toBeUndefined();
    expect(result.stages[0]?.reasons.join()).toMatch(reason);
  });

  test('a maximum that is not known adds nothing to a minimum that is', () => {
    const { next } = planFor('not before 1 year after contract.started and by 30 days after contract.ended', {
      'contract.started': '2001-01-01',
    });
    expect(iso(next?.actAt)).toBe('2002-01-02T00:00:00Z');
    expect(next?.window?.notAfter).toBeUndefined();
  });

  test('a setting without a value', () => {
    const rule = aRule('1 day after contract.ended', {
      rule: {
        stages: [
          {
            action: 'delete',
            notBefore: {
              kind: 'after',
              period: { setting: 'cap' },
              start: { kind: 'event', name: 'contract.ended', pick: 'last' },
            },
          },
        ],
      },
    });
    const result = planOf({ policies: [aPolicy({ records: [rule] })], subjects: [contract('2001-01-01')] });
    expect(result.status).toBe('undetermined');
    expect(result.stages[0]?.reasons).toEqual(['the required setting "cap" has no value']);
  });

  test('a category that no policy in effect covers', () => {
    const future = aPolicy(
      { records: [aRule('1 day after contract.ended')] },
      { effectiveFrom: Date.parse('2030-01-01T00:00:00Z') },
    );
    const result = planOf({ policies: [future], subjects: [contract('2001-01-01')] });
    expect(result.status).toBe('undetermined');
    expect(result.stages[0]?.reasons).toEqual(['no policy in effect covers category records']);
  });

  test('another category that is unknown', () => {
    const result = planOf({
      policies: [aPolicy({ records: [aRule('1 day after contract.ended')] })],
      categories: ['records', 'constructor'],
      subjects: [contract('2001-01-01')],
    });
    expect(result.status).toBe('undetermined');
  });

  test('facts that were not read, or were folded for other policies', () => {
    const input = inputOf({
      policies: [aPolicy({ records: [aRule('1 day after contract.ended')] })],
      subjects: [contract('2001-01-01')],
    });
    expect(plan(input).status).toBe('due');
    expect(plan({ ...input, states: new Map() }).stages[0]?.reasons).toEqual([
      'the facts of the contract were not read',
    ]);
    const stale = new Map(
      [...input.states].map(([ref, state]): [EntityRef, EntityState] => [
        ref,
        { ...state, profile: 'older' },
      ]),
    );
    expect(plan({ ...input, states: stale }).stages[0]?.reasons.join()).toMatch(/rebuilt from their history/);
  });

  test('keep permanently, and what cannot be computed', () => {
    expect(planFor('keep permanently', ended('2001-01-01'))).toMatchObject({ status: 'never' });
    const result = planFor('not computable, because "the text names no period"', ended('2001-01-01'));
    expect(result.status).toBe('not-computable');
    expect(result.stages[0]?.reasons).toEqual(['the text names no period']);
  });

  test('a date beyond the calendar', () => {
    const far = `${'1000 years after '.repeat(30)} contract.ended`;
    expect(planFor(far, ended('2001-01-01')).status).toBe('due');
    const farther = planOf({
      policies: [
        aPolicy({
          records: [
            aRule('1 day after contract.ended', {
              rule: {
                stages: [
                  {
                    action: 'delete',
                    notBefore: {
                      kind: 'after',
                      period: { years: 300_000 },
                      start: { kind: 'event', name: 'contract.ended', pick: 'last' },
                    },
                  },
                ],
              },
            }),
          ],
        }),
      ],
      subjects: [contract('2001-01-01')],
    });
    expect(farther.status).toBe('not-computable');
  });
});
