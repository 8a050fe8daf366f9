import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Segment } from '../../../shared/domain/export/layout.ts';
import {
  type UploadPart,
  uploadParts,
  writtenPartBytes,
} from '../../../shared/domain/export/upload-parts.ts';

const MEBIBYTE = 1024 ** 2;
const GIBIBYTE = 1024 ** 3;

/** A run of bytes of one source, by name: neighbours that go on are one run. */
type Run = readonly [name: string, from: number, bytes: number];

function joined(runs: readonly Run[]): readonly Run[] {
  const all: Run[] = [];
  for (const [name, from, bytes] of runs) {
    const last = all.at(-1);
    if (last !== undefined && last[0] === name && last[1] + last[2] === from)
      all[all.length - 1] = [name, last[1], last[2] + bytes];
    else all.push([name, from, bytes]);
  }
  return all;
}

function runsOfSegments(segments: readonly Segment[]): readonly Run[] {
  return segments.map((segment): Run =>
    segment.kind === 'bytes'
      ? [nameOf(segment.bytes), segment.bytes.byteOffset, segment.bytes.length]
      : [segment.key, 0, segment.bytes],
  );
}

function runsOfParts(parts: readonly UploadPart[]): readonly Run[] {
  return parts.flatMap((part): Run[] => {
    if (part.kind === 'copied') return [[part.source.key, part.source.from, part.source.bytes]];
    return part.sources.map((source) =>
      source.kind === 'bytes'
        ? [nameOf(source.bytes), source.bytes.byteOffset, source.bytes.length]
        : [source.key, source.from, source.bytes],
    );
  });
}

const names = new WeakMap<ArrayBufferLike, string>();
let named = 0;
/** The same for all views of one buffer. */
function nameOf({ buffer }: Uint8Array): string {
  const name = names.get(buffer) ?? `bytes ${(named += 1)}`;
  names.set(buffer, name);
  return name;
}

/** Around every limit there is, so that few cases meet all of them. */
const sizeOfPiece = fc.oneof(
  fc.integer({ min: 1, max: 64 * 1024 }),
  fc
    .tuple(
      fc.constantFrom(5, 8, 16, 24, 32, 96, 128, 133, 256, 261, 5120),
      fc.integer({ min: -600, max: 600 }),
    )
    .map(([mebibytes, more]) => mebibytes * MEBIBYTE + more),
  fc.integer({ min: 1, max: 8 * GIBIBYTE }),
);
const segment = fc.oneof(
  fc
    .integer({ min: 1, max: 2048 })
    .map((bytes): Segment => ({ kind: 'bytes', bytes: new Uint8Array(bytes) })),
  fc.tuple(fc.uuid(), sizeOfPiece).map(([key, bytes]): Segment => ({ kind: 'piece', key, bytes })),
);
const segments = fc.array(segment, { minLength: 1, maxLength: 40 });
const partBytes = fc.constantFrom(8 * MEBIBYTE, 16 * MEBIBYTE, 32 * MEBIBYTE);

describe('the parts of an upload', () => {
  test('one after the other are the archive, byte for byte', () => {
    fc.assert(
      fc.property(segments, partBytes, (all, size) => {
        const parts = [...uploadParts(all, size)];
        expect(joined(runsOfParts(parts))).toEqual(joined(runsOfSegments(all)));
        expect(parts.map(({ number }) => number)).toEqual(parts.map((_, index) => index + 1));
        for (const part of parts) {
          const sources = part.kind === 'copied' ? [part.source] : part.sources;
          const lengths = sources.map(({ bytes }) => (typeof bytes === 'number' ? bytes : bytes.length));
          expect(lengths.reduce((sum, one) => sum + one, 0)).toBe(part.bytes);
          expect(Math.min(...lengths)).toBeGreaterThan(0);
        }
      }),
    );
  });

  test('are within the limits of S3 and of the memory', () => {
    fc.assert(
      fc.property(segments, partBytes, (all, size) => {
        const parts = [...uploadParts(all, size)];
        for (const { bytes } of parts.slice(0, -1)) expect(bytes).toBeGreaterThanOrEqual(5 * MEBIBYTE);
        for (const { kind, bytes } of parts)
          expect(bytes).toBeLessThanOrEqual(kind === 'copied' ? 128 * MEBIBYTE : size);
      }),
    );
  });

  test('are at most one more than the archive has times the size of a part', () => {
    fc.assert(
      fc.property(segments, partBytes, (all, size) => {
        const parts = [...uploadParts(all, size)];
        const total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
        expect(parts.length).toBeLessThanOrEqual(Math.floor(total / size) + 1);
      }),
    );
  });

  test('of large pieces are copied, but for the first bytes that a part before them needs', () => {
    const header: Segment = { kind: 'bytes', bytes: new Uint8Array(512) };
    const parts = [
      ...uploadParts([header, { kind: 'piece', key: 'p', bytes: 300 * MEBIBYTE }, header], 8 * MEBIBYTE),
    ];
    expect(parts.map(({ kind, bytes }) => [kind, bytes])).toEqual([
      ['written', 5 * MEBIBYTE],
      ['copied', 103_110_144],
      ['copied', 103_110_144],
      ['copied', 103_110_144],
      ['written', 512],
    ]);
  });
});

describe('a part that goes through memory', () => {
  test.for([
    [0, 8],
    [9999 * 8 * MEBIBYTE, 8],
    [9999 * 8 * MEBIBYTE + 1, 16],
    [9999 * 16 * MEBIBYTE + 1, 32],
    [300 * GIBIBYTE + 100 * MEBIBYTE, 32],
  ] as const)('of an archive of %d bytes has %d MiB', ([bytes, mebibytes]) => {
    expect(writtenPartBytes(bytes)).toBe(mebibytes * MEBIBYTE);
  });

  test('of a larger archive than there may be has no size', () => {
    expect(() => writtenPartBytes(9999 * 32 * MEBIBYTE + 1)).toThrow(/too many parts/);
  });
});
