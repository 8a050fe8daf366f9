import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Instant } from '../../shared/domain/record/ids.ts';
import { listenOnLoopback, type LocalServer } from './loopback.ts';
import { S3Error, type VersionedBucket, versionedBucket } from './s3-bucket.ts';
import { COPY_OPERATIONS } from './s3-copies.ts';
import { BUCKET_OPERATIONS, OBJECT_OPERATIONS } from './s3-operations.ts';
import { checkPresigned, isPresigned } from './s3-presigned.ts';
import type { OnObject, S3Answer, S3Request } from './s3-requests.ts';
import { UPLOAD_OPERATIONS } from './s3-uploads.ts';
import { type XmlElements, xmlText } from './s3-xml.ts';

export type LocalS3 = LocalServer;

const ON_OBJECTS: Readonly<Record<string, OnObject>> = {
  ...OBJECT_OPERATIONS,
  ...UPLOAD_OPERATIONS,
  ...COPY_OPERATIONS,
};

/** The account that all buckets belong to. */
const OWNER = '111122223333';

/** Subresources that choose an operation; other names in a query only say more about it. */
const SUBRESOURCES = [
  'versioning',
  'object-lock',
  'versions',
  'uploads',
  'list-type',
  'delete',
  'tagging',
  'retention',
  'legal-hold',
  'uploadId',
];
const DETAILS =
  /^(?:x-id|versionId|partNumber|prefix|delimiter|encoding-type|bucket-region|max-(?:buckets|keys|uploads|parts)|start-after|continuation-token|(?:key|version-id|upload-id|part-number)-marker)$/;
/** Those of a signed link, and what such a link says about the answer. */
const SIGNED =
  /^(?:X-Amz-(?:Algorithm|Checksum-Mode|Content-Sha256|Credential|Date|Expires|Security-Token|Signature|SignedHeaders)|response-(?:content-(?:type|disposition|encoding|language)|cache-control|expires))$/i;

/**
 * Starts an S3 look-alike in this process, in memory, on a free loopback port: versions, conditions, uploads in parts
 * and Object Lock, for the requests that Tenure and its demonstration send. Any credentials will do, except in signed
 * links: there the secret has to be the same text as the access key's id. Everything else is refused as not implemented.
 */
export function startS3(now: () => Instant = Date.now): Promise<LocalS3> {
  const buckets = new Map<string, VersionedBucket>();
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => answer(response, () => handle(buckets, request, body, now)));
  });
  return listenOnLoopback(server);
}

function handle(
  buckets: Map<string, VersionedBucket>,
  incoming: IncomingMessage,
  body: Buffer,
  now: () => Instant,
): S3Answer {
  // Not as a URL: that would resolve dots, which may be in keys.
  const [path = '', search = ''] = (incoming.url ?? '').split('?', 2);
  const [, name = '', ...segments] = path.split('/');
  const key = decodeURIComponent(segments.join('/'));
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([header, value]) => [header, String(value)]),
  );
  const bucketNamed = (wanted: string): VersionedBucket => {
    const found = buckets.get(wanted);
    if (!found) throw new S3Error('NoSuchBucket', 404);
    return found;
  };
  const request: S3Request = { query: new URLSearchParams(search), headers, body, bucketNamed };
  const operation = `${incoming.method} ${subresourceOf(request)}`;
  if (isPresigned(request.query))
    checkPresigned({ method: incoming.method ?? '', path, search, headers }, now());
  if (name === '' && operation === 'GET ') return { body: listBuckets(buckets, request.query) };
  if (key === '' && operation === 'PUT ') return create(buckets, name, headers, now);
  const bucket = bucketNamed(name);
  if ((headers['x-amz-expected-bucket-owner'] ?? OWNER) !== OWNER) throw new S3Error('AccessDenied', 403);
  const onBucket = BUCKET_OPERATIONS[operation];
  const onObject = ON_OBJECTS[operation];
  if (key === '' && onBucket) return onBucket(bucket, request);
  if (key !== '' && onObject) return onObject(bucket, key, request);
  throw new S3Error('NotImplemented', 501);
}

function subresourceOf({ query, headers }: S3Request): string {
  const names = [...query.keys()];
  const known = names.filter((name) => SUBRESOURCES.includes(name));
  const isSigned = isPresigned(query);
  const isStrange = !names.every(
    (name) => known.includes(name) || DETAILS.test(name) || (isSigned && SIGNED.test(name)),
  );
  // A body in signed chunks would be stored with the signatures in it.
  const isChunked = headers['x-amz-content-sha256']?.startsWith('STREAMING-') === true;
  if (known.length > 1 || isStrange || isChunked) throw new S3Error('NotImplemented', 501);
  return `${known[0] ?? ''}${headers['x-amz-copy-source'] === undefined ? '' : ' copy'}`;
}

function listBuckets(buckets: ReadonlyMap<string, VersionedBucket>, query: URLSearchParams): XmlElements {
  const from = query.get('continuation-token') ?? '';
  const left = [...buckets.keys()].toSorted().filter((name) => name > from);
  const names = left.slice(0, Number(query.get('max-buckets') ?? 10_000));
  return {
    ListAllMyBucketsResult: {
      Buckets: { Bucket: names.map((Name) => ({ Name })) },
      ContinuationToken: names.length < left.length ? names.at(-1) : undefined,
    },
  };
}

function create(
  buckets: Map<string, VersionedBucket>,
  name: string,
  headers: Readonly<Record<string, string>>,
  now: () => Instant,
): S3Answer {
  if (buckets.has(name)) throw new S3Error('BucketAlreadyOwnedByYou', 409);
  const bucket = versionedBucket(now);
  if (headers['x-amz-bucket-object-lock-enabled'] === 'true') {
    bucket.hasLock = true;
    bucket.versioning = 'Enabled';
  }
  buckets.set(name, bucket);
  return { headers: { location: `/${name}` } };
}

function answer(response: ServerResponse, act: () => S3Answer): void {
  try {
    const { status = 200, headers = {}, body } = act();
    const isXml = body !== undefined && !Buffer.isBuffer(body);
    response.writeHead(status, { ...(isXml ? { 'content-type': 'application/xml' } : {}), ...headers });
    response.end(isXml ? xmlText(body) : body);
  } catch (error) {
    const { code, status } = error instanceof S3Error ? error : new S3Error('InternalError', 500);
    response.writeHead(status, { 'content-type': 'application/xml' });
    response.end(xmlText({ Error: { Code: code, Message: code } }));
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
