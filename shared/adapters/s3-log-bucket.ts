import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandInput,
  type ListObjectVersionsCommandOutput,
  type ObjectVersion,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { setTimeout as wait } from 'node:timers/promises';
import { MINIMUM_INDEX } from '../domain/log/minimum-index.ts';
import { present } from '../domain/present.ts';
import type { Checkpoint, LogBucket, OldObjects } from '../ports/log.ts';

const ATTEMPTS = 5;
const FIRST_WAIT_MILLISECONDS = 50;

/**
 * Objects under Object Lock, which the bucket's default retention sets. Reading needs `s3:ListBucketVersions` and
 * `s3:GetObjectVersion`. Every version of the checkpoint is locked, too: what was signed once stays there.
 */
export function s3LogBucket(client: S3Client, bucket: string): LogBucket {
  const put = conditionalPut(client, bucket);
  return {
    async putIfAbsent(key, bytes) {
      return (await put({ Key: key, Body: bytes, IfNoneMatch: '*' })) === 'written' ? 'written' : 'exists';
    },

    async get(key) {
      const VersionId = (await firstVersion(client, bucket, key))?.VersionId;
      if (VersionId === undefined) return undefined;
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, VersionId }));
      return Body?.transformToByteArray();
    },

    checkpoint: (name = 'checkpoint') => newestOf(client, bucket, name),
    putCheckpoint: (text, tag, name = 'checkpoint') => replaced(put, name, { text, tag }),
  };
}

/** What old objects are taken away with. It needs `s3:DeleteObjectVersion`, too. */
export function s3OldObjects(client: S3Client, bucket: string): OldObjects {
  const put = conditionalPut(client, bucket);
  return {
    async writtenAt(key) {
      return (await firstVersion(client, bucket, key))?.LastModified?.getTime();
    },

    async firstKeys(prefix) {
      const page = await listed(client, { Bucket: bucket, Prefix: prefix });
      return [...new Set(objectsOf(page).flatMap(({ Key }) => Key ?? []))].toSorted();
    },

    async drop(prefix) {
      for (;;) {
        const page = await listed(client, { Bucket: bucket, Prefix: prefix });
        const Objects = objectsOf(page).map(({ Key, VersionId }) => ({ Key, VersionId }));
        if (Objects.length === 0) return 'gone';
        const { Errors = [] } = await client.send(
          new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
        );
        const [first] = Errors;
        if (Errors.some(({ Code }) => Code === 'AccessDenied')) return 'locked';
        if (first !== undefined) throw Object.assign(new Error('S3 did not delete'), { name: first.Code });
        if (page.IsTruncated !== true) return 'gone';
      }
    },

    minimumIndex: () => newestOf(client, bucket, MINIMUM_INDEX),
    putMinimumIndex: (text, tag) => replaced(put, MINIMUM_INDEX, { text, tag }),
  };
}

type ConditionalPut = (
  input: Pick<PutObjectCommandInput, 'Key' | 'Body' | 'IfMatch' | 'IfNoneMatch'>,
) => Promise<'written' | 'refused'>;

function conditionalPut(client: S3Client, bucket: string): ConditionalPut {
  /** On a condition, which S3 answers with a 412, or with a 404 if the object that it names is not there. */
  return async function put(input) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { ETag } = await client.send(new PutObjectCommand({ Bucket: bucket, ...input }));
        // S3 names it for whatever it has written. A gap in the log could never be filled again.
        if (ETag === undefined) throw new Error('S3 answered a write without an ETag');
        return 'written';
      } catch (error) {
        const status = statusOf(error);
        if (status === 412 || (status === 404 && input.IfMatch !== undefined)) return 'refused';
        // Another conditional write of this key is in progress: one of the two will succeed.
        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
        if (status !== 409 || attempt === ATTEMPTS) throw error;
        await wait(FIRST_WAIT_MILLISECONDS * 2 ** (attempt - 1));
      }
    }
  };
}

/** Only the version with this tag; without a tag, only where there is none. */
async function replaced(
  put: ConditionalPut,
  key: string,
  { text, tag }: { readonly text: string; readonly tag: string | undefined },
): Promise<'written' | 'moved'> {
  const condition = tag === undefined ? { IfNoneMatch: '*' } : { IfMatch: tag };
  return (await put({ Key: key, Body: text, ...condition })) === 'written' ? 'written' : 'moved';
}

async function newestOf(client: S3Client, bucket: string, key: string): Promise<Checkpoint | undefined> {
  const { versionId, isNewest } = (await newestVersion(client, bucket, key)) ?? {};
  if (versionId === undefined) return undefined;
  const { Body, ETag } = await client.send(
    new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }),
  );
  const text = (await Body?.transformToString()) ?? '';
  return { text, ...present({ tag: isNewest === true ? ETag : undefined }) };
}

/**
 * The version that was sealed. The bucket policy allows no other; if an administrator had changed the policy, a later
 * version or a delete marker would hide this one, but could not take its place.
 */
async function firstVersion(
  client: S3Client,
  bucket: string,
  key: string,
): Promise<ObjectVersion | undefined> {
  let oldest: ObjectVersion | undefined;
  for await (const version of versionsOf(client, { Bucket: bucket, Prefix: key }))
    if (version.VersionId !== undefined) oldest = version;
  return oldest;
}

/**
 * Its newest version. If a delete marker hides it, which only a changed bucket policy allows, it is still what the log
 * was signed with, and no version is there that a write could name.
 */
async function newestVersion(
  client: S3Client,
  bucket: string,
  key: string,
): Promise<{ readonly versionId: string; readonly isNewest: boolean } | undefined> {
  // One row is enough unless a marker is the newest.
  const versions = versionsOf(client, { Bucket: bucket, Prefix: key, MaxKeys: 1 });
  for await (const { VersionId, IsLatest } of versions)
    if (VersionId !== undefined) return { versionId: VersionId, isNewest: IsLatest === true };
  return undefined;
}

/**
 * The versions of the object whose key is the prefix, from the newest to the oldest. They are listed by key, so keys with
 * this one as their beginning come after it. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
 */
async function* versionsOf(
  client: S3Client,
  input: ListObjectVersionsCommandInput & { readonly Prefix: string },
): AsyncGenerator<ObjectVersion, void> {
  const key = input.Prefix;
  let at: { readonly KeyMarker?: string; readonly VersionIdMarker?: string } = {};
  for (;;) {
    const page = await listed(client, { ...input, ...at });
    for (const version of page.Versions ?? []) if (version.Key === key) yield version;
    if (page.IsTruncated !== true || page.NextKeyMarker !== key) return;
    at = { KeyMarker: key, ...present({ VersionIdMarker: page.NextVersionIdMarker }) };
  }
}

async function listed(
  client: S3Client,
  input: ListObjectVersionsCommandInput,
): Promise<ListObjectVersionsCommandOutput> {
  const page = await client.send(new ListObjectVersionsCommand(input));
  // S3 always says it. Without it, anything with the status 200 would be an empty list.
  if (typeof page.IsTruncated !== 'boolean')
    throw new Error('S3 answered without saying where the list ends');
  return page;
}

/** Versions, and markers that somebody may have made. */
function objectsOf({
  Versions = [],
  DeleteMarkers = [],
}: ListObjectVersionsCommandOutput): readonly Pick<ObjectVersion, 'Key' | 'VersionId'>[] {
  return [...Versions, ...DeleteMarkers];
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined;
  return (error.$metadata as { readonly httpStatusCode?: number }).httpStatusCode;
}
