import type * as S3 from '@aws-sdk/client-s3';
import type { StoreFailure } from '../../ports/store.ts';
import { s3Failure } from './s3-failure.ts';
import { decodedKey } from './s3-keys.ts';

/** The driver, loaded when a store of this kind is opened. */
export type Sdk = typeof S3;

export interface S3Bucket {
  readonly sdk: Sdk;
  readonly client: S3.S3Client;
  /** Parameters of every request. */
  readonly place: { readonly Bucket: string; readonly ExpectedBucketOwner?: string };
}

/** A version of an object, or a delete marker. Without versioning its id is `null`, and a rewrite replaces it. */
export interface ObjectVersion {
  readonly id: string;
  readonly isMarker: boolean;
  readonly isLatest: boolean;
  readonly etag: string;
  readonly modified: number;
  readonly bytes: number;
}

/** Everything under one key. */
export interface Listing {
  readonly versions: readonly ObjectVersion[];
  /** Ids of multipart uploads that were neither completed nor aborted. Their parts are data, too. */
  readonly uploads: readonly string[];
}

type KeyVersion = readonly [key: string | undefined, version: ObjectVersion];

export type Listed = Listing | { readonly code: StoreFailure };

/** With `found`, uploads are listed only if no version was found: enough to know whether anything exists. */
export async function listObject(
  at: S3Bucket,
  key: string,
  signal: AbortSignal,
  until: 'found' | 'end' = 'end',
): Promise<Listed> {
  try {
    const versions = await listVersions(at, key, signal);
    const isEnough = until === 'found' && versions.length > 0;
    return { versions, uploads: isEnough ? [] : await listUploads(at, key, signal) };
  } catch (error) {
    return { code: s3Failure(error) };
  }
}

export function isGone({ versions, uploads }: Listing): boolean {
  return versions.length === 0 && uploads.length === 0;
}

/**
 * Identifies what was looked at. A version's id is never used again. Where a rewrite keeps the id `null`, ETag and time
 * identify it; the time also detects a rewrite with equal content.
 */
export function versionOf({ versions }: Pick<Listing, 'versions'>): string {
  const latest = latestOf(versions);
  if (!latest) return 'uploads';
  return latest.id === 'null' ? `null ${latest.etag} ${latest.modified}` : latest.id;
}

export function latestOf(versions: readonly ObjectVersion[]): ObjectVersion | undefined {
  return versions.find(({ isLatest }) => isLatest) ?? versions[0];
}

/** In a list of all keys with this prefix, the key itself comes first, so reading stops after its last version. */
async function listVersions(at: S3Bucket, key: string, signal: AbortSignal): Promise<ObjectVersion[]> {
  const found: ObjectVersion[] = [];
  let marker: { KeyMarker: string; VersionIdMarker: string | undefined } | undefined;
  for (;;) {
    const answer: S3.ListObjectVersionsCommandOutput = await at.client.send(
      new at.sdk.ListObjectVersionsCommand({ ...at.place, Prefix: key, EncodingType: 'url', ...marker }),
      { abortSignal: signal },
    );
    const read = (text: string | undefined) => decodedKey(text, answer.EncodingType);
    assertAsked(key, read(answer.Prefix));
    for (const [of, version] of [...versionsIn(answer), ...markedIn(answer)])
      if (of === key) found.push(version);
    if (isLastPage(key, answer.IsTruncated, read(answer.NextKeyMarker))) return found;
    marker = { KeyMarker: key, VersionIdMarker: answer.NextVersionIdMarker };
  }
}

export async function listUploads(at: S3Bucket, key: string, signal: AbortSignal): Promise<string[]> {
  const found: string[] = [];
  let marker: { KeyMarker: string; UploadIdMarker: string | undefined } | undefined;
  for (;;) {
    const answer: S3.ListMultipartUploadsCommandOutput = await at.client.send(
      new at.sdk.ListMultipartUploadsCommand({ ...at.place, Prefix: key, EncodingType: 'url', ...marker }),
      { abortSignal: signal },
    );
    const read = (text: string | undefined) => decodedKey(text, answer.EncodingType);
    assertAsked(key, read(answer.Prefix));
    for (const { Key, UploadId } of answer.Uploads ?? []) {
      if (read(Key) === key && UploadId !== undefined) found.push(UploadId);
    }
    if (isLastPage(key, answer.IsTruncated, read(answer.NextKeyMarker))) return found;
    marker = { KeyMarker: key, UploadIdMarker: answer.NextUploadIdMarker };
  }
}

function isLastPage(key: string, isTruncated: boolean | undefined, next: string | undefined): boolean {
  if (isTruncated !== true) return true;
  if (next === undefined) throw new Error('S3 returned a truncated list without a marker for the next page');
  return next !== key;
}

/** The answer to a different request would make the object look gone. */
export function assertAsked(key: string, prefix: string | undefined): void {
  if (prefix !== key)
    throw new Error('S3 listed a different prefix than requested, so the answer cannot be used');
}

/** Of every key on a page of a list. */
export function versionsIn({
  Versions = [],
  EncodingType,
}: S3.ListObjectVersionsCommandOutput): readonly KeyVersion[] {
  return Versions.map((version) => [
    decodedKey(version.Key, EncodingType),
    { ...versionFrom(version, version.ETag ?? ''), bytes: version.Size ?? 0 },
  ]);
}

/** Its delete markers. */
export function markedIn({
  DeleteMarkers = [],
  EncodingType,
}: S3.ListObjectVersionsCommandOutput): readonly KeyVersion[] {
  return DeleteMarkers.map((marked) => [
    decodedKey(marked.Key, EncodingType),
    { ...versionFrom(marked, ''), isMarker: true },
  ]);
}

function versionFrom(
  { VersionId, IsLatest, LastModified }: S3.ObjectVersion | S3.DeleteMarkerEntry,
  etag: string,
): ObjectVersion {
  if (VersionId === undefined) throw new Error('S3 listed a version without an id');
  const modified = LastModified?.getTime() ?? 0;
  return { id: VersionId, isMarker: false, isLatest: IsLatest === true, etag, modified, bytes: 0 };
}
