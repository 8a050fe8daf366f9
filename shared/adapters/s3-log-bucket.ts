import type { S3Client } from '@aws-sdk/client-s3';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { setTimeout as wait } from 'node:timers/promises';
import type { LogBucket } from '../ports/log.ts';

const ATTEMPTS = 5;
const FIRST_WAIT_MILLISECONDS = 50;

/**
 * Objects under Object Lock, which the bucket's default retention sets. Reading an absent object needs `s3:ListBucket`:
 * without it, S3 answers that access is denied.
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
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        return await Body?.transformToByteArray();
      } catch (error) {
        if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
        throw error;
      }
    },
  };
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined;
  return (error.$metadata as { readonly httpStatusCode?: number }).httpStatusCode;
}
