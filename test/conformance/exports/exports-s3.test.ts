import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalS3, startS3 } from '../../../local/engines/s3.ts';
import { s3ArchiveLinks } from '../../../shared/adapters/s3-archive-links.ts';
import { s3Exports } from '../../../shared/adapters/s3-exports.ts';
import { parts } from '../../../shared/domain/each.ts';
import { layoutOf } from '../../../shared/domain/export/layout.ts';
import { verifyArchive } from '../../../shared/domain/export/verify-archive.ts';
import { aPiece, contentsOf, patterned, written } from '../../support/export/archive-samples.ts';
import { buildAll } from '../../support/export/building.ts';
import { exportsSuite } from './exports-suite.ts';

const region = 'us-east-1';
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const MEBIBYTE = 1024 ** 2;

/** The end-to-end run points it at an emulator. */
const elsewhere = process.env['TENURE_S3_ENDPOINT'];
let s3: LocalS3;
let client: S3Client;
let now = Date.now();
beforeAll(async () => {
  s3 = elsewhere === undefined ? await startS3(() => now) : { endpoint: elsewhere, stop: async () => {} };
  client = new S3Client({ endpoint: s3.endpoint, region, credentials, forcePathStyle: true });
});
afterAll(async () => {
  client.destroy();
  await s3.stop();
});

async function open() {
  const Bucket = `exports-${crypto.randomUUID()}`;
  await client.send(new CreateBucketCommand({ Bucket }));
  return {
    bucket: Bucket,
    exports: s3Exports(client, Bucket),
    object: async (Key: string) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      return Body?.transformToByteArray();
    },
  };
}

exportsSuite('S3', { open, answersAgain: elsewhere !== undefined });

describe('an archive in S3', () => {
  const pieces = [
    aPiece(1, patterned(700, 1)),
    aPiece(2, patterned(25 * MEBIBYTE, 2), 'mp4'),
    aPiece(3, patterned(9 * MEBIBYTE, 3), 'pdf'),
  ];
  const contents = contentsOf(pieces.map(({ file }) => file));

  test('is built from its pieces, and is whole', async () => {
    const { exports, object } = await open();
    for (const { file, bytes } of pieces) await exports.putPiece(file.key, bytes);
    const built = await buildAll(exports, contents);
    if (built.kind !== 'built') throw new Error(built.kind);
    const archive = (await object('archives/e-000001.tar')) ?? new Uint8Array();
    expect(written(layoutOf(contents).segments(), pieces).equals(archive)).toBe(true);
    expect(built.bytes).toBe(archive.length);
  });

  test('of more than a page of parts has all of them', async () => {
    const { exports } = await open();
    const upload = { key: 'archives/e-1.tar', id: await exports.begin('archives/e-1.tar', 'd'.repeat(64)) };
    const numbers = Array.from({ length: 1003 }, (_, index) => index + 1);
    for (const some of parts(numbers, 25))
      await Promise.all(some.map((number) => exports.putPart(upload, number, patterned(1))));
    expect((await exports.uploaded(upload))?.size).toBe(1003);
  });

  test('is fetched with its link until its time is over, and verified on the way', async () => {
    const { exports, bucket } = await open();
    const [first] = pieces;
    if (first === undefined) throw new Error('no piece');
    await exports.putPiece(first.file.key, first.bytes);
    const built = await buildAll(exports, contentsOf([first.file]));
    if (built.kind !== 'built') throw new Error(built.kind);
    const place = { bucket, region, endpoint: s3.endpoint, credentials: async () => credentials };
    now = Date.now();
    const link = await s3ArchiveLinks(place).link('archives/e-000001.tar', 60, 'export-q.1_a.tar');
    const answer = await fetch(link);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-disposition')).toBe('attachment;filename="export-q.1_a.tar"');
    expect(answer.headers.get('content-type')).toBe('application/x-tar');
    if (answer.body === null) throw new Error('no body');
    expect(await verifyArchive(answer.body, built)).toMatchObject({ kind: 'whole' });

    const other = new URL(link);
    other.pathname = other.pathname.replace('e-000001', 'e-000002');
    expect((await fetch(other)).status).toBe(403);
    const longer = new URL(link);
    longer.searchParams.set('X-Amz-Expires', '600');
    expect((await fetch(longer)).status).toBe(403);
    const short = await s3ArchiveLinks(place).link('archives/e-000001.tar', 1, 'export.tar');
    now += 2000;
    // An emulator has its own clock.
    if (elsewhere !== undefined) await sleep(2000);
    expect((await fetch(short)).status).toBe(403);
    expect((await fetch(link)).status).toBe(200);
    now += 59_000;
    if (elsewhere === undefined) expect((await fetch(link)).status).toBe(403);
    now = Date.now();
  });
});

describe('a link', () => {
  const place = {
    bucket: 'tenure-exports',
    region: 'eu-central-1',
    credentials: async () => ({ ...credentials, sessionToken: 'token' }),
  };

  test('is one of the bucket in its own region, with the session that signed it', async () => {
    const url = new URL(await s3ArchiveLinks(place).link('archives/e-1.tar', 900, 'export.tar'));
    expect(url.origin).toBe('https://tenure-exports.s3.eu-central-1.amazonaws.com');
    expect(url.pathname).toBe('/archives/e-1.tar');
    expect(url.searchParams.get('X-Amz-Expires')).toBe('900');
    expect(url.searchParams.get('X-Amz-Security-Token')).toBe('token');
    expect(url.searchParams.get('X-Amz-Credential')).toMatch(/^test\/\d{8}\/eu-central-1\/s3\/aws4_request$/);
  });

  test('is one of the partition that the region is in', async () => {
    const links = s3ArchiveLinks({ ...place, region: 'cn-north-1' });
    expect(new URL(await links.link('archives/e-1.tar', 60, 'export.tar')).host).toBe(
      'tenure-exports.s3.cn-north-1.amazonaws.com.cn',
    );
  });

  test.for(['', 'a"b', 'a\r\nb', '../a', 'é'])('has no name like %j', async (name) => {
    await expect(s3ArchiveLinks(place).link('archives/e-1.tar', 60, name)).rejects.toThrow(RangeError);
  });
});
