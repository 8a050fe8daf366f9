import type { ListObjectVersionsCommandOutput } from '@aws-sdk/client-s3';
import { plainName, structureNames } from '../../domain/coverage/shown-name.ts';
import type { KeyColumn } from '../../domain/configuration/configuration.ts';
import type { Count, Survey, SurveyQuestion, UncoveredPlace } from '../../domain/coverage/survey.ts';
import { mergedPlaces, prefixState } from '../../domain/coverage/uncovered.ts';
import { type Surveying, surveying } from '../surveying.ts';
import type { S3Bucket } from './s3-answers.ts';
import { objectCounters } from './s3-dataset.ts';
import { s3Failure } from './s3-failure.ts';
import { decodedKey } from './s3-keys.ts';
import { assertAsked } from './s3-listing.ts';

/** Requests of a thousand keys each: for the prefixes of one level, to count one place, and of the whole survey. */
const LEVEL_REQUESTS = 50;
const COUNT_REQUESTS = 5;
const OWN_REQUESTS = 20;
const MOST_REQUESTS = 200;
/** How deep it follows the prefixes of stores, and of how many prefixes under one name objects are counted. */
const MOST_LEVELS = 8;
const COUNTED_PREFIXES = 5;
const BUCKET_PAGES = 10;

interface Surveyed {
  readonly at: S3Bucket;
  /** Of every key of the store. */
  readonly prefix: string;
  readonly keys: readonly KeyColumn[];
  readonly region: string;
  readonly question: SurveyQuestion;
  readonly signal: AbortSignal;
}

interface Listed extends Pick<ListObjectVersionsCommandOutput, 'EncodingType' | 'Versions'> {
  readonly keys: readonly string[];
  readonly prefixes: readonly string[];
  readonly next?: { readonly KeyMarker: string; readonly VersionIdMarker?: string };
}

/** Prefixes that are reported under one name. */
interface Group {
  places: number;
  readonly first: string[];
  /** Objects directly at a level: counted when it is listed. */
  objects?: number;
  oldest?: number;
}

/** The other prefixes of the bucket, and the other buckets of the account and region. */
export async function surveyBucket(surveyed: Surveyed): Promise<Survey> {
  const { question, prefix } = surveyed;
  const { notSeen, note, tried } = surveying(s3Failure);
  const meter = { left: MOST_REQUESTS };
  const counting = { surveyed, meter, note };
  const groups = new Map<string, Group>();
  const counters = objectCounters(question.datasets, surveyed);
  const own = { left: OWN_REQUESTS };
  const records = await tried('records', () => counted(surveyed, [prefix], own, counters.add));
  if (records === undefined && question.datasets.length > 0)
    note('datasets', notSeen.find(({ part }) => part === 'records')?.code ?? 'STORE_ERROR');
  await tried('prefixes', async () => {
    const isWhole = await lookInto(surveyed, { prefix: '', level: 1 }, groups, meter);
    if (!isWhole) note('prefixes', 'TOO_MANY');
  });
  const prefixes: UncoveredPlace[] = [];
  for (const [name, group] of groups) prefixes.push(await placeOf(counting, name, group));
  if (!question.account) note('buckets', 'NOT_ASKED');
  const buckets = question.account ? ((await tried('buckets', () => bucketsOf(surveyed, note))) ?? []) : [];
  return {
    ...(records !== undefined && { records: records.records }),
    personal: [],
    uncovered: mergedPlaces([...prefixes, ...buckets]),
    neverPresent: [],
    datasets: records === undefined ? [] : counters.counts(records.records.counted),
    notSeen,
  };
}

/** One level of prefixes; of a prefix that is covered in part, the next level, too. False if it was not seen to its end. */
async function lookInto(
  surveyed: Surveyed,
  { prefix, level }: { readonly prefix: string; readonly level: number },
  groups: Map<string, Group>,
  meter: { left: number },
): Promise<boolean> {
  const { covered } = surveyed.question;
  const inside: string[] = [];
  let next: Listed['next'];
  let requests = 0;
  do {
    if (requests === LEVEL_REQUESTS || meter.left === 0) return false;
    requests += 1;
    meter.left -= 1;
    const page = await listed(surveyed, prefix, { Delimiter: '/', ...next });
    for (const { key, at } of objectsIn(page)) {
      if (prefixState(key, covered.prefixes) === 'covered') continue;
      const group = groupOf(groups, prefix, 0);
      group.objects = (group.objects ?? 0) + 1;
      group.oldest = Math.min(group.oldest ?? Infinity, at);
    }
    for (const found of page.prefixes) {
      const state = prefixState(found, covered.prefixes);
      if (state === 'part' && level < MOST_LEVELS) inside.push(found);
      if (state !== 'uncovered') continue;
      const group = groupOf(groups, prefix + shownSegment(found.slice(prefix.length)), 1);
      if (group.first.length < COUNTED_PREFIXES) group.first.push(found);
    }
    next = page.next;
  } while (next !== undefined);
  for (const found of inside)
    if (!(await lookInto(surveyed, { prefix: found, level: level + 1 }, groups, meter))) return false;
  return true;
}

function groupOf(groups: Map<string, Group>, name: string, more: number): Group {
  const group = groups.get(name) ?? { places: 0, first: [] };
  groups.set(name, group);
  group.places += more;
  return group;
}

/** With its slash. A prefix may be a person's id. */
function shownSegment(segment: string): string {
  return `${plainName(segment.slice(0, -1)) ?? '*'}/`;
}

/** Current objects; delete markers and older versions are not counted. */
function objectsIn({ Versions = [], keys }: Listed): { readonly key: string; readonly at: number }[] {
  return Versions.flatMap(({ IsLatest, LastModified }, index) =>
    IsLatest === true ? [{ key: keys[index] ?? '', at: LastModified?.getTime() ?? Infinity }] : [],
  );
}

interface Counting {
  readonly surveyed: Surveyed;
  /** Requests that the survey has left. */
  readonly meter: { left: number };
  readonly note: Surveying['note'];
}

async function placeOf(
  { surveyed, meter, note }: Counting,
  name: string,
  { places, first, objects, oldest = Infinity }: Group,
): Promise<UncoveredPlace> {
  const place = { kind: 'prefix' as const, name, places: Math.max(1, places), personal: [] };
  const own = objects === undefined ? undefined : ({ count: objects, counted: 'exact' } as const);
  if (first.length === 0 || meter.left <= 0)
    return { ...place, ...withOldest(oldest), ...(own && { records: own }) };
  const most = { left: Math.min(COUNT_REQUESTS, meter.left) };
  const budget = most.left;
  try {
    const { records, oldest: below } = await counted(surveyed, first, most);
    const isAll = places <= first.length && records.counted === 'exact';
    return {
      ...place,
      records: { count: records.count + (objects ?? 0), counted: isAll ? 'exact' : 'at-least' },
      ...withOldest(Math.min(oldest, below)),
    };
  } catch (error) {
    note('prefixes', s3Failure(error));
    return place;
  } finally {
    meter.left -= budget - most.left;
  }
}

function withOldest(oldest: number): { readonly oldest?: number } {
  return Number.isFinite(oldest) ? { oldest } : {};
}

async function counted(
  surveyed: Surveyed,
  prefixes: readonly string[],
  most: { left: number },
  visit?: (key: string, at: number) => void,
): Promise<{ readonly records: Count; readonly oldest: number }> {
  let count = 0;
  let oldest = Infinity;
  for (const prefix of prefixes) {
    let next: Listed['next'];
    do {
      if (most.left === 0) return { records: { count, counted: 'at-least' }, oldest };
      most.left -= 1;
      const page = await listed(surveyed, prefix, { ...next });
      for (const { key, at } of objectsIn(page)) {
        visit?.(key, at);
        count += 1;
        oldest = Math.min(oldest, at);
      }
      next = page.next;
    } while (next !== undefined);
  }
  return { records: { count, counted: 'exact' }, oldest };
}

async function listed({ at, signal }: Surveyed, prefix: string, more: object): Promise<Listed> {
  const answer: ListObjectVersionsCommandOutput = await at.client.send(
    new at.sdk.ListObjectVersionsCommand({ ...at.place, Prefix: prefix, EncodingType: 'url', ...more }),
    { abortSignal: signal },
  );
  const read = (text: string | undefined) => decodedKey(text, answer.EncodingType);
  assertAsked(prefix, answer);
  const { Versions = [], CommonPrefixes = [], NextVersionIdMarker: VersionIdMarker } = answer;
  const KeyMarker = read(answer.NextKeyMarker);
  if (answer.IsTruncated === true && KeyMarker === undefined)
    throw new Error('S3 returned a truncated list without a marker for the next page');
  return {
    Versions,
    keys: Versions.map(({ Key }) => read(Key) ?? ''),
    prefixes: CommonPrefixes.flatMap(({ Prefix }) => read(Prefix) ?? []),
    ...(answer.IsTruncated === true &&
      KeyMarker !== undefined && { next: { KeyMarker, ...(VersionIdMarker && { VersionIdMarker }) } }),
  };
}

async function bucketsOf(
  { at, region, question, signal }: Surveyed,
  note: Surveying['note'],
): Promise<UncoveredPlace[]> {
  const names: string[] = [];
  let token: string | undefined;
  let pages = 0;
  do {
    const answer = await at.client.send(
      new at.sdk.ListBucketsCommand({
        BucketRegion: region,
        MaxBuckets: 1000,
        ...(token !== undefined && { ContinuationToken: token }),
      }),
      { abortSignal: signal },
    );
    names.push(...(answer.Buckets ?? []).flatMap(({ Name }) => Name ?? []));
    token = answer.ContinuationToken;
    pages += 1;
  } while (token !== undefined && pages < BUCKET_PAGES);
  if (token !== undefined) note('buckets', 'TOO_MANY');
  const known = new Set(question.covered.buckets);
  return structureNames(names.map((name) => ({ name })))
    .filter((_, index) => !known.has(names[index] ?? ''))
    .map((name) => ({ kind: 'bucket', name, places: 1, personal: [] }));
}
