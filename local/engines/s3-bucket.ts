import { createHash, randomUUID } from 'node:crypto';
import type { Instant } from '../../shared/domain/record/ids.ts';

/** A version of an object, or a delete marker. Outside versioning its id is `null`. */
export interface StoredVersion {
  readonly id: string;
  readonly isMarker: boolean;
  readonly body: Buffer;
  readonly etag: string;
  readonly modified: Instant;
  /** As the writer sent them, and as a reader gets them back. */
  readonly headers: Readonly<Record<string, string>>;
  /** As in a query string. */
  tagging: string;
  retention?: Retention;
  isHeld?: boolean;
}

export interface Retention {
  readonly mode: string;
  readonly until: Instant;
}

/** `etag`: where it is not the sum over the body. */
export type Written = Pick<StoredVersion, 'headers' | 'tagging'> & { readonly etag?: string };

export interface Upload extends Written {
  readonly id: string;
  readonly key: string;
  readonly begun: Instant;
  readonly parts: Map<number, Part>;
}

interface Part {
  readonly body: Buffer;
  readonly etag: string;
  readonly modified: Instant;
}

/** A part as its upload is completed with it. */
export interface NamedPart {
  readonly number: number;
  readonly etag: string;
}

export type Condition = { readonly ifMatch?: string | undefined; readonly ifNoneMatch?: string | undefined };

/** An answer of S3 other than success: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export class S3Error extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, status: number) {
    super(`The local S3 answers ${code}.`);
    this.name = 'S3Error';
    this.code = code;
    this.status = status;
  }
}

/** One bucket in memory, as far as versions, conditions, locks and uploads are concerned. */
export interface VersionedBucket {
  versioning: 'Enabled' | 'Suspended' | undefined;
  hasLock: boolean;
  defaultRetention: { readonly mode: string; readonly days: number } | undefined;
  /** Newest first. */
  readonly objects: Map<string, readonly StoredVersion[]>;
  /** Keys of objects in S3's order, by their UTF-8 bytes. Some may be gone. */
  sortedKeys(): readonly string[];
  readonly uploads: Map<string, Upload>;
  /** The newest version, unless a delete marker hides all. */
  current(key: string): StoredVersion | undefined;
  /** What a read with or without an id gives; throws when that is nothing. */
  find(key: string, id: string | undefined): StoredVersion;
  put(key: string, body: Buffer, written: Written, condition?: Condition): StoredVersion;
  /** Without an id: leaves a delete marker where versions are or were kept. */
  delete(key: string, id: string | undefined, condition?: Condition): StoredVersion | undefined;
  begin(key: string, written: Written): Upload;
  upload(key: string, id: string): Upload;
  /** Replaces a former part with this number. */
  uploadPart(upload: Upload, number: number, body: Buffer): Part;
  complete(upload: Upload, parts: readonly NamedPart[], condition: Condition): StoredVersion;
}

const DAY = 86_400_000;
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const SMALLEST_PART = 5 * 1024 * 1024;
const MOST_PARTS = 10_000;

export function versionedBucket(now: () => Instant): VersionedBucket {
  let sorted: readonly string[] | undefined;
  const versionsOf = (key: string): readonly StoredVersion[] => bucket.objects.get(key) ?? [];

  /** Conditions look at what a plain read would give, never under a delete marker. */
  function assert(key: string, { ifMatch, ifNoneMatch }: Condition): void {
    const current = bucket.current(key);
    if (ifNoneMatch !== undefined && current) throw new S3Error('PreconditionFailed', 412);
    if (ifMatch === undefined) return;
    if (!current) throw new S3Error('NoSuchKey', 404);
    const isSame = ifMatch === '*' || ifMatch.replaceAll('"', '') === current.etag.replaceAll('"', '');
    if (!isSame) throw new S3Error('PreconditionFailed', 412);
  }

  function add(key: string, made: Omit<StoredVersion, 'id' | 'modified'>): StoredVersion {
    const id = bucket.versioning === 'Enabled' ? randomUUID().replaceAll('-', '') : 'null';
    const version: StoredVersion = { ...made, id, modified: now() };
    if (!bucket.objects.has(key)) sorted = undefined;
    // The version `null` is replaced, wherever it stands.
    bucket.objects.set(key, [version, ...versionsOf(key).filter((other) => other.id !== id)]);
    return version;
  }

  function remove(key: string, id: string): StoredVersion | undefined {
    const found = versionsOf(key).find((one) => one.id === id);
    if (!found) return undefined;
    const isRetained = found.retention !== undefined && found.retention.until > now();
    if (found.isHeld === true || isRetained) throw new S3Error('AccessDenied', 403);
    const rest = versionsOf(key).filter((one) => one !== found);
    if (rest.length > 0) bucket.objects.set(key, rest);
    else bucket.objects.delete(key);
    return found;
  }

  const bucket: VersionedBucket = {
    versioning: undefined,
    hasLock: false,
    defaultRetention: undefined,
    objects: new Map(),
    sortedKeys() {
      const tooMany = 2 * bucket.objects.size + 1000;
      if (sorted !== undefined && sorted.length > tooMany)
        sorted = sorted.filter((key) => bucket.objects.has(key));
      sorted ??= [...bucket.objects.keys()].sort(inKeyOrder);
      return sorted;
    },
    uploads: new Map(),

    current(key) {
      const [latest] = versionsOf(key);
      return latest?.isMarker === true ? undefined : latest;
    },

    find(key, id) {
      const found = id === undefined ? bucket.current(key) : versionsOf(key).find((one) => one.id === id);
      if (!found) throw new S3Error(id === undefined ? 'NoSuchKey' : 'NoSuchVersion', 404);
      if (found.isMarker) throw new S3Error('MethodNotAllowed', 405);
      return found;
    },

    put(key, body, { etag, ...written }, condition = {}) {
      assert(key, condition);
      const version = add(key, { ...written, isMarker: false, body, etag: etag ?? `"${md5(body)}"` });
      if (bucket.defaultRetention) {
        const { mode, days } = bucket.defaultRetention;
        version.retention = { mode, until: version.modified + days * DAY };
      }
      return version;
    },

    delete(key, id, condition = {}) {
      assert(key, condition);
      if (id !== undefined) return remove(key, id);
      if (bucket.versioning === undefined) return remove(key, 'null');
      return add(key, { isMarker: true, body: Buffer.alloc(0), etag: '', headers: {}, tagging: '' });
    },

    begin(key, written) {
      const upload: Upload = { ...written, id: randomUUID(), key, begun: now(), parts: new Map() };
      bucket.uploads.set(upload.id, upload);
      return upload;
    },

    upload(key, id) {
      const upload = bucket.uploads.get(id);
      if (upload?.key !== key) throw new S3Error('NoSuchUpload', 404);
      return upload;
    },

    uploadPart({ parts }, number, body) {
      if (!Number.isInteger(number) || number < 1 || number > MOST_PARTS)
        throw new S3Error('InvalidArgument', 400);
      const part: Part = { body, etag: `"${md5(body)}"`, modified: now() };
      parts.set(number, part);
      return part;
    },

    complete({ id, key, parts, headers, tagging }, named, condition) {
      if (named.length === 0) throw new S3Error('MalformedXML', 400);
      if (named.some(({ number }, index) => number <= (named[index - 1]?.number ?? 0)))
        throw new S3Error('InvalidPartOrder', 400);
      const bodies = named.map(({ number, etag }) => {
        const part = parts.get(number);
        if (part?.etag.replaceAll('"', '') !== etag.replaceAll('"', ''))
          throw new S3Error('InvalidPart', 400);
        return part.body;
      });
      if (bodies.slice(0, -1).some(({ length }) => length < SMALLEST_PART))
        throw new S3Error('EntityTooSmall', 400);
      const sums = Buffer.concat(bodies.map((body) => Buffer.from(md5(body), 'hex')));
      const etag = `"${md5(sums)}-${bodies.length}"`;
      const version = bucket.put(key, Buffer.concat(bodies), { headers, tagging, etag }, condition);
      bucket.uploads.delete(id);
      return version;
    },
  };
  return bucket;
}

function md5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex');
}

export function inKeyOrder(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
