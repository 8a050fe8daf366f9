import { expect, test } from 'vitest';
import { storeAccess } from '../../../infra/store-access.ts';
import type { StoreConfiguration } from '../../../shared/domain/configuration/configuration.ts';
import { compiled, goodConfig } from '../../support/rules/configuration-text.ts';

const TABLE = 'arn:aws:dynamodb:eu-central-1:111122223333:table/contacts';
const place = { partition: 'aws', account: '111122223333', databaseId: 'db-1' };

/** What the lane of the store may do with these collections; `contacts` is in DynamoDB, `usage` in PostgreSQL. */
function accessTo(
  store: 'contacts' | 'usage',
  bys: readonly string[],
  change: Partial<StoreConfiguration> = {},
) {
  const config = goodConfig();
  const producer = store === 'contacts' ? 'crm' : 'erp';
  const collections = bys.map((by, index) => ({
    category: ['contact-data', 'usage-data'][index] ?? '',
    where: change.kind === 's3' ? undefined : { part: index },
    entity: 'account',
    by,
    producer,
  }));
  const { kind, options } = { ...config.stores[store]!, ...change };
  config.stores[store] = {
    ...config.stores[store]!,
    kind,
    options,
    ...(collections.length > 0 && { collections }),
  };
  return storeAccess(compiled(config), store, place);
}

const added = (
  store: 'contacts' | 'usage',
  bys: readonly string[],
  change: Partial<StoreConfiguration> = {},
) => {
  const before = new Set(said(accessTo(store, [], change)));
  return said(accessTo(store, bys, change)).filter((each) => !before.has(each));
};

function said(access: ReturnType<typeof storeAccess>): string[] {
  return access.flatMap(({ actions, resources }) =>
    actions.flatMap((action) => resources.map((resource) => `${action} ${resource}`)),
  );
}

test('a lane without collections may list nothing', () => {
  expect(said(accessTo('contacts', [])).filter((each) => each.includes('Query'))).toEqual([]);
  expect(accessTo('contacts', [])).toHaveLength(1);
});

test('a lane lists the items of a table by the partition key, and nothing else', () => {
  expect(added('contacts', ['id'])).toEqual([`dynamodb:Query ${TABLE}`]);
});

test('it asks an index and not the table, each index that a collection names', () => {
  expect(added('contacts', ['by-account:account'])).toEqual([`dynamodb:Query ${TABLE}/index/by-account`]);
  expect(added('contacts', ['by-account:account', 'id'])).toEqual([
    `dynamodb:Query ${TABLE}`,
    `dynamodb:Query ${TABLE}/index/by-account`,
  ]);
  expect(added('contacts', ['by-account:account', 'by-owner:owner'])).toEqual([
    `dynamodb:Query ${TABLE}/index/by-account`,
    `dynamodb:Query ${TABLE}/index/by-owner`,
  ]);
});

test('a database and a bucket need no more than for single records', () => {
  expect(added('usage', ['account_id'])).toEqual([]);
  expect(added('contacts', ['{id}/'], { kind: 's3', options: { bucket: 'contacts' } })).toEqual([]);
});
