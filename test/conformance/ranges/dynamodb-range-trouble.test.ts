import {
  type AttributeValue,
  CreateTableCommand,
  PutItemCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Range, Store } from '../../../shared/ports/store.ts';
import { dynamoError } from '../engine/dynamodb-front.ts';
import { frontedDynamo } from '../engine/fronted-dynamo.ts';
import { INTEGER } from '../store/store-rig.ts';
import { rowsOf, UNTIL } from './range-suite.ts';

const SCHEMA = { state: 'unknown', code: 'STORE_SCHEMA' };
const RANGE: Range = { clock: { column: 'at' }, until: UNTIL, columns: [] };
const BY_INDEX: Range = { ...RANGE, index: 'by-set:set', where: { set: 'all' } };
const BY_SCAN: Range = { ...RANGE, scan: true };

const { bench, front, seen } = await frontedDynamo();
beforeAll(async () => {
  await bench.client.send(
    new CreateTableCommand({
      TableName: 'ranged',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [
        { AttributeName: 'id', AttributeType: 'N' },
        { AttributeName: 'set', AttributeType: 'S' },
        { AttributeName: 'bucket', AttributeType: 'N' },
        { AttributeName: 'at', AttributeType: 'S' },
        { AttributeName: 'bytes', AttributeType: 'B' },
      ],
      GlobalSecondaryIndexes: (
        [
          ['by-set', 'set', 'at'],
          ['by-bucket', 'bucket', 'at'],
          ['unordered', 'set', undefined],
          ['otherwise', 'set', 'bucket'],
          ['in-bytes', 'set', 'bytes'],
        ] as const
      ).map(([IndexName, hash, sort]) => ({
        IndexName,
        Projection: { ProjectionType: 'KEYS_ONLY' },
        KeySchema: [
          { AttributeName: hash, KeyType: 'HASH' as const },
          ...(sort === undefined ? [] : [{ AttributeName: sort, KeyType: 'RANGE' as const }]),
        ],
      })),
    }),
  );
  const waiting = { client: bench.client, maxWaitTime: 30, minDelay: 0.01, maxDelay: 0.5 };
  await waitUntilTableExists(waiting, { TableName: 'ranged' });
  for (let id = 0; id < 60; id += 1)
    await put({
      id: { N: String(id) },
      set: { S: 'all' },
      bucket: { N: String(id % 2) },
      at: { S: `2026-0${1 + (id % 3)}-02` },
    });
});

const put = (Item: Record<string, AttributeValue>) =>
  bench.client.send(new PutItemCommand({ TableName: 'ranged', Item }));
const count = (operation: string): number => seen.filter((one) => one.operation === operation).length;

async function using(body: (store: Store) => Promise<void>, table = 'ranged'): Promise<void> {
  const store = await bench.open(table, INTEGER, 10, front.endpoint);
  try {
    await body(store);
  } finally {
    await store.close();
  }
}

describe('an index', () => {
  test('is looked at when a range begins, and not for each page; its items are read from the table', () =>
    using(async (store) => {
      expect(await rowsOf(store, BY_INDEX, 7)).toHaveLength(40);
      expect([count('DescribeTable'), count('Query'), count('BatchGetItem')]).toEqual([1, 9, 6]);
      const reads = seen.filter(({ operation }) => operation === 'BatchGetItem');
      expect(reads.every(({ body }) => JSON.stringify(body).includes('"ConsistentRead":true'))).toBe(true);
      expect(count('Scan')).toBe(0);
    }));

  test('of buckets has the rows of one of them', () =>
    using(async (store) => {
      const rows = await rowsOf(store, { ...BY_INDEX, index: 'by-bucket:bucket', where: { bucket: 1 } }, 9);
      expect(rows).toHaveLength(20);
      expect(rows.every(({ locator }) => Number(locator[0]) % 2 === 1)).toBe(true);
    }));

  test.each<[what: string, change: Partial<Range>]>([
    ['is not there', { index: 'nowhere:set' }],
    ['has another partition key', { index: 'by-set:bucket', where: { bucket: 1 } }],
    ['has no sort key', { index: 'unordered:set' }],
    ['has another sort key', { index: 'otherwise:set' }],
    ['has bytes as its sort key', { index: 'in-bytes:set', clock: { column: 'bytes' } }],
    ['lacks a field of the filter', { where: { set: 'all', kind: 'a' } }],
    ['has partitions of another type', { where: { set: 7 } }],
    ['has a partition that is not named', { where: {} }],
    ['has a boolean for a partition', { where: { set: true } }],
    ['is not named', { index: 'by-set' }],
    ['is neither named nor done without', { index: undefined as never }],
  ])('that %s is refused, and not taken for an empty one', (_, change) =>
    using(async (store) => {
      expect(await store.range({ ...BY_INDEX, ...change }, 10)).toEqual(SCHEMA);
      expect(count('Scan')).toBe(0);
    }),
  );

  test('that is not complete is refused until it is', () =>
    using(async (store) => {
      front.intercept = (operation) => {
        if (operation !== 'DescribeTable') return undefined;
        return {
          status: 200,
          body: {
            Table: {
              KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
              AttributeDefinitions: [
                { AttributeName: 'set', AttributeType: 'S' },
                { AttributeName: 'at', AttributeType: 'S' },
              ],
              GlobalSecondaryIndexes: [
                {
                  IndexName: 'by-set',
                  IndexStatus: 'CREATING',
                  Projection: { ProjectionType: 'ALL' },
                  KeySchema: [
                    { AttributeName: 'set', KeyType: 'HASH' },
                    { AttributeName: 'at', KeyType: 'RANGE' },
                  ],
                },
              ],
            },
          },
        };
      };
      expect(await store.range(BY_INDEX, 10)).toEqual(SCHEMA);
      front.intercept = () => undefined;
      expect((await store.range(BY_INDEX, 10)).state).toBe('ranged');
    }));

  test('ends where the range was shortened to before the position: everything before it was read', () =>
    using(async (store) => {
      const first = await store.range(BY_INDEX, 30);
      if (first.state !== 'ranged' || first.next === undefined) throw new Error('a page should follow');
      const until = { at: Date.parse('2025-12-01T00:00:00Z'), date: '2025-12-01' };
      expect(await store.range({ ...BY_INDEX, until }, 30, first.next)).toEqual({
        state: 'ranged',
        rows: [],
      });
      expect(await store.range(BY_SCAN, 30, first.next)).toEqual(SCHEMA);
    }));

  test('of which an item cannot be read again is unknown, and nothing is left out', () =>
    using(async (store) => {
      front.intercept = (operation) =>
        operation === 'BatchGetItem' ? dynamoError('AccessDeniedException', 'secret') : undefined;
      for (const range of [BY_INDEX, BY_SCAN])
        expect(await store.range(range, 30)).toEqual({ state: 'unknown', code: 'STORE_DENIED' });
    }));
});

describe('a table that is scanned', () => {
  test('is read in four parts side by side, with no more items asked for than there is room', () =>
    using(async (store) => {
      expect(await rowsOf(store, BY_SCAN, 20)).toHaveLength(40);
      const scans = seen.filter(({ operation }) => operation === 'Scan');
      expect(new Set(scans.map(({ body }) => body['Segment']))).toEqual(new Set([0, 1, 2, 3]));
      expect(scans.every(({ body }) => Number(body['Limit']) <= 20 && body['TotalSegments'] === 4)).toBe(
        true,
      );
      expect(count('DescribeTable')).toBe(0);
    }));

  test('stops a call when its budget of read units is used up, and goes on exactly there', () =>
    using(async (store) => {
      const range = { ...BY_SCAN, until: { at: 0, date: '1970-01-01' } };
      front.intercept = (operation, body) => {
        seen.push({ operation, body });
        return operation === 'Scan'
          ? {
              status: 200,
              body: {
                Items: [],
                LastEvaluatedKey: { id: { N: String(seen.length) } },
                ConsumedCapacity: { CapacityUnits: 30 },
              },
            }
          : undefined;
      };
      const first = await store.range(range, 1000);
      if (first.state !== 'ranged' || first.next === undefined) throw new Error('a page should follow');
      // Four times 30 units in each round: the fifth is the last.
      expect([first.rows, count('Scan')]).toEqual([[], 20]);
      const last = seen.slice(-4).map(({ body }) => body['Segment']);
      expect(new Set(last)).toEqual(new Set([0, 1, 2, 3]));
      seen.length = 0;
      await store.range(range, 1000, first.next);
      const starts = seen.slice(0, 4).map(({ body }) => Object.keys(body).includes('ExclusiveStartKey'));
      expect(starts).toEqual([true, true, true, true]);
    }));

  test.each([1, 2, 3, 4])('gives each row once, though part %i fails again and again in between', (part) =>
    using(async (store) => {
      const expected = (await rowsOf(store, BY_SCAN, 1000)).map(({ locator }) => Number(locator[0]));
      let calls = 0;
      front.intercept = (operation, body) => {
        if (operation !== 'Scan' || body['Segment'] !== part - 1) return undefined;
        calls += 1;
        return calls % 5 === 0 ? undefined : dynamoError('ValidationException', 'secret');
      };
      const found: number[] = [];
      let after: string | undefined;
      for (let tries = 0; tries < 500; tries += 1) {
        const page = await store.range(BY_SCAN, 3, after);
        if (page.state !== 'ranged') continue;
        found.push(...page.rows.map(({ locator }) => Number(locator[0])));
        after = page.next;
        if (after === undefined) break;
      }
      const inOrder = (ids: readonly number[]) => ids.toSorted((one, other) => one - other);
      expect([inOrder(found), after]).toEqual([inOrder(expected), undefined]);
    }),
  );

  test('refuses a position of an index', () =>
    using(async (store) => {
      expect(await store.range(BY_SCAN, 10, '[{"id":{"N":"1"}},false]')).toEqual(SCHEMA);
      expect(await store.range(BY_SCAN, 10, '[[null,null,null],false]')).toEqual(SCHEMA);
      expect(await store.range(BY_INDEX, 10, '[[null,null,null,null],false]')).toEqual(SCHEMA);
    }));
});

test.each<[name: string, code: string]>([
  ['ResourceNotFoundException', 'STORE_SCHEMA'],
  ['AccessDeniedException', 'STORE_DENIED'],
])('%s of the first request is %s', (name, code) =>
  using(async (store) => {
    for (const [range, failing] of [
      [BY_INDEX, 'DescribeTable'],
      [BY_INDEX, 'Query'],
      [BY_SCAN, 'Scan'],
    ] as const) {
      front.intercept = (operation) => (operation === failing ? dynamoError(name, 'secret') : undefined);
      expect(await store.range(range, 10)).toEqual({ state: 'unknown', code });
    }
  }),
);
