import { createHash, randomBytes } from 'node:crypto';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Read, Store, ToRead } from '../../../shared/ports/store.ts';
import type { ExportsPlace } from '../../../shared/stores/store-kind.ts';
import { s3Error, type S3Front, s3Front } from '../engine/s3-front.ts';
import { MARKER } from '../store/store-bench.ts';
import { statesOf, TEXT } from '../store/store-rig.ts';
import { type OpenOptions, type S3Bench, s3Bench, type Versioning } from '../store/store-s3-bench.ts';

let bench: S3Bench;
let front: S3Front;
let exports: ExportsPlace;
beforeAll(async () => {
  bench = await s3Bench();
  front = await s3Front(bench.endpoint);
  exports = await bench.exports();
});
afterAll(async () => {
  front.stop();
  await bench.stop();
});

const INTO = 'pieces/files/export-1/0001-000';
const sha256 = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex');

interface Scene {
  readonly bucket: string;
  readonly store: Store;
  readonly put: (
    key: string,
    body: string | Uint8Array,
    more?: Partial<PutObjectCommandInput>,
  ) => Promise<string>;
  readonly read: (key: string, into?: string) => Promise<Read | undefined>;
  /** What was copied. */
  readonly copy: (into?: string) => Promise<Buffer>;
}

async function using(
  versioning: Versioning,
  body: (scene: Scene) => Promise<void>,
  options: Partial<OpenOptions> = {},
): Promise<void> {
  const bucket = await bench.bucket(versioning);
  const store = await bench.open(bucket, { keys: TEXT, exports, ...options });
  try {
    await body({
      bucket,
      store,
      async put(Key, Body, more = {}) {
        const { VersionId } = await bench.client.send(
          new PutObjectCommand({ Bucket: bucket, Key, Body, ...more }),
        );
        return VersionId ?? 'null';
      },
      read: async (key, into = INTO) => (await store.read([{ locator: [key], into }]))[0],
      async copy(Key = INTO) {
        const { Body } = await bench.client.send(new GetObjectCommand({ Bucket: exports.bucket, Key }));
        return Buffer.from((await Body?.transformToByteArray()) ?? []);
      },
    });
  } finally {
    await store.close();
  }
}

describe.each<Versioning>(['Enabled', 'Suspended', 'never'])(
  'a bucket whose versioning is %s',
  (versioning) => {
    test.each([
      'a',
      'a b',
      ' a',
      'a+b',
      'a%20b',
      'a%2Fb',
      '%',
      '100%',
      '/leading',
      '//two',
      'trailing/',
      'a//b',
      './a',
      '../a/..',
      'a?versionId=x',
      'a?b&c=d#e',
      'ü/日本語/🇦🇶',
      'e\u0301',
      "O'Brien (1)*!.pdf",
      '"quoted" <tag> & more',
      'line\nbreak\ttab\u0001',
      'null',
      'x'.repeat(1024),
      MARKER,
    ])('the object with the key %j is copied, and its neighbour is not', (key) =>
      using(versioning, async ({ put, read, copy }) => {
        await put(key, `content of ${key}`);
        await put(key === 'x'.repeat(1024) ? 'x' : `${key}x`, 'other');
        const text = `content of ${key}`;
        expect(await read(key)).toMatchObject({
          state: 'file',
          bytes: Buffer.byteLength(text),
          sha256: sha256(text),
        });
        expect((await copy()).toString()).toBe(text);
      }),
    );

    test('the newest version is copied; what is hidden by a delete marker, or was never there, is gone', () =>
      using(versioning, async ({ bucket, put, read, copy }) => {
        await put('a', 'one');
        await put('a', 'two');
        await put('hidden', 'secret');
        await bench.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'hidden' }));
        expect(await read('a')).toMatchObject({ state: 'file', sha256: sha256('two') });
        expect((await copy()).toString()).toBe('two');
        expect(await read('hidden', 'pieces/hidden')).toEqual({ state: 'gone' });
        expect(await read('never', 'pieces/never')).toEqual({ state: 'gone' });
        const { Contents = [] } = await bench.client.send(
          new ListObjectsV2Command({ Bucket: exports.bucket }),
        );
        expect(Contents.map(({ Key }) => Key)).not.toContain('pieces/hidden');
      }));

    test('an empty object is a file without bytes, and parts that were never put together are gone', () =>
      using(versioning, async ({ bucket, put, read, copy }) => {
        await put('empty', '');
        expect(await read('empty')).toMatchObject({ state: 'file', bytes: 0, sha256: sha256('') });
        expect(await copy()).toHaveLength(0);
        await bench.client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: 'open' }));
        expect(await read('open')).toEqual({ state: 'gone' });
      }));
  },
);

describe('a copy', () => {
  test('has the content and its type, and nothing else of the object', () =>
    using('Enabled', async ({ put, read }) => {
      await put('photo.of.Ada.JPG', 'bytes', {
        ContentType: 'image/jpeg',
        Metadata: { who: 'ada' },
        Tagging: 'team=one',
        CacheControl: 'no-store',
        ContentDisposition: 'attachment; filename="ada.jpg"',
        ServerSideEncryption: 'AES256',
      });
      expect(await read('photo.of.Ada.JPG')).toEqual({
        state: 'file',
        bytes: 5,
        sha256: sha256('bytes'),
        mediaType: 'image/jpeg',
        extension: 'jpg',
      });
      const head = await bench.client.send(new HeadObjectCommand({ Bucket: exports.bucket, Key: INTO }));
      expect(head.ContentType).toBe('image/jpeg');
      expect([head.Metadata, head.TagCount, head.CacheControl, head.ContentDisposition]).toEqual([
        {},
        undefined,
        undefined,
        undefined,
      ]);
    }));

  test.each([
    ['notes.tar.gz', undefined, 'gz'],
    ['notes.json', 'gzip', 'gz'],
    ['notes', undefined, undefined],
    ['notes.', undefined, undefined],
    ['notes.p', undefined, 'p'],
    ['notes.too-long', undefined, undefined],
    ['notes.ninechars', undefined, undefined],
    ['a.b/notes', undefined, undefined],
    ['notes.ü', undefined, undefined],
    ['.hidden', undefined, 'hidden'],
  ])('of %s with the encoding %s has the extension %s', (key, ContentEncoding, extension) =>
    using('never', async ({ put, read }) => {
      await put(key, 'x', ContentEncoding === undefined ? {} : { ContentEncoding });
      const found = await read(key);
      expect(found?.state === 'file' ? found.extension : 'no file').toBe(extension);
    }),
  );

  test('of an object that was uploaded in parts has the hash of its whole content', () =>
    using('Enabled', async ({ bucket, read, copy }) => {
      const [Key, bytes] = ['large', randomBytes(5 * 1024 * 1024 + 3)];
      const { UploadId } = await bench.client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key }));
      const Parts = [];
      for (const [index, Body] of [bytes.subarray(0, -3), bytes.subarray(-3)].entries()) {
        const PartNumber = index + 1;
        const part = { Bucket: bucket, Key, UploadId, PartNumber, Body };
        Parts.push({ PartNumber, ETag: (await bench.client.send(new UploadPartCommand(part))).ETag });
      }
      await bench.client.send(
        new CompleteMultipartUploadCommand({ Bucket: bucket, Key, UploadId, MultipartUpload: { Parts } }),
      );
      expect(await read(Key)).toMatchObject({ state: 'file', bytes: bytes.length, sha256: sha256(bytes) });
      expect((await copy()).equals(bytes)).toBe(true);
    }));

  test('is made again over the former one', () =>
    using('Enabled', async ({ put, read, copy }) => {
      await put('a', 'one, which is longer');
      const first = await read('a');
      expect(await read('a')).toEqual(first);
      await put('a', 'two');
      expect(await read('a')).toMatchObject({ bytes: 3, sha256: sha256('two') });
      expect((await copy()).toString()).toBe('two');
    }));

  test('is made only of keys with the prefix of the store, and twice if it goes to two places', () =>
    using(
      'Enabled',
      async ({ put, store, copy }) => {
        await put('people/a', 'mine');
        await put('a', 'of another store');
        const places: ToRead[] = ['pieces/1', 'pieces/2'].map((into) => ({ locator: ['a'], into }));
        expect(statesOf(await store.read(places))).toEqual(['file', 'file']);
        for (const { into } of places) expect((await copy(into)).toString()).toBe('mine');
      },
      { prefix: 'people/' },
    ));

  test('is made with its metadata replaced, and only of the version that was seen', () =>
    using(
      'Enabled',
      async ({ bucket, put, read }) => {
        const id = await put('a b', 'one', { ContentType: 'text/plain' });
        const copies: Readonly<Record<string, unknown>>[] = [];
        front.intercept = ({ method, url, headers }) => {
          if (headers['x-amz-copy-source'] !== undefined) copies.push({ method, url, ...headers });
          return undefined;
        };
        expect(await read('a b')).toMatchObject({ state: 'file' });
        expect(copies).toEqual([
          expect.objectContaining({
            method: 'PUT',
            url: `/${exports.bucket}/${INTO}?x-id=CopyObject`,
            'x-amz-copy-source': `${bucket}/a%20b?versionId=${id}`,
            'x-amz-copy-source-if-match': `"${createHash('md5').update('one').digest('hex')}"`,
            'x-amz-checksum-algorithm': 'SHA256',
            'x-amz-metadata-directive': 'REPLACE',
            'x-amz-tagging-directive': 'REPLACE',
            'x-amz-source-expected-bucket-owner': '111122223333',
            'content-type': 'text/plain',
          }),
        ]);
      },
      { endpoint: front.endpoint, owner: '111122223333' },
    ));
});

describe('an object that changes while it is read', () => {
  const isCopy = (headers: Readonly<Record<string, unknown>>) => headers['x-amz-copy-source'] !== undefined;

  test.each<Versioning>(['Enabled', 'never'])(
    'is copied as one of its versions (versioning %s)',
    (versioning) =>
      using(
        versioning,
        async ({ put, read, copy }) => {
          await put('a', 'one');
          let isFirst = true;
          front.intercept = async ({ headers }) => {
            if (isCopy(headers) && isFirst) {
              isFirst = false;
              await put('a', 'second');
            }
            return undefined;
          };
          // With versions, the one that was seen is still there.
          const text = versioning === 'Enabled' ? 'one' : 'second';
          expect(await read('a')).toMatchObject({ state: 'file', bytes: text.length, sha256: sha256(text) });
          expect((await copy()).toString()).toBe(text);
        },
        { endpoint: front.endpoint },
      ),
  );

  test('each time is not known, and is tried twice only', () =>
    using(
      'never',
      async ({ put, read }) => {
        await put('a', '0');
        let copies = 0;
        front.intercept = async ({ headers }) => {
          if (isCopy(headers)) await put('a', String((copies += 1)));
          return undefined;
        };
        expect(await read('a')).toEqual({ state: 'unknown', code: 'STORE_ERROR' });
        expect(copies).toBe(2);
      },
      { endpoint: front.endpoint },
    ));

  test('and is deleted, is gone', () =>
    using(
      'never',
      async ({ bucket, put, read }) => {
        await put('a', 'one');
        front.intercept = async ({ headers }) => {
          if (isCopy(headers)) await bench.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a' }));
          return undefined;
        };
        expect(await read('a')).toEqual({ state: 'gone' });
      },
      { endpoint: front.endpoint },
    ));
});

describe('what S3 cannot copy', () => {
  test.each([
    ['InvalidObjectState', 403, 'STORE_CONSTRAINT'],
    ['AccessDenied', 403, 'STORE_DENIED'],
    ['NoSuchBucket', 404, 'STORE_SCHEMA'],
    ['InvalidRequest', 400, 'STORE_SCHEMA'],
    ['SlowDown', 503, 'STORE_THROTTLED'],
    // Inside of an answer, the SDK takes it for the status 503.
    ['InternalError', 500, expect.stringMatching(/^STORE_(ERROR|THROTTLED)$/) as string],
  ])('because of %s is unknown, also inside of an answer that began well', (code, status, failure) =>
    using(
      'Enabled',
      async ({ put, read }) => {
        await put('a', 'one');
        for (const answered of [status, 200]) {
          front.intercept = ({ headers }) =>
            headers['x-amz-copy-source'] === undefined ? undefined : s3Error(code, `of ${MARKER}`, answered);
          expect(await read('a')).toEqual({ state: 'unknown', code: failure });
        }
      },
      { endpoint: front.endpoint, timeoutSeconds: 5 },
    ),
  );

  test.each([
    ['none', ''],
    ['one of the parts', `<ChecksumSHA256>${createHash('sha256').digest('base64')}-2</ChecksumSHA256>`],
    [
      'one that is made of parts',
      `<ChecksumSHA256>${createHash('sha256').digest('base64')}</ChecksumSHA256><ChecksumType>COMPOSITE</ChecksumType>`,
    ],
  ])('with a hash of its content is unknown: %s', (_, sum) =>
    using(
      'Enabled',
      async ({ put, read }) => {
        await put('a', 'one');
        front.intercept = ({ headers }) =>
          headers['x-amz-copy-source'] === undefined
            ? undefined
            : { status: 200, body: `<CopyObjectResult><ETag>"x"</ETag>${sum}</CopyObjectResult>` };
        expect(await read('a')).toEqual({ state: 'unknown', code: 'STORE_ERROR' });
      },
      { endpoint: front.endpoint },
    ),
  );

  test('is too large with more than 5 GiB, and no copy is tried', () =>
    using(
      'Enabled',
      async ({ put, read }) => {
        await put('a', 'one');
        const size = 5 * 1024 ** 3;
        let listed = size + 1;
        front.intercept = ({ url }) =>
          url.includes('versions')
            ? {
                status: 200,
                body: `<ListVersionsResult><Prefix>a</Prefix><Version><Key>a</Key><VersionId>v</VersionId><IsLatest>true</IsLatest><Size>${listed}</Size></Version></ListVersionsResult>`,
              }
            : undefined;
        front.seen.length = 0;
        expect(await read('a')).toEqual({ state: 'too-large', bytes: size + 1 });
        expect(front.seen).toHaveLength(1);
        listed = size;
        expect(await read('a')).toMatchObject({ state: 'unknown' });
        expect(front.seen.length).toBeGreaterThan(2);
      },
      { endpoint: front.endpoint },
    ));

  test('has no place to go: nothing is read without a bucket of exports', () =>
    using('Enabled', async ({ bucket, put }) => {
      await put('a', 'one');
      const store = await bench.open(bucket, { keys: TEXT });
      expect(await store.read([{ locator: ['a'], into: INTO }])).toEqual([
        { state: 'unknown', code: 'STORE_DENIED' },
      ]);
      await store.close();
    }));
});
