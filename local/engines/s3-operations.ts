import {
  type Condition,
  S3Error,
  type StoredVersion,
  type VersionedBucket,
  type Written,
} from './s3-bucket.ts';
import { listObjects, listUploads, listVersions } from './s3-listings.ts';
import { elementsIn, textIn, type XmlElements } from './s3-xml.ts';

export interface S3Request {
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Another bucket of the engine, that an object is copied from. */
  bucketNamed(name: string): VersionedBucket;
}

export interface S3Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | XmlElements;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html */
const MOST_TAGS = 10;

type OnBucket = (bucket: VersionedBucket, request: S3Request) => S3Answer;
export type OnObject = (bucket: VersionedBucket, key: string, request: S3Request) => S3Answer;

/** By method and subresource. What is not here is not implemented, and never taken for something else. */
export const BUCKET_OPERATIONS: Readonly<Record<string, OnBucket>> = {
  'GET versioning': ({ versioning }) => ({ body: { VersioningConfiguration: { Status: versioning } } }),
  'PUT versioning': (bucket, { body }) => {
    const status = textIn(body.toString(), 'Status');
    if (bucket.hasLock && status !== 'Enabled') throw new S3Error('InvalidBucketState', 409);
    bucket.versioning = status === 'Enabled' ? 'Enabled' : 'Suspended';
    return {};
  },
  'PUT object-lock': (bucket, { body }) => {
    if (bucket.versioning !== 'Enabled') throw new S3Error('InvalidBucketState', 409);
    const xml = body.toString();
    const days = textIn(xml, 'Days');
    bucket.hasLock = true;
    bucket.defaultRetention =
      days === undefined ? undefined : { mode: textIn(xml, 'Mode') ?? '', days: Number(days) };
    return {};
  },
  'GET versions': (bucket, { query }) => ({ body: listVersions(bucket, query) }),
  'GET uploads': (bucket, { query }) => ({ body: listUploads(bucket, query) }),
  'GET list-type': (bucket, { query }) => ({ body: listObjects(bucket, query) }),
  'POST delete': (bucket, { body }) => ({ body: deleteMany(bucket, body.toString()) }),
};

export const OBJECT_OPERATIONS: Readonly<Record<string, OnObject>> = {
  'PUT ': (bucket, key, { headers, body }) => {
    const version = bucket.put(key, body, writtenOf(headers), conditionOf(headers));
    return { headers: { ...identity(bucket, version), ETag: version.etag } };
  },
  'GET ': (bucket, key, request) => read(bucket, key, request, true),
  'HEAD ': (bucket, key, request) => read(bucket, key, request, false),
  'DELETE ': (bucket, key, { query, headers }) => {
    const removed = bucket.delete(key, query.get('versionId') ?? undefined, conditionOf(headers));
    const isMarker: Record<string, string> =
      removed?.isMarker === true ? { 'x-amz-delete-marker': 'true' } : {};
    return { status: 204, headers: { ...isMarker, ...(removed ? identity(bucket, removed) : {}) } };
  },

  'GET tagging': (bucket, key, { query }) => {
    const { tagging } = bucket.find(key, query.get('versionId') ?? undefined);
    const tags = [...new URLSearchParams(tagging)].map(([Key, Value]) => ({ Key, Value }));
    return { body: { Tagging: { TagSet: { Tag: tags } } } };
  },
  'PUT tagging': (bucket, key, { query, body }) => {
    const tags = elementsIn(body.toString(), 'Tag').map((tag): [string, string] => [
      textIn(tag, 'Key') ?? '',
      textIn(tag, 'Value') ?? '',
    ]);
    const version = bucket.find(key, query.get('versionId') ?? undefined);
    if (tags.length > MOST_TAGS) throw new S3Error('BadRequest', 400);
    if (new Set(tags.map(([name]) => name)).size < tags.length) throw new S3Error('InvalidTag', 400);
    version.tagging = new URLSearchParams(tags).toString();
    return { headers: identity(bucket, version) };
  },
  'GET retention': (bucket, key, { query }) => {
    const { retention } = locked(bucket, key, query);
    if (!retention) throw new S3Error('NoSuchObjectLockConfiguration', 404);
    const RetainUntilDate = new Date(retention.until).toISOString();
    return { body: { Retention: { Mode: retention.mode, RetainUntilDate } } };
  },
  'PUT retention': (bucket, key, { query, body }) => {
    const xml = body.toString();
    const until = Date.parse(textIn(xml, 'RetainUntilDate') ?? '');
    locked(bucket, key, query).retention = { mode: textIn(xml, 'Mode') ?? '', until };
    return {};
  },
  'GET legal-hold': (bucket, key, { query }) => {
    const { isHeld } = locked(bucket, key, query);
    if (isHeld === undefined) throw new S3Error('NoSuchObjectLockConfiguration', 404);
    return { body: { LegalHold: { Status: isHeld ? 'ON' : 'OFF' } } };
  },
  'PUT legal-hold': (bucket, key, { query, body }) => {
    locked(bucket, key, query).isHeld = textIn(body.toString(), 'Status') === 'ON';
    return {};
  },

  'POST uploads': (bucket, key, { headers }) => {
    const { id } = bucket.begin(key, writtenOf(headers));
    return { body: { InitiateMultipartUploadResult: { Key: key, UploadId: id } } };
  },
  'PUT uploadId': (bucket, key, { query, body }) => {
    bucket.upload(key, query.get('uploadId') ?? '').parts.set(Number(query.get('partNumber')), body);
    return { headers: { ETag: `"${query.get('partNumber')}"` } };
  },
  'POST uploadId': (bucket, key, { query, headers, body }) => {
    const numbers = elementsIn(body.toString(), 'PartNumber').map(Number);
    const version = bucket.complete(key, query.get('uploadId') ?? '', numbers, conditionOf(headers));
    return {
      headers: identity(bucket, version),
      body: { CompleteMultipartUploadResult: { Key: key, ETag: version.etag } },
    };
  },
  'DELETE uploadId': (bucket, key, { query }) => {
    bucket.uploads.delete(bucket.upload(key, query.get('uploadId') ?? '').id);
    return { status: 204 };
  },
};

function read(
  bucket: VersionedBucket,
  key: string,
  { query, headers }: S3Request,
  withBody: boolean,
): S3Answer {
  const found = bucket.find(key, query.get('versionId') ?? undefined);
  const wanted = headers['if-match'];
  if (wanted !== undefined && wanted !== found.etag) throw new S3Error('PreconditionFailed', 412);
  const tags = [...new URLSearchParams(found.tagging)].length;
  return {
    headers: {
      'content-type': 'binary/octet-stream',
      ...found.headers,
      ...identity(bucket, found),
      ETag: found.etag,
      'last-modified': new Date(found.modified).toUTCString(),
      'content-length': String(found.body.length),
      ...(tags > 0 ? { 'x-amz-tagging-count': String(tags) } : {}),
    },
    ...(withBody ? { body: found.body } : {}),
  };
}

function deleteMany(bucket: VersionedBucket, xml: string): XmlElements {
  const objects = elementsIn(xml, 'Object');
  if (objects.length === 0 || objects.length > 1000) throw new S3Error('MalformedXML', 400);
  const answers = objects.map((object) => {
    const Key = textIn(object, 'Key') ?? '';
    const VersionId = textIn(object, 'VersionId');
    try {
      const removed = bucket.delete(Key, VersionId, { ifMatch: textIn(object, 'ETag') });
      const marker =
        removed?.isMarker === true ? { DeleteMarker: true, DeleteMarkerVersionId: removed.id } : {};
      return { Deleted: { Key, VersionId, ...marker } };
    } catch (error) {
      if (error instanceof S3Error)
        return { Error: { Key, VersionId, Code: error.code, Message: error.code } };
      throw error;
    }
  });
  return {
    DeleteResult: {
      Deleted: answers.flatMap(({ Deleted }) => (Deleted ? [Deleted] : [])),
      Error: answers.flatMap(({ Error }) => (Error ? [Error] : [])),
    },
  };
}

function locked(bucket: VersionedBucket, key: string, query: URLSearchParams): StoredVersion {
  if (!bucket.hasLock) throw new S3Error('InvalidRequest', 400);
  return bucket.find(key, query.get('versionId') ?? undefined);
}

export function conditionOf(headers: Readonly<Record<string, string>>): Condition {
  return { ifMatch: headers['if-match'], ifNoneMatch: headers['if-none-match'] };
}

/** Buckets that never kept versions name none. */
export function identity({ versioning }: VersionedBucket, { id }: StoredVersion): Record<string, string> {
  return versioning === undefined ? {} : { 'x-amz-version-id': id };
}

const KEPT =
  /^(?:content-(?:type|disposition|encoding|language)|cache-control|expires|x-amz-(?:meta-.+|storage-class|server-side-encryption.*|website-redirect-location))$/;

export function writtenOf(headers: Readonly<Record<string, string>>): Written {
  const kept = Object.entries(headers).filter(([name]) => KEPT.test(name));
  return { headers: Object.fromEntries(kept), tagging: headers['x-amz-tagging'] ?? '' };
}
