import { describe, expect, test } from 'vitest';
import type { Policy, PolicyRule } from '../../../shared/domain/configuration/policy.ts';
import type { Plan } from '../../../shared/domain/plan/plan.ts';
import { erase } from '../../support/people/request-world.ts';
import {
  aPolicy,
  aRule,
  anEvent,
  iso,
  planOf,
  type Subject,
  type World,
} from '../../support/rules/rule-world.ts';

const ASKED = '2026-05-01T10:00:30Z';
const NOW = '2026-05-02T00:00:00Z';
const policyOf = (rules: readonly PolicyRule[], changes: Partial<Policy> = {}) =>
  aPolicy({ records: rules }, changes);
const law = (text: string) => aRule(text, { level: 'statutory' });

function ask(
  rules: readonly PolicyRule[],
  {
    events = {},
    person = erase(ASKED),
    ...world
  }: Partial<World> & {
    readonly events?: Subject['events'];
    readonly person?: Subject['events'];
  } = {},
): Plan {
  return planOf({
    policies: [policyOf(rules)],
    subjects: [{ events }, { type: 'person', events: person }],
    now: NOW,
    ...world,
  });
}

describe('an erasure request', () => {
  test.each([
    ['determined', '3 years after contract.ended', { 'contract.ended': '2026-01-01' }],
    ['undetermined', '3 years after contract.ended', {}],
    ['never', 'keep permanently', {}],
    ['only a maximum', 'within 30 days after contract.ended', {}],
    ['several stages', 'anonymise 1 year after contract.ended, then delete 3 years after contract.ended', {}],
  ])('replaces a rule of the policy that is %s', (_, text, events) => {
    const { stages, next, status } = ask([aRule(text)], { events });
    expect(stages.map(({ action }) => action)).toEqual(['delete']);
    expect(status).toBe('due');
    expect(next).toMatchObject({
      action: 'delete',
      ruleText: 'erasure request of the person',
      policy: 'test-policy',
      facts: [{ type: 'tenure.request.erase', occurred: '2026-05-01T10:00:30.000Z', personal: false }],
      window: { notBefore: Date.parse(ASKED), floor: Date.parse(ASKED), basis: 'policy' },
    });
    expect(iso(next?.actAt)).toBe('2026-05-01T10:01:00Z');
    expect(iso(next?.deadline)).toBe('2026-05-04T10:01:00Z');
  });

  test('says which rule gave way to it, and when it was made', () => {
    const { explanation, reasoning } = ask([aRule('keep permanently')]);
    expect(explanation).toContainEqual(
      expect.stringMatching(/“keep permanently” gives way to the erasure request of 2026-05-01T10:00:30/),
    );
    expect(reasoning[0]?.rules).toMatchObject([{ standing: 'applies' }, { standing: 'gave-way' }]);
  });

  test('leaves what the law keeps, until the law lets it go', () => {
    const rules = [
      aRule('keep permanently', { level: 'statutory', basis: 'policy' }),
      law('5 years after contract.ended'),
    ];
    const { stages, next } = ask(rules, { events: { 'contract.ended': '2026-01-01' }, canRestrict: true });
    expect(stages).toMatchObject([
      { action: 'restrict', status: 'due', window: { basis: 'law' } },
      { action: 'delete', status: 'due', ruleText: '5 years after contract.ended', window: { basis: 'law' } },
    ]);
    expect(next).toMatchObject({ action: 'restrict' });
    expect(iso(next?.actAt)).toBe('2026-05-01T10:01:00Z');
    expect(next?.reasons).toEqual([
      expect.stringMatching(
        /^the law keeps what was to be erased on 2026-05-01.*: “5 years after contract.ended”$/,
      ),
    ]);
    expect(iso(stages[1]?.actAt)).toBe('2031-01-02T00:00:00Z');
    const afterwards = ask(rules, {
      events: { 'contract.ended': '2026-01-01' },
      canRestrict: true,
      done: [{ action: 'restrict', at: Date.parse(NOW) }],
    });
    expect(afterwards.next).toMatchObject({ action: 'delete' });
    expect(afterwards.stages).toMatchObject([{ action: 'restrict', status: 'done' }, { action: 'delete' }]);
  });

  test.each([
    ['that is not determined yet', '5 years after contract.ended', 'undetermined'],
    ['for ever', 'keep permanently', 'never'],
  ])('restricts what a law keeps %s', (_, text, status) => {
    const { stages, next } = ask([law(text)], { canRestrict: true });
    expect(next).toMatchObject({ action: 'restrict', status: 'due' });
    expect(stages).toContainEqual(expect.objectContaining({ action: 'delete', status }));
    const afterwards = ask([law(text)], {
      canRestrict: true,
      done: [{ action: 'restrict', at: Date.parse(NOW) }],
    });
    expect(afterwards.next).toBeUndefined();
    expect(afterwards.status).toBe(status);
  });

  test('does not restrict where the store cannot, nor what goes at once', () => {
    const kept = ask([law('5 years after contract.ended')], { events: { 'contract.ended': '2026-01-01' } });
    expect(kept.stages.map(({ action }) => action)).toEqual(['delete']);
    const past = ask([law('1 day after contract.ended')], {
      events: { 'contract.ended': '2026-01-01' },
      canRestrict: true,
    });
    expect(past.stages.map(({ action }) => action)).toEqual(['delete']);
    expect(iso(past.next?.actAt)).toBe('2026-05-01T10:01:00Z');
  });

  test('deletes on the day of the law what could not be restricted until then', () => {
    const { next, stages } = ask([law('5 years after contract.ended')], {
      events: { 'contract.ended': '2026-01-01' },
      canRestrict: true,
      now: '2031-02-01T00:00:00Z',
    });
    expect(stages.map(({ action }) => action)).toEqual(['delete']);
    expect(next).toMatchObject({ action: 'delete' });
  });

  test('a law that says when to anonymise keeps from deletion, too', () => {
    const { stages } = ask([law('anonymise 5 years after contract.ended')], {
      events: { 'contract.ended': '2026-01-01' },
    });
    expect(stages).toMatchObject([{ action: 'anonymise' }, { action: 'delete' }]);
    for (const { actAt } of stages) expect(iso(actAt)).toBe('2031-01-02T00:00:00Z');
  });

  test('a maximum of a law does not delay it', () => {
    const { next } = ask([law('within 30 days after contract.ended')], {
      events: { 'contract.ended': '2026-12-01' },
    });
    expect(next).toMatchObject({ action: 'delete' });
    expect(iso(next?.actAt)).toBe('2026-05-01T10:01:00Z');
  });

  test('does not end a hold that a rule of the policy has open', () => {
    const rule = aRule('1 year after contract.ended, held from invoice.issued until audit.completed');
    const { next } = ask([rule], { events: { 'invoice.issued': '2026-04-01' } });
    expect(next).toMatchObject({ action: 'delete', heldByRule: true });
  });

  test('leaves undetermined what no policy has rules for', () => {
    const rules = [aRule('3 years after contract.ended', { level: 'jurisdiction', jurisdiction: 'DE' })];
    expect(ask(rules)).toMatchObject({ status: 'undetermined' });
    expect(ask([aRule('keep permanently')], { categories: ['unknown'] })).toMatchObject({
      status: 'undetermined',
    });
  });
});

describe('what an erasure request covers', () => {
  const rules = [aRule('3 years after contract.ended')];
  const events = { 'contract.ended': '2026-01-01' };
  const before = Date.parse(ASKED);

  test('is what was registered until then, and nothing that was registered later', () => {
    expect(ask(rules, { events, variants: [{ sent: before }] }).next?.ruleText).toMatch(/erasure/);
    const later = ask(rules, { events, variants: [{ sent: before + 1 }] });
    expect(later.next).toMatchObject({
      ruleText: '3 years after contract.ended',
      reasons: [expect.stringMatching(/^registered after the erasure request of 2026-05-01T10:00:30/)],
    });
    expect(iso(later.next?.actAt)).toBe('2029-01-02T00:00:00Z');
    const both = ask(rules, { events, variants: [{ sent: before }, { sent: before + 1 }] });
    expect(iso(both.next?.actAt)).toBe('2029-01-02T00:00:00Z');
    expect(both.explanation).toContainEqual(
      expect.stringMatching(/does not cover category records: registered/),
    );
  });

  test('is also what is registered later if the request says so', () => {
    const person = erase(ASKED, { alsoLater: true });
    const later = ask(rules, { events, person, variants: [{ sent: before + 1 }] });
    expect(later.next?.ruleText).toMatch(/erasure/);
  });

  test('is what its scope names', () => {
    const policies = [aPolicy({ records: rules, letters: rules })];
    const of = (scope: Parameters<typeof erase>[1], variants: World['variants']) =>
      ask(rules, {
        policies,
        events,
        person: erase(ASKED, scope),
        categories: ['records'],
        variants: variants ?? [{}],
      });
    const isErased = (plan: Plan): boolean => plan.next?.ruleText === 'erasure request of the person';
    expect(isErased(of({ scope: { categories: ['records'] } }, [{}]))).toBe(true);
    expect(isErased(of({ scope: { categories: ['letters'] } }, [{}]))).toBe(false);
    expect(isErased(of({ scope: { producers: ['shop'] } }, [{ producer: 'shop' }]))).toBe(true);
    expect(isErased(of({ scope: { producers: ['shop'] } }, [{ producer: 'crm' }]))).toBe(false);
    expect(isErased(of({ scope: { purposes: ['ads'] } }, [{ purposes: ['ads'] }]))).toBe(true);
    expect(isErased(of({ scope: { purposes: ['ads'] } }, [{ purposes: ['ads', 'login'] }]))).toBe(false);
    const two = ask(rules, {
      policies,
      events,
      person: erase(ASKED, { scope: { categories: ['records'] } }),
      categories: ['records', 'letters'],
    });
    expect(iso(two.next?.actAt)).toBe('2029-01-02T00:00:00Z');
  });

  test('is about every person in the record only if each of them asks', () => {
    const other = '2026-05-01T18:00:00Z';
    const plan = (second: Subject['events']) =>
      planOf({
        policies: [policyOf(rules)],
        subjects: [{ events }, { type: 'person', events: erase(ASKED) }, { type: 'person', events: second }],
        now: NOW,
      });
    expect(plan({}).next).toMatchObject({
      ruleText: '3 years after contract.ended',
      reasons: ['1 of 2 entities of type person have asked for erasure'],
    });
    expect(iso(plan(erase(other)).next?.actAt)).toBe(other);
  });
});

describe('a person who is found to be a child', () => {
  const rules = [aRule('3 years after contract.ended'), law('10 years after invoice.issued')];
  const children = { under: { years: 13 }, born: 'person.born', found: 'person.found-to-be-child' };
  const events = {
    'contract.ended': anEvent(),
    'invoice.issued': anEvent(),
    'person.born': anEvent({ entity: 'person', personal: true }),
    'person.found-to-be-child': anEvent({ entity: 'person' }),
  };
  const policies = [aPolicy({ records: [aRule('3 years after contract.ended')] }, { children, events })];
  const found = (person: Subject['events'], sent?: string) =>
    ask(rules, { policies, person, variants: [sent === undefined ? {} : { sent: Date.parse(sent) }] });

  test('by an event is erased from when it was sent', () => {
    const person = { 'person.found-to-be-child': { occurred: '2020-01-01', sent: '2026-04-01T09:00:00Z' } };
    expect(iso(found(person).next?.actAt)).toBe('2026-04-01T09:00:00Z');
    expect(found(person, '2026-04-01T09:00:01Z').status).toBe('undetermined');
  });

  test('by the date of birth is erased only if a child when it was sent', () => {
    const born = (sent: string) => ({ 'person.born': { occurred: '2013-04-10', sent } });
    expect(iso(found(born('2026-04-09T12:00:00Z')).next?.actAt)).toBe('2026-04-09T12:00:00Z');
    expect(found(born('2026-04-11T12:00:00Z')).status).toBe('undetermined');
    // What is registered before the thirteenth birthday is a child's, and what is registered after it is not.
    expect(found(born('2026-04-01T12:00:00Z'), '2026-04-09T00:00:00Z').status).toBe('due');
    expect(found(born('2026-04-01T12:00:00Z'), '2026-04-12T00:00:00Z').status).toBe('undetermined');
  });

  test('is a child no more from the start of the birthday on, also if that is no day of the year', () => {
    const born = (occurred: string, sent: string, leapBirthday?: '02-28' | '03-01') =>
      ask(rules, {
        policies: policies.map((policy) => ({ ...policy, ...(leapBirthday && { leapBirthday }) })),
        person: { 'person.born': { occurred, sent } },
        variants: [{}],
      }).status;
    expect(born('2013-04-10', '2026-04-09T23:59:59Z')).toBe('due');
    expect(born('2013-04-10', '2026-04-10T00:00:00Z')).toBe('undetermined');
    expect(found({ 'person.born': '2013-04-10' }, '2026-04-10T12:00:00Z').status).toBe('undetermined');
    // 29 February 2012: thirteen on 1 March 2025, or on 28 February where the policy says so.
    expect(born('2012-02-29', '2025-02-28T12:00:00Z')).toBe('due');
    expect(born('2012-02-29', '2025-02-28T12:00:00Z', '02-28')).toBe('undetermined');
    expect(born('2012-02-29', '2025-03-01T00:00:00Z')).toBe('undetermined');
  });

  test('is not erased any more once the date of birth is corrected', () => {
    const sent = '2026-04-01T12:00:00Z';
    expect(found({ 'person.born': { occurred: '1990-04-10', sent } }).status).toBe('undetermined');
    // A mistake that has not been corrected yet: a birth that was to come.
    expect(found({ 'person.born': { occurred: '2031-04-10', sent } }).status).toBe('undetermined');
  });

  test('is not erased by a policy that says nothing of children', () => {
    const silent = [aPolicy({ records: [aRule('3 years after contract.ended')] }, { events })];
    const person = { 'person.found-to-be-child': { occurred: '2020-01-01', sent: '2026-04-01T09:00:00Z' } };
    expect(ask(rules, { policies: silent, person }).status).toBe('undetermined');
  });
});
