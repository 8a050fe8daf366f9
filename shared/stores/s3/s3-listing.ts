import type * as S3 from '@aws-sdk/client-s3';
import type { StoreFailure } from '../../ports/store.ts';
import { s3Failure } from './s3-failure.ts';
import { decodedKey } from './s3-keys.ts';

/** The driver, loaded when a store of this kind is opened. */
export type Sdk = typeof S3;

export interface S3Bucket {
  readonly sdk: Sdk;
  readonly client: S3.S3Client;
  /** What every request names. */
  readonly place: { readonly Bucket: string; readonly ExpectedBucketOwner?: string };
}

/** A version of an object, or a delete marker. Outside versioning its id is `null`, and a rewrite takes its place. */
export interface ObjectVersion {
  readonly id: string;
  readonly isMarker: boolean;
  readonly isLatest: boolean;
  readonly etag: string;
  readonly modified: number;
}

/** All there is under one key. */
export interface Listing {
  readonly versions: readonly ObjectVersion[];
  /** Ids of multipart uploads that were begun and neither completed nor aborted: their parts are data as well. */
  readonly uploads: readonly string[];
}

export type Listed = Listing | { readonly code: StoreFailure };

/** `found`: uploads are asked for only where no version was found, for who wants to know whether anything is there. */
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
 * What was looked at. A version's id never comes again; where a rewrite keeps the id `null`, ETag and time tell. The
 * time tells a rewrite with equal content.
 */
export function versionOf({ versions }: Listing): string {
  const latest = latestOf(versions);
  if (!latest) return 'uploads';
  return latest.id === 'null' ? `null ${latest.etag} ${latest.modified}` : latest.id;
}

export function latestOf(versions: readonly ObjectVersion[]): ObjectVersion | undefined {
  return versions.find(({ isLatest }) => isLatest) ?? versions[0];
}

/** In a list of all keys that begin with this one, the key itself comes first, so the list ends where it ends. */
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
    for (const version of answer.Versions ?? []) {
      if (read(version.Key) === key) found.push(versionFrom(version, version.ETag ?? ''));
    }
    for (const marked of answer.DeleteMarkers ?? []) {
      if (read(marked.Key) === key) found.push({ ...versionFrom(marked, ''), isMarker: true });
    }
    if (isLastPage(key, answer.IsTruncated, read(answer.NextKeyMarker))) return found;
    marker = { KeyMarker: key, VersionIdMarker: answer.NextVersionIdMarker };
  }
}

async function listUploads(at: S3Bucket, key: string, signal: AbortSignal): Promise<string[]> {
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
  if (next === undefined) throw new Error('S3 cut a list off and did not say where it goes on');
  return next !== key;
}

/** An answer to another question would make the object look gone. */
function assertAsked(key: string, prefix: string | undefined): void {
  if (prefix !== key)
    throw new Error('S3 listed another prefix than the one asked for; nothing follows from it');
}

function versionFrom(
  { VersionId, IsLatest, LastModified }: S3.ObjectVersion | S3.DeleteMarkerEntry,
  etag: string,
): ObjectVersion {
  if (VersionId === undefined) throw new Error('S3 listed a version without an id');
  const modified = LastModified?.getTime() ?? 0;
  return { id: VersionId, isMarker: false, isLatest: IsLatest === true, etag, modified };
}
