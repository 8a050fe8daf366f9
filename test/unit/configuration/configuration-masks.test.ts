import { describe, expect, it } from 'vitest';
import type { RetentionConfig } from '../../../shared/domain/configuration/configuration-schema.ts';
import type { PolicySet } from '../../../shared/domain/configuration/policy.ts';
import { STORE_KINDS } from '../../../shared/stores/kinds.ts';
import { answersTo, POLICIES } from '../../support/rules/configuration-text.ts';

describe('a mask for a field inside a field', () => {
  const masking = (field: string): PolicySet => ({
    policies: POLICIES.policies.map((policy) => ({
      ...policy,
      categories: {
        ...policy.categories,
        'usage-data': { ...policy.categories['usage-data']!, masks: { [field]: { kind: 'null' } } },
      },
    })),
  });

  it.each([
    ['profile.email', 'profile'],
    ['addresses[].street', 'addresses'],
    ['phones[]', 'phones'],
  ])('is refused for a kind of store that has none: %s', (field, first) => {
    // The same category is granted in DynamoDB, too, which has them.
    expect(answersTo(() => undefined, STORE_KINDS, masking(field))).toEqual([
      `producers.erp.stores.usage: "usage-data" (policy "crm") masks "${field}", a field inside "${first}", but stores of kind postgresql only mask whole fields; mask "${first}", or grant another store (if the dot or the bracket is part of the name, write \\ before it)`,
    ]);
  });

  it('is not one whose name contains a dot', () => {
    expect(answersTo(() => undefined, STORE_KINDS, masking(String.raw`profile\.email`))).toEqual([]);
  });

  it('cannot be inside a key column', () => {
    const keyed = ({ stores, producers }: RetentionConfig): void => {
      stores['contacts']!.keys = [{ name: 'profile', type: 'text' }];
      producers['erp']!.categories = ['contact-data'];
    };
    expect(answersTo(keyed, STORE_KINDS, masking('profile.email'))).toEqual([
      'producers.crm.stores.contacts: "profile" is a key column of the store, and "usage-data" (policy "crm") masks it, so the record could no longer be found; remove it from the masks, or use another key',
    ]);
  });
});
