import { expect, test } from 'vitest';
import { storeAccess } from '../../../infra/store-access.ts';
import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import type { RetentionConfig } from '../../../shared/domain/configuration/configuration-schema.ts';
import { STORE_KINDS, type DataStoreKindName } from '../../../shared/stores/kinds.ts';
import { answersTo, compiled, goodConfig } from '../../support/rules/configuration-text.ts';
import { GOOD_POLICY, policyFrom, written } from '../../support/rules/policy-text.ts';

const PURPOSEFUL = written(
  'regions: [eu-central-1]\n',
  'regions: [eu-central-1]\npurposes: [service]\n',
  GOOD_POLICY,
);
const RESTRICTING = policyFrom(
  written(
    'rule: account plus {fair period}',
    'rule: restrict upon account.closed, then delete account plus {fair period}',
    PURPOSEFUL,
  ),
);

const KEYS = {
  dynamodb: "restrict: { attribute: 'restricted' }",
  postgresql: "restrict: { column: 'restricted_at' }",
  s3: "restrict: { tag: 'tenure-restricted' }",
} as const satisfies Record<DataStoreKindName, string>;
const OPTIONS = {
  dynamodb: { table: 'contacts' },
  postgresql: { host: 'db.internal', database: 'crm', user: 'tenure', table: 'contacts' },
  s3: { bucket: 'contacts' },
} as const;
const MARKERS = {
  dynamodb: { attribute: 'blocked' },
  postgresql: { column: 'blocked' },
  s3: { tag: 'blocked' },
} as const;
const kinds = Object.keys(KEYS) as (keyof typeof KEYS)[];

/** All stores are of this kind, with the option or without. */
function ofKind(kind: keyof typeof KEYS, restrict: object | undefined) {
  return (config: RetentionConfig): void => {
    for (const store of Object.values(config.stores)) {
      const prefix = store.keys[0]?.type === 'integer' ? { table: 'usage', bucket: 'usage' } : {};
      const own = Object.fromEntries(
        Object.entries({ ...OPTIONS[kind], ...prefix }).filter(([name]) => name in OPTIONS[kind]),
      );
      Object.assign(store, { kind, options: { ...own, ...(restrict === undefined ? {} : { restrict }) } });
    }
  };
}

test.each(kinds)('a rule that restricts in a store of kind %s needs its option', (kind) => {
  const policies = { policies: [RESTRICTING] };
  const answers = answersTo(ofKind(kind, undefined), STORE_KINDS, policies);
  expect(answers).toEqual(
    ['crm.stores.contacts', 'erp.stores.usage'].map(
      (path) =>
        `producers.${path}: a rule of "contact-data" (policy "crm") requires the action restrict, which this store (of kind ${kind}) cannot do yet; add \`${KEYS[kind]}\` to its options, change the rule, or grant another store`,
    ),
  );
  expect(answersTo(ofKind(kind, MARKERS[kind]), STORE_KINDS, policies)).toEqual([]);
});

test('no mask changes the field that says which records are restricted', () => {
  const masking = ofKind('dynamodb', { attribute: 'email' });
  expect(answersTo(masking)[0]).toBe(
    'producers.crm.stores.contacts: "email" says which records of the store are restricted, and "usage-data" (policy "crm") masks it; remove it from the masks',
  );
  // A tag is not a field of the object.
  expect(answersTo(ofKind('s3', { tag: 'email' }))).toEqual([]);
});

test.each([
  ['dynamodb', { attribute: 'id' }, { versionAttribute: 'blocked' }],
  ['postgresql', { column: 'id' }, { versionColumn: 'blocked' }],
] as const)(
  'in a store of kind %s neither a key nor the version says what is restricted',
  (kind, key, version) => {
    const answers = (changes: object) =>
      answersTo((config) => {
        ofKind(kind, MARKERS[kind])(config);
        const { contacts } = config.stores;
        if (contacts === undefined) throw new Error('the configuration has the store');
        contacts.keys = [{ name: 'id', type: 'text' }];
        Object.assign(contacts.options ?? {}, changes);
      });
    expect(answers({})).toEqual([]);
    expect(answers({ restrict: key })).toEqual([
      'stores.contacts.options.restrict: "id" is a key column of the store, so it cannot say which records are restricted; name another one',
    ]);
    expect(answers(version)[0]).toMatch(
      /^stores\.contacts\.options\.restrict: .*cannot be what `version(Attribute|Column)` names; name another one/,
    );
  },
);

function actionsIn(configuration: Configuration): readonly string[] {
  const place = { partition: 'aws', account: '111122223333' };
  return storeAccess(configuration, 'contacts', place).flatMap(({ actions }) => actions);
}

test.each([
  ['dynamodb', [], ['dynamodb:UpdateItem']],
  ['postgresql', [], []],
  ['s3', ['s3:PutObjectVersionTagging'], ['s3:GetObjectVersionTagging', 's3:PutObjectVersionTagging']],
] as const)('the lane of a store of kind %s may restrict only with the option', (kind, only, needed) => {
  const access = (restrict: object | undefined): readonly string[] => {
    const config = goodConfig();
    ofKind(kind, restrict)(config);
    return actionsIn(compiled(config));
  };
  const [without, withOption] = [access(undefined), access(MARKERS[kind])];
  expect(withOption.filter((action) => !without.includes(action))).toEqual(only);
  for (const action of needed) expect(withOption).toContain(action);
});

test('a store that only deletes may change items if it restricts, whatever the rules are', () => {
  const config = goodConfig();
  config.producers['crm']!.categories = ['contact-data'];
  const actions = (options: object): readonly string[] => {
    config.stores['contacts']!.options = { ...options };
    return actionsIn(compiled(config));
  };
  expect(actions({ table: 'contacts' })).not.toContain('dynamodb:UpdateItem');
  expect(actions({ table: 'contacts', restrict: { attribute: 'blocked' } })).toContain('dynamodb:UpdateItem');
});

test('a lane may delete whatever may be registered in its store, because a person may ask for it', () => {
  const keeping = policyFrom(
    written(
      'rule: anonymise 30 days after account.closed, then delete 2 years after account.closed',
      'rule: anonymise 30 days after account.closed',
      PURPOSEFUL,
    ),
  );
  const config = goodConfig();
  config.producers['crm']!.categories = ['usage-data'];
  const configuration = { ...compiled(config), policies: { policies: [keeping] } };
  expect(actionsIn(configuration)).toEqual([
    'dynamodb:BatchGetItem',
    'dynamodb:BatchWriteItem',
    'dynamodb:DeleteItem',
    'dynamodb:DescribeContinuousBackups',
    'dynamodb:DescribeTable',
    'dynamodb:UpdateItem',
  ]);
  const unused = { ...configuration, producers: {} };
  // Its survey looks how many items there are.
  expect(actionsIn(unused)).toEqual(['dynamodb:BatchGetItem', 'dynamodb:DescribeTable']);
  const { contacts } = unused.stores;
  const unseen = {
    ...unused,
    stores: { ...unused.stores, contacts: { ...contacts!, coverage: false as const } },
  };
  expect(actionsIn(unseen)).toEqual(['dynamodb:BatchGetItem']);
});
