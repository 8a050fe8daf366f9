import { describe, expect, test } from 'vitest';
import type { RetentionConfig } from '../../../shared/domain/configuration/configuration-schema.ts';
import type { DatasetConfiguration, KeyColumn } from '../../../shared/domain/configuration/configuration.ts';
import { datasetNamed } from '../../../shared/domain/datasets/datasets-of.ts';
import { storeKind } from '../../../shared/stores/kinds.ts';
import { answersWith, compiled, goodConfig } from '../../support/rules/configuration-text.ts';
import { GOOD_POLICY, policyFrom, written } from '../../support/rules/policy-text.ts';

const TEXT: readonly KeyColumn[] = [{ name: 'id', type: 'text' }];
const PARTS: readonly KeyColumn[] = [
  { name: 'day', type: 'date' },
  { name: 'account', type: 'integer' },
  { name: 'uuid', type: 'uuid' },
  { name: 'file', type: 'text' },
];
const LOGS: DatasetConfiguration = {
  category: 'logs',
  producer: 'crm',
  clock: { 'record.created': { column: 'createdAt' } },
  by: 'record.created',
};

describe('a dataset in DynamoDB', () => {
  const problemOf = (change: Partial<DatasetConfiguration>): string | undefined =>
    storeKind('dynamodb').datasetProblem({ table: 'logs' }, TEXT, { ...LOGS, ...change });

  test.each<Partial<DatasetConfiguration>>([
    { scan: true },
    { scan: true, where: { kind: 'a', flag: true } },
    { index: 'by-kind:kind', where: { kind: 'a' } },
    { index: 'by-kind:kind', where: { kind: 7, flag: true } },
    { index: 'by-kind:a:b', where: { 'a:b': 'c' } },
    {
      index: 'by-kind:kind',
      where: { kind: 'a' },
      clock: { 'record.created': { column: 'n', unit: 'seconds' } },
    },
  ])('%j is fine', (change) => expect(problemOf(change)).toBeUndefined());

  test.each<[change: Partial<DatasetConfiguration>, words: string]>([
    [{}, "such as index: 'by-kind:kind', or write scan: true"],
    [{ index: 'by-kind:kind', where: { kind: 'a' }, scan: true }, 'or write scan: true instead'],
    [{ index: 'by-kind', where: { kind: 'a' } }, 'a colon and its partition key'],
    [{ index: 'by-kind:kind' }, "such as where: { kind: 'access' }"],
    [{ index: 'by-kind:kind', where: { other: 'a' } }, 'the text or the number that "kind" has'],
    [{ index: 'by-kind:kind', where: { kind: true } }, 'the text or the number that "kind" has'],
    [
      { index: 'by-kind:kind', where: { kind: 'a', createdAt: '2026' } },
      '`where` names "createdAt", the sort key of the index',
    ],
    [{ scan: true, attributes: { country: 'x'.repeat(256) } }, 'names of 1 to 255 bytes'],
    [{ scan: true, where: { '': 'a' } }, 'names of 1 to 255 bytes'],
  ])('%j is refused', (change, words) => expect(problemOf(change)).toContain(words));
});

describe('a dataset in S3', () => {
  const problemOf = (
    change: Partial<DatasetConfiguration>,
    keys: readonly KeyColumn[] = PARTS,
  ): string | undefined =>
    storeKind('s3').datasetProblem({ bucket: 'logs', prefix: 'app/' }, keys, {
      ...LOGS,
      clock: { 'record.created': { column: 'LastModified' } },
      ...change,
    });
  const clock = (column: string, more: object = {}) => ({ clock: { 'record.created': { column, ...more } } });

  test.each<Partial<DatasetConfiguration>>([
    {},
    { where: { prefix: 'exports/' } },
    { entities: { account: 'account' }, attributes: { name: 'file' } },
    { entities: { account: 'users/{id}/' } },
    clock('day'),
    clock('file'),
    clock('account', { unit: 'seconds' }),
  ])('%j is fine', (change) => expect(problemOf(change)).toBeUndefined());

  test.each<[change: Partial<DatasetConfiguration>, words: string]>([
    [{ scan: true }, '`index` and `scan` are for DynamoDB'],
    [{ index: 'a:b' }, '`index` and `scan` are for DynamoDB'],
    [clock('created_at'), '"created_at" is not a clock of an object'],
    [clock('LastModified', { unit: 'seconds' }), '"LastModified" is not a clock'],
    [clock('account'), '"account" is not a clock'],
    [clock('day', { zone: 'UTC' }), '"day" is not a clock'],
    [clock('uuid'), '"uuid" is not a clock'],
    [{ where: { kind: 'a' } }, "such as where: { prefix: 'exports/' }"],
    [{ where: { prefix: 7 } }, "such as where: { prefix: 'exports/' }"],
    [{ where: { prefix: 'x'.repeat(600) } }, 'at most 512 bytes'],
    [{ entities: { account: 'account_id' } }, 'an object has no "account_id"'],
    [{ entities: { account: 'users/{id}' } }, 'an object has no "users/{id}"'],
    [{ attributes: { size: 'LastModified' } }, 'an object has no "LastModified"'],
  ])('%j is refused', (change, words) => expect(problemOf(change)).toContain(words));

  test('is refused where a key column has the name of its clock', () => {
    expect(problemOf({}, [{ name: 'LastModified', type: 'date' }])).toContain(
      'give it another name in `keys`',
    );
  });
});

describe('in a configuration', () => {
  const POLICY = [
    ['[eu-central-1]', '[eu-central-1]\npurposes: [service]'],
    [
      '  account.closed: { entity: account, undoneBy: [account.reopened] }',
      '  account.closed: { entity: account, undoneBy: [account.reopened] }\n  record.created: { entity: record }',
    ],
    ['  usage-data:', '  logs: { rule: delete 90 days after record.created }\n  usage-data:'],
  ].reduce((sofar, [part = '', instead = '']) => written(part, instead, sofar), GOOD_POLICY);
  const policies = { policies: [policyFrom(POLICY)] };
  const inStore =
    (store: object, dataset: object, collection?: object) =>
    (config: RetentionConfig): void => {
      config.entityTypes['record'] = { ids: 'owned' };
      config.producers['crm']!.categories.push('logs');
      Object.assign(config.stores['contacts']!, store, {
        datasets: [{ category: 'logs', producer: 'crm', ...dataset }],
        ...(collection && { collections: [{ producer: 'crm', entity: 'account', ...collection }] }),
      });
    };
  const answers = (...args: Parameters<typeof inStore>): readonly string[] =>
    answersWith(inStore(...args), policies).filter((one) => one.includes('datasets'));

  const ITEMS = { clock: { 'record.created': 'createdAt' }, index: 'by-kind:kind', where: { kind: 'log' } };
  const BUCKET = { kind: 's3', options: { bucket: 'contacts' } };
  const OBJECTS = { clock: { 'record.created': 'LastModified' }, where: { prefix: 'logs/' } };

  test('an index and a scan are compiled as they are written', () => {
    const config = goodConfig();
    inStore({}, ITEMS)(config);
    expect(datasetNamed(compiled(config, policies), 'contacts', 'logs')).toMatchObject({
      index: 'by-kind:kind',
      where: { kind: 'log' },
    });
    expect(answers({}, { clock: ITEMS.clock, scan: true })).toEqual([]);
    expect(answers({}, { clock: ITEMS.clock, scan: false })).toEqual([
      expect.stringContaining(
        'datasets.0.scan: found false; write `true` if each pass may read the whole table',
      ),
    ]);
  });

  test('what looks at every record of its store is swept once a day', () => {
    const isDaily = (store: object, dataset: object): boolean | undefined => {
      const config = goodConfig();
      inStore(store, dataset)(config);
      return datasetNamed(compiled(config, policies), 'contacts', 'logs')?.daily;
    };
    expect(isDaily({}, ITEMS)).toBeUndefined();
    expect(isDaily({}, { clock: ITEMS.clock, scan: true })).toBe(true);
    expect(isDaily(BUCKET, OBJECTS)).toBe(true);
  });

  test('a collection of items and the dataset beside it name the same attribute', () => {
    const collection = { category: 'logs', by: 'by-account:accountId' };
    expect(answers({}, { ...ITEMS, entities: { account: 'accountId' } }, collection)).toEqual([]);
    expect(answers({}, ITEMS, collection)).toEqual([expect.stringContaining("add account: 'accountId'")]);
    expect(answers({}, { ...ITEMS, entities: { account: 'id' } }, { ...collection, by: 'id' })).toEqual([]);
  });

  test('a collection of objects and the dataset beside it name the same prefix', () => {
    const collection = { category: 'logs', by: 'logs/{id}/' };
    expect(answers(BUCKET, { ...OBJECTS, entities: { account: 'logs/{id}/' } }, collection)).toEqual([]);
    expect(answers(BUCKET, OBJECTS, collection)).toEqual([
      expect.stringContaining("add account: 'logs/{id}/'"),
    ]);
  });

  test('no object can be in a dataset and in a collection of another category', () => {
    const collection = (by: string) => ({ category: 'contact-data', by });
    expect(answers(BUCKET, OBJECTS, collection('users/{id}/'))).toEqual([]);
    for (const by of ['logs/{id}/', '{id}/', 'logs/a/{id}/'])
      expect(answers(BUCKET, OBJECTS, collection(by))).toEqual([
        expect.stringContaining("such as where: { prefix: 'exports/' } in a dataset"),
      ]);
    expect(answers(BUCKET, { clock: OBJECTS.clock }, collection('users/{id}/'))).toHaveLength(1);
  });
});
