import { request } from 'node:http';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  GetObjectTaggingCommand,
  PutObjectLegalHoldCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Masks } from '../../../shared/domain/record/masks.ts';
import { s3Front } from '../engine/s3-front.ts';
import { MARKER } from '../store/store-bench.ts';
import { gone, looked, outcomesOf, statesOf } from '../store/store-rig.ts';
import { put, type S3Bench, s3Bench, textOf, versionIds } from '../store/store-s3-bench.ts';

const CLEAR: Masks = { mail: { kind: 'null' } };
const RECORD = `{"mail":"${MARKER}"}`;
const PART = 9 * 1024 * 1024;
const BIG = `{"mail":"${MARKER}","filler":"${'x'.repeat(1000)}"}\n`.repeat(PART / 1000);

let bench: S3Bench;
beforeAll(async () => {
  bench = await s3Bench();
});
afterAll(() => bench.stop());

/** As an application writes it that does not use the SDK: any header is possible. */
async function putRaw(path: string, headers: Readonly<Record<string, string>>, body: string): Promise<void> {
  const { hostname, port } = new URL(bench.endpoint);
  const status = await new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method: 'PUT', headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    sent.on('error', reject);
    sent.end(body);
  });
  expect(status).toBe(200);
}

/** What an object has besides its content, without what identifies one version. */
function settingsOf(got: GetObjectCommandOutput): object {
  const {
    Body: _1,
    $metadata: _2,
    ETag: _3,
    VersionId: _4,
    LastModified: _5,
    ContentLength: _6,
    ...rest
  } = got;
  return rest;
}

const HEADERS = {
  'content-type': 'application/jsonl; charset=utf-8',
  'content-disposition': 'attachment; filename="a.json"',
  'content-language': 'de, en',
  'content-encoding': 'identity',
  'cache-control': 'no-store, max-age=0',
  'x-amz-meta-origin': 'form 7',
  'x-amz-meta-empty': '',
  'x-amz-storage-class': 'STANDARD_IA',
  'x-amz-server-side-encryption': 'aws:kms',
  'x-amz-server-side-encryption-aws-kms-key-id': 'arn:aws:kms:eu-west-1:111122223333:key/one',
  'x-amz-server-side-encryption-bucket-key-enabled': 'true',
  'x-amz-website-redirect-location': '/elsewhere',
  'x-amz-tagging': 'team=parties&note=a%20%26%20b',
};

test.each([
  ['0', 'one piece', RECORD],
  ['-1', 'one piece', RECORD],
  ['never', 'one piece', RECORD],
  ['Wed, 21 Oct 2015 07:28:00 GMT', 'one piece', RECORD],
  ['2015-10-21T07:28:00+02:00', 'one piece', RECORD],
  ['0', 'many parts', BIG],
])(
  'the header Expires: %s stays as it was, and so does every other header, in %s',
  async (expires, _, body) => {
    const bucket = await bench.bucket('Enabled');
    const store = await bench.open(bucket, { timeoutSeconds: 50 });
    await putRaw(`/${bucket}/a`, { ...HEADERS, expires }, body);
    const before = await bench.client.send(new GetObjectCommand({ Bucket: bucket, Key: 'a' }));
    await before.Body?.transformToString();
    expect(before.ExpiresString).toBe(expires);
    expect(outcomesOf(await store.anonymise(await looked(store, [['a']]), CLEAR))).toEqual(['anonymised']);
    const after = await bench.client.send(new GetObjectCommand({ Bucket: bucket, Key: 'a' }));
    expect(settingsOf(after)).toEqual(settingsOf(before));
    expect(await after.Body?.transformToString()).toBe(body.replaceAll(`"${MARKER}"`, 'null'));
    const { TagSet } = await bench.client.send(new GetObjectTaggingCommand({ Bucket: bucket, Key: 'a' }));
    expect(TagSet).toEqual([
      { Key: 'team', Value: 'parties' },
      { Key: 'note', Value: 'a & b' },
    ]);
    await store.close();
  },
);

test('an object without Expires gets none', async () => {
  const bucket = await bench.bucket('never');
  const store = await bench.open(bucket);
  await put(bench.client, { Bucket: bucket, Key: 'a', Body: RECORD, ContentType: 'application/json' });
  expect(outcomesOf(await store.anonymise(await looked(store, [['a']]), CLEAR))).toEqual(['anonymised']);
  const after = await bench.client.send(new GetObjectCommand({ Bucket: bucket, Key: 'a' }));
  expect('ExpiresString' in after).toBe(false);
  await store.close();
});

test('an object with metadata that S3 cannot return is refused: a rewrite would lose it', async () => {
  const bucket = await bench.bucket('Enabled');
  const front = await s3Front(bench.endpoint);
  const store = await bench.open(bucket, { endpoint: front.endpoint });
  await put(bench.client, { Bucket: bucket, Key: 'a', Body: RECORD, ContentType: 'application/json' });
  front.intercept = ({ method, url }) =>
    method === 'GET' && url.startsWith(`/${bucket}/a?`)
      ? {
          status: 200,
          body: RECORD,
          headers: { 'content-type': 'application/json', 'x-amz-missing-meta': '1' },
        }
      : undefined;
  try {
    expect(await store.anonymise(await looked(store, [['a']]), CLEAR)).toEqual([
      { outcome: 'refused', code: 'STORE_SCHEMA' },
    ]);
    expect(await textOf(bench.client, bucket, 'a')).toBe(RECORD);
    expect(front.seen.filter(({ method }) => method === 'PUT' || method === 'POST')).toEqual([]);
  } finally {
    await store.close();
    front.stop();
  }
});

const ODD_KEYS = [
  'x\r\ny',
  'x\ry',
  'x\ny',
  '\uFFFEnon',
  '\uFFFFnon',
  '\u0085nel',
  '\u2028line',
  '\u0001one',
  '\u007Fdel',
  '/leading',
  'trailing/',
  '//',
  'a//b',
  '.',
  '..',
  '../up',
  './here',
  'a/../b',
  '&#13;',
  '&amp;',
  '<Key>',
  ']]>',
  "'",
  '"',
  ' lead',
  'trail ',
  '\ttab',
  '%2F',
  '%',
  '%25',
  '+',
  'a+b c',
  '?versionId=1',
  '#hash',
  'é',
  'e\u0301',
  '👩‍👧',
  '{"a":1}',
  'soap',
  '=',
];

test('objects with odd keys are deleted one by one, and no neighbour is touched', async () => {
  const bucket = await bench.bucket('Enabled');
  const store = await bench.open(bucket);
  const keys = ODD_KEYS.flatMap((key) => [key, `${key}~`]);
  for (const Key of keys) await put(bench.client, { Bucket: bucket, Key, Body: Key });
  for (const key of ODD_KEYS) {
    expect(outcomesOf(await store.delete(await looked(store, [[key]]))), JSON.stringify(key)).toEqual([
      'deleted',
    ]);
    expect(statesOf(await store.readBack([gone([key])]))).toEqual(['kept']);
    expect(statesOf(await store.look([[`${key}~`]]))).toEqual(['present']);
  }
  await store.close();
  for (const key of ODD_KEYS) expect(await textOf(bench.client, bucket, `${key}~`)).toBe(`${key}~`);
});

test('an old version under a legal hold, below a newer one and a delete marker, does not become visible', async () => {
  const bucket = await bench.bucket('Enabled', true);
  const store = await bench.open(bucket);
  await put(bench.client, { Bucket: bucket, Key: 'a', Body: 'first' });
  const [first = ''] = await versionIds(bench.client, bucket, 'a');
  const LegalHold = { Status: 'ON' } as const;
  await bench.client.send(
    new PutObjectLegalHoldCommand({ Bucket: bucket, Key: 'a', VersionId: first, LegalHold }),
  );
  await put(bench.client, { Bucket: bucket, Key: 'a', Body: 'second' });
  await bench.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a' }));
  expect(await versionIds(bench.client, bucket, 'a')).toHaveLength(3);
  expect(await store.delete(await looked(store, [['a']]))).toEqual([
    { outcome: 'refused', code: 'STORE_LOCKED' },
  ]);
  expect(await textOf(bench.client, bucket, 'a')).toBeUndefined();
  expect(await versionIds(bench.client, bucket, 'a')).toContain(first);
  expect(statesOf(await store.readBack([gone(['a'])]))).toEqual(['broken']);
  await store.close();
});
