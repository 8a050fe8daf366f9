import type { ListObjectVersionsCommandOutput } from '@aws-sdk/client-s3';
import type { KeyColumn } from '../../domain/configuration/configuration.ts';
import type { Page } from '../listing.ts';
import { s3Failure } from './s3-failure.ts';
import { decodedKey } from './s3-keys.ts';
import { assertAsked, type S3Bucket } from './s3-listing.ts';
import { locatorOf } from './s3-place.ts';

/** An object with thousands of versions takes a request of its own. */
const MOST_REQUESTS = 20;
const LARGEST_PAGE = 1000;

interface Objects {
  readonly at: S3Bucket;
  readonly keys: readonly KeyColumn[];
  /** Of every key of the store; not part of a locator. */
  readonly own: string;
  /** Of the place: it begins with `own`. */
  readonly prefix: string;
  readonly signal: AbortSignal;
}

/** Keys after a key, in order. All of them are there up to the last one, or to the end of the prefix. */
interface Keys {
  readonly keys: readonly string[];
  readonly isEnd: boolean;
}

interface Answer {
  readonly found: readonly (string | undefined)[];
  readonly more?: Marker;
}

interface Marker {
  readonly key: string;
  readonly id?: string | undefined;
}

/**
 * One page of the objects with a prefix, in S3's order: by the bytes of their keys. An object of which there are only old
 * versions, delete markers or parts of an upload is one, too.
 */
export async function listPrefix(
  objects: Objects,
  limit: number,
  after: string | undefined,
): Promise<Page<string>> {
  try {
    const sources = await Promise.all([
      keysAfter(limit, after, (marker, most) => versionsPage(objects, marker, most)),
      keysAfter(limit, after, (marker) => uploadsPage(objects, marker)),
    ]);
    // Beyond the last key of a source that has more, another key of that source could come.
    const ends = sources.flatMap(({ keys, isEnd }) => (isEnd ? [] : [keys.at(-1) ?? after ?? '']));
    const [end] = ends.toSorted(inOrder);
    const merged = [...new Set(sources.flatMap(({ keys }) => keys))].toSorted(inOrder);
    const sure = end === undefined ? merged : merged.filter((key) => inOrder(key, end) <= 0);
    const page = sure.slice(0, limit);
    const rows = page.map((key) => locatorOf(objects.keys, objects.own, key));
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
  const keys: string[] = [];
  let last = after;
  let marker: Marker | undefined = after === undefined ? undefined : { key: after };
  for (let requests = 0; requests < MOST_REQUESTS; requests += 1) {
    // Enough if each has one version, and not ten times what is needed.
    const most = requests === 0 ? Math.min(LARGEST_PAGE, limit + 1) : LARGEST_PAGE;
    const { found, more } = await ask(marker, most);
    const fresh = found.filter((key) => key !== undefined && (last === undefined || inOrder(key, last) > 0));
    const added = [...new Set(fresh as string[])].toSorted(inOrder);
    keys.push(...added);
    if (more === undefined) return { keys, isEnd: true };
    if (keys.length > limit) return { keys, isEnd: false };
    last = added.at(-1) ?? last;
    // An engine that begins with the marked key itself has to be led past its versions.
    marker = added.length > 0 && last !== undefined ? { key: last } : more;
  }
  return { keys, isEnd: false };
}

async function versionsPage(
  { at, prefix, signal }: Objects,
  marker: Marker | undefined,
  most: number,
): Promise<Answer> {
  const answer = await at.client.send(
    new at.sdk.ListObjectVersionsCommand({
      ...at.place,
      Prefix: prefix,
      EncodingType: 'url',
      KeyMarker: marker?.key,
      VersionIdMarker: marker?.id,
      MaxKeys: most,
    }),
    { abortSignal: signal },
  );
  const all = [...(answer.Versions ?? []), ...(answer.DeleteMarkers ?? [])];
  return pageOf(prefix, answer, all, answer.NextVersionIdMarker);
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
  return pageOf(prefix, answer, answer.Uploads ?? [], answer.NextUploadIdMarker);
}

type AnswerOfList = Pick<
  ListObjectVersionsCommandOutput,
  'EncodingType' | 'Prefix' | 'IsTruncated' | 'NextKeyMarker'
>;

/** The keys of what was listed, and after which key and which id under it the list goes on. */
function pageOf(
  prefix: string,
  answer: AnswerOfList,
  all: readonly { readonly Key?: string | undefined }[],
  id: string | undefined,
): Answer {
  const read = (text: string | undefined) => decodedKey(text, answer.EncodingType);
  assertAsked(prefix, read(answer.Prefix));
  const found = all.map(({ Key }) => read(Key));
  if (answer.IsTruncated !== true) return { found };
  return { found, more: { key: marked(read(answer.NextKeyMarker)), id } };
}

function marked(key: string | undefined): string {
  if (key === undefined) throw new Error('S3 returned a truncated list without a marker for the next page');
  return key;
}

function inOrder(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
