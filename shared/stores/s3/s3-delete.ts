import type { Acted, StoreFailure, Target } from '../../ports/store.ts';
import type { Asked } from '../answer-each.ts';
import { eachParallel } from '../bounded-calls.ts';
import { abortUploads, type Doomed, type Lock, lockOf, removeAll, type Removed } from './s3-delete-calls.ts';
import { s3Failure } from './s3-failure.ts';
import {
  isGone,
  latestOf,
  type Listing,
  listObject,
  readVersionOf,
  type S3Bucket,
  versionOf,
} from './s3-listing.ts';
import { listObjects } from './s3-range.ts';
import { actedFailure } from '../store-failure.ts';

type AskedTarget = Asked<Target, string>;

/** What to delete under one key: the newest version last, so that no older version becomes current in between. */
interface Work {
  readonly key: string;
  readonly older: readonly Doomed[];
  readonly latest: readonly Doomed[];
}

const DELETED: Acted = { outcome: 'deleted', answer: 'DeleteObjects' };

/** Deletes what was listed, and nothing that was written since. */
export async function deleteObjects(
  at: S3Bucket,
  asked: readonly AskedTarget[],
  signal: AbortSignal,
): Promise<Acted[]> {
  const keys = asked.map(({ key }) => key);
  const [versioning, listed] = await Promise.all([versioningOf(at, signal), listObjects(at, keys, signal)]);
  if ('code' in versioning) return asked.map(() => actedFailure(versioning.code));
  const listings = listed.map((listing, index) => ({
    listing,
    ...(asked[index] as AskedTarget),
  }));
  const judged = await eachParallel(listings, async ({ listing, item, key }): Promise<Acted | Work> => {
    if ('code' in listing) return actedFailure(listing.code);
    if (isGone(listing)) return { outcome: 'already-so' };
    if (item.version !== undefined && !versionsOf(listing).includes(item.version))
      return { outcome: 'changed' };
    const failure = await abortUploads(at, key, listing.uploads, signal);
    return failure ? actedFailure(failure) : workOn(key, listing, versioning.status === 'Enabled');
  });
  const works = judged.filter((one) => 'key' in one);
  const done = await carryOut(at, works, versioning.status === 'Suspended', signal);
  const answers = new Map(works.map((work, index) => [work, done[index] as Acted]));
  return judged.map((one) => ('key' in one ? (answers.get(one) as Acted) : one));
}

/** From `look`, and from a range: that one says what was being uploaded, too. */
function versionsOf(listing: Listing): readonly string[] {
  return [versionOf(listing), readVersionOf(listing)];
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
  if (!latest) return { key, older, latest: [] };
  // If a rewrite would keep the id, only the ETag shows that the object is still the listed one.
  const isMoving = latest.id === 'null' && !latest.isMarker && !keepsVersions;
  return { key, older, latest: [isMoving ? { key, etag: latest.etag } : { key, id: latest.id }] };
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
  pick: (work: Work) => readonly Doomed[],
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
  const outcomes = await eachParallel(works, async (work) => {
    return outcomeOf(at, work.key, byWork.get(work) ?? [], signal);
  });
  return new Map(works.map((work, index) => [work, outcomes[index] as Acted]));
}

/** A lock takes precedence over a failure, and a failure over versions that are gone. */
async function outcomeOf(
  at: S3Bucket,
  key: string,
  parts: readonly { readonly one: Doomed; readonly removed: Removed }[],
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
