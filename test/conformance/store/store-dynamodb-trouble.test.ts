import { GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { KeyColumn } from '../../../shared/domain/configuration/configuration.ts';
import type { Masks } from '../../../shared/domain/record/masks.ts';
import type { Store } from '../../../shared/ports/store.ts';
import { type DynamoFront, dynamoError, dynamoFront } from '../engine/dynamodb-front.ts';
import { MARKER } from './store-bench.ts';
import { type DynamoBench, dynamoBench, setAttribute } from './store-dynamodb-bench.ts';
import { gone, looked, outcomesOf, statesOf } from './store-rig.ts';

const KEYS: readonly KeyColumn[] = [{ name: 'id', type: 'text' }];
const MASKS: Masks = { mail: { kind: 'pseudonym' } };

let plain: DynamoBench;
let versioned: DynamoBench;
let fronts: ReadonlyMap<DynamoBench, DynamoFront>;
beforeAll(async () => {
  [plain, versioned] = await Promise.all([dynamoBench(), dynamoBench('version')]);
  const [one, two] = await Promise.all([dynamoFront(plain.endpoint), dynamoFront(versioned.endpoint)]);
  fronts = new Map([
    [plain, one],
    [versioned, two],
  ]);
});
afterAll(async () => {
  for (const front of fronts.values()) front.stop();
  await Promise.all([plain.stop(), versioned.stop()]);
});
beforeEach(() => {
  for (const front of fronts.values()) front.intercept = () => undefined;
});

interface Scene {
  readonly store: Store;
  readonly front: DynamoFront;
  readonly table: string;
}

/** A table with `count` items `0`, `1` …, seen through the front. */
async function using(
  bench: DynamoBench,
  count: number,
  body: (scene: Scene) => Promise<void>,
  timeoutSeconds = 10,
): Promise<void> {
  const table = await bench.table(KEYS);
  for (let id = 0; id < count; id += 1) {
    const Item = { id: { S: String(id) }, mail: { S: MARKER }, version: { N: '1' } };
    await bench.client.send(new PutItemCommand({ TableName: table, Item }));
  }
  const front = fronts.get(bench) as DynamoFront;
  const store = await bench.open(table, KEYS, timeoutSeconds, front.endpoint);
  try {
    await body({ store, front, table });
  } finally {
    await store.close();
  }
}

const locators = (count: number) => Array.from({ length: count }, (_, id) => [String(id)]);
const targets = (count: number) => locators(count).map((locator) => ({ locator }));

test('a record that is rewritten between our read and our mask is changed, also without versions', () =>
  using(plain, 2, async ({ store, front, table }) => {
    front.intercept = async (operation, body) => {
      const key = (body['Key'] as { id?: { S: string } } | undefined)?.id?.S;
      if (operation === 'UpdateItem' && key === '0') {
        await setAttribute(plain.client, { TableName: table, Key: { id: { S: '0' } } }, 'mail', {
          S: `new-${MARKER}`,
        });
      }
      return undefined;
    };
    expect(outcomesOf(await store.anonymise(targets(2), MASKS))).toEqual(['changed', 'anonymised']);
    const { Item } = await plain.client.send(
      new GetItemCommand({ TableName: table, Key: { id: { S: '0' } } }),
    );
    expect(Item?.['mail']).toEqual({ S: `new-${MARKER}` });
  }));

test('a record that goes between our read and our mask is already so, and is not brought back', () =>
  using(versioned, 1, async ({ store, front, table }) => {
    front.intercept = async (operation) => {
      if (operation === 'UpdateItem') await (await versioned.open(table, KEYS)).delete(targets(1));
      return undefined;
    };
    expect(outcomesOf(await store.anonymise(targets(1), MASKS))).toEqual(['already-so']);
    expect(statesOf(await store.look(locators(1)))).toEqual(['gone']);
  }));

test('a numeric version moves on with a mask, so that a write based on the unmasked item fails', () =>
  using(versioned, 1, async ({ store, table }) => {
    expect(outcomesOf(await store.anonymise(await looked(store, locators(1)), MASKS))).toEqual([
      'anonymised',
    ]);
    const stale = new UpdateItemCommand({
      TableName: table,
      Key: { id: { S: '0' } },
      UpdateExpression: 'SET mail = :mail, version = :two',
      ConditionExpression: 'version = :one',
      ExpressionAttributeValues: { ':mail': { S: MARKER }, ':one': { N: '1' }, ':two': { N: '2' } },
    });
    await expect(versioned.client.send(stale)).rejects.toThrow('The conditional request failed');
    expect(outcomesOf(await store.anonymise(await looked(store, locators(1)), MASKS))).toEqual([
      'already-so',
    ]);
  }));

test('reads only what is certain: every read is consistent', () =>
  using(versioned, 1, async ({ store, front }) => {
    const reads: unknown[] = [];
    front.intercept = (operation, body) => {
      if (operation === 'BatchGetItem') reads.push(...Object.values(body['RequestItems'] ?? {}));
      return undefined;
    };
    await store.look(locators(2));
    await store.delete([{ locator: ['0'], version: 'N:7' }]);
    await store.anonymise(targets(1), MASKS);
    await store.readBack(locators(1).map(gone));
    expect(reads).toHaveLength(4);
    for (const read of reads) expect(read).toMatchObject({ ConsistentRead: true });
  }));

test('asks again for what DynamoDB leaves unprocessed', () =>
  using(plain, 60, async ({ store, front }) => {
    let refusals = 0;
    front.intercept = (operation, body) => {
      const [table, asked] = Object.entries(body['RequestItems'] ?? {})[0] ?? [];
      if (!table || refusals >= 4) return undefined;
      refusals += 1;
      if (operation === 'BatchWriteItem')
        return { status: 200, body: { UnprocessedItems: { [table]: asked } } };
      return { status: 200, body: { Responses: { [table]: [] }, UnprocessedKeys: { [table]: asked } } };
    };
    expect(statesOf(await store.look(locators(61)))).toEqual([...Array(60).fill('present'), 'gone']);
    refusals = 0;
    expect(outcomesOf(await store.delete(targets(60)))).toEqual(Array(60).fill('deleted'));
    expect(refusals).toBe(4);
    expect(statesOf(await store.readBack(locators(60).map(gone)))).toEqual(Array(60).fill('kept'));
  }));

test('calls throttled what is left unprocessed to the end, and answers truly for the rest', () =>
  using(
    plain,
    3,
    async ({ store, front }) => {
      front.intercept = async (operation, body) => {
        const [table, asked] = Object.entries(body['RequestItems'] ?? {})[0] ?? [];
        if (!table) return undefined;
        if (operation === 'BatchGetItem') {
          return { status: 200, body: { Responses: { [table]: [] }, UnprocessedKeys: { [table]: asked } } };
        }
        const isStuck = (request: { DeleteRequest: { Key: { id: { S: string } } } }) =>
          request.DeleteRequest.Key.id.S === '1';
        const all = asked as { DeleteRequest: { Key: { id: { S: string } } } }[];
        await plain.open(table, KEYS).then(async (direct) => {
          await direct.delete(
            all.filter((one) => !isStuck(one)).map((one) => ({ locator: [one.DeleteRequest.Key.id.S] })),
          );
          await direct.close();
        });
        return { status: 200, body: { UnprocessedItems: { [table]: all.filter(isStuck) } } };
      };
      expect(await store.delete(targets(3))).toMatchObject([
        { outcome: 'deleted' },
        { outcome: 'failed', code: 'STORE_THROTTLED' },
        { outcome: 'deleted' },
      ]);
      expect(await store.look(locators(2))).toEqual(
        Array(2).fill({ state: 'unknown', code: 'STORE_THROTTLED' }),
      );
      front.intercept = () => undefined;
      expect(statesOf(await store.look(locators(3)))).toEqual(['gone', 'present', 'gone']);
    },
    // Seconds: what is left is asked for until they are over, and a busy machine needs some for the others.
    4,
  ));

test.each([
  ['ProvisionedThroughputExceededException', 400, 'STORE_THROTTLED', 'failed'],
  ['AccessDeniedException', 400, 'STORE_DENIED', 'refused'],
  ['ExpiredTokenException', 400, 'STORE_DENIED', 'refused'],
  ['ResourceNotFoundException', 400, 'STORE_SCHEMA', 'refused'],
  ['ValidationException', 400, 'STORE_SCHEMA', 'refused'],
  ['InternalServerError', 500, 'STORE_ERROR', 'failed'],
] as const)('%s is a code for every item, and none of its words', (name, status, code, outcome) =>
  using(versioned, 2, async ({ store, front }) => {
    front.intercept = () => dynamoError(name, `about the item of ${MARKER}`, status);
    const said = [
      await store.look(locators(2)),
      await store.delete(targets(2)),
      await store.anonymise(targets(2), MASKS),
      await store.readBack(locators(2).map(gone)),
    ];
    const unknown = { state: 'unknown', code };
    const acted = { outcome, code };
    expect(said).toEqual([
      [unknown, unknown],
      [acted, acted],
      [acted, acted],
      [unknown, unknown],
    ]);
  }),
);

test('gives up on an engine that does not answer in time', () =>
  using(
    plain,
    1,
    async ({ store, front }) => {
      front.intercept = () => new Promise(() => {});
      expect(await store.look(locators(1))).toEqual([{ state: 'unknown', code: 'STORE_TIMEOUT' }]);
      expect(await store.delete(targets(1))).toEqual([{ outcome: 'failed', code: 'STORE_TIMEOUT' }]);
    },
    1,
  ));

test('an answer that belongs to no question makes nothing look gone', () =>
  using(plain, 1, async ({ store, front }) => {
    front.intercept = (_, body) => {
      const [table = ''] = Object.keys(body['RequestItems'] ?? {});
      return {
        status: 200,
        body: { Responses: { [table]: [{ id: { S: 'another' } }] }, UnprocessedKeys: {} },
      };
    };
    expect(await store.look(locators(1))).toEqual([{ state: 'unknown', code: 'STORE_ERROR' }]);
    expect(await store.readBack([gone(['0'])])).toEqual([{ state: 'unknown', code: 'STORE_ERROR' }]);
  }));
