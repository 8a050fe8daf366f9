import { type AttributeValue, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KeyColumn } from '../../../shared/domain/configuration/configuration.ts';
import type { Masks } from '../../../shared/domain/record/masks.ts';
import type { Store } from '../../../shared/ports/store.ts';
import { dynamoFront } from '../engine/dynamodb-front.ts';
import { type DynamoBench, dynamoBench } from './store-dynamodb-bench.ts';
import { looked, outcomesOf, statesOf } from './store-rig.ts';

type Item = Record<string, AttributeValue>;

const KEYS: readonly KeyColumn[] = [{ name: 'id', type: 'text' }];
const LOCATOR = ['x'];
const CLEAR = { kind: 'null' } as const;
const REMOVED = { kind: 'constant', value: 'removed' } as const;
const PSEUDONYM = { kind: 'pseudonym' } as const;
const NULL: AttributeValue = { NULL: true };
const REFUSED = [{ outcome: 'refused', code: 'STORE_SCHEMA' }];

describe.each([undefined, 'version'])('masks inside an item, with the version attribute %s', (version) => {
  let bench: DynamoBench;
  let table: string;
  let store: Store;
  beforeAll(async () => {
    bench = await dynamoBench(version);
    table = await bench.table(KEYS);
    store = await bench.open(table, KEYS);
  });
  afterAll(async () => {
    await store.close();
    await bench.stop();
  });

  const put = async (fields: Item, revision = 1): Promise<void> => {
    const Item = { ...fields, id: { S: 'x' }, version: { N: String(revision) } };
    await bench.client.send(new PutItemCommand({ TableName: table, Item }));
  };
  const get = async (): Promise<Item> => {
    const Key = { id: { S: 'x' } };
    const got = await bench.client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
    const { id: _id, version: _version, ...fields } = got.Item ?? {};
    return fields;
  };
  const anonymise = async (masks: Masks) => store.anonymise(await looked(store, [LOCATOR]), masks);
  const readBack = async (masks: Masks) =>
    statesOf(await store.readBack([{ locator: LOCATOR, expect: 'masked', masks }]))[0];

  const profile = { M: { email: { S: 'ada@example.org' }, visits: { N: '7' }, 'e.mail': { S: 'kept' } } };
  const addresses = {
    L: [
      { M: { street: { S: 'Ada Road' }, city: { S: 'London' } } },
      { M: { street: { N: '5' }, 'full.name': { M: { size: { SS: ['a', 'b'] } } } } },
    ],
  };
  const others = { email: { S: 'outside' }, name: { L: [{ S: 'kept' }, NULL] } };

  test('change the masked values and nothing else, and masking again changes nothing', async () => {
    const masks: Masks = { 'profile.email': CLEAR, 'addresses[].street': PSEUDONYM, 'phones[]': REMOVED };
    await put({ ...others, profile, addresses, phones: { L: [{ S: '1' }, { BOOL: true }] } });
    expect(await readBack(masks)).toBe('broken');
    expect(outcomesOf(await anonymise(masks))).toEqual(['anonymised']);
    const after = await get();
    const pseudonym = { S: expect.stringMatching(/^p1\./) };
    expect(after).toEqual({
      ...others,
      profile: { M: { ...profile.M, email: NULL } },
      addresses: { L: addresses.L.map(({ M }) => ({ M: { ...M, street: pseudonym } })) },
      phones: { L: [{ S: 'removed' }, { S: 'removed' }] },
    });
    expect(await readBack(masks)).toBe('kept');
    expect(outcomesOf(await anonymise(masks))).toEqual(['already-so']);
    expect(await get()).toEqual(after);
  });

  test.each<[string, Item]>([
    ['the map is not there', { addresses: { L: [] } }],
    ['the map is NULL', { profile: NULL, addresses: { L: [] } }],
    ['the map has no such field', { profile: { M: { mail: { S: 'ada' } } }, addresses: { L: [] } }],
    ['the list is not there', { profile }],
    ['one element has no such field', { profile, addresses: { L: [...addresses.L, { M: {} }] } }],
    ['one element is NULL', { profile, addresses: { L: [...addresses.L, NULL] } }],
  ])('count as missing if %s', async (_, fields) => {
    const masks: Masks = { 'profile.email': CLEAR, 'addresses[].street': CLEAR };
    await put({ ...others, ...fields });
    expect(await anonymise(masks)).toEqual(REFUSED);
    expect(await readBack(masks)).toBe('broken');
    expect(await get()).toEqual({ ...others, ...fields });
    const optional: Masks = {
      'profile.email': { ...CLEAR, ifPresent: true },
      'addresses[].street': { ...CLEAR, ifPresent: true },
    };
    expect(['anonymised', 'already-so']).toContain(outcomesOf(await anonymise(optional))[0]);
    expect(await readBack(optional)).toBe('kept');
    const after = JSON.stringify(await get());
    for (const secret of ['ada@example.org', 'Ada Road']) expect(after).not.toContain(secret);
    expect(outcomesOf(await anonymise(optional))).toEqual(['already-so']);
  });

  test.each<[string, Item]>([
    ['a map is a text', { profile: { S: '{"email":"ada@example.org"}' } }],
    ['a map is a list', { profile: { L: [{ M: { email: { S: 'ada@example.org' } } }] } }],
    ['a list is a map', { addresses: { M: { street: { S: 'Ada Road' } } } }],
    ['a list is a set', { addresses: { SS: ['Ada Road'] } }],
    ['an element is a text', { addresses: { L: [{ S: 'Ada Road' }] } }],
  ])('are refused if %s, even with `if present`', async (_, fields) => {
    const masks: Masks = {
      'profile.email': { ...CLEAR, ifPresent: true },
      'addresses[].street': { ...CLEAR, ifPresent: true },
    };
    await put(fields);
    expect(await anonymise(masks)).toEqual(REFUSED);
    expect(await readBack(masks)).toBe('broken');
    expect(await get()).toEqual(fields);
  });

  test('remove a field that may be absent, but never an element of a list', async () => {
    const masks: Masks = {
      'profile.email': { ...CLEAR, ifPresent: true },
      'phones[]': { ...CLEAR, ifPresent: true },
    };
    await put({ profile, phones: { L: [{ S: '1' }, { S: '2' }] } });
    expect(outcomesOf(await anonymise(masks))).toEqual(['anonymised']);
    const { email: _email, ...rest } = profile.M;
    expect(await get()).toEqual({ profile: { M: rest }, phones: { L: [NULL, NULL] } });
    expect(await readBack(masks)).toBe('kept');
  });

  test('write a name with a dot with a backslash', async () => {
    const masks: Masks = { [String.raw`profile.e\.mail`]: CLEAR };
    await put({ profile });
    expect(outcomesOf(await anonymise(masks))).toEqual(['anonymised']);
    expect(await get()).toEqual({ profile: { M: { ...profile.M, 'e.mail': NULL } } });
  });

  test('are refused if the request would be longer than DynamoDB accepts', async () => {
    const phones = { L: Array.from({ length: 1000 }, (_, index) => ({ S: `+44 ${index}` })) };
    await put({ phones });
    expect(await anonymise({ 'phones[]': CLEAR })).toEqual(REFUSED);
    expect(await get()).toEqual({ phones });
  });

  test('a nested value never stays with a success, whatever the item looks like', async () => {
    const SECRET = 'secret-7d1f';
    const leaf = fc.constantFrom<AttributeValue>({ S: SECRET }, NULL, { S: '' }, { SS: [SECRET] });
    const { value } = fc.letrec<{ value: AttributeValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.array(tie('value'), { maxLength: 3 }).map((L) => ({ L })),
        fc
          .dictionary(fc.constantFrom('a', 'b'), tie('value') as fc.Arbitrary<AttributeValue>, { maxKeys: 2 })
          .map((M) => ({ M })),
      ),
    }));
    const path = fc.constantFrom('f', 'f.a', 'f[]', 'f[].a', 'f.a.b', 'f.a[]', 'f[][]', 'f[].a[].b');
    const mask = fc
      .tuple(fc.constantFrom(CLEAR, REMOVED, PSEUDONYM), fc.boolean())
      .map(([one, ifPresent]) => ({ ...one, ifPresent }));
    await fc.assert(
      fc.asyncProperty(value, path, mask, async (f, at, wanted) => {
        const item = { f, g: { S: 'kept' } };
        // Without a version, the update compares what it replaces, and the local engine cannot compare maps and lists.
        fc.pre(version !== undefined || valuesAt(f, at).every(({ M, L }) => !M && !L));
        const masks: Masks = { [at]: wanted };
        await put(item);
        const [answer] = await anonymise(masks);
        const after = await get();
        const found = valuesAt(after['f'], at);
        if (answer?.outcome === 'anonymised' || answer?.outcome === 'already-so') {
          expect(JSON.stringify(found)).not.toContain(SECRET);
          expect(await readBack(masks)).toBe('kept');
          expect(outcomesOf(await anonymise(masks))).toEqual(['already-so']);
          expect(await get()).toEqual(after);
          expect(withoutAt(after, at)).toEqual(withoutAt(item, at));
        } else {
          expect(answer).toEqual(REFUSED[0]);
          expect(await readBack(masks)).toBe('broken');
          expect(after).toEqual(item);
        }
      }),
      { numRuns: 150 },
    );
  });

  test.each<[string, Item]>([
    ['another value', { profile: { M: { email: { S: 'new' } } }, phones: { L: [{ S: '1' }] } }],
    ['one more element', { profile, phones: { L: [{ S: '1' }, { S: '2' }] } }],
    ['no map any more', { phones: { L: [{ S: '1' }] } }],
    ['a text instead of a map', { profile: { S: '{}' }, phones: { L: [{ S: '1' }] } }],
    ['NULL instead of a map', { profile: NULL, phones: { L: [{ S: '1' }] } }],
  ])('leave an item that got %s between our read and our mask', async (_, again) => {
    const masks: Masks = { 'profile.email': CLEAR, 'phones[]': REMOVED };
    const front = await dynamoFront(bench.endpoint);
    front.intercept = async (operation) => {
      if (operation === 'UpdateItem') await put(again, 2);
      return undefined;
    };
    const slow = await bench.open(table, KEYS, 10, front.endpoint);
    try {
      await put({ profile, phones: { L: [{ S: '1' }] } });
      expect(outcomesOf(await slow.anonymise([{ locator: LOCATOR }], masks))).toEqual(['changed']);
      expect(await get()).toEqual(again);
    } finally {
      await slow.close();
      front.stop();
    }
  });

  test('leave an item that was rewritten after the look', async () => {
    await put({ profile });
    const targets = await looked(store, [LOCATOR]);
    const again = { profile: { M: { ...profile.M, email: { S: 'new@example.org' } } } };
    await put(again, 2);
    const outcomes = outcomesOf(await store.anonymise(targets, { 'profile.email': CLEAR }));
    expect(outcomes).toEqual([version === undefined ? 'anonymised' : 'changed']);
    if (version !== undefined) expect(await get()).toEqual(again);
  });
});

const stepsOf = (path: string): string[] => [...path.matchAll(/\[\]|\w+/g)].map(([step]) => step).slice(1);

/** Everything that the path leads to. What is not of the type that the path says may hide a value, so it counts. */
function valuesAt(value: AttributeValue | undefined, path: string): AttributeValue[] {
  let found = value ? [value] : [];
  for (const step of stepsOf(path)) {
    found = found.flatMap((one) => {
      if (one.NULL === true) return [];
      if (step === '[]') return one.L ?? [one];
      return one.M ? (one.M[step] ?? []) : [one];
    });
  }
  return found;
}

/** The item with a star where the path leads. */
function withoutAt(item: Item, path: string): unknown {
  const erased = (value: AttributeValue | undefined, [step, ...rest]: string[]): unknown => {
    if (step === undefined) return '*';
    if (step === '[]' && value?.L) return { L: value.L.map((element) => erased(element, rest)) };
    if (step !== '[]' && value?.M) return { M: { ...value.M, [step]: erased(value.M[step], rest) } };
    return value;
  };
  return { ...item, f: erased(item['f'], stepsOf(path)) };
}
