import type { Acted, StoreFailure, Target } from '../../ports/store.ts';
import type { Asked } from '../answer-each.ts';
import { eachParallel } from '../bounded-calls.ts';
import type { S3Bucket, ToDelete } from './s3-answers.ts';
import { abortUploads, type Lock, lockOf, removeAll, type Removed } from './s3-delete-calls.ts';
import { s3Failure } from './s3-failure.ts';
import {
  isGone,
  latestOf,
  type Listed,
  type Listing,
  listObject,
  mayMove,
  readVersionOf,
  versionOf,
} from './s3-listing.ts';
import { listObjects } from './s3-range.ts';
import { actedFailure } from '../store-failure.ts';

type AskedTarget = Asked<Target, string>;

/** What to delete under one key: the newest version last, so that no older version becomes current in between. */
interface Work {
  readonly key: string;
  readonly older: readonly ToDelete[];
  readonly latest: readonly ToDelete[];
  readonly uploads: Listing['uploads'];
}

const DELETED: Acted = { outcome: 'deleted', answer: 'DeleteObjects' };

/** Deletes what was listed, and nothing that was written since. */
export async function deleteObjects(
  at: S3Bucket,
  asked: readonly AskedTarget[],
  signal: AbortSignal,
): Promise<Acted[]> {
  const keys = asked.map(({ key }) => key);
  const [versioning, listed] = await Promise.all([
    asked.some(({ item }) => mayMove(item.version)) ? versioningOf(at, signal) : { status: undefined },
    listObjects(at, keys, signal),
  ]);
  if ('code' in versioning) return asked.map(() => actedFailure(versioning.code));
  const keepsVersions = versioning.status === 'Enabled';
  const judged = listed.map((listing, index) => judge(listing, asked[index] as AskedTarget, keepsVersions));
  const works = judged.filter((one) => 'key' in one);
  const answers = new Map<Work, Acted>();
  const uploading = works.filter(({ uploads }) => uploads.length > 0);
  await eachParallel(uploading, async (work) => {
    const failure = await abortUploads(at, work.key, work.uploads, signal);
    if (failure !== undefined) answers.set(work, actedFailure(failure));
  });
  const open = works.filter((work) => !answers.has(work));
  const done = await carryOut(at, open, versioning.status === 'Suspended', signal);
  for (const [index, work] of open.entries()) answers.set(work, done[index] as Acted);
  return judged.map((one) => ('key' in one ? (answers.get(one) as Acted) : one));
}

function judge(listing: Listed, { item, key }: AskedTarget, keepsVersions: boolean): Acted | Work {
  if ('code' in listing) return actedFailure(listing.code);
  if (isGone(listing)) return { outcome: 'already-so' };
  if (item.version !== undefined && !isVersionOf(item.version, listing)) return { outcome: 'changed' };
  return workOn(key, listing, keepsVersions);
}

/** From `look`, and from a range: that one says what was being uploaded, too. */
function isVersionOf(version: string, listing: Listing): boolean {
  return version === versionOf(listing) || version === readVersionOf(listing);
}

/** Deletes these versions of one object, even if there are newer ones. */
export async function deleteVersions(
  at: S3Bucket,
  key: string,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<Acted> {
  const doomed = ids.map((id) => ({ key, id }));
  const removed = await removeAll(at, doomed, signal);
  const parts = doomed.map((one, index) => ({ one, removed: removed[index] as Removed }));
  return outcomeOf(at, key, parts, signal);
}

function workOn(key: string, listing: Listing, keepsVersions: boolean): Work {
  const latest = latestOf(listing.versions);
  const older = listing.versions.filter((one) => one !== latest).map(({ id }) => ({ key, id }));
  const { uploads } = listing;
  if (!latest) return { key, older, latest: [], uploads };
  // If a rewrite would keep the id, only the ETag shows that the object is still the listed one.
  const isMoving = latest.id === 'null' && !latest.isMarker && !keepsVersions;
  return { key, older, latest: [isMoving ? { key, etag: latest.etag } : { key, id: latest.id }], uploads };
}

async function carryOut(
  at: S3Bucket,
  works: readonly Work[],
  isSuspended: boolean,
  signal: AbortSignal,
): Promise<Acted[]> {
  const older = await removeEach(at, works, ({ older }) => older, signal);
  const goesOn = works.filter((work) => older.get(work)?.outcome === 'deleted');
  const latest = await removeEach(at, goesOn, ({ latest }) => latest, signal);
  // If versioning is suspended, a conditional delete leaves a delete marker, also with the id `null`.
  const marked = goesOn.filter(
    (work) =>
      isSuspended && latest.get(work)?.outcome === 'deleted' && work.latest.some((one) => 'etag' in one),
  );
  const markers = await removeEach(at, marked, ({ key }) => [{ key, id: 'null' }], signal);
  return works.map(
    (work) => markers.get(work) ?? latest.get(work) ?? older.get(work) ?? actedFailure('STORE_ERROR'),
  );
}

/** One request for many keys; an outcome for each of them. */
async function removeEach(
  at: S3Bucket,
  works: readonly Work[],
  pick: (work: Work) => readonly ToDelete[],
  signal: AbortSignal,
): Promise<Map<Work, Acted>> {
  const doomed = works.flatMap((work) => pick(work).map((one) => ({ work, one })));
  const removed = await removeAll(
    at,
    doomed.map(({ one }) => one),
    signal,
  );
  const byWork = Map.groupBy(
    doomed.map(({ work, one }, index) => ({ work, one, removed: removed[index] as Removed })),
    ({ work }) => work,
  );
  const outcomes = new Map<Work, Acted>(works.map((work) => [work, DELETED]));
  const isOpen = (work: Work) => byWork.get(work)?.some((one) => one.removed.state !== 'gone') === true;
  await eachParallel(works.filter(isOpen), async (work) => {
    outcomes.set(work, await outcomeOf(at, work.key, byWork.get(work) ?? [], signal));
  });
  return outcomes;
}

/** A lock takes precedence over a failure, and a failure over versions that are gone. */
async function outcomeOf(
  at: S3Bucket,
  key: string,
  parts: readonly { readonly one: ToDelete; readonly removed: Removed }[],
  signal: AbortSignal,
): Promise<Acted> {
  const failures = parts.flatMap(({ one, removed }) =>
    removed.state === 'failed' ? [{ code: removed.code, doomed: one }] : [],
  );
  const denied = failures.filter(({ code }) => code === 'STORE_DENIED');
  const locks = await eachParallel(denied, async ({ doomed }) =>
    lockOf(at, key, 'id' in doomed ? doomed.id : 'null', signal),
  );
  const held = locks.filter((lock) => lock !== undefined);
  if (held.length > 0) return refused(held);
  const [first] = failures;
  if (first) return actedFailure(first.code);
  return parts.some(({ removed }) => removed.state === 'other') ? insteadOf(at, key, signal) : DELETED;
}

/** The condition failed: lists again to find out why. */
export async function insteadOf(at: S3Bucket, key: string, signal: AbortSignal): Promise<Acted> {
  const listing = await listObject(at, key, signal);
  if ('code' in listing) return actedFailure(listing.code);
  return { outcome: isGone(listing) ? 'already-so' : 'changed' };
}

/** All locks must have ended. A legal hold has no known end. */
function refused(locks: readonly Lock[]): Acted {
  const dates = locks.flatMap(({ until }) => (until === undefined ? [] : [until]));
  const until = dates.length === locks.length ? { until: Math.max(...dates) } : {};
  return { outcome: 'refused', code: 'STORE_LOCKED', ...until };
}

async function versioningOf(
  at: S3Bucket,
  signal: AbortSignal,
): Promise<{ readonly status: string | undefined } | { readonly code: StoreFailure }> {
  try {
    const answer = await at.client.send(new at.sdk.GetBucketVersioningCommand(at.place), {
      abortSignal: signal,
    });
    return { status: answer.Status };
  } catch (error) {
    return { code: s3Failure(error) };
  }
}
