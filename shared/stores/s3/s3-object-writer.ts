import type { S3Bucket } from './s3-answers.ts';
import type { CompletedPart, GetObjectCommandOutput, PutObjectCommandInput } from '@aws-sdk/client-s3';
import { present } from '../../domain/present.ts';

/** The size of a part. S3 requires at least 5 MiB, and accepts 10,000 parts. */
const PART_BYTES = 8 * 1024 * 1024;

const BEFORE_SIGNING = { step: 'build', name: 'keepExpires' } as const;

const ABANDON_MILLISECONDS = 2000;

/** Writes one object in pieces, and holds at most one part in memory. */
export interface ObjectWriter {
  write(bytes: Uint8Array): Promise<void>;
  /** Completes the object. Returns its version id if the bucket keeps versions. */
  finish(): Promise<string | undefined>;
  /** Removes what was written. */
  abandon(): Promise<void>;
}

/** Properties that a new version keeps from the one that it replaces. */
export type Kept = Pick<
  PutObjectCommandInput,
  | 'CacheControl'
  | 'ContentDisposition'
  | 'ContentEncoding'
  | 'ContentLanguage'
  | 'ContentType'
  | 'Metadata'
  | 'WebsiteRedirectLocation'
  | 'StorageClass'
  | 'ServerSideEncryption'
  | 'SSEKMSKeyId'
  | 'BucketKeyEnabled'
  | 'Tagging'
>;

export interface Replaced {
  readonly key: string;
  /** The object is replaced only if it still has this ETag. */
  readonly etag: string;
  readonly kept: Kept;
  /** The header `Expires` as it was written. It need not be a date: `0` is usual. */
  readonly expires: string | undefined;
}

export function objectWriter(
  at: S3Bucket,
  { key, etag, kept, expires }: Replaced,
  signal: AbortSignal,
): ObjectWriter {
  const named = { ...at.place, Key: key };
  const options = { abortSignal: signal };
  const parts: CompletedPart[] = [];
  let pieces: Uint8Array[] = [];
  let bytes = 0;
  let upload: string | undefined;

  const taken = (): Buffer => {
    const body = Buffer.concat(pieces);
    pieces = [];
    bytes = 0;
    return body;
  };

  async function putPart(): Promise<void> {
    const begin = new at.sdk.CreateMultipartUploadCommand({ ...named, ...kept, ChecksumAlgorithm: 'CRC32' });
    begin.middlewareStack.add(keepExpires(expires), BEFORE_SIGNING);
    upload ??= (await at.client.send(begin, options)).UploadId;
    const part = { PartNumber: parts.length + 1, ChecksumAlgorithm: 'CRC32' } as const;
    const { ETag, ChecksumCRC32 } = await at.client.send(
      new at.sdk.UploadPartCommand({ ...named, UploadId: upload, ...part, Body: taken() }),
      options,
    );
    parts.push({
      PartNumber: part.PartNumber,
      ETag,
      ...present({ ChecksumCRC32 }),
    });
  }

  return {
    async write(piece) {
      if (piece.length === 0) return;
      pieces.push(piece);
      bytes += piece.length;
      if (bytes >= PART_BYTES) await putPart();
    },

    async finish() {
      if (upload === undefined) {
        const put = new at.sdk.PutObjectCommand({ ...named, ...kept, Body: taken(), IfMatch: etag });
        put.middlewareStack.add(keepExpires(expires), BEFORE_SIGNING);
        return versionIn(await at.client.send(put, options));
      }
      if (bytes > 0) await putPart();
      const completed = new at.sdk.CompleteMultipartUploadCommand({
        ...named,
        UploadId: upload,
        MultipartUpload: { Parts: parts },
        IfMatch: etag,
      });
      return versionIn(await at.client.send(completed, options));
    },

    async abandon() {
      if (upload === undefined) return;
      // The store's time may be over, but masked parts must not be left behind. If this abort fails, the next attempt
      // finds the upload in its list and aborts it.
      await at.client
        .send(new at.sdk.AbortMultipartUploadCommand({ ...named, UploadId: upload }), {
          abortSignal: AbortSignal.timeout(ABANDON_MILLISECONDS),
        })
        .catch(() => undefined);
    },
  };
}

/**
 * S3 names the ETag of whatever it has written. Older versions are deleted after a write, so an answer without it, such as
 * a proxy's, must not count as one.
 */
function versionIn({
  ETag,
  VersionId,
}: {
  readonly ETag?: string | undefined;
  readonly VersionId?: string | undefined;
}): string | undefined {
  if (ETag === undefined)
    throw new Error('S3 answered a write without an ETag, so nothing may have been written');
  return VersionId;
}

/** Sets the header to any text before the request is signed: the SDK only writes dates. */
function keepExpires(expires: string | undefined) {
  return <Sent extends { readonly request: unknown }, Answer>(next: (sent: Sent) => Promise<Answer>) =>
    (sent: Sent): Promise<Answer> => {
      const { headers } = sent.request as { readonly headers: Record<string, string> };
      if (expires !== undefined) headers['expires'] = expires;
      return next(sent);
    };
}

/** Not kept: access control lists, and the retention, which the new version gets from the bucket's default. */
export function keptOf(from: GetObjectCommandOutput, tagging: string | undefined): Kept {
  const kept: { [Name in keyof Kept]: Kept[Name] | undefined } = {
    CacheControl: from.CacheControl,
    ContentDisposition: from.ContentDisposition,
    ContentEncoding: from.ContentEncoding,
    ContentLanguage: from.ContentLanguage,
    ContentType: from.ContentType,
    Metadata: from.Metadata,
    WebsiteRedirectLocation: from.WebsiteRedirectLocation,
    StorageClass: from.StorageClass,
    ServerSideEncryption: from.ServerSideEncryption,
    SSEKMSKeyId: from.SSEKMSKeyId,
    BucketKeyEnabled: from.BucketKeyEnabled,
    Tagging: tagging,
  };
  return Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined));
}
