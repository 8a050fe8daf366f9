import type { KeyColumn } from '../../domain/configuration/configuration.ts';
import type { ListedRow, Page } from '../listing.ts';
import { type ObjectVersion, type S3Bucket, sendListVersions } from './s3-answers.ts';
import { s3Failure } from './s3-failure.ts';
import { decodedKey, inKeyOrder } from './s3-keys.ts';
import {
  type AnswerOfList,
  assertAsked,
  type Listing,
  type ObjectUpload,
  uploadsIn,
  versionOf,
} from './s3-listing.ts';
import { locatorOf } from './s3-place.ts';

/** An object with thousands of versions takes a request of its own. */
const MOST_REQUESTS = 20;
const LARGEST_PAGE = 1000;

export interface Objects {
  readonly at: S3Bucket;
  readonly keys: readonly KeyColumn[];
  /** Of every key of the store; not part of a locator. */
  readonly own: string;
  /** Of the place: it begins with `own`. */
  readonly prefix: string;
  readonly signal: AbortSignal;
}

/**
 * Keys after a key, in order, each with its uploads, or with versions of which the first page that has the key shows the
 * latest. All of them are there up to the last one, or to the end of the prefix.
 */
interface Keys {
  readonly keys: ReadonlyMap<string, Listing>;
  readonly last: string | undefined;
  readonly isEnd: boolean;
}

interface Answer {
  readonly found: readonly Found[];
  readonly more?: Marker;
}

type Found = readonly [key: string | undefined, under: ObjectVersion | ObjectUpload];

interface Marker {
  readonly key: string;
  readonly id?: string | undefined;
}

/**
 * One page of the objects with a prefix, in S3's order: by the bytes of their keys. An object of which there are only old
 * versions, delete markers or parts of an upload is one, too. Lists are as consistent as any other read of S3, and `look`
 * reads the same ones: https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel
 */
export async function listPrefix(
  objects: Objects,
  limit: number,
  after: string | undefined,
): Promise<Page<string, ListedRow>> {
  return listEach(objects, limit, after, (key, listing): ListedRow | undefined => {
    const locator = locatorOf(objects.keys, objects.own, key);
    return locator && { locator, presence: { state: 'present', version: versionOf(listing) } };
  });
}

/** The same, with what is made of each key and of what the lists show under it: its latest version, and its uploads. */
export async function listEach<Row>(
  objects: Objects,
  limit: number,
  after: string | undefined,
  rowOf: (key: string, listing: Listing) => Row | undefined,
): Promise<Page<string, Row>> {
  try {
    const sources = await Promise.all([
      keysAfter(limit, after, (marker, most) => versionsPage(objects, marker, most)),
      keysAfter(limit, after, (marker) => uploadsPage(objects, marker)),
    ]);
    // Beyond the last key of a source that has more, another key of that source could come.
    const ends = sources.flatMap(({ last, isEnd }) => (isEnd ? [] : [last ?? after ?? '']));
    const [end] = ends.toSorted(inKeyOrder);
    const [objectsFound, uploads] = sources;
    const merged =
      uploads.keys.size === 0
        ? [...objectsFound.keys.keys()]
        : [...new Set(sources.flatMap(({ keys }) => [...keys.keys()]))].toSorted(inKeyOrder);
    const sure = end === undefined ? merged : merged.filter((key) => inKeyOrder(key, end) <= 0);
    const page = sure.slice(0, limit);
    const rows = page.map((key) => {
      const versions = objectsFound.keys.get(key)?.versions ?? [];
      return rowOf(key, { versions, uploads: uploads.keys.get(key)?.uploads ?? [] });
    });
    const next = page.at(-1);
    if (next === undefined && end !== undefined) return { code: 'STORE_ERROR' };
    const hasMore = sure.length > limit || end !== undefined;
    return hasMore && next !== undefined ? { rows, next } : { rows };
  } catch (error) {
    return { code: s3Failure(error) };
  }
}

/** Reads on after the last key that it saw, not after its last version: one object may have very many. */
async function keysAfter(
  limit: number,
  after: string | undefined,
  ask: (marker: Marker | undefined, most: number) => Promise<Answer>,
): Promise<Keys> {
  const keys = new Map<string, Listing>();
  let last = after;
  let marker: Marker | undefined = after === undefined ? undefined : { key: after };
  for (let requests = 0; requests < MOST_REQUESTS; requests += 1) {
    // Enough if each has one version, and not ten times what is needed.
    const most = requests === 0 ? Math.min(LARGEST_PAGE, limit + 1) : LARGEST_PAGE;
    const { found, more } = await ask(marker, most);
    const added = grouped(found, last);
    for (const [key, listing] of added) keys.set(key, listing);
    const before = last;
    last = added.at(-1)?.[0] ?? last;
    if (more === undefined) return { keys, last, isEnd: true };
    // More cannot be needed: the list goes on after the last of them.
    if (keys.size >= limit) return { keys, last, isEnd: false };
    // An engine that begins with the marked key itself has to be led past its versions.
    marker = last === before || last === undefined ? more : { key: last };
  }
  return { keys, last, isEnd: false };
}

/** Those after a key, in order. Markers of deleted objects are listed apart from versions. */
function grouped(found: readonly Found[], last: string | undefined): [string, Listing][] {
  const byKey = new Map<string, { versions: ObjectVersion[]; uploads: ObjectUpload[] }>();
  for (const [key, under] of found) {
    if (key === undefined) continue;
    const same = byKey.get(key) ?? { versions: [], uploads: [] };
    if ('begun' in under) same.uploads.push(under);
    else same.versions.push(under);
    byKey.set(key, same);
  }
  const all = [...byKey];
  const fresh = last === undefined ? all : all.filter(([key]) => inKeyOrder(key, last) > 0);
  return fresh.toSorted(([one], [other]) => inKeyOrder(one, other));
}

async function versionsPage(
  { at, prefix, signal }: Objects,
  marker: Marker | undefined,
  most: number,
): Promise<Answer> {
  const input = { Prefix: prefix, KeyMarker: marker?.key, VersionIdMarker: marker?.id, MaxKeys: most };
  const answer = await sendListVersions(at, input, signal);
  const found = answer.versions;
  return pageOf(prefix, answer, found, answer.NextVersionIdMarker);
}

async function uploadsPage({ at, prefix, signal }: Objects, marker: Marker | undefined): Promise<Answer> {
  const answer = await at.client.send(
    new at.sdk.ListMultipartUploadsCommand({
      ...at.place,
      Prefix: prefix,
      EncodingType: 'url',
      KeyMarker: marker?.key,
      UploadIdMarker: marker?.id,
    }),
    { abortSignal: signal },
  );
  return pageOf(prefix, answer, uploadsIn(answer), answer.NextUploadIdMarker);
}

/** The keys of what was listed, and after which key and which id under it the list goes on. */
function pageOf(
  prefix: string,
  answer: AnswerOfList,
  found: readonly Found[],
  id: string | undefined,
): Answer {
  const read = (text: string | undefined) => decodedKey(text, answer.EncodingType);
  assertAsked(prefix, answer);
  if (answer.IsTruncated !== true) return { found };
  return { found, more: { key: marked(read(answer.NextKeyMarker)), id } };
}

function marked(key: string | undefined): string {
  if (key === undefined) throw new Error('S3 returned a truncated list without a marker for the next page');
  return key;
}
