import { createHash } from 'node:crypto';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { s3Error, type S3Front, s3Front } from '../engine/s3-front.ts';
import { MARKER } from '../store/store-bench.ts';
import type { Versioning } from '../store/store-s3-bench.ts';
import { INTO, type S3Reading, s3Reading, sha256 } from './s3-reading-rig.ts';

let s3: S3Reading;
let front: S3Front;
beforeAll(async () => {
  s3 = await s3Reading();
  front = await s3Front(s3.bench.endpoint);
});
afterAll(async () => {
  front.stop();
  await s3.bench.stop();
});
/** Every request passes the front. */
const using: S3Reading['using'] = (versioning, body, options = {}) =>
  s3.using(versioning, body, { endpoint: front.endpoint, ...options });

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
          url: `/${s3.exports.bucket}/${INTO}?x-id=CopyObject`,
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
    { owner: '111122223333' },
  ));

describe('an object that changes while it is read', () => {
  const isCopy = (headers: Readonly<Record<string, unknown>>) => headers['x-amz-copy-source'] !== undefined;

  test.each<Versioning>(['Enabled', 'never'])(
    'is copied as one of its versions (versioning %s)',
    (versioning) =>
      using(versioning, async ({ put, read, copy }) => {
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
      }),
  );

  test('each time is not known, and is tried twice only', () =>
    using('never', async ({ put, read }) => {
      await put('a', '0');
      let copies = 0;
      front.intercept = async ({ headers }) => {
        if (isCopy(headers)) await put('a', String((copies += 1)));
        return undefined;
      };
      expect(await read('a')).toEqual({ state: 'unknown', code: 'STORE_ERROR' });
      expect(copies).toBe(2);
    }));

  test('and is deleted, is gone', () =>
    using('never', async ({ bucket, put, read }) => {
      await put('a', 'one');
      front.intercept = async ({ headers }) => {
        if (isCopy(headers))
          await s3.bench.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a' }));
        return undefined;
      };
      expect(await read('a')).toEqual({ state: 'gone' });
    }));
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
      { timeoutSeconds: 5 },
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
    using('Enabled', async ({ put, read }) => {
      await put('a', 'one');
      front.intercept = ({ headers }) =>
        headers['x-amz-copy-source'] === undefined
          ? undefined
          : { status: 200, body: `<CopyObjectResult><ETag>"x"</ETag>${sum}</CopyObjectResult>` };
      expect(await read('a')).toEqual({ state: 'unknown', code: 'STORE_ERROR' });
    }),
  );

  test('is too large with more than 5 GiB, and no copy is tried', () =>
    using('Enabled', async ({ put, read }) => {
      await put('a', 'one');
      const size = 5 * 1024 ** 3;
      let listed = size + 1;
      front.intercept = ({ url }) =>
        url.includes('versions')
          ? {
              status: 200,
              body: `<ListVersionsResult><Prefix>a</Prefix><IsTruncated>false</IsTruncated><Version><Key>a</Key><VersionId>v</VersionId><IsLatest>true</IsLatest><Size>${listed}</Size></Version></ListVersionsResult>`,
            }
          : undefined;
      front.seen.length = 0;
      expect(await read('a')).toEqual({ state: 'too-large', bytes: size + 1 });
      expect(front.seen).toHaveLength(1);
      listed = size;
      expect(await read('a')).toMatchObject({ state: 'unknown' });
      expect(front.seen.length).toBeGreaterThan(2);
    }));
});

describe('the request for a copy', () => {
  const isCopy = (headers: Readonly<Record<string, unknown>>) => headers['x-amz-copy-source'] !== undefined;

  test('goes to the region of the bucket of exports, and all others to that of the store', () =>
    using(
      'Enabled',
      async ({ put, read }) => {
        await put('a', 'one');
        const regions = new Map<boolean, Set<string>>([
          [true, new Set()],
          [false, new Set()],
        ]);
        front.intercept = ({ headers }) => {
          const [, region = ''] =
            /Credential=\w+\/\d+\/([\w-]+)\//.exec(String(headers['authorization'])) ?? [];
          regions.get(isCopy(headers))?.add(region);
          return undefined;
        };
        expect(await read('a')).toMatchObject({ state: 'file' });
        expect(regions.get(true)).toEqual(new Set(['eu-central-1']));
        expect(regions.get(false)).toEqual(new Set(['us-east-1']));
      },
      { exports: { ...s3.exports, region: 'eu-central-1' } },
    ));

  test('may take almost all of the time of a call, and no longer', () =>
    using(
      'Enabled',
      async ({ put, read }) => {
        await put('a', 'one');
        let milliseconds = 1500;
        front.intercept = async ({ headers }) => {
          if (isCopy(headers)) await new Promise((resolve) => setTimeout(resolve, milliseconds));
          return undefined;
        };
        expect(await read('a')).toMatchObject({ state: 'file' });
        milliseconds = 4000;
        const began = performance.now();
        expect(await read('a')).toEqual({ state: 'unknown', code: 'STORE_TIMEOUT' });
        expect(performance.now() - began).toBeLessThan(3500);
      },
      { timeoutSeconds: 2 },
    ));
});
