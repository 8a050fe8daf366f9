import { describe, expect, it } from 'vitest';
import type { RetentionConfig } from '../../../shared/domain/configuration/configuration-schema.ts';
import type { PolicySet } from '../../../shared/domain/configuration/policy.ts';
import { STORE_KINDS } from '../../../shared/stores/kinds.ts';
import { actionsOf, rulesIn } from '../../../shared/domain/configuration/check-producers.ts';
import { answersTo, compiled, goodConfig, POLICIES } from '../../support/rules/configuration-text.ts';

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
      `producers.erp.stores.usage: "usage-data" (policy "crm") masks "${field}", a field inside "${first}", but this store (of kind postgresql) only masks whole fields; mask "${first}", or grant another store (if the dot or the bracket is part of the name, write \\ before it)`,
    ]);
  });

  it.each([
    ['csv', [expect.stringContaining('but this store (of kind s3) only masks whole fields; mask "profile"')]],
    ['json', []],
    ['json-lines', []],
    [undefined, []],
  ])('is refused in S3 if the format is CSV: %s', (format, messages) => {
    const inS3 = ({ stores }: RetentionConfig): void => {
      const options = { bucket: 'usage-files', ...(format === undefined ? {} : { format }) };
      stores['usage'] = { ...stores['usage']!, kind: 's3', keys: [{ name: 'key', type: 'text' }], options };
    };
    expect(answersTo(inS3, STORE_KINDS, masking('profile.email'))).toEqual(messages);
  });

  it('is not in a store of Parquet, which is refused with what can be masked', () => {
    const parquet = ({ stores }: RetentionConfig): void => {
      const options = { bucket: 'usage-files', format: 'parquet' };
      stores['usage'] = { ...stores['usage']!, kind: 's3', keys: [{ name: 'key', type: 'text' }], options };
    };
    expect(answersTo(parquet)).toContainEqual(
      expect.stringMatching(/^stores\.usage\.options\.format: .*expected json, json-lines or csv; .*Parquet/),
    );
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

describe('a field of a purpose', () => {
  const needing = (field: string): PolicySet => ({
    policies: POLICIES.policies.map((policy) => ({
      ...policy,
      purposePolicies: { service: { fields: { [field]: { kind: 'null' } } } },
    })),
  });

  it('is refused where a store cannot mask it', () => {
    expect(answersTo(() => undefined, STORE_KINDS, needing('profile.email'))).toEqual([
      expect.stringMatching(
        /^producers\.erp\.stores\.usage: the purpose "service" \(policy "crm"\) masks "profile\.email", a field inside "profile", but this store \(of kind postgresql\) only masks whole fields/,
      ),
    ]);
  });

  it('is refused if it is a key', () => {
    expect(answersTo(() => undefined, STORE_KINDS, needing('id'))).toEqual(
      ['crm.stores.contacts', 'erp.stores.usage'].map((store) =>
        expect.stringContaining(
          `producers.${store}: "id" is a key column of the store, and the purpose "service" (policy "crm") masks it`,
        ),
      ),
    );
  });

  it('asks for the permission to mask, in each store where it may be registered', () => {
    const withoutRule: PolicySet = {
      policies: needing('email').policies.map((policy) => ({
        ...policy,
        categories: { 'contact-data': policy.categories['contact-data']! },
      })),
    };
    const asked = rulesIn({ ...compiled(goodConfig()), policies: withoutRule }, 'contacts').flatMap(
      actionsOf,
    );
    expect(new Set(asked)).toEqual(new Set(['delete', 'anonymise']));
  });
});
