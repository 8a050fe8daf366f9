import { createHash } from 'node:crypto';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
} from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { startS3 } from '../../../local/engines/s3.ts';
import type { KeyColumn } from '../../../shared/domain/configuration/configuration.ts';
import { present } from '../../../shared/domain/present.ts';
import type { Instant } from '../../../shared/domain/record/ids.ts';
import type { Locator, Store } from '../../../shared/ports/store.ts';
import type { ExportsPlace } from '../../../shared/stores/store-kind.ts';
import { openStore } from '../../../shared/stores/kinds.ts';
import { type Person, type PersonRead, PSEUDONYM_KEY, type StoreBench } from './store-bench.ts';

export const region = 'us-east-1';
export const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

export const TAG = 'tenure-restricted';

export type Versioning = 'Enabled' | 'Suspended' | 'never';

export interface S3Bench extends StoreBench {
  readonly client: S3Client;
  readonly endpoint: string;
  /** Creates a bucket and returns its name. */
  bucket(versioning: Versioning, withLock?: boolean): Promise<string>;
  open(bucket: string, options?: OpenOptions): Promise<Store>;
  /** A bucket of exports. */
  exports(): Promise<ExportsPlace>;
}

export interface OpenOptions {
  readonly keys?: readonly KeyColumn[];
  readonly prefix?: string;
  readonly owner?: string;
  readonly format?: string;
  readonly compression?: 'gzip';
  readonly timeoutSeconds?: number;
  readonly endpoint?: string;
  /** Where files are copied to. */
  readonly exports?: ExportsPlace;
}

const KEY: readonly KeyColumn[] = [{ name: 'key', type: 'text' }];

/** How the suite's application writes a person: JSON or CSV, and how it reads it back. */
export interface Format {
  readonly type: string;
  write(person: Person): string;
  read(text: string): Readonly<Record<string, string | number | null>>;
}

export const asJson: Format = {
  type: 'application/json',
  write: (person) => JSON.stringify(person),
  read: (text) => JSON.parse(text) as Record<string, string | number | null>,
};

export const asCsv: Format = {
  type: 'text/csv; charset=utf-8',
  write: ({ mail, born, score, note }) =>
    `mail,born,score,note\r\n${mail},${born},${score},${note ?? ''}\r\n`,
  read: (text) => {
    const [names = '', values = ''] = text.split('\r\n');
    const fields = values.split(',');
    return Object.fromEntries(names.split(',').map((name, index) => [name, fields[index] || null] as const));
  },
};

/**
 * Any number of buckets in the embedded S3, or in the engine at `TENURE_S3_ENDPOINT`: the end-to-end run points it at
 * an emulator.
 */
export async function s3Bench(
  versioning: Versioning = 'Enabled',
  format = asJson,
  now?: () => Instant,
): Promise<S3Bench> {
  const elsewhere = process.env['TENURE_S3_ENDPOINT'];
  const engine = elsewhere === undefined ? await startS3(now) : { endpoint: elsewhere, stop: async () => {} };
  const client = new S3Client({ endpoint: engine.endpoint, forcePathStyle: true, region, credentials });
  // An emulator answers about 200 requests in a second, on a busy machine a few dozen, and a batch has a thousand.
  const patience = elsewhere === undefined ? 20 : 55;

  const open: S3Bench['open'] = (bucket, options = {}) => {
    const { keys = KEY, timeoutSeconds = patience, endpoint = engine.endpoint, ...own } = options;
    const { prefix, owner, format, compression, exports } = own;
    const given = { bucket, restrict: { tag: TAG }, ...present({ prefix, owner, format, compression }) };
    return openStore(
      { kind: 's3', region, keys, options: given },
      {
        timeoutSeconds,
        pseudonymKey: async () => PSEUDONYM_KEY,
        connection: { endpoint, credentials: async () => credentials },
        ...present({ exports }),
      },
    );
  };

  const bucket: S3Bench['bucket'] = async (status, withLock = false) => {
    const Bucket = `people-${crypto.randomUUID()}`;
    await client.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: withLock }));
    // As in practice: versioning was enabled before it was suspended.
    for (const Status of status === 'never'
      ? []
      : status === 'Enabled'
        ? [status]
        : (['Enabled', status] as const)) {
      await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
    }
    return Bucket;
  };

  const exports: S3Bench['exports'] = async () => ({ bucket: await bucket('never'), region });

  return {
    client,
    endpoint: engine.endpoint,
    bucket,
    open,
    exports,
    async collection(keys) {
      const Bucket = await bucket(versioning);
      const place = await exports();
      const keyOf = (locator: Locator) => locator.map(String).join('/');
      return {
        store: await open(Bucket, { keys, exports: place }),
        put: (locator, person) =>
          put(client, { Bucket, Key: keyOf(locator), Body: format.write(person), ContentType: format.type }),
        // As an application that deletes everything: no version stays.
        async remove(locator) {
          for (const VersionId of await versionIds(client, Bucket, keyOf(locator)))
            await client.send(new DeleteObjectCommand({ Bucket, Key: keyOf(locator), VersionId }));
        },
        async read(locator) {
          const text = await textOf(client, Bucket, keyOf(locator));
          return text === undefined ? undefined : personIn(text, format);
        },
        async exported(read, { into } = { locator: [], into: '' }) {
          if (read?.state !== 'file') throw new Error(`expected a file, not ${read?.state}`);
          const bytes = Buffer.from((await textOf(client, place.bucket, into)) ?? '');
          const sha256 = createHash('sha256').update(bytes).digest('hex');
          expect([read.bytes, read.sha256]).toEqual([bytes.length, sha256]);
          return personIn(bytes.toString(), format);
        },
        count: async () => (await client.send(new ListObjectsV2Command({ Bucket }))).KeyCount ?? 0,
        async isRestricted(locator) {
          const { TagSet = [] } = await client.send(
            new GetObjectTaggingCommand({ Bucket, Key: keyOf(locator) }),
          );
          return TagSet.some(({ Key, Value }) => Key === TAG && Value === 'true');
        },
      };
    },
    unreachable: async (keys) =>
      open('nowhere', { keys, endpoint: 'http://127.0.0.1:1', exports: await exports() }),
    withoutTable: async (keys) => open('nowhere', { keys, exports: await exports() }),
    async stop() {
      client.destroy();
      await engine.stop();
    },
  };
}

function personIn(text: string, format: Format): PersonRead {
  const fields = format.read(text);
  const show = (name: string) => (fields[name] == null ? null : String(fields[name]));
  return { mail: show('mail'), born: show('born'), score: show('score'), note: show('note') };
}

export async function put(client: S3Client, object: PutObjectCommandInput): Promise<void> {
  await client.send(new PutObjectCommand(object));
}

export async function textOf(client: S3Client, Bucket: string, Key: string): Promise<string | undefined> {
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
    return await Body?.transformToString();
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
    throw error;
  }
}

/** The number of versions and delete markers of this key. */
export async function versionIds(client: S3Client, Bucket: string, Key: string): Promise<string[]> {
  const answer = await client.send(
    new ListObjectVersionsCommand({ Bucket, Prefix: Key, EncodingType: 'url' }),
  );
  const read = (text = '') =>
    answer.EncodingType === 'url' ? decodeURIComponent(text.replaceAll('+', ' ')) : text;
  return [...(answer.Versions ?? []), ...(answer.DeleteMarkers ?? [])].flatMap((one) =>
    read(one.Key) === Key && one.VersionId !== undefined ? [one.VersionId] : [],
  );
}
