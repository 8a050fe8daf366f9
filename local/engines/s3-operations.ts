import { S3Error, type StoredVersion, type VersionedBucket } from './s3-bucket.ts';
import { listObjects, listUploads, listVersions } from './s3-listings.ts';
import { readObject } from './s3-reads.ts';
import { conditionOf, identity, type OnBucket, type OnObject, writtenOf } from './s3-requests.ts';
import { elementsIn, textIn, type XmlElements } from './s3-xml.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html */
const MOST_TAGS = 10;

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
  'GET uploads': (bucket, { query }) => ({ body: listUploads(bucket, undivided(query)) }),
  'GET list-type': (bucket, { query }) => ({ body: listObjects(bucket, undivided(query)) }),
  'POST delete': (bucket, { body }) => ({ body: deleteMany(bucket, body.toString()) }),
};

export const OBJECT_OPERATIONS: Readonly<Record<string, OnObject>> = {
  'PUT ': (bucket, key, { headers, body }) => {
    const version = bucket.put(key, body, writtenOf(headers), conditionOf(headers));
    return { headers: { ...identity(bucket, version), ETag: version.etag } };
  },
  'GET ': (bucket, key, request) => readObject(bucket, key, request, true),
  'HEAD ': (bucket, key, request) => readObject(bucket, key, request, false),
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
};

/** Only versions are listed by prefixes. */
function undivided(query: URLSearchParams): URLSearchParams {
  if (query.has('delimiter')) throw new S3Error('NotImplemented', 501);
  return query;
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
  const isQuiet = textIn(xml.replace(/<Object>.*<\/Object>/s, ''), 'Quiet') === 'true';
  return {
    DeleteResult: {
      Deleted: isQuiet ? [] : answers.flatMap(({ Deleted }) => (Deleted ? [Deleted] : [])),
      Error: answers.flatMap(({ Error }) => (Error ? [Error] : [])),
    },
  };
}

function locked(bucket: VersionedBucket, key: string, query: URLSearchParams): StoredVersion {
  if (!bucket.hasLock) throw new S3Error('InvalidRequest', 400);
  return bucket.find(key, query.get('versionId') ?? undefined);
}
