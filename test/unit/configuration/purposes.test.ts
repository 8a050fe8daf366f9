import { describe, expect, test } from 'vitest';
import { checkRegistration } from '../../../shared/domain/configuration/permission.ts';
import type { Policy } from '../../../shared/domain/configuration/policy.ts';
import { STORE_KINDS } from '../../../shared/stores/kinds.ts';
import { configuration } from '../../support/api-world.ts';
import { answersTo, POLICIES } from '../../support/rules/configuration-text.ts';
import { aPolicy, aRule } from '../../support/rules/rule-world.ts';

const NOW = Date.parse('2026-03-01T10:00:00Z');

function policyOf(category: string, purposes: readonly string[] | undefined, effectiveFrom = 0): Policy {
  const { purposes: _, ...policy } = aPolicy(
    { [category]: [aRule('3 years after contract.ended')] },
    { name: category, version: String(effectiveFrom), effectiveFrom },
  );
  return purposes === undefined ? policy : { ...policy, purposes };
}

/** `accepted`, or the code and the path of the refusal. */
function answer(
  policies: readonly Policy[],
  categories: readonly string[],
  purposes: readonly string[],
): string {
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
      purposes,
      entities: [{ type: 'contract', id: '1' }],
    },
    NOW,
  );
  return checked.ok ? 'accepted' : `${checked.code} ${checked.path}`;
}

describe('a purpose of a registration', () => {
  test('is declared by a policy of one of its categories', () => {
    const policies = [policyOf('orders', ['billing']), policyOf('leads', ['marketing'])];
    expect(answer(policies, ['orders'], ['billing'])).toBe('accepted');
    expect(answer(policies, ['orders', 'leads'], ['marketing', 'billing'])).toBe('accepted');
    expect(answer(policies, ['orders'], ['billing', 'marketing'])).toBe('PURPOSE_UNDECLARED data.purposes.1');
  });

  test('is refused, whatever it is, if the policy declares none', () => {
    expect(answer([policyOf('orders', undefined)], ['orders'], ['billing'])).toBe(
      'PURPOSE_UNDECLARED data.purposes.0',
    );
  });

  test('is declared by the version in effect, not by one before or after it', () => {
    const policies = [
      policyOf('orders', ['billing'], 0),
      policyOf('orders', ['service'], NOW - 1),
      policyOf('orders', ['marketing'], NOW + 1),
    ];
    expect(answer(policies, ['orders'], ['service'])).toBe('accepted');
    for (const other of ['billing', 'marketing'])
      expect(answer(policies, ['orders'], [other])).toBe('PURPOSE_UNDECLARED data.purposes.0');
  });
});

describe('a policy that declares no purposes', () => {
  const policies = {
    policies: POLICIES.policies.map((policy) =>
      Object.fromEntries(Object.entries(policy).filter(([name]) => name !== 'purposes')),
    ),
  } as unknown as typeof POLICIES;

  test('is refused with the producers that may register its categories', () => {
    const message = (producer: string, index: number, category: string): string =>
      `producers.${producer}.categories.${index}: version "1" of the policy "crm" declares no purposes, so nothing can be registered under "${category}"; list them in the policy, such as \`purposes: [service]\``;
    expect(answersTo(() => undefined, STORE_KINDS, policies)).toEqual(
      ['crm', 'erp'].flatMap((producer) => [
        message(producer, 0, 'contact-data'),
        message(producer, 1, 'usage-data'),
      ]),
    );
  });

  test('is fine as long as no producer may register its categories', () => {
    const withoutProducers = (config: { producers: unknown }) => ({ ...config, producers: {} });
    expect(answersTo(withoutProducers, STORE_KINDS, policies)).toEqual([]);
  });
});
