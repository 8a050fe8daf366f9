import { describe, expect, test } from 'vitest';
import type { Policy, PolicyRule } from '../../../shared/domain/configuration/policy.ts';
import { canBecomeDue } from '../../../shared/domain/configuration/can-become-due.ts';
import { plan } from '../../../shared/domain/plan/plan.ts';
import type { Plan, PlanInput } from '../../../shared/domain/plan/plan.ts';
import { aPolicy, aRule, inputOf, iso } from '../../support/rules/rule-world.ts';
import type { Subject } from '../../support/rules/rule-world.ts';

const REGISTERED = Date.parse('2026-03-01T15:30:00Z');
const CAP: PolicyRule = {
  ...aRule('10 years after tenure.registered', { level: 'category' }),
  id: 'records/cap',
  isCap: true,
};
/** Ten years after the end of the day of the registration. */
const DUE = '2036-03-02T00:00:00Z';

function policyOf(rules: readonly PolicyRule[], changes: Partial<Policy> = {}): Policy {
  return aPolicy({}, { categories: { records: { rules, cap: CAP } }, ...changes });
}

function planWith(
  rules: readonly PolicyRule[],
  events: Subject['events'] = {},
  more: Partial<PlanInput> & { readonly policy?: Partial<Policy> } = {},
): Plan {
  const { policy, ...rest } = more;
  const input = inputOf({
    policies: [policyOf(rules, policy)],
    subjects: [{ events }],
    variants: [{ registeredAt: REGISTERED }],
  });
  return plan({ ...input, ...rest });
}

const usual = aRule('3 years after contract.ended');

describe('a cap', () => {
  test('gives a record a date whose event never comes', () => {
    const { next, status } = planWith([usual]);
    expect(status).toBe('due');
    expect(next).toMatchObject({
      action: 'delete',
      capped: true,
      window: { basis: 'policy' },
      facts: [{ type: 'tenure.registered', occurred: '2026-03-01', personal: false }],
    });
    expect(iso(next?.actAt)).toBe(DUE);
    expect(iso(next?.deadline)).toBe('2036-03-05T00:00:00Z');
  });

  test('counts by the day of the registration in the zone of the rule', () => {
    const { next } = planWith([usual], {}, { policy: { zone: 'Asia/Almaty' } });
    expect(iso(next?.actAt)).toBe('2036-03-01T19:00:00Z');
    expect(next?.facts[0]?.occurred).toBe('2026-03-01');
  });

  test('of several registrations counts from the one that keeps longest', () => {
    const later = Date.parse('2027-05-01T00:00:00Z');
    const { next } = planWith(
      [usual],
      {},
      { variants: [{ registeredAt: REGISTERED }, { registeredAt: later }] },
    );
    expect(iso(next?.actAt)).toBe('2037-05-02T00:00:00Z');
  });

  test.each<[string, readonly PolicyRule[], Subject['events'], string]>([
    ['a date, however late', [usual], { 'contract.ended': '2035-12-31' }, '2039-01-01T00:00:00Z'],
    ['a date that has passed', [usual], { 'contract.ended': '2020-01-01' }, '2023-01-02T00:00:00Z'],
    [
      'a maximum that is known',
      [aRule('at least 1 year after contract.started and at most 2 years after contract.ended')],
      { 'contract.ended': '2025-01-01' },
      'undetermined',
    ],
    [
      'a date of another rule',
      [usual, aRule('within 5 years after invoice.issued')],
      { 'invoice.issued': '2025-01-01' },
      'undetermined',
    ],
    ['a law', [aRule('3 years after contract.ended', { level: 'statutory' })], {}, 'undetermined'],
    ['a rule that keeps for ever', [aRule('keep permanently')], {}, 'never'],
    ['a rule that computes nothing', [aRule('not computable, because "no period"')], {}, 'not-computable'],
  ])('never replaces %s', (_, rules, events, expected) => {
    const { next, status } = planWith(rules, events);
    expect(next?.capped).toBeUndefined();
    expect(iso(next?.actAt) ?? status).toBe(expected);
  });

  test('counts again when the event is undone', () => {
    const { next } = planWith([usual], {
      'contract.ended': { occurred: '2027-01-01', sent: '2026-12-01T00:00:00Z' },
      'contract.renewed': '2027-02-01',
    });
    expect([next?.capped, iso(next?.actAt)]).toEqual([true, DUE]);
  });

  test('does not count where something else is missing', () => {
    const byPlan = aRule('3 years after contract.ended if plan is "free"');
    const policy = { attributes: { plan: { type: 'text' as const } } };
    const missing = planWith([byPlan], { 'contract.ended': '2026-01-01' }, { policy });
    expect(missing.status).toBe('undetermined');
    const unread = inputOf({
      policies: [policyOf([usual])],
      subjects: [{ events: {} }],
      variants: [{ registeredAt: REGISTERED }],
    });
    expect(plan({ ...unread, states: new Map() }).status).toBe('undetermined');
    const [stale] = [...unread.states].map(
      ([ref, state]) => [ref, { ...state, profile: 'of other policies' }] as const,
    );
    expect(plan({ ...unread, states: new Map(stale && [stale]) }).status).toBe('undetermined');
  });

  test('does not count where it is not known which rules do', () => {
    const german = aRule('1 year after contract.ended', { level: 'jurisdiction', jurisdiction: 'DE' });
    expect(planWith([usual, german]).status).toBe('undetermined');
  });

  test('gives a date to the last step, and an earlier one keeps its own', () => {
    const two = aRule('anonymise 1 year after contract.started, then delete 3 years after contract.ended');
    const { stages } = planWith([two], { 'contract.started': '2026-01-01' });
    expect(stages.map(({ action, actAt }) => [action, iso(actAt)])).toEqual([
      ['anonymise', '2027-01-02T00:00:00Z'],
      ['delete', DUE],
    ]);
  });

  test('does what the last step does', () => {
    const { next } = planWith([aRule('anonymise 1 year after contract.ended')]);
    expect([next?.action, iso(next?.actAt)]).toEqual(['anonymise', DUE]);
  });

  test('keeps what a rule holds, whatever the date of the cap', () => {
    const held = aRule('3 years after contract.ended, held from contract.started until audit.completed');
    const [now, started] = [Date.parse('2036-06-01T00:00:00Z'), { 'contract.started': '2026-02-01' }];
    const open = planWith([held], started, { now });
    expect([open.next?.capped, open.next?.heldByRule, iso(open.next?.actAt)]).toEqual([true, true, DUE]);
    const over = planWith([held], { ...started, 'audit.completed': '2027-01-01' }, { now });
    expect([over.next?.capped, over.next?.heldByRule]).toEqual([true, undefined]);
  });

  test('gives way to a law of another category of the record', () => {
    const law = aRule('6 years after audit.completed', { level: 'statutory' });
    const policy = { categories: { records: { rules: [usual], cap: CAP }, books: { rules: [law] } } };
    const { status } = planWith([], {}, { policy, categories: ['records', 'books'] });
    expect(status).toBe('undetermined');
  });

  test('is explained, with what waits', () => {
    const { explanation, reasoning } = planWith([usual]);
    expect(explanation).toContain(
      'Rule default: 3 years after contract.ended (default) “3 years after contract.ended” applies.',
    );
    expect(explanation).toContain(
      'So: the earliest date for delete is not known yet: contract.ended has not happened.',
    );
    expect(explanation).toContain(
      'No event has come that gives a date, and no law keeps the record, so the cap “10 years after tenure.registered” counts.',
    );
    expect(explanation.filter((one) => one.startsWith('It would change'))).toEqual([
      'It would change with another contract.ended, or contract.renewed, which undoes it, or with a correction or retraction.',
    ]);
    expect(reasoning[0]?.rules.map(({ id, bounds }) => [id, bounds[0]?.status])).toEqual([
      ['default: 3 years after contract.ended', 'undetermined'],
      ['records/cap', 'determined'],
    ]);
  });

  test('lets a record be registered that no event can make due', () => {
    const sent = {
      store: 's',
      locator: ['1'],
      categories: ['records'],
      purposes: ['service'],
      entities: [{ type: 'person', id: 'p-1' }],
    };
    const accepts = (policy: Policy): boolean =>
      canBecomeDue({ policies: [policy] }, sent as never, REGISTERED);
    expect(accepts(aPolicy({ records: [usual] }))).toBe(false);
    expect(accepts(policyOf([usual]))).toBe(true);
  });
});
