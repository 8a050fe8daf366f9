import { createHash } from 'node:crypto';
import type { Segment } from './layout.ts';

const MEBIBYTE = 1024 ** 2;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const LEAST_PART_BYTES = 5 * MEBIBYTE;
const MOST_PARTS = 10_000;
/** Parts that go through memory, for archives of any size that there can be: the smallest that is large enough. */
const WRITTEN_BYTES = [8 * MEBIBYTE, 16 * MEBIBYTE, 32 * MEBIBYTE] as const;
/** S3 copies up to 5 GiB in a part. Smaller parts are copied at the same time, and each within the time of a request. */
const COPIED_BYTES = 128 * MEBIBYTE;
/** A shorter piece is not worth the two parts that it would take to copy it. */
const COPIED_FROM_PARTS = 3;

export type PartSource =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'piece'; readonly key: string; readonly from: number; readonly bytes: number };

/** One part of the upload. `copied`: the bucket copies the bytes of a large piece itself. */
export type UploadPart =
  | {
      readonly kind: 'written';
      readonly number: number;
      readonly bytes: number;
      readonly sources: readonly PartSource[];
    }
  | {
      readonly kind: 'copied';
      readonly number: number;
      readonly bytes: number;
      readonly source: { readonly key: string; readonly from: number; readonly bytes: number };
    };

/** How large a part may be that goes through memory. */
export function writtenPartBytes(archiveBytes: number): number {
  const size = WRITTEN_BYTES.find((bytes) => archiveBytes <= (MOST_PARTS - 1) * bytes);
  if (size === undefined) throw new RangeError(`an archive of ${archiveBytes} bytes has too many parts`);
  return size;
}

/**
 * The segments cut into parts. Every part but the last has at least 5 MiB, and all parts but the last have on average
 * at least `partBytes`: a large piece takes one short part before it, for what came before, and is copied in parts that
 * are larger than that.
 */
export function* uploadParts(segments: Iterable<Segment>, partBytes: number): Generator<UploadPart, void> {
  let number = 0;
  let sources: PartSource[] = [];
  let held = 0;

  function flushed(): UploadPart {
    number += 1;
    const part: UploadPart = { kind: 'written', number, bytes: held, sources };
    sources = [];
    held = 0;
    return part;
  }

  for (const segment of segments) {
    const length = lengthOf(segment);
    let from = 0;
    if (segment.kind === 'piece' && length >= COPIED_FROM_PARTS * partBytes) {
      from = held === 0 ? 0 : Math.max(0, LEAST_PART_BYTES - held);
      if (from > 0) {
        sources.push(sliceOf(segment, 0, from));
        held += from;
      }
      if (held > 0) yield flushed();
      const count = Math.ceil((length - from) / COPIED_BYTES);
      for (let left = count; left > 0; left -= 1) {
        const bytes = Math.ceil((length - from) / left);
        number += 1;
        yield { kind: 'copied', number, bytes, source: { key: segment.key, from, bytes } };
        from += bytes;
      }
    }
    while (from < length) {
      const bytes = Math.min(length - from, partBytes - held);
      sources.push(sliceOf(segment, from, bytes));
      held += bytes;
      from += bytes;
      if (held === partBytes) yield flushed();
    }
  }
  if (held > 0) yield flushed();
}

/**
 * What all parts are made from, and how they are cut. A release that lays out or cuts archives in another way has other
 * plans, so it never goes on with what a former one began.
 */
export function planOf(parts: Iterable<UploadPart>): string {
  const digest = createHash('sha256');
  for (const part of parts) {
    digest.update(`part ${part.number}\n`);
    for (const source of part.kind === 'written' ? part.sources : [part.source]) {
      if ('key' in source) digest.update(`piece ${source.key} ${source.from} ${source.bytes}\n`);
      else digest.update(`bytes ${source.bytes.length}\n`).update(source.bytes);
    }
  }
  return digest.digest('base64url');
}

function lengthOf(segment: Segment): number {
  return segment.kind === 'bytes' ? segment.bytes.length : segment.bytes;
}

function sliceOf(segment: Segment, from: number, bytes: number): PartSource {
  return segment.kind === 'bytes'
    ? { kind: 'bytes', bytes: segment.bytes.subarray(from, from + bytes) }
    : { kind: 'piece', key: segment.key, from, bytes };
}
