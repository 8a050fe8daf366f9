import type { Tag } from '@aws-sdk/client-s3';
import type { Acted, ReadBack, StoreFailure, Target } from '../../ports/store.ts';
import type { Asked } from '../answer-each.ts';
import { eachParallel } from '../bounded-calls.ts';
import { actedFailure } from '../store-failure.ts';
import { type S3Bucket, sendGetTags } from './s3-answers.ts';
import { isOtherObject, s3Failure } from './s3-failure.ts';
import { isGone, type Listing, listObject, versionOf } from './s3-listing.ts';

/** The bucket, the tag that says that a version is restricted, and until when a call may take. */
export interface Restricting {
  readonly at: S3Bucket;
  readonly tag: string;
  readonly signal: AbortSignal;
}

const RESTRICTED = 'true';
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html */
const MOST_TAGS = 10;
const PARALLEL_VERSIONS = 4;

type Marked =
  /** `missing`: the version was deleted meanwhile. */
  { readonly state: 'as-it-was' | 'written' | 'missing' } | { readonly code: StoreFailure };

/**
 * Tags every version, or takes the tag away, and leaves all other tags. A delete marker has no tags and no content.
 * S3 has no condition for tags, so the object is listed again afterwards: what was written meanwhile has no tag.
 */
export async function restrictObject(
  to: Restricting,
  { item, key }: Asked<Target, string>,
  on: boolean,
): Promise<Acted> {
  const { at, signal } = to;
  const listing = await listObject(at, key, signal);
  if ('code' in listing) return actedFailure(listing.code);
  if (isGone(listing)) return { outcome: 'already-so' };
  if (item.version !== undefined && item.version !== versionOf(listing)) return { outcome: 'changed' };
  const marked = await eachVersion(listing, (id) => mark(to, key, id, on));
  const failed = marked.find((one) => 'code' in one);
  if (failed) return actedFailure(failed.code);
  if (marked.every((one) => 'state' in one && one.state === 'as-it-was')) return { outcome: 'already-so' };
  const after = await listObject(at, key, signal);
  if ('code' in after) return actedFailure(after.code);
  if (isGone(after)) return { outcome: 'already-so' };
  if (versionOf(after) !== versionOf(listing)) return { outcome: 'changed' };
  return { outcome: on ? 'restricted' : 'lifted', answer: 'PutObjectTagging' };
}

/** Whether every version has the tag, or none has. An object that is gone can no longer be used. */
export async function showsRestricted(to: Restricting, key: string, on: boolean): Promise<ReadBack> {
  const listing = await listObject(to.at, key, to.signal);
  if ('code' in listing) return { state: 'unknown', code: listing.code };
  const read = await eachVersion(listing, (id) => tagsOf(to, key, id));
  const failed = read.find((one) => 'code' in one);
  if (failed) return { state: 'unknown', code: failed.code };
  const isKept = read.every((one) => !('tags' in one) || isMarked(one.tags, to.tag) === on);
  return { state: isKept ? 'kept' : 'broken' };
}

function eachVersion<Answer>(
  { versions }: Listing,
  act: (id: string) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const readable = versions.filter(({ isMarker }) => !isMarker);
  return eachParallel(readable, ({ id }) => act(id), PARALLEL_VERSIONS);
}

async function mark(to: Restricting, key: string, id: string, on: boolean): Promise<Marked> {
  const read = await tagsOf(to, key, id);
  if (!('tags' in read)) return read;
  if (isMarked(read.tags, to.tag) === on) return { state: 'as-it-was' };
  const others = read.tags.filter(({ Key }) => Key !== to.tag);
  if (on && others.length >= MOST_TAGS) return { code: 'STORE_CONSTRAINT' };
  const TagSet = on ? [...others, { Key: to.tag, Value: RESTRICTED }] : others;
  return settled(async () => {
    await to.at.client.send(
      new to.at.sdk.PutObjectTaggingCommand({ ...named(to, key, id), Tagging: { TagSet } }),
      { abortSignal: to.signal },
    );
    return { state: 'written' };
  });
}

function tagsOf(
  to: Restricting,
  key: string,
  id: string,
): Promise<{ readonly tags: readonly Tag[] } | Exclude<Marked, { readonly state: 'written' }>> {
  const { at, signal } = to;
  return settled(async () => ({ tags: await sendGetTags(at, { Key: key, VersionId: id }, signal) }));
}

async function settled<Answer>(
  act: () => Promise<Answer>,
): Promise<Answer | { readonly state: 'missing' } | { readonly code: StoreFailure }> {
  try {
    return await act();
  } catch (error) {
    return isOtherObject(error) ? { state: 'missing' } : { code: s3Failure(error) };
  }
}

/** Always with the id, also of the version `null`: another version may be the newest by now. */
function named({ at }: Restricting, Key: string, VersionId: string) {
  return { ...at.place, Key, VersionId };
}

function isMarked(tags: readonly Tag[], tag: string): boolean {
  return tags.some(({ Key, Value }) => Key === tag && Value === RESTRICTED);
}
