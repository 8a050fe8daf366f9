import { type AttributeValue, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import type { KeyColumn } from '../../../shared/domain/configuration/configuration.ts';
import type { Place, Store } from '../../../shared/ports/store.ts';
import { dynamoError } from '../engine/dynamodb-front.ts';
import { frontedDynamo } from '../engine/fronted-dynamo.ts';

const KEYS: readonly KeyColumn[] = [{ name: 'id', type: 'text' }];
const SCHEMA = { state: 'unknown', code: 'STORE_SCHEMA' };
const OUT = { state: 'out' };
const inside = (id: string) => ({ state: 'in', id });

const { bench, front, seen } = await frontedDynamo();

async function using(
  items: readonly Record<string, AttributeValue>[],
  body: (store: Store) => Promise<void>,
  keys: readonly KeyColumn[] = KEYS,
): Promise<void> {
  const TableName = await bench.table(keys);
  for (const Item of items) await bench.client.send(new PutItemCommand({ TableName, Item }));
  const store = await bench.open(TableName, keys, 10, front.endpoint);
  seen.length = 0;
  try {
    await body(store);
  } finally {
    await store.close();
  }
}

test('an item tells the id itself: the index is not asked, and only what is needed comes back', () =>
  using(
    [
      { id: { S: '1' }, owner: { S: 'a' }, mail: { S: 'secret' } },
      { id: { S: '2' }, owner: { N: '42' } },
      { id: { S: '3' } },
      { id: { S: '4' }, owner: { NULL: true } },
      { id: { S: '5' }, owner: { B: Buffer.from('a') } },
      { id: { S: '6' }, owner: { N: '1.50' } },
    ],
    async (store) => {
      const asked = ['1', '2', '3', '4', '5', '6', '7'].map((id) => [id]);
      expect(await store.idsOf(asked, { by: 'by-owner:owner' })).toEqual([
        inside('a'),
        inside('42'),
        OUT,
        OUT,
        SCHEMA,
        inside('1.5'),
        OUT,
      ]);
      expect(seen.map(({ operation }) => operation)).toEqual(['BatchGetItem']);
      const [request] = Object.values(seen[0]?.body['RequestItems'] as Record<string, object>);
      expect(request).toMatchObject({
        ConsistentRead: true,
        ProjectionExpression: '#a0, #a1',
        ExpressionAttributeNames: { '#a0': 'id', '#a1': 'owner' },
      });
      expect(await store.idsOf([['1']], { by: 'owner' })).toEqual([SCHEMA]);
    },
  ));

test.each<[KeyColumn['type'], AttributeValue, string | number, id: string]>([
  ['text', { S: 'a' }, 'a', 'a'],
  ['integer', { N: '42' }, '42', '42'],
  ['decimal', { N: '1.5' }, '1.50', '1.5'],
  ['date', { S: '2024-02-29' }, '2024-02-29', '2024-02-29'],
  [
    'uuid',
    { S: '0190f3c2-7e4b-7c3a-9d55-1f2e3d4c5b6a' },
    '0190F3C2-7E4B-7C3A-9D55-1F2E3D4C5B6A',
    '0190f3c2-7e4b-7c3a-9d55-1f2e3d4c5b6a',
  ],
])('a partition key of type %s tells the id whose list has the item', async (...each) => {
  const [type, key, locator, id] = each;
  await using(
    [{ key }],
    async (store) => {
      expect(await store.idsOf([[locator]], { by: 'key' })).toEqual([inside(id)]);
      const { state, ...listed } = await store.list({ by: 'key', value: id }, 10);
      expect([state, JSON.stringify(listed)]).toEqual(['listed', expect.stringContaining(id)]);
    },
    [{ name: 'key', type }],
  );
});

test('a uuid in another spelling lists nothing: an item tells one spelling only', () =>
  using(
    [{ key: { S: '0190f3c2-7e4b-7c3a-9d55-1f2e3d4c5b6a' } }],
    async (store) => {
      for (const value of ['0190F3C2-7E4B-7C3A-9D55-1F2E3D4C5B6A', '0190f3c27e4b7c3a9d551f2e3d4c5b6a'])
        expect(await store.list({ by: 'key', value }, 10)).toEqual({ state: 'listed', locators: [] });
    },
    [{ name: 'key', type: 'uuid' }],
  ));

test.each<[NonNullable<Place['where']>, boolean]>([
  [{ kind: 'invoice' }, true],
  [{ kind: 'Invoice' }, false],
  [{ count: 7 }, true],
  [{ count: '7' }, false],
  [{ count: 1e-7 }, false],
  [{ open: true, kind: 'invoice' }, true],
  [{ open: false }, false],
  [{ nowhere: 'x' }, false],
  [{}, true],
])('the filter %j is judged by the item, as the list judges it', (where, isIn) =>
  using(
    [{ id: { S: 'a' }, kind: { S: 'invoice' }, count: { N: '7.0' }, open: { BOOL: true } }],
    async (store) => {
      expect(await store.idsOf([['a']], { by: 'id', where })).toEqual([isIn ? inside('a') : OUT]);
      const locators = isIn ? [['a']] : [];
      expect(await store.list({ by: 'id', value: 'a', where }, 10)).toMatchObject({ locators });
    },
  ),
);

test.each([
  ['ProvisionedThroughputExceededException', 'STORE_THROTTLED'],
  ['AccessDeniedException', 'STORE_DENIED'],
  ['ResourceNotFoundException', 'STORE_SCHEMA'],
])('%s is %s for each item', (name, code) =>
  using([{ id: { S: 'a' } }], async (store) => {
    front.intercept = () => dynamoError(name, 'secret');
    expect(await store.idsOf([['a'], ['b']], { by: 'id' })).toEqual(
      ['a', 'b'].map(() => ({ state: 'unknown', code })),
    );
  }),
);
