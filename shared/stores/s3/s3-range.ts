import type { ListMultipartUploadsCommandOutput } from '@aws-sdk/client-s3';
import { type ObjectVersion, type S3Bucket, sendListVersions } from './s3-answers.ts';
import { eachParallel } from '../bounded-calls.ts';
import { s3Failure } from './s3-failure.ts';
import { decodedKey, inKeyOrder } from './s3-keys.ts';
import {
  type AnswerOfList,
  assertAsked,
  type Listed,
  listObject,
  listUploads,
  type ObjectUpload,
  uploadsIn,
} from './s3-listing.ts';

/** A page of a list is worth its request if it answers for that number of keys: others are asked for a few at a time. */
const WORTHWHILE = 10;
const LARGEST_PAGE = 1000;
/** That many are read at once where the others of the keys had more versions than one. */
const ENTRIES_OF_A_KEY = 10;

const UNLISTED: Listed = { code: 'STORE_ERROR' };

/** `gone`: as `found`, and nothing is expected to be there. */
type Until = 'found' | 'end' | 'gone';

/**
 * Everything under each key, as `listObject` finds it. Keys that follow each other, as those of a collection do, are read
 * from pages of one list. Where other keys lie between them, each is asked for on its own.
 */
export async function listObjects(
  at: S3Bucket,
  keys: readonly string[],
  signal: AbortSignal,
  until: Until = 'end',
): Promise<Listed[]> {
  const listed = await fromPages(at, keys, signal, until);
  const alone = until === 'end' ? 'end' : 'found';
  const missing = [...new Set(keys.filter((key) => !listed.has(key)))];
  await eachParallel(missing, async (key) => listed.set(key, await listObject(at, key, signal, alone)));
  return keys.map((key) => listed.get(key) ?? UNLISTED);
}

/** Those that pages answer for; the others are missing. A page that fails is the answer for all that it was asked for. */
async function fromPages(
  at: S3Bucket,
  keys: readonly string[],
  signal: AbortSignal,
  until: Until,
): Promise<Map<string, Listed>> {
  const ordered = [...new Set(keys)].toSorted(inKeyOrder);
  const uploadsOf = (some: readonly string[]): Promise<Map<string, ObjectUpload[]>> =>
    inRange(some, some.length + 1, (range) => uploadsPage(at, range, signal));
  try {
    // One entry tells that nothing is there: it is the first one after the keys.
    const first = until === 'gone' ? 1 : ordered.length + 1;
    const [versions, early] = await Promise.all([
      inRange(ordered, first, (range) => versionsPage(at, range, signal)),
      until === 'found' ? undefined : uploadsOf(ordered),
    ]);
    const isEnough = (found: readonly ObjectVersion[]): boolean => until !== 'end' && found.length > 0;
    const asked = [...versions].flatMap(([key, found]) => (isEnough(found) ? [] : [key]));
    const uploads = early ?? (await uploadsOf(asked));
    const alone = await eachParallel(
      asked.filter((key) => !uploads.has(key)),
      async (key) => [key, await listUploads(at, key, signal)] as const,
    );
    const all = new Map([...uploads, ...alone]);
    return new Map(
      [...versions].map(([key, found]) => [key, { versions: found, uploads: all.get(key) ?? [] }]),
    );
  } catch (error) {
    const code = s3Failure(error);
    return new Map(ordered.map((key) => [key, { code }]));
  }
}

interface Range {
  /** Of all keys. */
  readonly prefix: string;
  readonly after: Marker | undefined;
  readonly most: number;
}

interface Marker {
  readonly key: string;
  readonly id?: string | undefined;
}

interface Page<Item> {
  readonly items: readonly (readonly [key: string | undefined, item: Item])[];
  /** Absent at the end. All of the keys before it have been listed. */
  readonly more?: Marker;
}

/**
 * What a list has for these keys, which are in its order. Ends with the first page that answers for too few of them.
 * `expected`: how many entries the first page needs.
 */
async function inRange<Item>(
  keys: readonly string[],
  expected: number,
  ask: (range: Range) => Promise<Page<Item>>,
): Promise<Map<string, Item[]>> {
  const found = new Map<string, Item[]>();
  if (keys.length < WORTHWHILE) return found;
  const prefix = commonPrefix(keys);
  const wanted = new Set(keys);
  const items = new Map<string, Item[]>();
  let next = 0;
  let after = markerBefore(keys[0] ?? '');
  let most = Math.min(LARGEST_PAGE, expected);
  for (;;) {
    const page = await ask({ prefix, after, most });
    for (const [key, item] of page.items) {
      if (key === undefined || !wanted.has(key)) continue;
      const same = items.get(key) ?? [];
      same.push(item);
      items.set(key, same);
    }
    const first = next;
    for (; next < keys.length; next += 1) {
      const key = keys[next] ?? '';
      if (page.more !== undefined && inKeyOrder(key, page.more.key) >= 0) break;
      found.set(key, items.get(key) ?? []);
    }
    const { more } = page;
    const isWorthwhile = most < WORTHWHILE || next - first >= WORTHWHILE;
    if (more === undefined || next === keys.length || !isWorthwhile) return found;
    most = Math.min(LARGEST_PAGE, ENTRIES_OF_A_KEY * (keys.length - next) + 1);
    after = more.key === keys[next] ? more : later(more, markerBefore(keys[next] ?? ''));
  }
}

/** A list is read on from the next key that is asked for, if that is farther. */
function later(more: Marker, before: Marker | undefined): Marker {
  return before !== undefined && inKeyOrder(before.key, more.key) > 0 ? before : more;
}

/** A text that is before the key in S3's order, and after most others that are. */
function markerBefore(key: string): Marker | undefined {
  const start = key.slice(0, -1);
  const last = key.charCodeAt(key.length - 1);
  const isPlain = last > 0x21 && last < 0x7f;
  const before = isPlain ? start + String.fromCharCode(last - 1) : wellFormed(start);
  return before === '' ? undefined : { key: before };
}

function commonPrefix(keys: readonly string[]): string {
  const [first = '', last = ''] = [keys[0], keys.at(-1)];
  let length = 0;
  while (length < first.length && first[length] === last[length]) length += 1;
  return wellFormed(first.slice(0, length));
}

/** Without the first half of a character at its end. */
function wellFormed(text: string): string {
  return text.isWellFormed() ? text : text.slice(0, -1);
}

async function versionsPage(
  at: S3Bucket,
  { prefix, after, most }: Range,
  abortSignal: AbortSignal,
): Promise<Page<ObjectVersion>> {
  const input = { Prefix: prefix, KeyMarker: after?.key, VersionIdMarker: after?.id, MaxKeys: most };
  const answer = await sendListVersions(at, input, abortSignal);
  const items = answer.versions;
  return pageOf({ prefix, answer, items, id: answer.NextVersionIdMarker });
}

async function uploadsPage(
  at: S3Bucket,
  { prefix, after }: Range,
  abortSignal: AbortSignal,
): Promise<Page<ObjectUpload>> {
  const answer: ListMultipartUploadsCommandOutput = await at.client.send(
    new at.sdk.ListMultipartUploadsCommand({
      ...at.place,
      Prefix: prefix,
      EncodingType: 'url',
      KeyMarker: after?.key,
      UploadIdMarker: after?.id,
    }),
    { abortSignal },
  );
  return pageOf({ prefix, answer, items: uploadsIn(answer), id: answer.NextUploadIdMarker });
}

function pageOf<Item>({
  prefix,
  answer,
  items,
  id,
}: {
  readonly prefix: string;
  readonly answer: AnswerOfList;
  readonly items: Page<Item>['items'];
  readonly id: string | undefined;
}): Page<Item> {
  const read = (text: string | undefined) => decodedKey(text, answer.EncodingType);
  assertAsked(prefix, answer);
  if (answer.IsTruncated !== true) return { items };
  const key = read(answer.NextKeyMarker);
  if (key === undefined) throw new Error('S3 returned a truncated list without a marker for the next page');
  return { items, more: { key, id } };
}
