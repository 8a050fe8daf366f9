import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  GetBucketVersioningCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectRetentionCommand,
  PutObjectTaggingCommand,
  S3Client,
  SelectObjectContentCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalS3, startS3 } from '../../../local/engines/s3.ts';
import { s3LogBucket } from '../../../shared/adapters/s3-log-bucket.ts';
import { present } from '../../../shared/domain/present.ts';

let now = Date.UTC(2026, 2, 1);
let engine: LocalS3;
let client: S3Client;
beforeAll(async () => {
  engine = await startS3(() => now);
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
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

async function bucket(lock = false): Promise<string> {
  const Bucket = `bucket-${crypto.randomUUID()}`;
  await client.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: lock }));
  return Bucket;
}

const named = (name: string) => ({ name });

test('keeps the promises that the deletion log makes of its bucket', async () => {
  const Bucket = await bucket(true);
  const log = s3LogBucket(client, Bucket);
  const bytes = new TextEncoder().encode('one');
  expect(await log.putIfAbsent('chunks/1', bytes)).toBe('written');
  expect(await log.putIfAbsent('chunks/1', new TextEncoder().encode('two'))).toBe('exists');
  expect(await log.get('chunks/1')).toEqual(bytes);
  expect(await log.get('chunks/2')).toBeUndefined();
});

test('replaces the checkpoint of the deletion log only if the one that is there is named', async () => {
  const Bucket = await bucket(true);
  const log = s3LogBucket(client, Bucket);
  await client.send(new PutObjectCommand({ Bucket, Key: 'checkpoint-of-others', Body: 'x' }));
  expect(await log.checkpoint()).toBeUndefined();
  expect(await log.putCheckpoint('one', '"no-such"')).toBe('moved');
  expect(await log.putCheckpoint('one', undefined)).toBe('written');
  expect(await log.putCheckpoint('two', undefined)).toBe('moved');
  const one = await log.checkpoint();
  expect(one).toEqual({ text: 'one', tag: expect.any(String) });
  expect(await log.putCheckpoint('two', one?.tag)).toBe('written');
  expect(await log.putCheckpoint('three', one?.tag)).toBe('moved');
  const two = await log.checkpoint();
  expect(two?.text).toBe('two');
  // Only an administrator who changes the policy of the bucket can hide it.
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'checkpoint' }));
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'checkpoint' }));
  expect(await log.checkpoint()).toEqual({ text: 'two' });
  expect(await log.putCheckpoint('three', two?.tag)).toBe('moved');
  expect(await log.putCheckpoint('three', undefined)).toBe('written');
  expect((await log.checkpoint())?.text).toBe('three');
});

test('writes on condition of what is current, and never looks under a delete marker', async () => {
  const Bucket = await bucket(true);
  const put = (Body: string, condition: object) =>
    client.send(new PutObjectCommand({ Bucket, Key: 'a', Body, ...condition }));
  await expect(put('one', { IfMatch: '"none"' })).rejects.toMatchObject(named('NoSuchKey'));
  const { ETag } = await put('one', { IfNoneMatch: '*' });
  await expect(put('two', { IfMatch: '"other"' })).rejects.toMatchObject(named('PreconditionFailed'));
  await put('two', { IfMatch: ETag });
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));
  await expect(put('three', { IfMatch: '*' })).rejects.toMatchObject(named('NoSuchKey'));
  await put('three', { IfNoneMatch: '*' });
});

test('reads versions by id, and says that a delete marker is none', async () => {
  const Bucket = await bucket(true);
  const one = await client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'one' }));
  await client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'two' }));
  const marker = await client.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));
  expect(marker.DeleteMarker).toBe(true);
  const get = (VersionId?: string) =>
    client.send(new GetObjectCommand({ Bucket, Key: 'a', ...present({ VersionId }) }));
  expect(await (await get(one.VersionId)).Body?.transformToString()).toBe('one');
  await expect(get()).rejects.toMatchObject(named('NoSuchKey'));
  await expect(get(marker.VersionId)).rejects.toMatchObject(named('MethodNotAllowed'));
  await expect(get('nowhere')).rejects.toMatchObject(named('NoSuchVersion'));
  const { ContentLength } = await client.send(
    new HeadObjectCommand({ Bucket, Key: 'a', VersionId: one.VersionId }),
  );
  expect(ContentLength).toBe(3);
});

test('a locked version stays until its time is over, by the clock it was given', async () => {
  const Bucket = await bucket(true);
  const { VersionId } = await client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'one' }));
  const Retention = { Mode: 'COMPLIANCE', RetainUntilDate: new Date(Date.UTC(2026, 3, 1)) } as const;
  await client.send(new PutObjectRetentionCommand({ Bucket, Key: 'a', Retention }));
  const remove = () => client.send(new DeleteObjectCommand({ Bucket, Key: 'a', VersionId }));
  await expect(remove()).rejects.toMatchObject({ name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
  now = Date.UTC(2026, 3, 1);
  await remove();
  const { Versions = [] } = await client.send(new ListObjectVersionsCommand({ Bucket }));
  expect(Versions).toEqual([]);
});

test('lists in the order of UTF-8 bytes, page by page', async () => {
  const Bucket = await bucket();
  const keys = ['\u{1F600}', '\uFF5E', 'b', 'a/b', 'a', 'a b'];
  for (const Key of keys) await client.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
  const seen: (string | undefined)[] = [];
  let ContinuationToken: string | undefined;
  do {
    const token = ContinuationToken === undefined ? {} : { ContinuationToken };
    const page = await client.send(new ListObjectsV2Command({ Bucket, MaxKeys: 2, ...token }));
    seen.push(...(page.Contents ?? []).map(({ Key }) => Key));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  expect(seen).toEqual(['a', 'a b', 'a/b', 'b', '\uFF5E', '\u{1F600}']);
});

test('takes a thousand keys in one delete and no more', async () => {
  const Bucket = await bucket();
  const remove = (count: number) => {
    const Objects = Array.from({ length: count }, (_, index) => ({ Key: `${index}` }));
    return client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  };
  expect((await remove(1000)).Deleted).toHaveLength(1000);
  await expect(remove(1001)).rejects.toMatchObject(named('MalformedXML'));
});

test('versions, once kept, can be suspended and never be unheard of; not at all under Object Lock', async () => {
  const status = async (Bucket: string) =>
    (await client.send(new GetBucketVersioningCommand({ Bucket }))).Status;
  const suspend = (Bucket: string) =>
    client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Suspended' } }));
  const plain = await bucket();
  expect(await status(plain)).toBeUndefined();
  await suspend(plain);
  expect(await status(plain)).toBe('Suspended');
  const locked = await bucket(true);
  await expect(suspend(locked)).rejects.toMatchObject(named('InvalidBucketState'));
  expect(await status(locked)).toBe('Enabled');
});

test('what it does not know is refused, and never taken for something else', async () => {
  const Bucket = await bucket();
  await client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'one' }));
  const TagSet = [{ Key: 'a', Value: 'b' }];
  const refused = named('NotImplemented');
  const untag = new DeleteObjectTaggingCommand({ Bucket, Key: 'a' });
  await expect(client.send(untag)).rejects.toMatchObject(refused);
  const tagBucket = new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } });
  await expect(client.send(tagBucket)).rejects.toMatchObject(refused);
  const attributes = new GetObjectAttributesCommand({ Bucket, Key: 'a', ObjectAttributes: ['ETag'] });
  await expect(client.send(attributes)).rejects.toMatchObject(refused);
  const chosen = new SelectObjectContentCommand({
    Bucket,
    Key: 'a',
    Expression: 'SELECT 1',
    ExpressionType: 'SQL',
    InputSerialization: {},
    OutputSerialization: {},
  });
  await expect(client.send(chosen)).rejects.toMatchObject(refused);
  expect((await fetch(`${engine.endpoint}/${Bucket}/a?acl`)).status).toBe(501);
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: 'a' }));
  expect(await Body?.transformToString()).toBe('one');
  await expect(client.send(new GetObjectCommand({ Bucket: 'nowhere', Key: 'a' }))).rejects.toMatchObject(
    named('NoSuchBucket'),
  );
});

test('tags belong to a version, and are replaced as a whole: at most ten, each with a name of its own', async () => {
  const Bucket = await bucket(true);
  for (const Tagging of ['team=one', 'team=two'])
    await client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'text', Tagging }));
  const { Versions = [] } = await client.send(new ListObjectVersionsCommand({ Bucket }));
  const [newest, older] = Versions.map(({ VersionId }) => VersionId);
  const tag = (TagSet: { Key: string; Value: string }[], VersionId?: string) =>
    client.send(
      new PutObjectTaggingCommand({ Bucket, Key: 'a', Tagging: { TagSet }, ...present({ VersionId }) }),
    );
  const tags = async (VersionId?: string) =>
    (await client.send(new GetObjectTaggingCommand({ Bucket, Key: 'a', ...present({ VersionId }) }))).TagSet;
  const one = [{ Key: 'a&b', Value: '<c> d+e' }];
  expect((await tag(one, older)).VersionId).toBe(older);
  expect(await tags(older)).toEqual(one);
  expect(await tags(newest)).toEqual([{ Key: 'team', Value: 'two' }]);
  await tag([]);
  expect(await tags(newest)).toEqual([]);
  expect((await client.send(new HeadObjectCommand({ Bucket, Key: 'a' }))).TagCount).toBeUndefined();
  const many = Array.from({ length: 11 }, (_, index) => ({ Key: `tag-${index}`, Value: '' }));
  await expect(tag(many)).rejects.toMatchObject(named('BadRequest'));
  await expect(tag([...one, ...one])).rejects.toMatchObject(named('InvalidTag'));
  await tag(many.slice(1));
  const got = await client.send(new GetObjectCommand({ Bucket, Key: 'a' }));
  expect([got.TagCount, got.ETag]).toEqual([10, Versions[0]?.ETag]);
  await expect(tag(one, 'nowhere')).rejects.toMatchObject(named('NoSuchVersion'));
});
