import { describe, expect, test } from 'vitest';
import { storeAccess } from '../../../infra/store-access.ts';
import { laneConfiguration } from '../../../shared/domain/configuration/configuration-part.ts';
import { compileConfiguration } from '../../../shared/domain/configuration/compile-configuration.ts';
import type { StoreConfiguration } from '../../../shared/domain/configuration/configuration.ts';
import { coveredPlaces } from '../../../shared/domain/coverage/covered-places.ts';
import { STORE_KINDS } from '../../../shared/stores/kinds.ts';
import { compiled, goodConfig, POLICIES } from '../../support/rules/configuration-text.ts';

const place = { partition: 'aws', account: '111122223333', databaseId: 'db-1' };
const s3 = { kind: 's3', region: 'eu-central-1', keys: [{ name: 'key', type: 'text' as const }] };

/** `contacts` is in DynamoDB, `usage` in PostgreSQL. */
function configWith(store: string, change: object) {
  const config = goodConfig();
  config.stores[store] = { ...(config.stores[store] ?? s3), ...change };
  return config;
}

function accessWith(store: string, change: object): string[] {
  const config = compiled(configWith(store, change));
  return storeAccess(config, store, place).flatMap(({ actions, resources }) =>
    actions.flatMap((action) => resources.map((resource) => `${action} ${resource}`)),
  );
}

const added = (store: string, change: object, before: object = {}) => {
  const known = new Set(accessWith(store, before));
  return accessWith(store, { ...before, ...change }).filter((each) => !known.has(each));
};

function problemsOf(store: string, change: object): string[] {
  const result = compileConfiguration(configWith(store, change), POLICIES, STORE_KINDS);
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
}

describe('permissions of a survey', () => {
  const TABLE = 'arn:aws:dynamodb:eu-central-1:111122223333:table/contacts';

  test('beyond the store are granted only where the configuration asks for them', () => {
    expect(added('contacts', {}, { coverage: false })).toEqual([]);
    expect(added('contacts', { coverage: { sample: true } })).toEqual([`dynamodb:Scan ${TABLE}`]);
    expect(added('contacts', { neverPresent: ['card_number'] })).toEqual([`dynamodb:Scan ${TABLE}`]);
    expect(added('contacts', { coverage: { account: true } })).toEqual([
      'dynamodb:ListTables *',
      'dynamodb:DescribeTable arn:aws:dynamodb:eu-central-1:111122223333:table/*',
    ]);
    expect(added('usage', { neverPresent: ['card_number'] })).toEqual([]);
  });

  test('of a bucket are those of its lane already, and one for the other buckets if they are asked for', () => {
    const before = { ...s3, options: { bucket: 'uploads' } };
    expect(added('files', {}, { ...before, coverage: false })).toEqual([]);
    expect(added('files', { coverage: { account: true } }, before)).toEqual(['s3:ListAllMyBuckets *']);
  });
});

describe('the configuration of a survey', () => {
  test.each([
    [
      'usage',
      { coverage: { account: true } },
      [
        'stores.usage.coverage.account: a survey of a store of kind postgresql cannot look at this: the other tables or buckets of the account; remove it',
      ],
    ],
    [
      'usage',
      { coverage: { sample: true } },
      [
        'stores.usage.coverage.sample: a survey of a store of kind postgresql cannot look at this: the names of attributes in a sample of items; remove it',
      ],
    ],
    [
      'files',
      { options: { bucket: 'uploads' }, neverPresent: ['a'] },
      [
        'stores.files.neverPresent: a survey of a store of kind s3 cannot look at this: whether fields have values; remove it',
      ],
    ],
    [
      'contacts',
      { coverage: false, neverPresent: ['a'] },
      [
        'stores.contacts.neverPresent: without a survey nothing looks for these fields; remove `coverage: false`, or remove them',
      ],
    ],
  ])('refuses what a kind cannot look at: %s %j', (store, change, problems) => {
    expect(problemsOf(store, change)).toEqual(problems);
  });

  test.each([
    { coverage: true },
    { coverage: { account: false } },
    { coverage: { ignore: { 'public.countries': '' } } },
    { coverage: { ignore: ['public.countries'] } },
    { neverPresent: [] },
    { neverPresent: [''] },
    { neverPresent: ['a\u0000'] },
    { neverPresent: Array.from({ length: 21 }, (_, n) => `f${n}`) },
  ])('is refused in another form: %j', (change) => {
    const problems = problemsOf('usage', change);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.every((problem) => /^stores\.usage\.(coverage|neverPresent)/.test(problem))).toBe(true);
  });

  test('is taken as it is written', () => {
    const ignore = { 'public.countries': 'no personal data' };
    const { stores } = compiled(configWith('usage', { coverage: { ignore }, neverPresent: ['card_number'] }));
    expect(stores['usage']).toMatchObject({ coverage: { ignore }, neverPresent: ['card_number'] });
    expect(compiled(configWith('usage', { coverage: false })).stores['usage']?.coverage).toBe(false);
  });
});

describe('what stores cover', () => {
  const store = (kind: string, options: object, region = 'eu-central-1'): StoreConfiguration => ({
    kind,
    region,
    options: { ...options },
    keys: [{ name: 'id', type: 'text' }],
    restricts: false,
    hourlyCap: 1,
  });
  const granted = (stores: Readonly<Record<string, readonly string[]>>) => ({
    source: 's',
    principals: [],
    categories: [],
    events: [],
    stores: Object.fromEntries(
      Object.entries(stores).map(([name, prefixes]) => [name, { prefixes, shared: false }]),
    ),
  });
  const none = { tables: [], prefixes: [], buckets: [] };

  test('is the tables of all stores in the same database, and no other', () => {
    const at = { host: 'db', port: 5432, database: 'erp', schema: 'public' };
    const stores = {
      one: store('postgresql', { ...at, table: 'orders' }),
      two: store('postgresql', { ...at, schema: 'crm.x', table: 'people' }),
      other: store('postgresql', { ...at, database: 'other', table: 'else' }),
      elsewhere: store('postgresql', { ...at, host: 'db2', table: 'else' }),
    };
    const all = coveredPlaces({ stores, producers: {} }, 'one');
    expect(all).toEqual({ ...none, tables: ['"crm.x".people', 'public.orders'] });
    expect(coveredPlaces({ stores, producers: {} }, 'elsewhere').tables).toEqual(['public.else']);
  });

  test('is the tables of the account in the same region', () => {
    const stores = {
      one: store('dynamodb', { table: 'a' }),
      two: store('dynamodb', { table: 'b' }),
      far: store('dynamodb', { table: 'c' }, 'eu-west-1'),
    };
    expect(coveredPlaces({ stores, producers: {} }, 'one')).toEqual({ ...none, tables: ['a', 'b'] });
  });

  test('is the prefixes that producers may register in the same bucket, and the buckets of the region', () => {
    const stores = {
      one: store('s3', { bucket: 'uploads', prefix: 'users/' }),
      two: store('s3', { bucket: 'uploads', prefix: 'invoices/' }),
      idle: store('s3', { bucket: 'uploads', prefix: 'idle/' }),
      other: store('s3', { bucket: 'logs', prefix: '' }),
    };
    const producers = {
      crm: granted({ one: ['avatars/', 'docs/'], other: [''] }),
      erp: granted({ two: [''], one: ['docs/'] }),
    };
    expect(coveredPlaces({ stores, producers }, 'one')).toEqual({
      tables: [],
      prefixes: ['invoices/', 'users/avatars/', 'users/docs/'],
      buckets: ['logs', 'uploads'],
    });
  });

  test('is in the part of each lane that is surveyed', () => {
    const whole = compiled(goodConfig());
    expect(laneConfiguration('usage', whole).stores['usage']?.covered?.tables).toEqual(['public.usage']);
    const off = compiled(configWith('usage', { coverage: false }));
    expect(laneConfiguration('usage', off).stores['usage']?.covered).toBeUndefined();
  });
});
