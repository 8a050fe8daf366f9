import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import type { StoreReach } from '../../cli/preflight/preflight-reach.ts';
import { checkBucket } from '../../cli/preflight/preflight-s3.ts';
import { type LocalS3, startS3 } from '../../local/engines/s3.ts';
import type { StoreConfiguration } from '../../shared/domain/configuration/configuration.ts';
import { type CannedAnswer, type S3Front, s3Error, s3Front } from '../conformance/engine/s3-front.ts';

export const OWNER = '111122223333';
export const OFF = 'note: versioning is off, which is supported: a rewritten object is detected by its ETag';
export const denied = s3Error('AccessDenied', 'secret', 403);
export const xml = (body: string): CannedAnswer => ({ status: 200, body });

/** Answers for what the local S3 does not support, by method or subresource, as S3 answers if nothing is configured. */
const UNSET = {
  HEAD: { status: 200, body: '', headers: { 'x-amz-bucket-region': 'eu-central-1' } },
  'object-lock': s3Error('ObjectLockConfigurationNotFoundError', 'secret', 404),
  encryption: s3Error('ServerSideEncryptionConfigurationNotFoundError', 'secret', 404),
  replication: s3Error('ReplicationConfigurationNotFoundError', 'secret', 404),
  lifecycle: s3Error('NoSuchLifecycleConfiguration', 'secret', 404),
  policy: s3Error('NoSuchBucketPolicy', 'secret', 404),
};
type Answers = Partial<Record<keyof typeof UNSET | 'versioning', CannedAnswer>>;

export interface BucketLook {
  readonly client: S3Client;
  /** A new one for each test. */
  bucket: string;
  /** The requests that were sent. */
  readonly methods: () => ReadonlySet<string>;
  readonly connection: () => NonNullable<StoreReach['connection']>;
  readonly store: (options?: object) => StoreConfiguration;
  /** All findings, as `severity: message`. */
  readonly found: (answers?: Answers, options?: object, more?: Partial<StoreReach>) => Promise<string[]>;
  /** What is found besides that versions are off. */
  readonly said: BucketLook['found'];
}

/** A bucket in the local S3, with S3's answers to what the local one does not support. */
export function bucketLook(): BucketLook {
  const credentials = async () => ({ accessKeyId: 'any', secretAccessKey: 'any' });
  let engine: LocalS3;
  let front: S3Front;
  let client: S3Client;
  beforeAll(async () => {
    engine = await startS3();
    front = await s3Front(engine.endpoint);
    const { endpoint } = engine;
    client = new S3Client({ endpoint, region: 'eu-central-1', forcePathStyle: true, credentials });
  });
  beforeEach(async () => {
    look.bucket = `people-${crypto.randomUUID()}`;
    await client.send(new CreateBucketCommand({ Bucket: look.bucket }));
    front.seen.length = 0;
  });
  afterAll(async () => {
    client.destroy();
    front.stop();
    await engine.stop();
  });

  const look: BucketLook = {
    bucket: '',
    get client() {
      return client;
    },
    methods: () => new Set(front.seen.map(({ method }) => method)),
    connection: () => ({ endpoint: front.endpoint, credentials }),
    store: (options = {}) => ({
      kind: 's3',
      region: 'eu-central-1',
      keys: [{ name: 'key', type: 'text' }],
      options: { bucket: look.bucket, prefix: '', owner: OWNER, ...options },
      restricts: false,
      hourlyCap: 100,
    }),
    async found(answers = {}, options = {}, more = {}) {
      front.intercept = ({ method, url }) => {
        const asked = method === 'HEAD' ? method : [...new URL(url, 'http://s3').searchParams.keys()][0];
        return { ...UNSET, ...answers }[asked as keyof Answers];
      };
      const reach = { connection: look.connection(), deletes: true, masked: [], ...more };
      const all = await checkBucket('people', look.store(options), reach);
      expect(all.every(({ where }) => where === 'people')).toBe(true);
      expect(JSON.stringify(all)).not.toContain('secret');
      return all.map(({ severity, message }) => `${severity}: ${message}`);
    },
    said: async (...asked) => (await look.found(...asked)).filter((line) => line !== OFF),
  };
  return look;
}
