import { eachParallel, inRounds, inSlices } from '../bounded-calls.ts';
import { type S3Bucket, sendDeleteObjects, type ToDelete } from './s3-answers.ts';
import { namedFailure, s3Failure } from './s3-failure.ts';
import { isSafeInXml } from './s3-keys.ts';
import type { ObjectUpload } from './s3-listing.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { StoreFailure } from '../../ports/store.ts';
import { textOf } from '../store-failure.ts';

export type Removed =
  | { readonly state: 'gone' }
  /** The object was replaced or is gone. */
  | { readonly state: 'other' }
  | { readonly state: 'failed'; readonly code: StoreFailure };

const MOST_IN_ONE_REQUEST = 1000;
const PARALLEL_REQUESTS = 4;

/** Deletes permanently, with one answer for each, in order. Throttled deletes are sent again. */
export async function removeAll(
  at: S3Bucket,
  doomed: readonly ToDelete[],
  signal: AbortSignal,
): Promise<Removed[]> {
  const answers = new Map<ToDelete, Removed>();
  const [together, alone]: [ToDelete[], ToDelete[]] = [[], []];
  for (const one of doomed) (isSafeInXml(one.key) ? together : alone).push(one);
  await eachParallel(
    inSlices(together, MOST_IN_ONE_REQUEST),
    async (slice) => {
      let rest: readonly ToDelete[] = slice;
      await inRounds(signal, async () => {
        for (const [one, answer] of await removeTogether(at, rest, signal)) answers.set(one, answer);
        rest = rest.filter((one) => isThrottled(answers.get(one)));
        return rest.length === 0;
      });
    },
    PARALLEL_REQUESTS,
  );
  await eachParallel(alone, async (one) => {
    answers.set(one, await removeAlone(at, one, signal));
  });
  return doomed.map((one) => answers.get(one) ?? { state: 'failed', code: 'STORE_TIMEOUT' });
}

async function removeTogether(
  at: S3Bucket,
  doomed: readonly ToDelete[],
  signal: AbortSignal,
): Promise<Map<ToDelete, Removed>> {
  const all = (answer: Removed) => new Map(doomed.map((one) => [one, answer]));
  try {
    const answer = await sendDeleteObjects(at, doomed, signal);
    const gone = new Set((answer.Deleted ?? []).map(({ Key, VersionId }) => nameOf(Key, VersionId)));
    const errors = new Map(
      (answer.Errors ?? []).map(({ Key, VersionId, Code }) => [nameOf(Key, VersionId), Code]),
    );
    return new Map(
      doomed.map((one) => {
        const name = nameOf(one.key, 'id' in one ? one.id : undefined);
        // Only what S3 reports as deleted counts as gone.
        if (errors.has(name) || !gone.has(name)) return [one, removedOf(one, errors.get(name))];
        return [one, { state: 'gone' }];
      }),
    );
  } catch (error) {
    return all({ state: 'failed', code: s3Failure(error) });
  }
}

async function removeAlone(at: S3Bucket, one: ToDelete, signal: AbortSignal): Promise<Removed> {
  const condition = 'id' in one ? { VersionId: one.id } : { IfMatch: one.etag };
  try {
    await at.client.send(new at.sdk.DeleteObjectCommand({ ...at.place, Key: one.key, ...condition }), {
      abortSignal: signal,
    });
    return { state: 'gone' };
  } catch (error) {
    const code = textOf(error, 'name');
    const removed = removedOf(one, code);
    return namedFailure(code) === undefined && removed.state === 'failed'
      ? { state: 'failed', code: s3Failure(error) }
      : removed;
  }
}

function removedOf(one: ToDelete, code: string | undefined): Removed {
  switch (code) {
    case 'NoSuchVersion':
      return { state: 'gone' };
    case 'NoSuchKey':
      return 'id' in one ? { state: 'gone' } : { state: 'other' };
    case 'PreconditionFailed':
      return { state: 'other' };
    case undefined:
      return { state: 'failed', code: 'STORE_ERROR' };
  }
  return { state: 'failed', code: namedFailure(code) ?? 'STORE_ERROR' };
}

/** A key that is safe in XML has no zero byte. */
function nameOf(key: string | undefined, id = ''): string {
  return `${key}\0${id}`;
}

function isThrottled(removed: Removed | undefined): boolean {
  return removed?.state === 'failed' && removed.code === 'STORE_THROTTLED';
}

/** Whether Object Lock keeps a version, and until when: a legal hold has no date. */
export type Lock = { readonly until?: Instant };

/** The lock of a version whose deletion was denied; `undefined` if there is no lock, or if it cannot be read. */
export async function lockOf(
  at: S3Bucket,
  key: string,
  id: string,
  signal: AbortSignal,
): Promise<Lock | undefined> {
  const named = { ...at.place, Key: key, VersionId: id };
  const options = { abortSignal: signal };
  const [hold, retention] = await Promise.all([
    at.client.send(new at.sdk.GetObjectLegalHoldCommand(named), options).catch(() => undefined),
    at.client.send(new at.sdk.GetObjectRetentionCommand(named), options).catch(() => undefined),
  ]);
  if (hold?.LegalHold?.Status === 'ON') return {};
  const until = retention?.Retention?.RetainUntilDate?.getTime();
  return until === undefined ? undefined : { until };
}

/** Aborts uploads that could bring the object back or that keep parts of it; `undefined` when none is left. */
export async function abortUploads(
  at: S3Bucket,
  key: string,
  uploads: readonly ObjectUpload[],
  signal: AbortSignal,
): Promise<StoreFailure | undefined> {
  const failures = await eachParallel(uploads, async ({ id: UploadId }) => {
    try {
      await at.client.send(new at.sdk.AbortMultipartUploadCommand({ ...at.place, Key: key, UploadId }), {
        abortSignal: signal,
      });
      return undefined;
    } catch (error) {
      return textOf(error, 'name') === 'NoSuchUpload' ? undefined : s3Failure(error);
    }
  });
  return failures.find((code) => code !== undefined);
}
