import type * as S3 from '@aws-sdk/client-s3';
import type { StoreFailure } from '../../ports/store.ts';
import { type ObjectVersion, type S3Bucket, sendListVersions } from './s3-answers.ts';
import { s3Failure } from './s3-failure.ts';
import { decodedKey } from './s3-keys.ts';

/** A multipart upload that was neither completed nor aborted. */
export interface ObjectUpload {
  readonly id: string;
  readonly begun: number;
}

/** Everything under one key. */
export interface Listing {
  readonly versions: readonly ObjectVersion[];
  /** Their parts are data, too. */
  readonly uploads: readonly ObjectUpload[];
}

/** What is under a key, or why that is not known. */
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

/** The same, and which uploads there are: what was begun since then is not what was read. */
export function readVersionOf(listing: Listing): string {
  return JSON.stringify([versionOf(listing), ...listing.uploads.map(({ id }) => id).toSorted()]);
}

/** Whether an object can be rewritten without another id: not if it is known that this version has an id of its own. */
export function mayMove(version: string | undefined): boolean {
  return version === undefined || /^(?:\[")?null /.test(version);
}

/** When something was last written under the key. Whole seconds may have been rounded down. `undefined` if S3 did not say. */
export function writtenAt({ versions, uploads }: Listing): number | undefined {
  const times = [latestOf(versions)?.modified, ...uploads.map(({ begun }) => begun)];
  const known = times.filter((time) => time !== undefined);
  if (known.length === 0 || known.includes(0)) return undefined;
  const last = Math.max(...known);
  return last % 1000 === 0 ? last + 999 : last;
}

export function latestOf(versions: readonly ObjectVersion[]): ObjectVersion | undefined {
  return versions.find(({ isLatest }) => isLatest) ?? versions[0];
}

/** In a list of all keys with this prefix, the key itself comes first, so reading stops after its last version. */
async function listVersions(at: S3Bucket, key: string, signal: AbortSignal): Promise<ObjectVersion[]> {
  const found: ObjectVersion[] = [];
  let marker: { KeyMarker: string; VersionIdMarker: string | undefined } | undefined;
  for (;;) {
    const answer = await sendListVersions(at, { Prefix: key, ...marker }, signal);
    const read = (text: string | undefined) => decodedKey(text, answer.EncodingType);
    assertAsked(key, answer);
    for (const [of, version] of answer.versions) if (of === key) found.push(version);
    if (isLastPage(key, answer.IsTruncated, read(answer.NextKeyMarker))) return found;
    marker = { KeyMarker: key, VersionIdMarker: answer.NextVersionIdMarker };
  }
}

export async function listUploads(at: S3Bucket, key: string, signal: AbortSignal): Promise<ObjectUpload[]> {
  const found: ObjectUpload[] = [];
  let marker: { KeyMarker: string; UploadIdMarker: string | undefined } | undefined;
  for (;;) {
    const answer: S3.ListMultipartUploadsCommandOutput = await at.client.send(
      new at.sdk.ListMultipartUploadsCommand({ ...at.place, Prefix: key, EncodingType: 'url', ...marker }),
      { abortSignal: signal },
    );
    const read = (text: string | undefined) => decodedKey(text, answer.EncodingType);
    assertAsked(key, answer);
    for (const [of, upload] of uploadsIn(answer)) if (of === key) found.push(upload);
    if (isLastPage(key, answer.IsTruncated, read(answer.NextKeyMarker))) return found;
    marker = { KeyMarker: key, UploadIdMarker: answer.NextUploadIdMarker };
  }
}

function isLastPage(key: string, isTruncated: boolean | undefined, next: string | undefined): boolean {
  if (isTruncated !== true) return true;
  if (next === undefined) throw new Error('S3 returned a truncated list without a marker for the next page');
  return next !== key;
}

/** What an answer says of the list itself. */
export type AnswerOfList = Pick<
  S3.ListObjectVersionsCommandOutput,
  'EncodingType' | 'Prefix' | 'IsTruncated' | 'NextKeyMarker'
>;

/** The answer to a different request, or an answer without a list, would make the object look gone. */
export function assertAsked(
  prefix: string,
  { Prefix, EncodingType, IsTruncated }: Omit<AnswerOfList, 'NextKeyMarker'>,
): void {
  // S3 always says whether a list goes on. Without it, anything with the status 200 would be an empty list.
  if (typeof IsTruncated !== 'boolean')
    throw new Error('S3 answered without saying where the list ends, so the answer cannot be used');
  // Keys without a common beginning have the empty prefix, which an answer may leave out.
  if ((decodedKey(Prefix, EncodingType) ?? '') !== prefix)
    throw new Error('S3 listed a different prefix than requested, so the answer cannot be used');
}

/** Of every key on a page of a list. */
export function uploadsIn({
  Uploads = [],
  EncodingType,
}: S3.ListMultipartUploadsCommandOutput): readonly (readonly [key: string | undefined, ObjectUpload])[] {
  return Uploads.map(({ Key, UploadId, Initiated }) => {
    if (Key === undefined || UploadId === undefined)
      throw new Error('S3 listed an upload without a key or an id');
    return [decodedKey(Key, EncodingType), { id: UploadId, begun: Initiated?.getTime() ?? 0 }];
  });
}
