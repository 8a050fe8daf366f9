import { describe, expect, test } from 'vitest';
import type { KeyColumn } from '../../../shared/domain/configuration/configuration.ts';
import type { Place } from '../../../shared/ports/store.ts';
import { storeKind, type DataStoreKindName } from '../../../shared/stores/kinds.ts';

const OPTIONS: Readonly<Record<DataStoreKindName, object>> = {
  dynamodb: { table: 'people' },
  postgresql: { host: 'db', database: 'crm', user: 'tenure', table: 'people' },
  s3: { bucket: 'people', prefix: 'app/' },
};
const TEXT: readonly KeyColumn[] = [{ name: 'id', type: 'text' }];
const PAIR: readonly KeyColumn[] = [
  { name: 'tenant', type: 'uuid' },
  { name: 'number', type: 'integer' },
];
const key = (type: KeyColumn['type']): readonly KeyColumn[] => [{ name: 'id', type }];

const problem = (name: DataStoreKindName, keys: readonly KeyColumn[], by: string, where?: Place['where']) => {
  const kind = storeKind(name);
  return kind.collectionProblem(kind.options.parse(OPTIONS[name]), keys, by, where);
};

describe('a collection is declared', () => {
  test.each<[DataStoreKindName, readonly KeyColumn[], string, Place['where']?]>([
    ['dynamodb', TEXT, 'id'],
    ['dynamodb', PAIR, 'tenant', { kind: 'invoice', open: true, count: 7 }],
    ['dynamodb', TEXT, 'by-owner:owner'],
    ['dynamodb', TEXT, 'by_owner.2:owner:id'],
    ['dynamodb', key('binary'), 'by-owner:owner'],
    ['postgresql', TEXT, 'id'],
    ['postgresql', TEXT, 'Account Id', { kind: 'invoice', open: true, count: 7 }],
    ['postgresql', PAIR, 'number'],
    ['s3', TEXT, 'users/{id}/'],
    ['s3', TEXT, '{id}/'],
    ['s3', TEXT, 'a/b/user-{id}/', {}],
    ['s3', PAIR, '{id}/'],
  ])('%s %j by %s', (name, keys, by, where) => {
    expect(problem(name, keys, by, where)).toBeUndefined();
  });

  test.each<[DataStoreKindName, readonly KeyColumn[], string, Place['where'], string]>([
    ['dynamodb', TEXT, 'owner', {}, "write 'id', or the name of a global secondary index"],
    ['dynamodb', PAIR, 'number', {}, 'is the sort key'],
    ['dynamodb', TEXT, 'ab:owner', {}, 'a colon and its partition key'],
    ['dynamodb', TEXT, 'by-owner:', {}, 'a colon and its partition key'],
    ['dynamodb', TEXT, 'by owner:owner', {}, 'a colon and its partition key'],
    ['dynamodb', TEXT, '', {}, 'a colon and its partition key'],
    ['dynamodb', key('binary'), 'id', {}, 'which no id can be'],
    ['dynamodb', PAIR, 'tenant', { number: 1 }, 'filters by no key'],
    ['dynamodb', TEXT, 'by-owner:owner', { owner: 'a' }, 'filters by no key'],
    ['dynamodb', TEXT, 'id', { '': 1 }, '1 to 255 bytes'],
    ['postgresql', TEXT, '', {}, 'names of columns'],
    ['postgresql', TEXT, 'é'.repeat(32), {}, 'names of columns'],
    ['postgresql', TEXT, 'a\0', {}, 'names of columns'],
    ['postgresql', TEXT, 'owner', { '': 'x' }, 'names of columns'],
    ['postgresql', TEXT, 'owner', { kind: 'a\0' }, 'zero byte'],
    ['postgresql', key('binary'), 'id', {}, 'which no id can be'],
    ['postgresql', key('timestamp'), 'id', {}, 'which no id can be'],
    ['s3', TEXT, '', {}, 'users/{id}/'],
    ['s3', TEXT, 'users/', {}, 'exactly one {id}'],
    ['s3', TEXT, 'users/{id}', {}, 'a slash directly after it'],
    ['s3', TEXT, 'users/{id}-x/', {}, 'a slash directly after it'],
    ['s3', TEXT, 'users/{id}/files/', {}, 'at its end'],
    ['s3', TEXT, '{id}/{id}/', {}, 'exactly one {id}'],
    ['s3', TEXT, `${'x'.repeat(510)}/{id}/`, {}, 'at most 512 bytes'],
    ['s3', TEXT, 'users/{id}/', { kind: 'invoice' }, 'remove it'],
    ['s3', key('integer'), '{id}/', {}, 'too few'],
    ['s3', PAIR, 'users/{id}/', {}, 'too few'],
  ])('%s refuses %j by %j where %j, and says what to write', (...each) => {
    const [name, keys, by, where, words] = each;
    expect(problem(name, keys, by, where)).toContain(words);
  });
});

test.each<[DataStoreKindName, readonly KeyColumn[], string, usable: string[], unusable: string[]]>([
  ['dynamodb', TEXT, 'id', ['a', 'a/b', '..', 'x'.repeat(2048)], ['', 'x'.repeat(2049), '\uD800']],
  ['dynamodb', key('integer'), 'id', ['42', '-1', '9'.repeat(38)], ['', '042', 'a', '1.5']],
  ['dynamodb', TEXT, 'by-owner:owner', ['a', '042'], ['', 'x'.repeat(2049), '\uD800']],
  ['postgresql', TEXT, 'owner', ['', 'a', "'", '%'], ['a\0', '\uD800']],
  [
    'postgresql',
    PAIR,
    'tenant',
    ['0190f3c2-7e4b-7c3a-9d55-1f2e3d4c5b6a'],
    ['', 'a', '0190F3C2-7E4B-7C3A-9D55-1F2E3D4C5B6A'],
  ],
  [
    's3',
    TEXT,
    'users/{id}/',
    ['a', '{id}', '...', '%2F', 'é'],
    ['', '.', '..', 'a/b', '/', 'a\0', '\uD800', 'x'.repeat(1020)],
  ],
])('%s says without the store which ids cannot be in a place: %j by %s', (...each) => {
  const [name, keys, by, usable, unusable] = each;
  const canCarry = (value: string) => storeKind(name).canCarry(keys, { by, value });
  expect([usable.filter((id) => !canCarry(id)), unusable.filter(canCarry)]).toEqual([[], []]);
});

test('a list by an index asks the index, and describes its table', () => {
  const place = { partition: 'aws', region: 'eu-west-1', account: '111122223333', databaseId: 'db-1' };
  const access = (name: DataStoreKindName, by: string, keys = TEXT) => {
    const kind = storeKind(name);
    return kind.listAccess(kind.options.parse(OPTIONS[name]), place, keys, by);
  };
  const table = 'arn:aws:dynamodb:eu-west-1:111122223333:table/people';
  expect(access('dynamodb', 'by-owner:owner')).toEqual([
    { actions: ['dynamodb:DescribeTable'], resources: [table] },
    { actions: ['dynamodb:Query'], resources: [`${table}/index/by-owner`] },
  ]);
  const byKey = [{ actions: ['dynamodb:Query'], resources: [table] }];
  expect(access('dynamodb', 'id')).toEqual(byKey);
  expect(access('dynamodb', 'the:key', [{ name: 'the:key', type: 'text' }])).toEqual(byKey);
  const user = 'arn:aws:rds-db:eu-west-1:111122223333:dbuser:db-1/tenure';
  expect(access('postgresql', 'owner')).toEqual([{ actions: ['rds-db:connect'], resources: [user] }]);
  expect(access('s3', 'users/{id}/')).toEqual([
    {
      actions: ['s3:ListBucketVersions', 's3:ListBucketMultipartUploads'],
      resources: ['arn:aws:s3:::people'],
    },
  ]);
});

test('a range needs the table and its index, the whole table, or the lists of the bucket', () => {
  const place = { partition: 'aws', region: 'eu-west-1', account: '111122223333', databaseId: 'db-1' };
  const access = (name: DataStoreKindName, more: object = {}) => {
    const kind = storeKind(name);
    const clock = { 'record.created': { column: 'at' } };
    const dataset = { category: 'logs', producer: 'crm', clock, by: 'record.created', ...more };
    return kind.rangeAccess(kind.options.parse(OPTIONS[name]), place, dataset);
  };
  const table = 'arn:aws:dynamodb:eu-west-1:111122223333:table/people';
  expect(access('dynamodb', { index: 'by-kind:kind', where: { kind: 'a' } })).toEqual([
    { actions: ['dynamodb:BatchGetItem', 'dynamodb:DescribeTable'], resources: [table] },
    { actions: ['dynamodb:Query'], resources: [`${table}/index/by-kind`] },
  ]);
  expect(access('dynamodb', { scan: true })).toEqual([
    { actions: ['dynamodb:BatchGetItem', 'dynamodb:Scan'], resources: [table] },
  ]);
  const user = 'arn:aws:rds-db:eu-west-1:111122223333:dbuser:db-1/tenure';
  expect(access('postgresql')).toEqual([{ actions: ['rds-db:connect'], resources: [user] }]);
  expect(access('s3')).toEqual([
    {
      actions: ['s3:ListBucketVersions', 's3:ListBucketMultipartUploads'],
      resources: ['arn:aws:s3:::people'],
    },
  ]);
});
