import type { HeadObjectCommandOutput, S3Client } from '@aws-sdk/client-s3';
import { present } from '../../domain/present.ts';
import type { Read } from '../../ports/store.ts';
import type { ObjectVersion, S3Bucket } from './s3-answers.ts';
import { isOtherObject, s3Failure } from './s3-failure.ts';
import { latestOf, listObject } from './s3-listing.ts';

/** Where objects are copied to, and the client for the region of that bucket. */
export interface Copying {
  readonly at: S3Bucket;
  readonly client: S3Client;
  readonly bucket: string;
  readonly signal: AbortSignal;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
const MOST_BYTES = 5 * 1024 ** 3;
const TRIES = 2;

/**
 * S3 itself copies the newest version: nothing of it comes into memory. The copy has the content and its type, and none
 * of the metadata and tags. An object that was rewritten since it was listed is listed again, once.
 */
export async function copyObject(to: Copying, key: string, into: string): Promise<Read> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const read = await copyNewest(to, key, into);
    if (read !== 'other') return read;
  }
  return { state: 'unknown', code: 'STORE_ERROR' };
}

async function copyNewest(to: Copying, key: string, into: string): Promise<Read | 'other'> {
  const { at, signal } = to;
  const listing = await listObject(at, key, signal, 'found');
  if ('code' in listing) return { state: 'unknown', code: listing.code };
  const latest = latestOf(listing.versions);
  // The parts of an upload that was never completed are no object.
  if (!latest || latest.isMarker) return { state: 'gone' };
  if (latest.bytes > MOST_BYTES) return { state: 'too-large', bytes: latest.bytes };
  try {
    const head = await at.client.send(
      new at.sdk.HeadObjectCommand({ ...at.place, Key: key, IfMatch: latest.etag, ...versionId(latest) }),
      { abortSignal: signal },
    );
    const sha256 = await copyVersion(to, key, latest, { into, type: head.ContentType });
    if (sha256 === undefined) return { state: 'unknown', code: 'STORE_ERROR' };
    return { state: 'file', bytes: latest.bytes, sha256, ...described(key, head) };
  } catch (error) {
    return isOtherObject(error) ? 'other' : { state: 'unknown', code: s3Failure(error) };
  }
}

/** The SHA-256 of the whole content as hex; `undefined` if S3 does not give one. */
async function copyVersion(
  { at, client, bucket, signal }: Copying,
  key: string,
  version: ObjectVersion,
  { into, type }: { readonly into: string; readonly type: string | undefined },
): Promise<string | undefined> {
  const { CopyObjectResult } = await client.send(
    new at.sdk.CopyObjectCommand({
      Bucket: bucket,
      Key: into,
      CopySource: copySource(at.place.Bucket, key, version),
      CopySourceIfMatch: version.etag,
      ChecksumAlgorithm: 'SHA256',
      MetadataDirective: 'REPLACE',
      TaggingDirective: 'REPLACE',
      ...present({ ContentType: type, ExpectedSourceBucketOwner: at.place.ExpectedBucketOwner }),
    }),
    { abortSignal: signal },
  );
  const { ChecksumSHA256 = '', ChecksumType } = CopyObjectResult ?? {};
  // A sum over the sums of parts ends with their number.
  const isWhole = /^[A-Za-z0-9+/]{43}=$/.test(ChecksumSHA256) && ChecksumType !== 'COMPOSITE';
  return isWhole ? Buffer.from(ChecksumSHA256, 'base64').toString('hex') : undefined;
}

/** The SDK sends this header as it is given, and S3 decodes it as a URL. */
function copySource(bucket: string, key: string, { id }: ObjectVersion): string {
  const path = [bucket, ...key.split('/').map(encodeURIComponent)].join('/');
  return id === 'null' ? path : `${path}?versionId=${encodeURIComponent(id)}`;
}

/** The version `null` needs no id, and so no permission beyond that for the object. */
function versionId({ id }: ObjectVersion): { readonly VersionId?: string } {
  return id === 'null' ? {} : { VersionId: id };
}

/** A compressed object is copied as it is stored, so its extension says that it is compressed. */
function described(key: string, { ContentType, ContentEncoding = '' }: HeadObjectCommandOutput) {
  const isGzip = ContentEncoding.toLowerCase().includes('gzip');
  const [, ending] = /\.([a-z0-9]{1,8})$/.exec(key.toLowerCase()) ?? [];
  return present({ mediaType: ContentType, extension: isGzip ? 'gz' : ending });
}
