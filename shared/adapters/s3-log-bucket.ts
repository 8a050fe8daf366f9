import type { S3Client } from '@aws-sdk/client-s3';
import { GetObjectCommand, ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { setTimeout as wait } from 'node:timers/promises';
import { present } from '../domain/present.ts';
import type { LogBucket } from '../ports/log.ts';

const ATTEMPTS = 5;
const FIRST_WAIT_MILLISECONDS = 50;

/**
 * Objects under Object Lock, which the bucket's default retention sets. Reading needs `s3:ListBucketVersions` and
 * `s3:GetObjectVersion`.
 */
export function s3LogBucket(client: S3Client, bucket: string): LogBucket {
  return {
    async putIfAbsent(key, bytes) {
      const input = { Bucket: bucket, Key: key, Body: bytes, IfNoneMatch: '*' };
      for (let attempt = 1; ; attempt += 1) {
        try {
          await client.send(new PutObjectCommand(input));
          return 'written';
        } catch (error) {
          const status = statusOf(error);
          if (status === 412) return 'exists';
          // Another conditional write of this key is in progress: one of the two will succeed.
          // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
          if (status !== 409 || attempt === ATTEMPTS) throw error;
          await wait(FIRST_WAIT_MILLISECONDS * 2 ** (attempt - 1));
        }
      }
    },

    async get(key) {
      const VersionId = await firstVersion(client, bucket, key);
      if (VersionId === undefined) return undefined;
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, VersionId }));
      return Body?.transformToByteArray();
    },
  };
}

/**
 * The version that was sealed. The bucket policy allows no other; if an administrator had changed the policy, a later
 * version or a delete marker would hide this one, but could not take its place. Versions are listed by key, and those of a
 * key from the newest to the oldest.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
 */
async function firstVersion(client: S3Client, bucket: string, key: string): Promise<string | undefined> {
  let oldest: string | undefined;
  let at: { readonly KeyMarker?: string; readonly VersionIdMarker?: string } = {};
  for (;;) {
    const page = await client.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: key, ...at }));
    for (const { Key, VersionId } of page.Versions ?? []) if (Key === key) oldest = VersionId ?? oldest;
    // Keys with this one as their beginning come after it.
    if (page.IsTruncated !== true || page.NextKeyMarker !== key) return oldest;
    at = { KeyMarker: key, ...present({ VersionIdMarker: page.NextVersionIdMarker }) };
  }
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined;
  return (error.$metadata as { readonly httpStatusCode?: number }).httpStatusCode;
}
