import type { CompletedPart, S3Client } from '@aws-sdk/client-s3';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { pages } from '../domain/each.ts';
import { present } from '../domain/present.ts';
import type { Exports, PieceRange, Upload, UploadedPart } from '../ports/exports.ts';

/** S3 keeps a checksum of every part, and of the archive from those. */
const CHECKSUM = { ChecksumAlgorithm: 'CRC32' } as const;
/** Metadata of an archive: the digest of its manifest. */
const MANIFEST = 'manifest-sha256';

/**
 * The bucket of exports. Encryption is the bucket's own. Needs `s3:ListBucket`: without it, S3 answers
 * 403 for what is not there.
 */
export function s3Exports(client: S3Client, bucket: string): Exports {
  const at = ({ key, id }: Upload) => ({ Bucket: bucket, Key: key, UploadId: id });

  return {
    async putPiece(key, bytes) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes, ...CHECKSUM }));
    },

    async readPiece({ key, from, bytes }) {
      const Range = rangeText({ key, from, bytes });
      const body = await client
        .send(new GetObjectCommand({ Bucket: bucket, Key: key, Range }))
        .then(({ Body }) => Body?.transformToByteArray())
        .catch(ifNamed('NoSuchKey', undefined));
      if (body !== undefined && body.length !== bytes)
        throw new RangeError(`a piece ends before its range does: it has ${body.length} of ${bytes} bytes`);
      return body;
    },

    async begin(key, manifestSha256) {
      const { UploadId } = await client.send(
        new CreateMultipartUploadCommand({
          Bucket: bucket,
          Key: key,
          ContentType: 'application/x-tar',
          Metadata: { [MANIFEST]: manifestSha256 },
          ...CHECKSUM,
        }),
      );
      if (UploadId === undefined) throw new Error('S3 began an upload without an id');
      return UploadId;
    },

    async uploaded(upload) {
      const found = new Map<number, UploadedPart>();
      const listed = pages(async (after) => {
        const page = await client.send(
          new ListPartsCommand({ ...at(upload), ...present({ PartNumberMarker: after }) }),
        );
        const next = page.IsTruncated === true ? page.NextPartNumberMarker : undefined;
        return { parts: page.Parts ?? [], ...present({ next }) };
      });
      try {
        for await (const { parts } of listed)
          for (const { PartNumber = 0, Size = 0, ETag, ChecksumCRC32 } of parts)
            found.set(PartNumber, { bytes: Size, tag: tagOf({ ETag, ChecksumCRC32 }) });
      } catch (error) {
        return ifNamed('NoSuchUpload', undefined)(error);
      }
      return found;
    },

    async putPart(upload, number, bytes) {
      const part = { ...at(upload), PartNumber: number, Body: bytes, ...CHECKSUM };
      return client
        .send(new UploadPartCommand(part))
        .then(() => 'written' as const)
        .catch(ifNamed('NoSuchUpload', 'no-upload'));
    },

    async copyPart(upload, number, range) {
      const source = {
        CopySource: `${bucket}/${range.key.split('/').map(encodeURIComponent).join('/')}`,
        CopySourceRange: rangeText(range),
      };
      return client
        .send(new UploadPartCopyCommand({ ...at(upload), PartNumber: number, ...source }))
        .then(() => 'written' as const)
        .catch(ifNamed('NoSuchUpload', 'no-upload'))
        .catch(ifNamed('NoSuchKey', 'no-piece'));
    },

    async complete(upload, parts) {
      const inOrder = [...parts].toSorted(([a], [b]) => a - b);
      const Parts = inOrder.map(([PartNumber, { tag }]): CompletedPart => ({ PartNumber, ...fromTag(tag) }));
      return client
        .send(new CompleteMultipartUploadCommand({ ...at(upload), MultipartUpload: { Parts } }))
        .then(() => 'written' as const)
        .catch(ifNamed('NoSuchUpload', 'no-upload'))
        .catch(ifNamed('InvalidPart', 'moved'));
    },

    async archive(key) {
      const found = await client
        .send(new HeadObjectCommand({ Bucket: bucket, Key: key }))
        .catch(ifNamed('NotFound', undefined));
      const manifestSha256 = found?.Metadata?.[MANIFEST];
      if (found === undefined || manifestSha256 === undefined) return undefined;
      return { bytes: found.ContentLength ?? 0, manifestSha256 };
    },
  };
}

function rangeText({ from, bytes }: PieceRange): string {
  return `bytes=${from}-${from + bytes - 1}`;
}

interface Tagged {
  readonly ETag?: string | undefined;
  readonly ChecksumCRC32?: string | undefined;
}

/** Completing names both. Neither has a space in it. */
function tagOf({ ETag = '', ChecksumCRC32 = '' }: Tagged): string {
  return `${ETag} ${ChecksumCRC32}`;
}

function fromTag(tag: string): Pick<CompletedPart, 'ETag' | 'ChecksumCRC32'> {
  const [ETag = '', ChecksumCRC32 = ''] = tag.split(' ');
  return ChecksumCRC32 === '' ? { ETag } : { ETag, ChecksumCRC32 };
}

/** What S3's error of this name means; every other error is thrown. */
function ifNamed<const Meaning>(name: string, meaning: Meaning): (error: unknown) => Meaning {
  return (error) => {
    if (error instanceof Error && error.name === name) return meaning;
    throw error;
  };
}
