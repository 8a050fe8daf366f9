import { createHash, randomBytes } from 'node:crypto';
import { Sha256Node } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalS3, startS3 } from '../../../local/engines/s3.ts';
import { present } from '../../../shared/domain/present.ts';

const MIB = 1024 * 1024;
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
let now = Date.UTC(2026, 2, 1);
let engine: LocalS3;
let client: S3Client;
beforeAll(async () => {
  engine = await startS3(() => now);
  client = new S3Client({
    endpoint: engine.endpoint,
    forcePathStyle: true,
    region: 'eu-west-1',
    credentials,
  });
});
afterAll(async () => {
  client.destroy();
  await engine.stop();
});

async function bucket(): Promise<string> {
  const Bucket = `bucket-${crypto.randomUUID()}`;
  await client.send(new CreateBucketCommand({ Bucket }));
  return Bucket;
}

const named = (name: string) => ({ name });
const put = (Bucket: string, Key: string, Body: string | Uint8Array, more: object = {}) =>
  client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const bytesOf = async (Bucket: string, Key: string): Promise<Buffer> => {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
};

describe('a copy', () => {
  test('is made from a version of another bucket, with its hash, and with new metadata if asked', async () => {
    const [from, to] = [await bucket(), await bucket()];
    await client.send(
      new PutBucketVersioningCommand({ Bucket: from, VersioningConfiguration: { Status: 'Enabled' } }),
    );
    const key = 'a b/ü+%.txt';
    const more = { ContentType: 'text/plain', Metadata: { who: 'ada' }, Tagging: 'team=one' };
    const first = await put(from, key, 'one', more);
    await put(from, key, 'two', more);
    const CopySource = `${from}/${encodeURIComponent(key)}?versionId=${first.VersionId}`;
    const copied = await client.send(
      new CopyObjectCommand({ Bucket: to, Key: 'c', CopySource, ChecksumAlgorithm: 'SHA256' }),
    );
    expect(copied.CopyObjectResult?.ChecksumSHA256).toBe(createHash('sha256').update('one').digest('base64'));
    const kept = await client.send(new GetObjectCommand({ Bucket: to, Key: 'c' }));
    expect([kept.ContentType, kept.Metadata, kept.TagCount]).toEqual(['text/plain', { who: 'ada' }, 1]);
    await client.send(
      new CopyObjectCommand({
        Bucket: to,
        Key: 'c',
        CopySource,
        MetadataDirective: 'REPLACE',
        TaggingDirective: 'REPLACE',
        ContentType: 'text/csv',
      }),
    );
    const fresh = await client.send(new GetObjectCommand({ Bucket: to, Key: 'c' }));
    expect([fresh.ContentType, fresh.Metadata, fresh.TagCount]).toEqual(['text/csv', {}, undefined]);
    expect(await fresh.Body?.transformToString()).toBe('one');
  });

  test('is refused if its source is not there, is hidden, or is another one than expected', async () => {
    const [from, to] = [await bucket(), await bucket()];
    const copy = (source: string, more: object = {}) =>
      client.send(new CopyObjectCommand({ Bucket: to, Key: 'c', CopySource: source, ...more }));
    await put(from, 'a', 'one');
    await expect(copy(`${from}/b`)).rejects.toMatchObject(named('NoSuchKey'));
    await expect(copy('nowhere/a')).rejects.toMatchObject(named('NoSuchBucket'));
    const other = { CopySourceIfMatch: '"other"' };
    await expect(copy(`${from}/a`, other)).rejects.toMatchObject(named('PreconditionFailed'));
    await copy(`${from}/a`, { CopySourceIfMatch: `"${createHash('md5').update('one').digest('hex')}"` });
    expect((await bytesOf(to, 'c')).toString()).toBe('one');
  });
});

describe('an upload in parts', () => {
  const begin = async (Bucket: string) =>
    (await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'a' }))).UploadId ?? '';
  const upload = (Bucket: string, UploadId: string, PartNumber: number, Body: string | Uint8Array) =>
    client.send(new UploadPartCommand({ Bucket, Key: 'a', UploadId, PartNumber, Body }));
  const list = (Bucket: string, UploadId: string, more: object = {}) =>
    client.send(new ListPartsCommand({ Bucket, Key: 'a', UploadId, ...more }));
  const complete = (
    Bucket: string,
    UploadId: string,
    Parts: { PartNumber: number | undefined; ETag: string | undefined }[],
  ) =>
    client.send(
      new CompleteMultipartUploadCommand({ Bucket, Key: 'a', UploadId, MultipartUpload: { Parts } }),
    );

  test('is put together in order from what was sent and what was copied', async () => {
    const Bucket = await bucket();
    const UploadId = await begin(Bucket);
    const large = randomBytes(6 * MIB);
    await put(Bucket, 'large', large);
    await upload(Bucket, UploadId, 3, 'end');
    const copy = (CopySourceRange?: string, PartNumber = 1) =>
      client.send(
        new UploadPartCopyCommand({
          Bucket,
          Key: 'a',
          UploadId,
          PartNumber,
          CopySource: `${Bucket}/large`,
          ...present({ CopySourceRange }),
        }),
      );
    expect((await copy(`bytes=${MIB}-${6 * MIB - 1}`)).CopyPartResult?.ETag).toMatch(/^"[0-9a-f]{32}"$/);
    await copy(undefined, 2);
    await expect(copy(`bytes=0-${6 * MIB}`)).rejects.toMatchObject(named('InvalidArgument'));
    const { Parts = [] } = await list(Bucket, UploadId);
    expect(Parts.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
      [1, 5 * MIB],
      [2, 6 * MIB],
      [3, 3],
    ]);
    const done = Parts.map(({ PartNumber, ETag }) => ({ PartNumber, ETag }));
    expect((await complete(Bucket, UploadId, done)).ETag).toMatch(/-3"$/);
    expect(await bytesOf(Bucket, 'a')).toEqual(
      Buffer.concat([large.subarray(MIB), large, Buffer.from('end')]),
    );
    await expect(complete(Bucket, UploadId, done)).rejects.toMatchObject(named('NoSuchUpload'));
    await expect(list(Bucket, UploadId)).rejects.toMatchObject(named('NoSuchUpload'));
  });

  test('is refused with small parts in the middle, in another order, or with a part that was written again', async () => {
    const Bucket = await bucket();
    const UploadId = await begin(Bucket);
    const [one, two] = [await upload(Bucket, UploadId, 1, 'small'), await upload(Bucket, UploadId, 2, 'end')];
    const parts = [
      { PartNumber: 1, ETag: one.ETag },
      { PartNumber: 2, ETag: two.ETag },
    ];
    await expect(complete(Bucket, UploadId, parts)).rejects.toMatchObject(named('EntityTooSmall'));
    await expect(complete(Bucket, UploadId, parts.toReversed())).rejects.toMatchObject(
      named('InvalidPartOrder'),
    );
    await upload(Bucket, UploadId, 1, 'x'.repeat(5 * MIB));
    await expect(complete(Bucket, UploadId, parts)).rejects.toMatchObject(named('InvalidPart'));
    await expect(upload(Bucket, UploadId, 10_001, 'x')).rejects.toMatchObject(named('InvalidArgument'));
    const copy = new UploadPartCopyCommand({
      Bucket,
      Key: 'a',
      UploadId,
      PartNumber: 3,
      CopySource: `${Bucket}/nowhere`,
    });
    await expect(client.send(copy)).rejects.toMatchObject(named('NoSuchKey'));
  });

  test('lists its parts page by page, and is gone when it is aborted', async () => {
    const Bucket = await bucket();
    const UploadId = await begin(Bucket);
    for (const number of [10, 2, 9, 1]) await upload(Bucket, UploadId, number, `part ${number}`);
    const seen: (number | undefined)[] = [];
    let PartNumberMarker: string | undefined;
    for (;;) {
      const page = await list(Bucket, UploadId, { MaxParts: 3, ...present({ PartNumberMarker }) });
      seen.push(...(page.Parts ?? []).map(({ PartNumber }) => PartNumber));
      if (page.IsTruncated !== true) break;
      PartNumberMarker = page.NextPartNumberMarker;
    }
    expect(seen).toEqual([1, 2, 9, 10]);
    await client.send(new AbortMultipartUploadCommand({ Bucket, Key: 'a', UploadId }));
    await expect(upload(Bucket, UploadId, 3, 'x')).rejects.toMatchObject(named('NoSuchUpload'));
    expect((await client.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? []).toEqual([]);
  });
});

test('a range is read alone, and one outside of the object is refused', async () => {
  const Bucket = await bucket();
  await put(Bucket, 'a', '0123456789');
  await put(Bucket, 'empty', '');
  const read = async (Range: string, Key = 'a') => {
    const got = await client.send(new GetObjectCommand({ Bucket, Key, Range }));
    return [await got.Body?.transformToString(), got.ContentRange, got.ContentLength];
  };
  expect(await read('bytes=2-4')).toEqual(['234', 'bytes 2-4/10', 3]);
  expect(await read('bytes=7-')).toEqual(['789', 'bytes 7-9/10', 3]);
  expect(await read('bytes=-2')).toEqual(['89', 'bytes 8-9/10', 2]);
  expect(await read('bytes=5-99')).toEqual(['56789', 'bytes 5-9/10', 5]);
  await expect(read('bytes=10-11')).rejects.toMatchObject({ $metadata: { httpStatusCode: 416 } });
  await expect(read('bytes=0-', 'empty')).rejects.toMatchObject({ $metadata: { httpStatusCode: 416 } });
});

describe('a signed link', () => {
  /** AWS's own signer makes it. */
  async function link(path: string, query: Record<string, string> = {}): Promise<string> {
    const { host, hostname, port, protocol } = new URL(engine.endpoint);
    const signer = new SignatureV4({
      service: 's3',
      region: 'eu-west-1',
      credentials,
      sha256: Sha256Node,
      uriEscapePath: false,
    });
    const signed = await signer.presign(
      {
        method: 'GET',
        protocol,
        hostname,
        port: Number(port),
        path,
        query,
        headers: { host, 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD' },
      },
      { expiresIn: 60, signingDate: new Date(now), unsignableHeaders: new Set(['x-amz-content-sha256']) },
    );
    const all = new URLSearchParams(
      Object.entries(signed.query ?? {}).map(([name, value]): [string, string] => [name, String(value)]),
    );
    return `${engine.endpoint}${signed.path}?${all.toString().replaceAll('+', '%20')}`;
  }

  test('opens its object under the name it says, until its time is over', async () => {
    const Bucket = await bucket();
    await put(Bucket, 'archives/a b.tar', 'bytes');
    const disposition = 'attachment; filename="a (1).tar"';
    const url = await link(`/${Bucket}/archives/a%20b.tar`, { 'response-content-disposition': disposition });
    const got = await fetch(url);
    expect([got.status, got.headers.get('content-disposition'), await got.text()]).toEqual([
      200,
      disposition,
      'bytes',
    ]);
    expect((await fetch(url, { headers: { range: 'bytes=1-2' } })).status).toBe(206);
    now += 60_000;
    expect((await fetch(url)).status).toBe(403);
  });

  test('opens nothing else, and nothing when it was changed', async () => {
    const Bucket = await bucket();
    for (const key of ['a', 'b']) await put(Bucket, key, key);
    const url = await link(`/${Bucket}/a`);
    expect((await fetch(url)).status).toBe(200);
    for (const changed of [
      url.replace(`${Bucket}/a`, `${Bucket}/b`),
      url.replace('X-Amz-Expires=60', 'X-Amz-Expires=600'),
      `${url}&response-content-type=text%2Fhtml`,
      url.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
    ])
      expect((await fetch(changed)).status).toBe(403);
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(403);
    expect((await fetch(url.replace(/X-Amz-Date=[^&]+&/, ''))).status).toBe(400);
    expect((await fetch(url.replace('Expires=60&', 'Expires=604801&'))).status).toBe(400);
  });
});
