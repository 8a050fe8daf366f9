import { gunzipSync, gzipSync } from 'node:zlib';
import { type AttributeValue, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KeyColumn } from '../../../shared/domain/configuration/configuration.ts';
import type { Mask, Masks } from '../../../shared/domain/record/masks.ts';
import type { Store } from '../../../shared/ports/store.ts';
import { dynamoBench } from '../store/store-dynamodb-bench.ts';
import { looked, outcomesOf, statesOf } from '../store/store-rig.ts';
import { put, s3Bench } from '../store/store-s3-bench.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
type Document = { readonly [name: string]: Json };

/** One document of an engine, as its application writes and reads it. */
interface Scene {
  readonly store: Store;
  readonly write: (document: Document) => Promise<void>;
  readonly read: () => Promise<unknown>;
  readonly stop: () => Promise<void>;
}

const LOCATOR = ['x'];
const KEYS: readonly KeyColumn[] = [{ name: 'id', type: 'text' }];

function attributeOf(value: Json): AttributeValue {
  if (value === null) return { NULL: true };
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  return Array.isArray(value) ? { L: value.map(attributeOf) } : { M: attributesOf(value as Document) };
}

function attributesOf(document: Document): Record<string, AttributeValue> {
  return Object.fromEntries(Object.entries(document).map(([name, value]) => [name, attributeOf(value)]));
}

function jsonOf({ S, N, BOOL, L, M }: AttributeValue): unknown {
  if (L) return L.map(jsonOf);
  if (M) return Object.fromEntries(Object.entries(M).map(([name, value]) => [name, jsonOf(value)]));
  return S ?? BOOL ?? (N === undefined ? null : Number(N));
}

async function dynamoScene(versionAttribute?: string): Promise<Scene> {
  const bench = await dynamoBench(versionAttribute);
  const TableName = await bench.table(KEYS);
  const store = await bench.open(TableName, KEYS);
  const Key = { id: { S: 'x' } };
  return {
    store,
    async write(document) {
      const Item = { ...attributesOf(document), ...Key, version: { N: '1' } };
      await bench.client.send(new PutItemCommand({ TableName, Item }));
    },
    async read() {
      const got = await bench.client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
      const { id: _id, version: _version, ...fields } = got.Item ?? {};
      return jsonOf({ M: fields });
    },
    async stop() {
      await store.close();
      await bench.stop();
    },
  };
}

type Text = {
  readonly write: (text: string) => Uint8Array | string;
  readonly read: (bytes: Buffer) => string;
};
const PLAIN: Text = { write: (text) => text, read: String };
const GZIP: Text = { write: gzipSync, read: (bytes) => gunzipSync(bytes).toString() };

async function s3Scene(ContentType: string, { write, read }: Text, ContentEncoding?: string): Promise<Scene> {
  const bench = await s3Bench();
  const Bucket = await bench.bucket('Enabled');
  const store = await bench.open(Bucket);
  return {
    store,
    async write(document) {
      await store.delete([{ locator: LOCATOR }]);
      const Body = write(`${JSON.stringify(document)}\n`);
      const encoding = ContentEncoding === undefined ? {} : { ContentEncoding };
      await put(bench.client, { Bucket, Key: 'x', Body, ContentType, ...encoding });
    },
    async read() {
      const { Body } = await bench.client.send(new GetObjectCommand({ Bucket, Key: 'x' }));
      return JSON.parse(read(Buffer.from((await Body?.transformToByteArray()) ?? [])));
    },
    async stop() {
      await store.close();
      await bench.stop();
    },
  };
}

const CLEAR: Mask = { kind: 'null' };
const GONE: Mask = { kind: 'constant', value: 'gone' };
const YEAR: Mask = { kind: 'truncate-date', to: 'year', zone: 'Asia/Almaty' };

type Case = readonly [what: string, masks: Masks, before: Document, after: Document];

const MASKED: readonly Case[] = [
  [
    'a field inside a field',
    { 'profile.email': CLEAR },
    { id2: 1, email: 'outside', profile: { email: 'ada@example.org', n: 1.5 } },
    { id2: 1, email: 'outside', profile: { email: null, n: 1.5 } },
  ],
  [
    'a field of every element of a list',
    { 'addresses[].street': CLEAR },
    { addresses: [{ street: 'Ada Road', city: 'London' }, { street: 7 }], street: 'outside' },
    { addresses: [{ street: null, city: 'London' }, { street: null }], street: 'outside' },
  ],
  [
    'every value of a list, whatever its type',
    { 'phones[]': GONE },
    { phones: ['1', 2, true, null], n: ['5'] },
    { phones: ['gone', 'gone', 'gone', 'gone'], n: ['5'] },
  ],
  [
    'maps in lists in lists in maps',
    { 'a.rows[][].cell.x': CLEAR },
    { a: { rows: [[{ cell: { x: 1, y: 2 } }], [], [{ cell: { x: 'b' } }]], all: ['kept'] } },
    { a: { rows: [[{ cell: { x: null, y: 2 } }], [], [{ cell: { x: null } }]], all: ['kept'] } },
  ],
  [
    'names with dots, brackets, backslashes, and names that mean something to somebody else',
    {
      [String.raw`full\.name`]: CLEAR,
      [String.raw`a\.b.c\[0]`]: CLEAR,
      [String.raw`back\\slash[].é`]: CLEAR,
      'size.toString': CLEAR,
      '#n0.:v0': CLEAR,
    },
    {
      'full.name': 'Ada',
      full: { name: 'kept' },
      'a.b': { 'c[0]': 'x', c: ['kept'] },
      'back\\slash': [{ é: 'x', e: 'kept' }],
      size: { toString: 'x', n: 1 },
      '#n0': { ':v0': 'x', v0: 'kept' },
    },
    {
      'full.name': null,
      full: { name: 'kept' },
      'a.b': { 'c[0]': null, c: ['kept'] },
      'back\\slash': [{ é: null, e: 'kept' }],
      size: { toString: null, n: 1 },
      '#n0': { ':v0': null, v0: 'kept' },
    },
  ],
  [
    'instants, in the zone of the policy',
    { born: YEAR, 'children[].born': { ...YEAR, to: 'month' } },
    { born: '1979-12-31T18:00:01.5Z', children: [{ born: '2009-05-31T18:00:01Z' }, { born: '2011-05-17' }] },
    { born: '1979-12-31T18:00:00.0Z', children: [{ born: '2009-05-31T18:00:00Z' }, { born: '2011-05-01' }] },
  ],
  [
    'what is there, if the masks of all that is missing say `if present`',
    {
      'profile.email': CLEAR,
      'profile.phone': { ...CLEAR, ifPresent: true },
      'a[].b': { ...GONE, ifPresent: true },
    },
    { profile: { email: 'ada' }, a: [{ b: 1 }, {}, null] },
    { profile: { email: null }, a: [{ b: 'gone' }, {}, null] },
  ],
];

/** The local DynamoDB cannot compare lists and maps, so without a version these never count as unchanged there. */
const WHOLE: readonly Case[] = [
  [
    'whole lists and maps',
    { 'phones[]': GONE, 'a.all': CLEAR, b: GONE },
    { phones: [['3'], { no: '4' }, '5'], a: { all: { x: ['deep'] } }, b: [{ c: 'deep' }] },
    { phones: ['gone', 'gone', 'gone'], a: { all: null }, b: 'gone' },
  ],
];

const MASKS: Masks = { 'profile.email': CLEAR, 'addresses[].street': CLEAR };
const OPTIONAL: Masks = Object.fromEntries(
  Object.entries(MASKS).map(([path, mask]) => [path, { ...mask, ifPresent: true }]),
);

/** Nothing in these documents is where the masks look. */
const MISSING: readonly Document[] = [
  {},
  { profile: null, addresses: [] },
  { profile: {}, addresses: [] },
  { profile: { mail: 'ada' }, addresses: [] },
  { 'profile.email': 'ada', 'addresses[].street': 'Ada Road' },
  { profile: { Email: 'ada' }, addresses: [{ Street: 'Ada Road' }] },
  { profile: { email: null }, addresses: null },
  { profile: { email: null }, addresses: [null] },
  { profile: { email: null }, addresses: [{ street: null }, {}] },
];

/** Another type than the path says may hide what is to be masked. */
const HIDDEN: readonly Document[] = [
  { profile: '{"email":"ada"}', addresses: [] },
  { profile: [{ email: 'ada' }], addresses: [] },
  { profile: true, addresses: [] },
  { profile: { email: 'x' }, addresses: { street: 'Ada Road' } },
  { profile: { email: 'x' }, addresses: ['Ada Road'] },
  { profile: { email: 'x' }, addresses: [[{ street: 'Ada Road' }]] },
];

describe.each<[string, readonly Case[], () => Promise<Scene>]>([
  ['DynamoDB', MASKED, () => dynamoScene()],
  ['DynamoDB, with a version attribute', [...MASKED, ...WHOLE], () => dynamoScene('version')],
  ['S3, JSON', [...MASKED, ...WHOLE], () => s3Scene('application/json', PLAIN)],
  ['S3, JSON Lines in gzip', [...MASKED, ...WHOLE], () => s3Scene('application/jsonl', GZIP, 'gzip')],
])('documents in %s', (_, cases, start) => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await start();
  });
  afterAll(() => scene.stop());

  const anonymise = async (masks: Masks) =>
    scene.store.anonymise(await looked(scene.store, [LOCATOR]), masks);
  const readBack = async (masks: Masks) =>
    statesOf(await scene.store.readBack([{ locator: LOCATOR, expect: 'masked', masks }]))[0];

  test.each(cases)('mask %s, once, and nothing else', async (_what, masks, before, after) => {
    await scene.write(before);
    expect(await readBack(masks)).toBe('broken');
    expect(outcomesOf(await anonymise(masks))).toEqual(['anonymised']);
    // A field that may be absent may be removed.
    const optional = masks['profile.phone'] !== undefined;
    expect(await scene.read()).toEqual(optional ? expect.objectContaining(after) : after);
    expect(await readBack(masks)).toBe('kept');
    expect(outcomesOf(await anonymise(masks))).toEqual(['already-so']);
  });

  test.each(MISSING)(
    'are refused if a masked field is not there, and are left as they are: %j',
    async (before) => {
      await scene.write(before);
      expect(await anonymise(MASKS)).toEqual([{ outcome: 'refused', code: 'STORE_SCHEMA' }]);
      expect(await readBack(MASKS)).toBe('broken');
      expect(await scene.read()).toEqual(before);
      expect(outcomesOf(await anonymise(OPTIONAL)).every((one) => one !== 'refused')).toBe(true);
      expect(await readBack(OPTIONAL)).toBe('kept');
    },
  );

  test.each(HIDDEN)('are refused if the type is another, even with `if present`: %j', async (before) => {
    await scene.write(before);
    for (const masks of [MASKS, OPTIONAL]) {
      expect(await anonymise(masks)).toEqual([{ outcome: 'refused', code: 'STORE_SCHEMA' }]);
      expect(await readBack(masks)).toBe('broken');
    }
    expect(await scene.read()).toEqual(before);
  });
});
