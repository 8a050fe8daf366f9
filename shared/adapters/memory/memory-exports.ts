import { present } from '../../domain/present.ts';
import type { ArchiveLinks, Exports, PieceRange, Upload } from '../../ports/exports.ts';
import { memoryRows } from './memory-rows.ts';

/** S3's limits of a part: all but the last have at least 5 MiB, and its number is 1 to 10,000. */
const LEAST_PART_BYTES = 5 * 1024 * 1024;
const MOST_PARTS = 10_000;

export interface MemoryExports extends Exports, ArchiveLinks {
  /** Copies, in order of their keys. Archives have the digest of their manifest. */
  allObjects(): { readonly key: string; readonly bytes: Uint8Array; readonly manifestSha256?: string }[];
  /** A copy of one of them. */
  object(key: string): Uint8Array | undefined;
  /** As the bucket's lifecycle does it. */
  remove(key: string): void;
  /** Uploads that were begun and neither completed nor removed. */
  openUploads(): readonly Upload[];
  /** As the bucket's lifecycle does it with incomplete uploads. */
  removeUpload(upload: Upload): void;
}

/** What is stored never changes, so that chunks may be shared. */
interface Stored {
  readonly key: string;
  readonly chunks: readonly Uint8Array[];
  readonly bytes: number;
  readonly manifestSha256?: string;
}

interface Open {
  readonly upload: Upload;
  readonly manifestSha256: string;
  readonly parts: Map<number, { readonly bytes: Uint8Array; readonly tag: string }>;
}

/** The exports bucket, with the limits of S3. `pieces` are there from the beginning, and are not copied. */
export function memoryExports(pieces: ReadonlyMap<string, Uint8Array> = new Map()): MemoryExports {
  const objects = memoryRows<Stored>();
  for (const [key, bytes] of pieces) objects.put(key, { key, chunks: [bytes], bytes: bytes.length });
  const uploads = new Map<string, Open>();
  let begun = 0;
  let written = 0;

  const openOf = ({ key, id }: Upload): Open | undefined => {
    const open = uploads.get(id);
    return open?.upload.key === key ? open : undefined;
  };

  function put(open: Open, number: number, bytes: Uint8Array): void {
    if (!Number.isInteger(number) || number < 1 || number > MOST_PARTS)
      throw new RangeError(`InvalidArgument: part number ${number}`);
    written += 1;
    open.parts.set(number, { bytes, tag: `"${written}"` });
  }

  function rangeOf({ key, from, bytes }: PieceRange): Uint8Array | undefined {
    const piece = objects.get(key);
    if (piece === undefined) return undefined;
    if (bytes < 1 || from + bytes > piece.bytes)
      throw new RangeError(`InvalidRange: ${bytes} bytes from ${from} on, of ${piece.bytes}`);
    const [first = new Uint8Array(), ...others] = piece.chunks;
    return (others.length === 0 ? first : joined(piece.chunks)).subarray(from, from + bytes);
  }

  return {
    async putPiece(key, bytes) {
      objects.put(key, { key, chunks: [bytes.slice()], bytes: bytes.length });
    },

    readPiece: async (range) => rangeOf(range)?.slice(),

    async begin(key, manifestSha256) {
      begun += 1;
      const upload = { key, id: `upload-${begun}` };
      uploads.set(upload.id, { upload, manifestSha256, parts: new Map() });
      return upload.id;
    },

    async uploaded(upload) {
      const open = openOf(upload);
      if (open === undefined) return undefined;
      const inOrder = [...open.parts].toSorted(([a], [b]) => a - b);
      return new Map(inOrder.map(([number, { bytes, tag }]) => [number, { bytes: bytes.length, tag }]));
    },

    async putPart(upload, number, bytes) {
      const open = openOf(upload);
      if (open === undefined) return 'no-upload';
      put(open, number, bytes.slice());
      return 'written';
    },

    async copyPart(upload, number, range) {
      const open = openOf(upload);
      if (open === undefined) return 'no-upload';
      const bytes = rangeOf(range);
      if (bytes === undefined) return 'no-piece';
      put(open, number, bytes);
      return 'written';
    },

    async complete(upload, parts) {
      const open = openOf(upload);
      if (open === undefined) return 'no-upload';
      const chosen: Uint8Array[] = [];
      for (const [number, { tag }] of [...parts].toSorted(([a], [b]) => a - b)) {
        const part = open.parts.get(number);
        if (part?.tag !== tag) return 'moved';
        chosen.push(part.bytes);
      }
      if (chosen.length === 0) throw new RangeError('MalformedXML: no parts');
      if (chosen.slice(0, -1).some(({ length }) => length < LEAST_PART_BYTES))
        throw new RangeError('EntityTooSmall: a part that is not the last has less than 5 MiB');
      const { key } = upload;
      const bytes = chosen.reduce((sum, { length }) => sum + length, 0);
      objects.put(key, { key, chunks: chosen, bytes, manifestSha256: open.manifestSha256 });
      uploads.delete(upload.id);
      return 'written';
    },

    async archive(key) {
      const found = objects.get(key);
      if (found?.manifestSha256 === undefined) return undefined;
      return { bytes: found.bytes, manifestSha256: found.manifestSha256 };
    },

    link: async (key, seconds, fileName) =>
      `https://exports.invalid/${key}?expires=${seconds}&name=${encodeURIComponent(fileName)}`,

    allObjects: () =>
      objects.all().map(({ key, chunks, manifestSha256 }) => ({
        key,
        bytes: joined(chunks),
        ...present({ manifestSha256 }),
      })),
    object(key) {
      const found = objects.get(key);
      return found === undefined ? undefined : joined(found.chunks);
    },
    remove: (key) => void objects.delete(key),
    openUploads: () => [...uploads.values()].map(({ upload }) => upload),
    removeUpload: ({ id }) => void uploads.delete(id),
  };
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
