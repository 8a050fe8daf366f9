import { GetObjectCommand, PutObjectCommand, type PutObjectCommandInput } from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import type { Read, Store } from '../../../shared/ports/store.ts';
import type { ExportsPlace } from '../../../shared/stores/store-kind.ts';
import { TEXT } from '../store/store-rig.ts';
import { type OpenOptions, type S3Bench, s3Bench, type Versioning } from '../store/store-s3-bench.ts';

export const INTO = 'pieces/files/export-1/0001-000';
export const sha256 = (bytes: string | Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex');

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

export interface S3Reading {
  readonly bench: S3Bench;
  readonly exports: ExportsPlace;
  /** Over a fresh bucket. */
  readonly using: (
    versioning: Versioning,
    body: (scene: Scene) => Promise<void>,
    options?: Partial<OpenOptions>,
  ) => Promise<void>;
}

/** An S3 with a bucket of exports. */
export async function s3Reading(): Promise<S3Reading> {
  const bench = await s3Bench();
  const exports = await bench.exports();
  return {
    bench,
    exports,
    async using(versioning, body, options = {}) {
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
    },
  };
}
