import { type AttributeValue, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KeyColumn } from '../../../shared/domain/configuration/configuration.ts';
import type { Masks } from '../../../shared/domain/record/masks.ts';
import { type DynamoFront, dynamoError, dynamoFront } from '../engine/dynamodb-front.ts';
import { type DynamoBench, dynamoBench } from '../store/store-dynamodb-bench.ts';
import { gone, looked, outcomesOf, statesOf } from '../store/store-rig.ts';

const KEYS: readonly KeyColumn[] = [{ name: 'id', type: 'text' }];
const CLEAR: Masks = { mail: { kind: 'null' } };
const ITEM = { id: { S: 'x' }, mail: { S: 'ada' }, version: { N: '1' } };
const REPLICAS = { Replicas: [{ RegionName: 'us-east-1', ReplicaStatus: 'ACTIVE' }] };

describe.each([undefined, 'version'])('a global table, with the version attribute %s', (version) => {
  let bench: DynamoBench;
  let front: DynamoFront;
  let table: string;
  let described: { status: number; body: unknown };
  let asked = 0;
  beforeAll(async () => {
    bench = await dynamoBench(version);
    front = await dynamoFront(bench.endpoint);
    table = await bench.table(KEYS);
    front.intercept = (operation) => {
      if (operation !== 'DescribeTable') return undefined;
      asked += 1;
      return described;
    };
  });
  afterAll(async () => {
    front.stop();
    await bench.stop();
  });

  const items = async (): Promise<unknown[]> =>
    (await bench.client.send(new ScanCommand({ TableName: table, ConsistentRead: true }))).Items ?? [];
  async function opened(options: object, more: object) {
    described = { status: 200, body: { Table: { TableStatus: 'ACTIVE', ...more } } };
    asked = 0;
    await bench.client.send(new PutItemCommand({ TableName: table, Item: ITEM }));
    return bench.openWith(table, KEYS, { endpoint: front.endpoint, options });
  }

  test.each([REPLICAS, { GlobalTableVersion: '2017.11.29' }])(
    'is neither deleted from nor masked without a reason in the configuration: %j',
    async (more) => {
      const store = await opened({}, more);
      const refused = [{ outcome: 'refused', code: 'STORE_CONSTRAINT' }];
      const targets = await looked(store, [['x']]);
      expect(await store.delete(targets)).toEqual(refused);
      expect(await store.anonymise(targets, CLEAR)).toEqual(refused);
      expect(await items()).toEqual([ITEM]);
      expect(statesOf(await store.readBack([gone(['x'])]))).toEqual(['broken']);
      await store.close();
    },
  );

  test('is disposed of with a reason, and is not looked at again', async () => {
    const store = await opened({ replicas: { accepted: 'Only eu-west-1 is written to.' } }, REPLICAS);
    expect(outcomesOf(await store.anonymise(await looked(store, [['x']]), CLEAR))).toEqual(['anonymised']);
    expect(outcomesOf(await store.delete(await looked(store, [['x']])))).toEqual(['deleted']);
    expect(await items()).toEqual([]);
    expect(asked).toBe(0);
    await store.close();
  });

  test('that loses its replicas is disposed of from then on, and is looked at once', async () => {
    const store = await opened({}, REPLICAS);
    expect(outcomesOf(await store.anonymise(await looked(store, [['x']]), CLEAR))).toEqual(['refused']);
    described = { status: 200, body: { Table: { TableStatus: 'ACTIVE' } } };
    expect(outcomesOf(await store.anonymise(await looked(store, [['x']]), CLEAR))).toEqual(['anonymised']);
    expect(outcomesOf(await store.delete(await looked(store, [['x']])))).toEqual(['deleted']);
    expect(asked).toBe(2);
    await store.close();
  });

  test('that cannot be looked at is left as it is, with the code of the failure', async () => {
    const store = await opened({}, {});
    described = dynamoError('AccessDeniedException', 'ada');
    const targets = await looked(store, [['x']]);
    expect(await store.delete(targets)).toEqual([{ outcome: 'refused', code: 'STORE_DENIED' }]);
    expect(await store.anonymise(targets, CLEAR)).toEqual([{ outcome: 'refused', code: 'STORE_DENIED' }]);
    expect(await items()).toEqual([ITEM]);
    await store.close();
  });

  test('needs more than an empty reason', async () => {
    await expect(opened({ replicas: { accepted: '        ' } }, {})).rejects.toThrow(
      /replicas\.accepted: say in a few words why/,
    );
    await expect(opened({ replicas: true }, {})).rejects.toThrow(/replicas/);
  });
});

test('decimals as sort keys are told apart to the last digit, and each is deleted alone', async () => {
  const bench = await dynamoBench();
  const keys: readonly KeyColumn[] = [
    { name: 'dev', type: 'text' },
    { name: 'at', type: 'decimal' },
  ];
  const digits = '9'.repeat(37);
  const numbers = [
    '1700000000.123456',
    '1700000000.1234561',
    '1700000000.123455',
    '-1700000000.123456',
    `0.${digits}8`,
    `0.${digits}9`,
    `${digits}8`,
    `-${digits}8`,
    `${digits}9`,
    '1E-130',
    '-1E-130',
    '9.9999999999999999999999999999999999999E+125',
    '0',
  ];
  const table = await bench.table(keys);
  const store = await bench.open(table, keys);
  const item = (N: string): Record<string, AttributeValue> => ({ dev: { S: 'd1' }, at: { N } });
  for (const each of numbers)
    await bench.client.send(new PutItemCommand({ TableName: table, Item: item(each) }));
  const locators = numbers.map((each) => ['d1', each]);
  expect(statesOf(await store.look(locators))).toEqual(numbers.map(() => 'present'));
  expect(
    statesOf(
      await store.look([
        ['d1', '1700000000.1234560'],
        ['d1', '1.700000000123456e9'],
      ]),
    ),
  ).toEqual(['present', 'present']);
  for (const [index, locator] of locators.entries()) {
    expect(outcomesOf(await store.delete(await looked(store, [locator])))).toEqual(['deleted']);
    const left = locators.map((_, at) => (at <= index ? 'gone' : 'present'));
    expect(statesOf(await store.look(locators))).toEqual(left);
  }
  await store.close();
  await bench.stop();
});
