import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import type { Masks } from '../../domain/record/masks.ts';
import type { Acted, ReadBack, StoreFailure, Target } from '../../ports/store.ts';
import type { Asked } from '../answer-each.ts';
import { type ObjectVersion, type S3Bucket, sendGetTags } from './s3-answers.ts';
import { type Content, contentOf, type Declared, maskedBytes, maskedText, maskerFor } from './s3-content.ts';
import { abortUploads } from './s3-delete-calls.ts';
import { deleteVersions, insteadOf } from './s3-delete.ts';
import { isOtherObject, s3Failure } from './s3-failure.ts';
import { isGone, latestOf, type Listing, listObject, versionOf } from './s3-listing.ts';
import { type Masker, NOTHING_TO_MASK, UnfitContent } from './s3-masker.ts';
import { keptOf, objectWriter } from './s3-object-writer.ts';
import { actedFailure } from '../store-failure.ts';

export interface Masking {
  readonly masks: Masks;
  readonly pseudonymKey: Uint8Array;
  readonly declared: Declared;
}

/** An object that was opened, with the masker for its content. */
interface Opened {
  readonly got: GetObjectCommandOutput;
  readonly masker: Masker;
  readonly compression: Content['compression'];
  readonly body: AsyncIterable<Uint8Array>;
}

type Failed =
  /** The object is not the one that was listed. */
  | { readonly state: 'other' }
  /** The type cannot be masked, or the content does not match its type. */
  | { readonly state: 'unfit' }
  | { readonly state: 'failed'; readonly code: StoreFailure };

type Written =
  /** It was already masked, so nothing was written. */
  { readonly state: 'masked' } | { readonly state: 'written'; readonly id: string } | Failed;

/** Writes a masked version over the one that was looked at, then deletes all other versions. */
export async function maskObject(
  at: S3Bucket,
  { item, key }: Asked<Target, string>,
  masking: Masking,
  signal: AbortSignal,
): Promise<Acted> {
  const object = { at, key, signal };
  const listing = await listObject(at, key, signal);
  if ('code' in listing) return actedFailure(listing.code);
  if (isGone(listing)) return { outcome: 'already-so' };
  if (item.version !== undefined && item.version !== versionOf(listing)) return { outcome: 'changed' };
  const latest = latestOf(listing.versions);
  // The application has deleted it: there is nothing to mask, and older versions are deleted.
  if (!latest || latest.isMarker) return clear(object, listing, undefined);
  const written = await writeMasked(object, latest, masking);
  switch (written.state) {
    case 'other':
      return insteadOf(at, key, signal);
    case 'unfit':
      return { outcome: 'refused', code: 'STORE_SCHEMA' };
    case 'failed':
      return actedFailure(written.code);
    case 'masked': {
      const isAlone = listing.versions.length === 1 && listing.uploads.length === 0;
      return isAlone ? { outcome: 'already-so' } : clear(object, listing, latest.id);
    }
    case 'written':
      return clear(object, listing, written.id);
  }
}

/** One object, as far as the calls for it need it. */
interface S3Object {
  readonly at: S3Bucket;
  readonly key: string;
  readonly signal: AbortSignal;
}

/** Deletes everything except the version `kept`. */
async function clear(
  { at, key, signal }: S3Object,
  { versions, uploads }: Listing,
  kept: string | undefined,
): Promise<Acted> {
  const failure = await abortUploads(at, key, uploads, signal);
  if (failure) return actedFailure(failure);
  const ids = versions.map(({ id }) => id).filter((id) => id !== kept);
  const deleted = await deleteVersions(at, key, ids, signal);
  if (deleted.outcome !== 'deleted') return deleted;
  return { outcome: 'anonymised', answer: kept === undefined ? 'DeleteObjects' : 'PutObject' };
}

/** Whether the object is masked and has no older versions. */
export async function showsMasked(
  at: S3Bucket,
  key: string,
  masking: Masking,
  signal: AbortSignal,
): Promise<ReadBack> {
  const listing = await listObject(at, key, signal);
  if ('code' in listing) return { state: 'unknown', code: listing.code };
  const latest = latestOf(listing.versions);
  if (listing.uploads.length > 0 || listing.versions.length > 1) return { state: 'broken' };
  // An object that is gone no longer shows what was to be masked.
  if (!latest || latest.isMarker) return { state: 'kept' };
  const read = await reading({ at, key, signal }, latest, masking, async ({ masker, compression, body }) => {
    for await (const _text of maskedText(body, compression, masker)) {
      signal.throwIfAborted();
      if (masker.isChanged()) break;
    }
    return masker.isChanged();
  });
  if (typeof read === 'boolean') return { state: read ? 'broken' : 'kept' };
  return read.state === 'failed' ? { state: 'unknown', code: read.code } : { state: 'broken' };
}

async function writeMasked(object: S3Object, latest: ObjectVersion, masking: Masking): Promise<Written> {
  const { at, key, signal } = object;
  return reading(object, latest, masking, async ({ got, masker, compression, body }) => {
    const tagging = (got.TagCount ?? 0) > 0 ? await taggingOf(at, key, latest, signal) : undefined;
    const replaced = { key, etag: latest.etag, kept: keptOf(got, tagging), expires: got.ExpiresString };
    const writer = objectWriter(at, replaced, signal);
    let isWritten = false;
    try {
      for await (const bytes of maskedBytes(body, compression, masker)) {
        // A compressed object is read long before all of its text is masked.
        signal.throwIfAborted();
        await writer.write(bytes);
      }
      if (!masker.isChanged()) return { state: 'masked' };
      const id = await writer.finish();
      isWritten = true;
      return { state: 'written', id: id ?? 'null' };
    } finally {
      if (!isWritten) await writer.abandon();
    }
  });
}

/** Opens one version with the masker for its content. */
async function reading<Result>(
  { at, key, signal }: S3Object,
  { id, etag }: ObjectVersion,
  masking: Masking,
  read: (opened: Opened) => Promise<Result>,
): Promise<Result | Failed> {
  try {
    const got = await at.client.send(
      new at.sdk.GetObjectCommand({ ...at.place, Key: key, IfMatch: etag, ...versionId(id) }),
      { abortSignal: signal },
    );
    const body = got.Body as (AsyncIterable<Uint8Array> & { destroy(): void }) | undefined;
    try {
      const found = maskingOf(got, key, masking);
      return found && body ? await read({ got, ...found, body }) : { state: 'unfit' };
    } finally {
      // A body that is not read to its end would keep its connection open.
      body?.destroy();
    }
  } catch (error) {
    if (error instanceof UnfitContent) return { state: 'unfit' };
    return isOtherObject(error) ? { state: 'other' } : { state: 'failed', code: s3Failure(error) };
  }
}

/** `undefined`: the object cannot be masked, or a rewrite would lose something. */
function maskingOf(
  got: GetObjectCommandOutput,
  key: string,
  { masks, pseudonymKey, declared }: Masking,
): Pick<Opened, 'masker' | 'compression'> | undefined {
  // S3 counts the metadata that it cannot return. They could not be written again.
  if ((got.MissingMeta ?? 0) > 0) return undefined;
  if (got.ContentLength === 0) return { masker: NOTHING_TO_MASK, compression: 'none' };
  const content = contentOf({ key, type: got.ContentType, encoding: got.ContentEncoding }, declared);
  return (
    content && { masker: maskerFor(content.format, masks, pseudonymKey), compression: content.compression }
  );
}

async function taggingOf(
  at: S3Bucket,
  key: string,
  { id }: ObjectVersion,
  signal: AbortSignal,
): Promise<string> {
  const tags = await sendGetTags(at, { Key: key, ...versionId(id) }, signal);
  return new URLSearchParams(
    tags.map(({ Key = '', Value = '' }): [string, string] => [Key, Value]),
  ).toString();
}

/** The version `null` needs no id, and so no permission beyond that for the object. */
function versionId(id: string): { readonly VersionId?: string } {
  return id === 'null' ? {} : { VersionId: id };
}
