import {
  type AttributeValue,
  CreateTableCommand,
  type GlobalSecondaryIndex,
  PutItemCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import type { KeyColumn } from '../../../shared/domain/configuration/configuration.ts';
import type { Place, Store } from '../../../shared/ports/store.ts';
import { dynamoError } from '../engine/dynamodb-front.ts';
import { frontedDynamo } from '../engine/fronted-dynamo.ts';
import { PAIR } from '../store/store-rig.ts';
import { allOf, listedOf, numbers } from './listing-suite.ts';

const KEYS: readonly KeyColumn[] = [{ name: 'id', type: 'text' }];
const SCHEMA = { state: 'unknown', code: 'STORE_SCHEMA' };
const EMPTY = { state: 'listed', locators: [] };

const { bench, front, seen } = await frontedDynamo();

const INDEXES: readonly (readonly [
  name: string,
  hash: string,
  projection: GlobalSecondaryIndex['Projection'],
  sort?: string,
])[] = [
  ['by-owner', 'owner', { ProjectionType: 'ALL' }],
  ['by-number', 'number', { ProjectionType: 'KEYS_ONLY' }],
  ['by-kind', 'owner', { ProjectionType: 'INCLUDE', NonKeyAttributes: ['kind'] }, 'at'],
  ['by-bytes', 'bytes', { ProjectionType: 'ALL' }],
];
const TYPES = { owner: 'S', number: 'N', at: 'S', bytes: 'B' } as const;

let tables = 0;
async function indexed(): Promise<string> {
  tables += 1;
  const TableName = `indexed-${tables}`;
  await bench.client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [
        { AttributeName: 'id', AttributeType: 'S' },
        ...Object.entries(TYPES).map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
      ],
      GlobalSecondaryIndexes: INDEXES.map(([IndexName, hash, Projection, sort]) => ({
        IndexName,
        Projection,
        KeySchema: [
          { AttributeName: hash, KeyType: 'HASH' as const },
          ...(sort === undefined ? [] : [{ AttributeName: sort, KeyType: 'RANGE' as const }]),
        ],
      })),
    }),
  );
  await waitUntilTableExists(
    { client: bench.client, maxWaitTime: 30, minDelay: 0.01, maxDelay: 0.5 },
    { TableName },
  );
  return TableName;
}

const put = (TableName: string, Item: Record<string, AttributeValue>) =>
  bench.client.send(new PutItemCommand({ TableName, Item }));

async function using<Result>(
  table: string,
  keys: readonly KeyColumn[],
  body: (store: Store) => Promise<Result>,
  timeoutSeconds = 10,
) {
  const store = await bench.open(table, keys, timeoutSeconds, front.endpoint);
  try {
    return await body(store);
  } finally {
    await store.close();
  }
}

describe('an index', () => {
  test('lists the items that are in it, and none without the attribute', async () => {
    const table = await indexed();
    for (const n of numbers(25))
      await put(table, { id: { S: `own-${n}` }, owner: { S: 'a' }, at: { S: String(n % 3) } });
    for (const n of numbers(5)) await put(table, { id: { S: `other-${n}` }, owner: { S: 'A' } });
    await put(table, { id: { S: 'sparse' } });
    const own = numbers(25)
      .map((n) => `own-${n}`)
      .toSorted();
    await using(table, KEYS, async (store) => {
      for (const by of ['by-owner:owner', 'by-kind:owner'])
        for (const limit of [1, 7, 25, 1000]) {
          const all = await allOf(store, { by, value: 'a' }, limit);
          expect(all.map(([id]) => String(id)).toSorted()).toEqual(own);
        }
      expect(await store.list({ by: 'by-owner:owner', value: 'nobody' }, 10)).toEqual(EMPTY);
    });
    // At the beginning of each list, and not for each page.
    expect(seen.filter(({ operation }) => operation === 'DescribeTable')).toHaveLength(9);
  });

  test('of numbers takes an id only as the number is written', async () => {
    const table = await indexed();
    for (const [id, N] of [
      ['a', '42'],
      ['b', '1.5'],
      ['c', '-7'],
      ['d', '0'],
    ] as const)
      await put(table, { id: { S: id }, number: { N } });
    await using(table, KEYS, async (store) => {
      const found = async (value: string) =>
        (await allOf(store, { by: 'by-number:number', value }, 5)).flat();
      expect([await found('42'), await found('1.5'), await found('-7'), await found('0')]).toEqual([
        ['a'],
        ['b'],
        ['c'],
        ['d'],
      ]);
      for (const wrong of [
        '042',
        '42.0',
        '4.2e1',
        '+42',
        '1.50',
        '-0',
        'a',
        '',
        ' 42',
        '9'.repeat(39),
        'NaN',
      ])
        expect([wrong, await found(wrong)]).toEqual([wrong, []]);
    });
  });

  test.each([
    ['is not there', 'nowhere:owner', {}],
    ['has another partition key', 'by-owner:id', {}],
    ['has it as its sort key only', 'by-kind:at', {}],
    ['has a partition key of bytes', 'by-bytes:bytes', {}],
    ['lacks a field of the filter', 'by-number:number', { kind: 'invoice' }],
    ['lacks one of several', 'by-kind:owner', { kind: 'invoice', state: 'sent' }],
    ['is not named', 'owner', {}],
    ['is no name', ':owner', {}],
  ])('that %s is refused, and not taken for an empty one', async (_, by, where) => {
    const table = await indexed();
    await put(table, { id: { S: 'one' }, owner: { S: 'a' }, number: { N: '1' }, kind: { S: 'invoice' } });
    await using(table, KEYS, async (store) => {
      for (const value of ['a', '1']) expect(await store.list({ by, value, where }, 10)).toEqual(SCHEMA);
    });
  });

  test.each([
    { IndexStatus: 'CREATING' },
    { IndexStatus: 'DELETING' },
    { IndexStatus: 'ACTIVE', Backfilling: true },
  ])('that does not have all items yet is refused, and used as soon as it has: %j', async (state) => {
    const table = await indexed();
    await put(table, { id: { S: 'one' }, owner: { S: 'a' } });
    let isDone = false;
    front.intercept = (operation) =>
      operation !== 'DescribeTable' || isDone
        ? undefined
        : {
            status: 200,
            body: {
              Table: {
                AttributeDefinitions: [{ AttributeName: 'owner', AttributeType: 'S' }],
                GlobalSecondaryIndexes: [
                  {
                    IndexName: 'by-owner',
                    KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' }],
                    Projection: { ProjectionType: 'ALL' },
                    ...state,
                  },
                ],
              },
            },
          };
    await using(table, KEYS, async (store) => {
      expect(await store.list({ by: 'by-owner:owner', value: 'a' }, 10)).toEqual(SCHEMA);
      isDone = true;
      expect(await store.list({ by: 'by-owner:owner', value: 'a' }, 10)).toEqual({
        state: 'listed',
        locators: [['one']],
      });
    });
  });
});

describe('a table', () => {
  test('is read consistently, by its partition key, and only its keys come back', async () => {
    const table = await bench.table(PAIR);
    await put(table, { tenant: { S: 'a' }, number: { N: '1' }, mail: { S: 'secret' } });
    await using(table, PAIR, (store) => allOf(store, { by: 'tenant', value: 'a' }, 10));
    expect(seen.map(({ operation }) => operation)).toEqual(['Query']);
    expect(seen[0]?.body).toMatchObject({ ConsistentRead: true, ProjectionExpression: '#k0, #k1' });
  });

  test('with a colon in the name of its key is not taken for an index', async () => {
    const keys: readonly KeyColumn[] = [{ name: 'owner:id', type: 'text' }];
    const table = await bench.table(keys);
    await put(table, { 'owner:id': { S: 'a' } });
    await using(table, keys, async (store) => {
      expect(await allOf(store, { by: 'owner:id', value: 'a' }, 10)).toEqual([['a']]);
    });
  });

  test.each<[KeyColumn['type'], AttributeValue, string, (string | number)[], string[]]>([
    ['integer', { N: '42' }, '42', [42], ['042', 'x', '42.0']],
    ['decimal', { N: '1.5' }, '1.5', ['1.5'], ['1.50', '15e-1']],
    [
      'uuid',
      { S: '0190f3c2-7e4b-7c3a-9d55-1f2e3d4c5b6a' },
      '0190f3c2-7e4b-7c3a-9d55-1f2e3d4c5b6a',
      ['0190f3c2-7e4b-7c3a-9d55-1f2e3d4c5b6a'],
      ['0190f3c2', 'a'],
    ],
    ['date', { S: '2024-02-29' }, '2024-02-29', ['2024-02-29'], ['2023-02-29', '29.2.2024']],
  ])('with a partition key of type %s', async (...each) => {
    const [type, value, id, locator, none] = each;
    const keys: readonly KeyColumn[] = [{ name: 'key', type }];
    const table = await bench.table(keys);
    await put(table, { key: value });
    await using(table, keys, async (store) => {
      expect(await allOf(store, { by: 'key', value: id }, 10)).toEqual([locator]);
      for (const wrong of none) expect(await store.list({ by: 'key', value: wrong }, 10)).toEqual(EMPTY);
    });
  });

  test.each<[KeyColumn['type'], AttributeValue[], (string | number)[]]>([
    ['integer', ['-5', '0', '7', '10'].map((N) => ({ N })), [-5, 0, 7, 10]],
    ['binary', [[0], [1, 0], [255]].map((bytes) => ({ B: Buffer.from(bytes) })), ['AA', 'AQA', '_w']],
    ['date', ['2023-12-31', '2024-01-01'].map((S) => ({ S })), ['2023-12-31', '2024-01-01']],
    ['text', ['A', 'a', 'é', '日'].map((S) => ({ S })), ['A', 'a', 'é', '日']],
  ])('is listed in the order of its sort key, of type %s', async (type, sorts, found) => {
    const keys: readonly KeyColumn[] = [
      { name: 'owner', type: 'text' },
      { name: 'sort', type },
    ];
    const table = await bench.table(keys);
    for (const sort of sorts.toReversed()) await put(table, { owner: { S: 'a' }, sort });
    await using(table, keys, async (store) => {
      for (const limit of [1, 2, 100])
        expect(await allOf(store, { by: 'owner', value: 'a' }, limit)).toEqual(
          found.map((sort) => ['a', sort]),
        );
    });
  });

  test('an item that no locator can name is left out, and the list never ends as complete', async () => {
    const stored: readonly KeyColumn[] = [
      { name: 'owner', type: 'text' },
      { name: 'id', type: 'text' },
    ];
    const table = await bench.table(stored);
    const uuid = '0190f3c2-7e4b-7c3a-9d55-1f2e3d4c5b6a';
    for (const id of ['a', uuid, uuid.toUpperCase()]) await put(table, { owner: { S: 'x' }, id: { S: id } });
    await using(
      table,
      [
        { name: 'owner', type: 'text' },
        { name: 'id', type: 'uuid' },
      ],
      async (store) => {
        const place = { by: 'owner', value: 'x' };
        const { locators, next } = await listedOf(store, place, 10);
        expect(locators).toEqual([['x', uuid]]);
        expect(await store.list(place, 10, next)).toEqual(SCHEMA);
      },
    );
  });
});

describe('a constant filter', () => {
  test('finds items with these values and types only, in bounded steps', async () => {
    const table = await bench.table(PAIR);
    const item = (number: number, more: Record<string, AttributeValue>) =>
      put(table, { tenant: { S: 'a' }, number: { N: String(number) }, ...more });
    for (const n of numbers(60)) await item(n, { kind: { S: n % 20 === 0 ? 'invoice' : 'note' } });
    await item(100, { kind: { S: 'Invoice' } });
    await item(101, { kind: { NULL: true } });
    await item(102, { kind: { BOOL: true } });
    await item(103, { kind: { N: '7' } });
    await item(104, { kind: { L: [{ S: 'invoice' }] } });
    await using(table, PAIR, async (store) => {
      const found = async (where: Place['where'], limit: number) =>
        (await allOf(store, { by: 'tenant', value: 'a', ...(where && { where }) }, limit)).map(
          ([, number]) => number,
        );
      for (const limit of [1, 7, 1000]) {
        expect(await found({ kind: 'invoice' }, limit)).toEqual([0, 20, 40]);
        expect(await found({ kind: true }, limit)).toEqual([102]);
        expect(await found({ kind: 7 }, limit)).toEqual([103]);
        expect(await found({ kind: '7' }, limit)).toEqual([]);
        expect(await found({ kind: 'invoice', nowhere: 1 }, limit)).toEqual([]);
      }
      expect(await found({}, 1000)).toHaveLength(65);
      seen.length = 0;
      const { locators, next } = await listedOf(
        store,
        { by: 'tenant', value: 'a', where: { kind: 'Invoice' } },
        1,
      );
      expect([locators, typeof next, seen.length]).toEqual([[], 'string', 10]);
      expect(await store.list({ by: 'tenant', value: 'a', where: { number: 1 } }, 10)).toEqual(SCHEMA);
    });
  });
});

test('10,000 items of one id are listed in pages of 1,000, each once, in order, and 1,500 in pages of 7', async () => {
  const table = await bench.table(PAIR);
  await using(table, PAIR, async (store) => {
    for (const [value, count, limit] of [
      ['a', 1500, 7],
      ['b', 10_000, 1000],
    ] as const) {
      const all = numbers(count);
      for (let from = 0; from < all.length; from += 50)
        await Promise.all(
          all
            .slice(from, from + 50)
            .map((number) => put(table, { tenant: { S: value }, number: { N: String(number) } })),
        );
      const found = await allOf(store, { by: 'tenant', value }, limit);
      expect(found).toEqual(all.map((number) => [value, number]));
    }
  });
}, 300_000);

describe('trouble', () => {
  test.each([
    ['ProvisionedThroughputExceededException', 'STORE_THROTTLED'],
    ['ThrottlingException', 'STORE_THROTTLED'],
    ['AccessDeniedException', 'STORE_DENIED'],
    ['ResourceNotFoundException', 'STORE_SCHEMA'],
    ['ValidationException', 'STORE_SCHEMA'],
    ['InternalServerError', 'STORE_ERROR'],
  ])('%s of a query or a description is %s', async (name, code) => {
    const table = await indexed();
    for (const [failing, by] of [
      ['Query', 'id'],
      ['Query', 'by-owner:owner'],
      ['DescribeTable', 'by-owner:owner'],
    ] as const) {
      front.intercept = (operation) => (operation === failing ? dynamoError(name, 'secret', 400) : undefined);
      await using(table, KEYS, async (store) => {
        expect(await store.list({ by, value: 'a' }, 10)).toEqual({ state: 'unknown', code });
      });
    }
  });

  test('what was found before a later query failed is listed, and the list goes on from there', async () => {
    const table = await bench.table(PAIR);
    for (const n of numbers(30))
      await put(table, {
        tenant: { S: 'a' },
        number: { N: String(n) },
        kind: { S: n % 2 === 0 ? 'x' : 'y' },
      });
    const place = { by: 'tenant', value: 'a', where: { kind: 'x' } };
    await using(table, PAIR, async (store) => {
      let queries = 0;
      front.intercept = (operation) =>
        operation === 'Query' && (queries += 1) > 2
          ? dynamoError('ThrottlingException', 'secret')
          : undefined;
      const { locators, next } = await listedOf(store, place, 8);
      expect(locators.length).toBeGreaterThan(0);
      front.intercept = () => undefined;
      const { locators: rest } = await listedOf(store, place, 1000, next);
      expect([...locators, ...rest].map(([, number]) => number)).toEqual(numbers(15).map((n) => n * 2));
    });
  });

  test('a table that never answers is a timeout', async () => {
    const table = await bench.table(PAIR);
    front.intercept = () => new Promise(() => {});
    const listed = await using(table, PAIR, (store) => store.list({ by: 'tenant', value: 'a' }, 10), 1);
    expect(listed).toEqual({ state: 'unknown', code: 'STORE_TIMEOUT' });
  });
});
