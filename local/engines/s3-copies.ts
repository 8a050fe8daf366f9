import { createHash } from 'node:crypto';
import { S3Error, type StoredVersion, type Written } from './s3-bucket.ts';
import { conditionOf, identity, type OnObject, type S3Request, writtenOf } from './s3-requests.ts';

/** Requests that name an object as their source, by method and subresource. */
export const COPY_OPERATIONS: Readonly<Record<string, OnObject>> = {
  'PUT  copy': (bucket, key, request) => {
    const source = sourceOf(request);
    const made = bucket.put(key, source.body, copied(source, request), conditionOf(request.headers));
    const CopyObjectResult = {
      ETag: made.etag,
      LastModified: new Date(made.modified).toISOString(),
      ...checksumOf(source.body, request),
    };
    return { headers: identity(bucket, made), body: { CopyObjectResult } };
  },
};

/** `bucket/key?versionId=…`, encoded as in a URL. Its condition is checked. */
export function sourceOf(request: S3Request): StoredVersion {
  const { headers } = request;
  const [path = '', search = ''] = (headers['x-amz-copy-source'] ?? '').split('?', 2);
  const [name = '', ...segments] = path.replace(/^\//, '').split('/');
  const key = decodeURIComponent(segments.join('/').replaceAll('+', ' '));
  const id = new URLSearchParams(search).get('versionId') ?? undefined;
  const found = request.bucketNamed(decodeURIComponent(name)).find(key, id);
  const wanted = headers['x-amz-copy-source-if-match'];
  if (wanted !== undefined && wanted.replaceAll('"', '') !== found.etag.replaceAll('"', ''))
    throw new S3Error('PreconditionFailed', 412);
  return found;
}

/** Metadata and tags are those of the source, unless the request replaces them. */
function copied(source: StoredVersion, { headers }: S3Request): Written {
  const given = writtenOf(headers);
  const isNew = headers['x-amz-metadata-directive'] === 'REPLACE';
  const isTagged = headers['x-amz-tagging-directive'] === 'REPLACE';
  return {
    headers: isNew ? given.headers : source.headers,
    tagging: isTagged ? given.tagging : source.tagging,
  };
}

function checksumOf(body: Buffer, { headers }: S3Request) {
  if (headers['x-amz-checksum-algorithm'] !== 'SHA256') return {};
  const sum = createHash('sha256').update(body).digest('base64');
  return { ChecksumSHA256: sum, ChecksumType: 'FULL_OBJECT' };
}
