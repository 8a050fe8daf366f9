import { type AttributeValue, GetItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { KeyColumn } from '../../../shared/domain/configuration/configuration.ts';
import type { Store } from '../../../shared/ports/store.ts';
import { type DynamoFront, dynamoError, dynamoFront } from '../engine/dynamodb-front.ts';
import { MARKER } from '../store/store-bench.ts';
import {
  type DynamoBench,
  dynamoBench,
  MARKER_ATTRIBUTE,
  setAttribute,
} from '../store/store-dynamodb-bench.ts';
import { looked, outcomesOf } from '../store/store-rig.ts';
import { documentedBlocks } from './documented-blocks.ts';
import { FREE, marksOf, RESTRICTED, restricted } from './restriction-suite.ts';

const KEYS: readonly KeyColumn[] = [{ name: 'id', type: 'text' }];
const KEY = { id: { S: 'a' } };

let benches: Readonly<Record<'plain' | 'versioned', DynamoBench>>;
let fronts: Readonly<Record<'plain' | 'versioned', DynamoFront>>;
beforeAll(async () => {
  const [plain, versioned] = await Promise.all([dynamoBench(), dynamoBench('version')]);
  benches = { plain, versioned };
  fronts = {
    plain: await dynamoFront(plain.endpoint),
    versioned: await dynamoFront(versioned.endpoint),
  };
});
afterAll(async () => {
  for (const front of Object.values(fronts)) front.stop();
  await Promise.all(Object.values(benches).map((bench) => bench.stop()));
});
beforeEach(() => {
  for (const front of Object.values(fronts)) front.intercept = () => undefined;
});

interface Scene {
  readonly store: Store;
  readonly table: string;
  readonly front: DynamoFront;
  readonly set: (name: string, value: AttributeValue) => Promise<void>;
  readonly write: (more?: Readonly<Record<string, AttributeValue>>) => Promise<void>;
  readonly item: () => Promise<Readonly<Record<string, AttributeValue>> | undefined>;
}

/** A table with the item `a`, seen through the front. */
async function using(kind: 'plain' | 'versioned', body: (scene: Scene) => Promise<void>): Promise<void> {
  const { [kind]: bench } = benches;
  const { [kind]: front } = fronts;
  const { client } = bench;
  const TableName = await bench.table(KEYS);
  const write: Scene['write'] = async (more = {}) => {
    const Item = { ...KEY, mail: { S: MARKER }, version: { N: '1' }, ...more };
    await client.send(new PutItemCommand({ TableName, Item }));
  };
  await write();
  const store = await bench.open(TableName, KEYS, 10, front.endpoint);
  try {
    await body({
      store,
      table: TableName,
      front,
      write,
      set: (name, value) => setAttribute(client, { TableName, Key: KEY }, name, value),
      item: async () => (await client.send(new GetItemCommand({ TableName, Key: KEY }))).Item,
    });
  } finally {
    await store.close();
  }
}

const turn = async (store: Store, on: boolean): Promise<string[]> =>
  outcomesOf(await store.restrict(await looked(store, [['a']]), on));

test('the attribute is true, and is removed again; nothing else changes but a numeric version', async () => {
  const plain = { ...KEY, mail: { S: MARKER } };
  await using('plain', async ({ store, item }) => {
    await turn(store, true);
    expect(await item()).toEqual({ ...plain, version: { N: '1' }, [MARKER_ATTRIBUTE]: { BOOL: true } });
    await turn(store, false);
    expect(await item()).toEqual({ ...plain, version: { N: '1' } });
  });
  await using('versioned', async ({ store, item }) => {
    await turn(store, true);
    expect(await item()).toEqual({ ...plain, version: { N: '2' }, [MARKER_ATTRIBUTE]: { BOOL: true } });
    await turn(store, false);
    expect(await item()).toEqual({ ...plain, version: { N: '3' } });
  });
});

test.each<[string, AttributeValue]>([
  ['false', { BOOL: false }],
  ['NULL', { NULL: true }],
  ['the text `true`', { S: 'true' }],
  ['a number', { N: '1' }],
])('an attribute that is %s says nothing, and is overwritten', (_, value) =>
  using('plain', async ({ store, set, item }) => {
    await set(MARKER_ATTRIBUTE, value);
    expect(await marksOf(store, [['a']])).toEqual([FREE]);
    expect(await turn(store, false)).toEqual(['already-so']);
    expect((await item())?.[MARKER_ATTRIBUTE]).toEqual(value);
    expect(await turn(store, true)).toEqual(['restricted']);
    expect(await marksOf(store, [['a']])).toEqual([RESTRICTED]);
  }),
);

test('an item that is written again as a whole is not restricted any more, and that is noticed', () =>
  using('plain', async ({ store, write }) => {
    await turn(store, true);
    await write();
    expect(await marksOf(store, [['a']])).toEqual([FREE]);
    expect(await turn(store, true)).toEqual(['restricted']);
  }));

test('an item that is rewritten between our read and our update is changed', () =>
  using('versioned', async ({ store, front, write, item }) => {
    const targets = await looked(store, [['a']]);
    front.intercept = async (operation) => {
      if (operation === 'UpdateItem') await write({ version: { N: '2' } });
      return undefined;
    };
    expect(outcomesOf(await store.restrict(targets, true))).toEqual(['changed']);
    expect(await item()).not.toHaveProperty(MARKER_ATTRIBUTE);
  }));

test('without versions, only a change of the attribute itself is noticed', () =>
  using('plain', async ({ store, front, set, item }) => {
    front.intercept = async (operation) => {
      if (operation === 'UpdateItem') await set('mail', { S: `new-${MARKER}` });
      return undefined;
    };
    expect(await turn(store, true)).toEqual(['restricted']);
    expect(await item()).toMatchObject({ mail: { S: `new-${MARKER}` }, [MARKER_ATTRIBUTE]: { BOOL: true } });
    front.intercept = async (operation) => {
      if (operation === 'UpdateItem') await set(MARKER_ATTRIBUTE, { BOOL: false });
      return undefined;
    };
    expect(await turn(store, false)).toEqual(['changed']);
  }));

test('an item that goes between our read and our update is not brought back', () =>
  using('plain', async ({ store, front, item }) => {
    front.intercept = async (operation, body) => {
      if (operation !== 'UpdateItem') return undefined;
      const gone = await benches.plain.open(String(body['TableName']), KEYS);
      await gone.delete([{ locator: ['a'] }]);
      await gone.close();
      return undefined;
    };
    expect(outcomesOf(await store.restrict([{ locator: ['a'] }], true))).toEqual(['already-so']);
    expect(await item()).toBeUndefined();
  }));

test('an answer that is lost is a failure, and the next attempt finds that it was done', () =>
  using('versioned', async ({ store, front, set }) => {
    const targets = await looked(store, [['a']]);
    front.intercept = async (operation) => {
      if (operation !== 'UpdateItem') return undefined;
      await set(MARKER_ATTRIBUTE, { BOOL: true });
      return dynamoError('InternalServerError', MARKER, 500);
    };
    expect(await store.restrict(targets, true)).toEqual([{ outcome: 'failed', code: 'STORE_ERROR' }]);
    front.intercept = () => undefined;
    expect(await marksOf(store, [['a']])).toEqual([RESTRICTED]);
    expect(await turn(store, true)).toEqual(['already-so']);
  }));

test.each([
  ['AccessDeniedException', 400, 'STORE_DENIED', 'refused'],
  ['ProvisionedThroughputExceededException', 400, 'STORE_THROTTLED', 'failed'],
  ['ValidationException', 400, 'STORE_SCHEMA', 'refused'],
])('DynamoDB answers %s: %i is %s', (name, status, code, outcome) =>
  using('plain', async ({ store, front }) => {
    front.intercept = (operation) =>
      operation === 'UpdateItem' ? dynamoError(name, MARKER, status) : undefined;
    expect(await store.restrict([{ locator: ['a'] }], true)).toEqual([{ outcome, code }]);
    front.intercept = (operation) =>
      operation === 'BatchGetItem' ? dynamoError(name, MARKER, status) : undefined;
    expect(await store.readBack([restricted(['a'])])).toEqual([{ state: 'unknown', code }]);
  }),
);

test('the example on the page leaves restricted items out, and keeps them from being replaced', () =>
  using('plain', async ({ store, table, item }) => {
    const { client } = benches.plain;
    const [example = ''] = documentedBlocks('dynamodb', 'json');
    const { FilterExpression, ConditionExpression, ...names } = JSON.parse(example) as {
      readonly FilterExpression: string;
      readonly ConditionExpression: string;
      readonly ExpressionAttributeNames: Record<string, string>;
    };
    const seen = async () =>
      (await client.send(new ScanCommand({ TableName: table, FilterExpression, ...names }))).Count;
    const replace = () =>
      client.send(
        new PutItemCommand({
          TableName: table,
          Item: { ...KEY, mail: { S: 'x' } },
          ConditionExpression,
          ...names,
        }),
      );
    expect(await seen()).toBe(1);
    await turn(store, true);
    expect(await seen()).toBe(0);
    await expect(replace()).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
    expect(await item()).toMatchObject({ mail: { S: MARKER } });
    await turn(store, false);
    expect(await seen()).toBe(1);
    await replace();
  }));
