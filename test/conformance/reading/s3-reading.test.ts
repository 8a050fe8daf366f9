import { randomBytes } from 'node:crypto';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ToRead } from '../../../shared/ports/store.ts';
import { MARKER } from '../store/store-bench.ts';
import { statesOf, TEXT } from '../store/store-rig.ts';
import type { Versioning } from '../store/store-s3-bench.ts';
import { INTO, type S3Reading, s3Reading, sha256 } from './s3-reading-rig.ts';

let s3: S3Reading;
beforeAll(async () => {
  s3 = await s3Reading();
});
afterAll(() => s3.bench.stop());
const using: S3Reading['using'] = (...all) => s3.using(...all);

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
        await s3.bench.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'hidden' }));
        expect(await read('a')).toMatchObject({ state: 'file', sha256: sha256('two') });
        expect((await copy()).toString()).toBe('two');
        expect(await read('hidden', 'pieces/hidden')).toEqual({ state: 'gone' });
        expect(await read('never', 'pieces/never')).toEqual({ state: 'gone' });
        const { Contents = [] } = await s3.bench.client.send(
          new ListObjectsV2Command({ Bucket: s3.exports.bucket }),
        );
        expect(Contents.map(({ Key }) => Key)).not.toContain('pieces/hidden');
      }));

    test('an empty object is a file without bytes, and parts that were never put together are gone', () =>
      using(versioning, async ({ bucket, put, read, copy }) => {
        await put('empty', '');
        expect(await read('empty')).toMatchObject({ state: 'file', bytes: 0, sha256: sha256('') });
        expect(await copy()).toHaveLength(0);
        await s3.bench.client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: 'open' }));
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
      const head = await s3.bench.client.send(
        new HeadObjectCommand({ Bucket: s3.exports.bucket, Key: INTO }),
      );
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
      const { UploadId } = await s3.bench.client.send(
        new CreateMultipartUploadCommand({ Bucket: bucket, Key }),
      );
      const Parts = [];
      for (const [index, Body] of [bytes.subarray(0, -3), bytes.subarray(-3)].entries()) {
        const PartNumber = index + 1;
        const part = { Bucket: bucket, Key, UploadId, PartNumber, Body };
        Parts.push({ PartNumber, ETag: (await s3.bench.client.send(new UploadPartCommand(part))).ETag });
      }
      await s3.bench.client.send(
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
});

test('without a bucket of exports, nothing is read', () =>
  using('Enabled', async ({ bucket, put }) => {
    await put('a', 'one');
    const store = await s3.bench.open(bucket, { keys: TEXT });
    expect(await store.read([{ locator: ['a'], into: INTO }])).toEqual([
      { state: 'unknown', code: 'STORE_DENIED' },
    ]);
    await store.close();
  }));
