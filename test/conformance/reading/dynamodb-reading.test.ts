import { type AttributeValue, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../../../shared/domain/canonical-json.ts';
import { MOST_DOCUMENT_BYTES, type Read } from '../../../shared/ports/store.ts';
import { dynamoError } from '../engine/dynamodb-front.ts';
import { frontedDynamo } from '../engine/fronted-dynamo.ts';
import { INTEGER, TEXT } from '../store/store-rig.ts';
import { toRead } from './reading-suite.ts';

const { bench, front } = await frontedDynamo();

async function put(TableName: string, Item: Record<string, AttributeValue>): Promise<void> {
  await bench.client.send(new PutItemCommand({ TableName, Item }));
}

async function readOf(item: Record<string, AttributeValue>): Promise<Read | undefined> {
  const table = await bench.table(TEXT);
  await put(table, { id: { S: 'a' }, ...item });
  const store = await bench.open(table, TEXT);
  const [read] = await store.read(toRead([['a']]));
  await store.close();
  return read;
}

const DIGITS = '12345678901234567890123456789012345678';
const bytes = new Uint8Array([0, 255, 65]);

test.each<[string, AttributeValue, JsonValue]>([
  ['text', { S: 'quotes " \\ \n\u0001 ü 🇦🇶' }, 'quotes " \\ \n\u0001 ü 🇦🇶'],
  ['an empty text', { S: '' }, ''],
  ['a number', { N: '-1.50' }, -1.5],
  ['the largest number that JavaScript has exactly', { N: '9007199254740992' }, 9007199254740992],
  ['one more', { N: '9007199254740993' }, '9007199254740993'],
  ['38 digits', { N: DIGITS }, DIGITS],
  ['38 digits after the point', { N: `0.${DIGITS}` }, `0.${DIGITS}`],
  [
    'the largest number',
    { N: '9.9999999999999999999999999999999999999E+125' },
    `${'9'.repeat(38)}${'0'.repeat(88)}`,
  ],
  ['a truth', { BOOL: false }, false],
  ['nothing', { NULL: true }, null],
  ['bytes', { B: bytes }, 'AP9B'],
  ['no bytes', { B: new Uint8Array() }, ''],
  ['a list', { L: [{ S: 'a' }, { NULL: true }, { L: [] }] }, ['a', null, []]],
  [
    'a map',
    { M: { 'a.b': { M: { c: { N: DIGITS } } }, constructor: { S: 'x' } } },
    { 'a.b': { c: DIGITS }, constructor: 'x' },
  ],
])('an attribute with %s is read without loss', async (_, value, expected) => {
  expect(await readOf({ value })).toStrictEqual({
    state: 'document',
    document: { id: 'a', value: expected },
  });
});

test('sets are lists, in whatever order DynamoDB has them', async () => {
  const read = await readOf({
    texts: { SS: ['a', 'b'] },
    numbers: { NS: ['1', DIGITS] },
    binaries: { BS: [bytes, new Uint8Array([1])] },
  });
  if (read?.state !== 'document') throw new Error('expected a document');
  const { texts, numbers, binaries } = read.document;
  expect([texts, numbers, binaries].map((set) => new Set(set as JsonValue[]))).toEqual([
    new Set(['a', 'b']),
    new Set([1, DIGITS]),
    new Set(['AP9B', 'AQ==']),
  ]);
});

test('an item with odd names, nested as deeply as DynamoDB allows, is read whole', async () => {
  let nested: AttributeValue = { S: 'deepest' };
  let expected: JsonValue = 'deepest';
  for (let level = 0; level < 31; level += 1) {
    nested = { M: { inner: nested } };
    expected = { inner: expected };
  }
  const names = ['#n0', ':v0', 'a.b', 'a[0]', ' ', 'ü', "O'Brien", 'toString', 'size'];
  const odd = Object.fromEntries(names.map((name): [string, AttributeValue] => [name, { S: name }]));
  expect(await readOf({ ...odd, nested })).toEqual({
    state: 'document',
    document: { id: 'a', ...Object.fromEntries(names.map((name) => [name, name])), nested: expected },
  });
});

describe('large items', () => {
  const LARGEST = 400 * 1024;

  test.each<[string, AttributeValue]>([
    ['text', { S: 'x'.repeat(LARGEST - 100) }],
    ['text that JSON has to escape', { S: '\u0001'.repeat(LARGEST - 100) }],
    ['bytes', { B: new Uint8Array(LARGEST - 100).fill(255) }],
  ])('of 400 kB of %s fit into a document', async (_, value) => {
    const read = await readOf({ value });
    if (read?.state !== 'document') throw new Error('expected a document');
    const text = JSON.stringify(read.document);
    expect(text.length).toBeGreaterThan(LARGEST - 100);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MOST_DOCUMENT_BYTES);
  });

  test('that do not fit into one answer are asked for again', async () => {
    const table = await bench.table(INTEGER);
    const all = Array.from({ length: 12 }, (_, index) => index);
    const filler = 'x'.repeat(LARGEST - 200);
    for (const id of all) await put(table, { id: { N: String(id) }, filler: { S: filler } });
    const asked: number[] = [];
    front.intercept = (_, body) => {
      const keys = (body as { RequestItems: Record<string, { Keys: unknown[] }> }).RequestItems[table]?.Keys;
      asked.push(keys?.length ?? 0);
      return undefined;
    };
    const store = await bench.open(table, INTEGER, 20, front.endpoint);
    const read = await store.read(toRead(all.map((id) => [id])));
    await store.close();
    expect(read.map((one) => one.state === 'document' && one.document['id'])).toEqual(all);
    expect(asked.length).toBeGreaterThan(1);
  });
});

test('what DynamoDB refuses or leaves unanswered is unknown, and says nothing of an item', async () => {
  const table = await bench.table(TEXT);
  await put(table, { id: { S: 'a' } });
  const store = await bench.open(table, TEXT, 2, front.endpoint);
  front.intercept = () => dynamoError('AccessDeniedException', 'may not read ada@example.org');
  const batch = toRead([['a'], ['b']]);
  const unknown = (code: string) => batch.map(() => ({ state: 'unknown', code }));
  expect(await store.read(batch)).toEqual(unknown('STORE_DENIED'));
  front.intercept = (_, body) => {
    const { RequestItems } = body as { RequestItems: object };
    return { status: 200, body: { Responses: {}, UnprocessedKeys: RequestItems } };
  };
  expect(await store.read(batch)).toEqual(unknown('STORE_THROTTLED'));
  await store.close();
});

test('an attribute with a name that the SDK cannot hold stops its own item only', async () => {
  const table = await bench.table(TEXT);
  const inside = '{"id":{"S":"a"},"map":{"M":{"__proto__":{"S":"inner"}}}}';
  const outside = '{"id":{"S":"b"},"__proto__":{"S":"outer"}}';
  front.intercept = () => ({
    status: 200,
    body: JSON.parse(`{"Responses":{"${table}":[${inside},${outside}]},"UnprocessedKeys":{}}`),
  });
  const store = await bench.open(table, TEXT, 10, front.endpoint);
  const read = await store.read(toRead([['a'], ['b'], ['c']]));
  await store.close();
  expect(read[0]?.state === 'document' && JSON.stringify(read[0].document)).toBe(
    '{"id":"a","map":{"__proto__":"inner"}}',
  );
  expect(read.slice(1)).toEqual([{ state: 'unknown', code: 'STORE_SCHEMA' }, { state: 'gone' }]);
});

test('an item is read whole, with one consistent request and no projection', async () => {
  const table = await bench.table(TEXT);
  await put(table, { id: { S: 'a' }, mail: { S: 'm' } });
  const seen: unknown[] = [];
  front.intercept = (operation, body) => {
    seen.push([operation, body['RequestItems']]);
    return undefined;
  };
  const store = await bench.open(table, TEXT, 10, front.endpoint);
  await store.read(toRead([['a']]));
  await store.close();
  expect(seen).toEqual([['BatchGetItem', { [table]: { Keys: [{ id: { S: 'a' } }], ConsistentRead: true } }]]);
});
