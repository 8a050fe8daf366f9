import { describe, expect, test } from 'vitest';
import { checkRegistration } from '../../../shared/domain/configuration/permission.ts';
import type { Policy, PolicyRule } from '../../../shared/domain/configuration/policy.ts';
import type { SentRegistration } from '../../../shared/domain/record/incoming.ts';
import { configuration } from '../../support/api-world.ts';
import { anEvent, aPolicy, aRule } from '../../support/rules/rule-world.ts';

const NOW = Date.parse('2026-03-01T10:00:00Z');
const EVENTS = {
  'contract.ended': anEvent({ undoneBy: ['contract.renewed'] }),
  'contract.renewed': anEvent(),
  'account.closed': anEvent({ entity: 'account' }),
  'account.blocked': anEvent({ entity: 'account' }),
  'account.unblocked': anEvent({ entity: 'account' }),
  'person.erasure-requested': anEvent({ entity: 'person' }),
  'person.born': anEvent({ entity: 'person', personal: true }),
};

function policyOf(categories: Record<string, readonly PolicyRule[]>, changes: Partial<Policy> = {}): Policy {
  return aPolicy(categories, {
    events: EVENTS,
    attributes: { kind: { type: 'text' } },
    ...changes,
  });
}

/** `accepted`, or the code and the path of the refusal. */
function answer(
  policies: readonly Policy[],
  types: readonly string[],
  changes: Partial<SentRegistration> = {},
): string {
  const categories = changes.categories ?? ['data'];
  const shop = { ...configuration.producers['shop']!, categories };
  const checked = checkRegistration(
    { ...configuration, producers: { ...configuration.producers, shop }, policies: { policies } },
    'shop',
    {
      kind: 'registration',
      id: 'r-1',
      source: 'shop.example',
      store: 'orders',
      locator: ['shop/1'],
      categories,
      purposes: ['billing'],
      entities: types.map((type) => ({ type, id: '1' })),
      ...changes,
    },
    NOW,
  );
  return checked.ok ? 'accepted' : `${checked.code} ${checked.path}`;
}

const REFUSED = 'ENTITIES_WITHOUT_RULE data.entities';
const byRule = (text: string, types: readonly string[]): string =>
  answer([policyOf({ data: [aRule(text)] })], types);

describe('a registration is refused if no rule of its categories waits for an event of its entity types', () => {
  test.each([
    ['3 years after contract.ended', ['account']],
    ['within 30 days after contract.ended', ['account', 'person']],
    ['the later of 3 years after contract.ended and account.closed', ['person']],
    ['the earlier of contract.ended and account.closed', ['person']],
    ['5 newer contract.renewed than contract.ended', ['account']],
    ['anonymise 90 days after contract.ended, then delete 3 years after the same start', ['account']],
    ['if kind is "a", 3 years after contract.ended, otherwise 1 year after contract.ended', ['account']],
    ['3 years after contract.ended unless "Code" requires 10 years after account.closed', ['person']],
    ['not computable, because "usually", fallback 2 years after contract.ended', ['account']],
  ])('%s, about %j', (rule, types) => {
    expect(byRule(rule, types)).toBe(REFUSED);
  });

  test.each([
    ['3 years after contract.ended', ['contract']],
    ['3 years after contract.ended', ['account', 'contract']],
    ['the later of 3 years after contract.ended and account.closed', ['account']],
    ['3 years after contract.ended unless "Code" requires 10 years after account.closed', ['account']],
    ['within 30 days after person.erasure-requested', ['person']],
    ['if the age of person.born at contract.ended is under 18, until 2030-12-31', ['person']],
  ])('and accepted if one does: %s, about %j', (rule, types) => {
    expect(byRule(rule, types)).toBe('accepted');
  });
});

describe('what does not make a record due is not waited for', () => {
  test('an event that undoes an end of another entity type', () => {
    const events = { ...EVENTS, 'contract.ended': anEvent({ undoneBy: ['account.unblocked'] }) };
    const policy = policyOf({ data: [aRule('3 years after contract.ended')] }, { events });
    expect(answer([policy], ['account'])).toBe(REFUSED);
  });

  test('the events of a hold in the rule', () => {
    const rule = '3 years after contract.ended, held from account.blocked until account.unblocked';
    expect(byRule(rule, ['account'])).toBe(REFUSED);
    expect(byRule(rule, ['contract'])).toBe('accepted');
  });

  test('an operand with “if any”, as long as another one is needed', () => {
    const rule = 'the later of 6 years after contract.ended and 12 months after account.closed if any';
    expect(byRule(rule, ['account'])).toBe(REFUSED);
    const either = 'the later of contract.ended if any and account.closed if any';
    expect(byRule(either, ['account'])).toBe('accepted');
  });
});

describe('a rule that needs no event is accepted with any entity', () => {
  test.each([
    'until 31 December 2030',
    'keep permanently',
    'not computable, because "as long as necessary"',
    'not computable, because "usually", fallback keep permanently',
    'the earlier of 2030-12-31 and contract.ended',
    'the later of 2030-12-31 and contract.ended if any',
    'until 2030-12-31 unless "Code" requires 10 years after contract.ended',
    'if kind is "a", until 2030-12-31, otherwise 3 years after contract.ended',
    'until 2030-12-31, held from contract.ended until contract.renewed',
  ])('%s', (rule) => {
    expect(byRule(rule, ['person'])).toBe('accepted');
  });

  test('but not a date of which another part waits for an event', () => {
    expect(byRule('the later of 2030-12-31 and contract.ended', ['person'])).toBe(REFUSED);
  });
});

describe('one that can become due is enough', () => {
  const contracts = [aRule('3 years after contract.ended')];
  const accounts = [aRule('30 days after account.closed')];

  test('of several categories', () => {
    const policy = policyOf({ contracts, accounts });
    const categories = ['contracts', 'accounts'];
    expect(answer([policy], ['account'], { categories })).toBe('accepted');
    expect(answer([policy], ['person'], { categories })).toBe(REFUSED);
  });

  test('of several policy versions, in effect now or later, but not of earlier ones', () => {
    const version = (name: string, effectiveFrom: number, data: readonly PolicyRule[]): Policy =>
      policyOf({ data }, { version: name, effectiveFrom });
    const now = version('2', NOW - 1, contracts);
    expect(answer([now, version('3', NOW + 1, accounts)], ['account'])).toBe('accepted');
    expect(answer([now, version('3', NOW + 1, contracts)], ['account'])).toBe(REFUSED);
    expect(answer([version('1', NOW - 2, accounts), now], ['account'])).toBe(REFUSED);
  });

  test('of the rules that count, not of those that they replace', () => {
    const law = aRule('10 years after contract.ended', { level: 'statutory' });
    expect(answer([policyOf({ data: [...accounts, law] })], ['account'])).toBe(REFUSED);
    const here = aRule('10 years after contract.ended', { level: 'jurisdiction', jurisdiction: 'KZ' });
    const policy = policyOf({ data: [...accounts, here] });
    expect(answer([policy], ['account'], { attributes: { jurisdiction: 'KZ' } })).toBe(REFUSED);
    expect(answer([policy], ['account'], { attributes: { jurisdiction: 'DE' } })).toBe('accepted');
    expect(answer([policy], ['account'])).toBe('accepted');
  });
});
