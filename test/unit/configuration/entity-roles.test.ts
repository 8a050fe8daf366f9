import { describe, expect, test } from 'vitest';
import { checkRegistration } from '../../../shared/domain/configuration/permission.ts';
import type { Policy, SubjectsPolicy } from '../../../shared/domain/configuration/policy.ts';
import { parseIncoming } from '../../../shared/contract/cloud-event.ts';
import { REGISTERED } from '../../../shared/domain/record/incoming.ts';
import { configuration } from '../../support/api-world.ts';
import { aPolicy, aRule } from '../../support/rules/rule-world.ts';

function policyOf(category: string, subjects?: SubjectsPolicy): Policy {
  const policy = aPolicy({ [category]: [aRule('3 years after contract.ended')] }, { name: category });
  const rules = policy.categories[category]!;
  return { ...policy, categories: { [category]: { ...rules, ...(subjects && { subjects }) } } };
}

const messages: SubjectsPolicy = { onRequest: 'redact', fields: { sender: {}, recipient: {} } };

/** `accepted`, or the code and the path of the refusal. */
function answer(categories: readonly string[], role: string | undefined): string {
  const shop = { ...configuration.producers['shop']!, categories };
  const policies = [policyOf('messages', messages), policyOf('orders')];
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
      purposes: ['service'],
      entities: [
        { type: 'contract', id: '1' },
        { type: 'contract', id: '2', ...(role !== undefined && { role }) },
      ],
    },
    Date.parse('2026-03-01T10:00:00Z'),
  );
  return checked.ok ? 'accepted' : `${checked.code} ${checked.path}`;
}

describe('the role of an entity', () => {
  test('is one that a category of the record names', () => {
    expect(answer(['messages'], 'recipient')).toBe('accepted');
    expect(answer(['orders', 'messages'], 'sender')).toBe('accepted');
    expect(answer(['messages'], undefined)).toBe('accepted');
  });

  test.each(['owner', 'Sender', 'constructor'])('is refused if none does: %s', (role) => {
    expect(answer(['messages'], role)).toBe('ROLE_UNDECLARED data.entities.1.role');
  });

  test('is refused for a category without people', () => {
    expect(answer(['orders'], 'sender')).toBe('ROLE_UNDECLARED data.entities.1.role');
  });
});

test('only a registration can give an entity a role', () => {
  const entity = { type: 'person', id: 'p-1', role: 'sender' };
  const parse = (type: string, data: object) =>
    parseIncoming({ specversion: '1.0', id: 'e-1', source: 'shop.example', type, data });
  const registered = parse(REGISTERED, {
    store: 'orders',
    locator: ['shop/1'],
    categories: ['messages'],
    purposes: ['service'],
    entities: [entity],
  });
  expect(registered).toMatchObject({ ok: true, value: { entities: [entity] } });
  expect(parse('contract.ended', { entity, occurred: '2026-03-01' })).toMatchObject({
    ok: false,
    code: 'BODY_INVALID',
  });
});
