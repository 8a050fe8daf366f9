import { hash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { memoryExports } from '../../../shared/adapters/memory/memory-exports.ts';
import {
  type ArchiveFile,
  archiveKey,
  filePath,
  pieceKey,
} from '../../../shared/domain/export/archive-file.ts';
import { layoutOf } from '../../../shared/domain/export/layout.ts';
import { verifyArchive } from '../../../shared/domain/export/verify-archive.ts';
import type { Exports, PieceRange } from '../../../shared/ports/exports.ts';
import { contentsOf, EXPORT_ID, patterned } from '../../support/export/archive-samples.ts';
import { buildAll } from '../../support/export/building.ts';

const MEBIBYTE = 1024 ** 2;
const GIBIBYTE = 1024 ** 3;
const PART = 8 * MEBIBYTE;
const PARTS_AT_ONCE = 2;

interface Held {
  now: number;
  most: number;
  calls: Record<string, number>;
  mostAtOnce: number;
}

/**
 * The port, counting the bytes that its caller holds: those of pieces from when they are returned until the part that has
 * them is written, and those of parts while they are written. Pieces have `bytesOf(key)`.
 */
function counted(to: Exports, bytesOf: (range: PieceRange) => Uint8Array): { exports: Exports; held: Held } {
  const held: Held = { now: 0, most: 0, calls: {}, mostAtOnce: 0 };
  let atOnce = 0;
  const count = async <Answer>(name: string, make: () => Promise<Answer>): Promise<Answer> => {
    held.calls[name] = (held.calls[name] ?? 0) + 1;
    atOnce += 1;
    held.mostAtOnce = Math.max(held.mostAtOnce, atOnce);
    await new Promise(setImmediate);
    const answer = await make();
    atOnce -= 1;
    return answer;
  };
  const hold = (bytes: number): void => {
    held.now += bytes;
    held.most = Math.max(held.most, held.now);
  };
  const exports: Exports = {
    ...to,
    readPiece: (range) =>
      count('readPiece', async () => {
        hold(range.bytes);
        return bytesOf(range);
      }),
    async putPart(upload, number, bytes) {
      hold(bytes.length);
      const answer = await count('putPart', () => to.putPart(upload, number, bytes));
      // Headers, the manifest and padding are in the part, too, and were never read.
      held.now = Math.max(0, held.now - 2 * bytes.length);
      return answer;
    },
    copyPart: (upload, number, range) => count('copyPart', () => to.copyPart(upload, number, range)),
  };
  return { exports, held };
}

describe('an export of many records', () => {
  const FILES = 100_000;
  const sizeOf = (number: number): number => 200 + (number % 700);
  const contentOf = (number: number): Uint8Array => patterned(sizeOf(number), number);
  const files = Array.from({ length: FILES }, (_, index): ArchiveFile => {
    const number = index + 1;
    const at = { store: 'scans', part: Math.ceil(number / 100), record: ((number - 1) % 100) + 1 };
    const bytes = contentOf(number);
    return {
      path: filePath({ ...at, extension: 'txt' }),
      key: pieceKey({ store: 'scans', exportId: EXPORT_ID, attempt: 't-1', name: String(number) }),
      bytes: bytes.length,
      sha256: hash('sha256', bytes),
      store: 'scans',
      records: 1,
    };
  });
  const numberOf = (key: string): number => Number(key.slice(key.lastIndexOf('/') + 1));

  test('holds a few parts of it at a time, and reads each piece once', async () => {
    const bucket = memoryExports();
    const { exports, held } = counted(bucket, ({ key, from, bytes }) =>
      contentOf(numberOf(key)).subarray(from, from + bytes),
    );
    const built = await buildAll(exports, contentsOf(files));
    if (built.kind !== 'built') throw new Error(built.kind);
    expect(built.records).toBe(FILES);
    expect(built.bytes).toBeGreaterThan(100 * MEBIBYTE);

    const parts = Math.ceil(built.bytes / PART);
    expect(held.calls['putPart']).toBe(parts);
    expect(held.calls['copyPart']).toBeUndefined();
    // A piece that goes over the end of a part is read in two ranges.
    expect(held.calls['readPiece']).toBeGreaterThanOrEqual(FILES);
    expect(held.calls['readPiece']).toBeLessThanOrEqual(FILES + parts);
    expect(held.most).toBeLessThanOrEqual(2 * PARTS_AT_ONCE * PART);
    expect(held.mostAtOnce).toBeLessThanOrEqual(PARTS_AT_ONCE * 16);

    const archive = bucket.object(archiveKey(EXPORT_ID)) ?? new Uint8Array();
    const verified = await verifyArchive(inChunks(archive), built);
    expect(verified.kind === 'whole' ? verified.manifest.files.length : verified).toBe(FILES);
  });
});

async function* inChunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += 65_536) yield bytes.subarray(from, from + 65_536);
}

describe('an export of the largest size there may be', () => {
  /** Uploads of which only sizes are kept. */
  function sizesOnly() {
    const { exports: to, held } = counted(memoryExports(), ({ bytes }) => new Uint8Array(bytes));
    const parts = new Map<number, { bytes: number; tag: string }>();
    let completed: number | undefined;
    const exports: Exports = {
      ...to,
      uploaded: async () => parts,
      async putPart(_, number, { length }) {
        parts.set(number, { bytes: length, tag: '' });
        return 'written';
      },
      async copyPart(_, number, { bytes }) {
        parts.set(number, { bytes, tag: '' });
        return 'written';
      },
      async complete(_, all) {
        completed = [...all.values()].reduce((sum, { bytes }) => sum + bytes, 0);
        return 'written';
      },
      archive: async () =>
        completed === undefined ? undefined : { bytes: completed, manifestSha256: expected.manifestSha256 },
    };
    return { exports, held, parts };
  }
  const aFile = (number: number, bytes: number): ArchiveFile => ({
    path: filePath({ store: 'scans', part: Math.ceil(number / 100), record: ((number - 1) % 100) + 1 }),
    key: `pieces/scans/${number}`,
    bytes,
    sha256: 'a'.repeat(64),
    store: 'scans',
    records: 1,
  });
  /** Files of almost 5 GB, more than have room. */
  const contents = contentsOf(
    Array.from({ length: 70 }, (_, index) => aFile(index + 1, 4900 * MEBIBYTE + 1)),
  );
  const expected = layoutOf(contents);

  test('copies all but a few bytes, and what has no room is left out', async () => {
    const { exports, parts } = sizesOnly();
    const built = await buildAll(exports, contents);
    expect(built).toMatchObject({ kind: 'built', records: 62, leftOut: 8, bytes: expected.bytes });
    expect(expected.bytes).toBeGreaterThan(296 * GIBIBYTE);
    expect(parts.size).toBeLessThanOrEqual(10_000);
    const small = [...parts.values()].filter(({ bytes }) => bytes <= 32 * MEBIBYTE);
    expect(small.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(63 * 6 * MEBIBYTE);
  });
});
