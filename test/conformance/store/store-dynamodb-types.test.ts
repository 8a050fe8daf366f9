import { type AttributeValue, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTable } from '../../../local/engines/create-table.ts';
import type { KeyColumn } from '../../../shared/domain/configuration/configuration.ts';
import type { Mask, Masks } from '../../../shared/domain/record/masks.ts';
import type { Acted, Locator, Promised, Store } from '../../../shared/ports/store.ts';
import { type DynamoBench, dynamoBench } from './store-dynamodb-bench.ts';
import { gone, looked, outcomesOf, statesOf } from './store-rig.ts';

const KEYS: readonly KeyColumn[] = [{ name: 'id', type: 'text' }];
let bench: DynamoBench;
beforeAll(async () => {
  bench = await dynamoBench('version');
});
afterAll(() => bench.stop());

interface Scene {
  readonly store: Store;
  readonly put: (item: Record<string, AttributeValue>) => Promise<void>;
  readonly get: (id: string) => Promise<Record<string, AttributeValue> | undefined>;
}

async function using(
  keys: readonly KeyColumn[],
  body: (scene: Scene) => Promise<void>,
  named?: string,
): Promise<void> {
  const TableName = named ?? (await bench.table(keys));
  const store = await bench.open(TableName, keys);
  try {
    await body({
      store,
      put: async (Item) => void (await bench.client.send(new PutItemCommand({ TableName, Item }))),
      get: async (id) =>
        (
          await bench.client.send(
            new GetItemCommand({ TableName, Key: { id: { S: id } }, ConsistentRead: true }),
          )
        ).Item,
    });
  } finally {
    await store.close();
  }
}

const NULL: Mask = { kind: 'null' };
const REMOVED: Mask = { kind: 'constant', value: 'removed' };
const PSEUDONYM: Mask = { kind: 'pseudonym' };
const REFUSED: Acted = { outcome: 'refused', code: 'STORE_SCHEMA' };
const masking = (locator: Locator, masks: Masks): Promised => ({ locator, expect: 'masked', masks });

test.each<[string, AttributeValue]>([
  ['text', { S: 'ada' }],
  ['an empty text', { S: '' }],
  ['a number', { N: '42' }],
  ['a number beyond JavaScript', { N: '12345678901234567890123456789012345678' }],
  ['a truth', { BOOL: true }],
  ['bytes', { B: new Uint8Array([0, 1]) }],
])('every mask but a date fits %s', (_, value) =>
  using(KEYS, async ({ store, put, get }) => {
    const masks = { a: NULL, b: REMOVED, c: PSEUDONYM };
    await put({ id: { S: 'x' }, a: value, b: value, c: value });
    expect(outcomesOf(await store.anonymise([{ locator: ['x'] }], masks))).toEqual(['anonymised']);
    expect(await get('x')).toEqual({
      id: { S: 'x' },
      a: { NULL: true },
      b: { S: 'removed' },
      c: { S: expect.stringMatching(/^p1\./) },
    });
    expect(outcomesOf(await store.anonymise([{ locator: ['x'] }], masks))).toEqual(['already-so']);
    expect(statesOf(await store.readBack([{ locator: ['x'], expect: 'masked', masks }]))).toEqual(['kept']);
  }),
);

test.each<[string, AttributeValue]>([
  ['a map', { M: { street: { S: 'Ada Road' } } }],
  ['a list', { L: [{ S: 'ada' }] }],
  ['a set', { SS: ['ada', 'bob'] }],
])('null and constants fit %s; a pseudonym is refused', (_, value) =>
  using(KEYS, async ({ store, put, get }) => {
    await put({ id: { S: 'x' }, a: value, b: value, c: value });
    expect(await store.anonymise([{ locator: ['x'] }], { a: NULL, c: PSEUDONYM })).toEqual([
      { outcome: 'refused', code: 'STORE_SCHEMA' },
    ]);
    expect(await get('x')).toEqual({ id: { S: 'x' }, a: value, b: value, c: value });
    expect(outcomesOf(await store.anonymise([{ locator: ['x'] }], { a: NULL, b: REMOVED }))).toEqual([
      'anonymised',
    ]);
    expect(await get('x')).toEqual({ id: { S: 'x' }, a: { NULL: true }, b: { S: 'removed' }, c: value });
  }),
);

test('a constant has a type: a text is not the number that it shows', () =>
  using(KEYS, async ({ store, put, get }) => {
    const masks = { a: { kind: 'constant', value: 0 }, b: { kind: 'constant', value: false } } as const;
    await put({ id: { S: 'x' }, a: { S: '0' }, b: { BOOL: true } });
    expect(outcomesOf(await store.anonymise([{ locator: ['x'] }], masks))).toEqual(['anonymised']);
    expect(await get('x')).toEqual({ id: { S: 'x' }, a: { N: '0' }, b: { BOOL: false } });
    expect(outcomesOf(await store.anonymise([{ locator: ['x'] }], masks))).toEqual(['already-so']);
  }));

test('a number that JavaScript cannot tell from the constant is not the constant', () =>
  using(KEYS, async ({ store, put, get }) => {
    const masks = { a: { kind: 'constant', value: 12345678901234567000 } } as const;
    await put({ id: { S: 'x' }, a: { N: '12345678901234567891' } });
    expect(statesOf(await store.readBack([{ locator: ['x'], expect: 'masked', masks }]))).toEqual(['broken']);
    expect(outcomesOf(await store.anonymise([{ locator: ['x'] }], masks))).toEqual(['anonymised']);
    expect((await get('x'))?.['a']).toEqual({ N: '12345678901234567000' });
  }));

test('a constant that DynamoDB writes with all its zeros is recognised', () =>
  using(KEYS, async ({ store, put, get }) => {
    const masks = { a: { kind: 'constant', value: 1e21 }, b: { kind: 'constant', value: -1e-7 } } as const;
    await put({ id: { S: 'x' }, a: { N: '5' }, b: { S: 'x' } });
    const target = { locator: ['x'] };
    expect(outcomesOf(await store.anonymise([target], masks))).toEqual(['anonymised']);
    expect(await get('x')).toMatchObject({ a: { N: '1000000000000000000000' }, b: { N: '-0.0000001' } });
    expect(statesOf(await store.readBack([{ ...target, expect: 'masked', masks }]))).toEqual(['kept']);
    expect(outcomesOf(await store.anonymise([target], masks))).toEqual(['already-so']);
  }));

test('refuses a field that the item does not have, unless the mask says `if present`', () =>
  using(KEYS, async ({ store, put, get }) => {
    const item = { id: { S: 'x' }, 'dotted.name': { S: 'ada' }, size: { NULL: true } };
    const readBack = async (masks: Masks) => statesOf(await store.readBack([masking(['x'], masks)]));
    await put(item);
    for (const masks of [{ size: REMOVED, missing: PSEUDONYM }, { 'dotted.name': NULL }, { '': NULL }]) {
      expect(await store.anonymise([{ locator: ['x'] }], masks)).toEqual([REFUSED]);
      expect(await readBack(masks)).toEqual(['broken']);
    }
    expect(await get('x')).toEqual(item);
    const optional = { missing: { ...PSEUDONYM, ifPresent: true }, size: NULL };
    expect(outcomesOf(await store.anonymise([{ locator: ['x'] }], optional))).toEqual(['already-so']);
    expect(await readBack(optional)).toEqual(['kept']);
    const dotted = { [String.raw`dotted\.name`]: PSEUDONYM, size: REMOVED };
    expect(outcomesOf(await store.anonymise([{ locator: ['x'] }], dotted))).toEqual(['anonymised']);
    expect(await readBack(dotted)).toEqual(['kept']);
    expect(await get('x')).toMatchObject({
      'dotted.name': { S: expect.stringMatching(/^p1\./) },
      size: { S: 'removed' },
    });
  }));

test('refuses to mask a key', () =>
  using(KEYS, async ({ store, put, get }) => {
    await put({ id: { S: 'x' }, mail: { S: 'ada' } });
    expect(await store.anonymise([{ locator: ['x'] }], { id: PSEUDONYM, mail: NULL })).toEqual([
      { outcome: 'refused', code: 'STORE_SCHEMA' },
    ]);
    expect(await get('x')).toMatchObject({ mail: { S: 'ada' } });
  }));

test('removes a field that is the key of an index only if the mask says `if present`', async () => {
  const TableName = 'indexed-people';
  await createTable(bench.client, TableName, KEYS, {
    AttributeDefinitions: [{ AttributeName: 'mail', AttributeType: 'S' }],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'by-mail',
        KeySchema: [{ AttributeName: 'mail', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
  });
  await using(
    KEYS,
    async ({ store, put, get }) => {
      await put({ id: { S: 'x' }, mail: { S: 'ada' } });
      expect(await store.anonymise([{ locator: ['x'] }], { mail: NULL })).toEqual([REFUSED]);
      expect(await get('x')).toEqual({ id: { S: 'x' }, mail: { S: 'ada' } });
      const masks = { mail: { ...NULL, ifPresent: true } };
      expect(outcomesOf(await store.anonymise([{ locator: ['x'] }], masks))).toEqual(['anonymised']);
      expect(await get('x')).toEqual({ id: { S: 'x' } });
      expect(outcomesOf(await store.anonymise([{ locator: ['x'] }], masks))).toEqual(['already-so']);
      expect(statesOf(await store.readBack([masking(['x'], masks)]))).toEqual(['kept']);
    },
    TableName,
  );
});

test.each<[string, AttributeValue | undefined, AttributeValue | undefined]>([
  ['a number', { N: '1' }, { N: '2' }],
  ['a text', { S: 'N:1' }, { S: 'N:2' }],
  ['bytes', { B: new Uint8Array([1]) }, { B: new Uint8Array([2]) }],
  ['absent, then there', undefined, { N: '1' }],
  ['there, then absent', { N: '1' }, undefined],
  ['a number, then the same as text', { N: '1' }, { S: '1' }],
])('tells versions apart when they are %s', (_, before, after) =>
  using(KEYS, async ({ store, put }) => {
    const item = (version: AttributeValue | undefined) => ({
      id: { S: 'x' },
      ...(version ? { version } : {}),
    });
    await put(item(before));
    const targets = await looked(store, [['x']]);
    await put(item(after));
    expect(outcomesOf(await store.delete(targets))).toEqual(['changed']);
    expect(outcomesOf(await store.anonymise(targets, { mail: NULL }))).toEqual(['changed']);
    await put(item(before));
    expect(outcomesOf(await store.delete(targets))).toEqual(['deleted']);
  }),
);

test('does not act on a version that cannot be compared', () =>
  using(KEYS, async ({ store, put }) => {
    await put({ id: { S: 'x' }, mail: { S: 'ada' }, version: { BOOL: true } });
    expect(await store.look([['x']])).toEqual([{ state: 'unknown', code: 'STORE_SCHEMA' }]);
    expect(await store.anonymise([{ locator: ['x'] }], { mail: NULL })).toEqual([
      { outcome: 'refused', code: 'STORE_SCHEMA' },
    ]);
  }));

test('a number is found however it was written, and a sort key that is too long is nowhere', async () => {
  await using([{ name: 'id', type: 'integer' }], async ({ store, put }) => {
    await put({ id: { N: '1E3' } });
    await put({ id: { N: '-0.7E1' } });
    expect(statesOf(await store.look([[1000], ['-7'], [7]]))).toEqual(['present', 'present', 'gone']);
    expect(outcomesOf(await store.delete(await looked(store, [[1000], [-7]])))).toEqual([
      'deleted',
      'deleted',
    ]);
  });
  const pair: readonly KeyColumn[] = [KEYS, KEYS].map((_, index) => ({ name: `k${index}`, type: 'text' }));
  await using(pair, async ({ store, put }) => {
    await put({ k0: { S: 'a' }, k1: { S: 'x'.repeat(1024) } });
    const locators = [
      ['a', 'x'.repeat(1024)],
      ['a', 'x'.repeat(1025)],
    ];
    expect(statesOf(await store.look(locators))).toEqual(['present', 'gone']);
    expect(statesOf(await store.readBack(locators.map(gone)))).toEqual(['broken', 'kept']);
  });
});

test('a sort key with decimals is found exactly, whatever way it is written', async () => {
  const keys: readonly KeyColumn[] = [
    { name: 'id', type: 'text' },
    { name: 'at', type: 'decimal' },
  ];
  const exact = ['0.1', '12345678901234567890.123456789012345678', '-1.5', '1000', '0'];
  await using(keys, async ({ store, put }) => {
    for (const N of exact) await put({ id: { S: 'a' }, at: { N }, mail: { S: 'ada' } });
    const written = ['1.0e-1', '12345678901234567890.1234567890123456780', '-15E-1', '1e3', '-0.00'];
    const there = written.map((value) => ['a', value]);
    // A number near the one that is there, more digits than DynamoDB has, and beyond its largest and smallest.
    const beside = ['0.10000000000000001', `1.${'1'.repeat(38)}`, '1e126', '1e-131'].map((value) => [
      'a',
      value,
    ]);
    expect(statesOf(await store.look([...there, ...beside]))).toEqual([
      ...there.map(() => 'present'),
      ...beside.map(() => 'gone'),
    ]);
    const first = await looked(store, there.slice(0, 1));
    expect(outcomesOf(await store.delete(first))).toEqual(['deleted']);
    expect(statesOf(await store.readBack(there.map(gone)))).toEqual(['kept', ...Array(4).fill('broken')]);
  });
});
