import { hash } from 'node:crypto';
import {
  type ArchiveContents,
  type ArchiveFile,
  dataPath,
  filePath,
  pieceKey,
} from '../../../shared/domain/export/archive-file.ts';
import type { Segment } from '../../../shared/domain/export/layout.ts';
import type { RequestRef } from '../../../shared/domain/record/ids.ts';
import { at } from '../samples.ts';

export const EXPORT_ID = 'e-000001';

export interface Piece {
  readonly file: ArchiveFile;
  readonly bytes: Uint8Array;
}

/** Bytes that differ from place to place and from seed to seed. */
export function patterned(length: number, seed = 1): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let place = 0; place < words.length; place += 1)
    words[place] = Math.imul(place + 1, 2_654_435_761) ^ Math.imul(seed, 40_503);
  return new Uint8Array(words.buffer, 0, length);
}

/** A piece of a store, which is the person's `number`th record: a data file, or a file with this extension. */
export function aPiece(number: number, bytes: Uint8Array, extension?: string): Piece {
  const store = extension === undefined ? 'crm' : 'scans';
  const part = Math.ceil(number / 100);
  const record = ((number - 1) % 100) + 1;
  const file: ArchiveFile = {
    path:
      extension === undefined ? dataPath(store, part, record) : filePath({ store, part, record, extension }),
    key: pieceKey({ store, exportId: EXPORT_ID, attempt: 't-1', name: String(number) }),
    bytes: bytes.length,
    sha256: hash('sha256', bytes),
    store,
    records: 1,
  };
  return { file, bytes };
}

export function contentsOf(
  files: readonly ArchiveFile[],
  changes: Partial<ArchiveContents> = {},
): ArchiveContents {
  return {
    request: 'q-1' as RequestRef,
    entityType: 'person',
    asOf: at('2026-03-01T10:00:00Z'),
    files,
    leftOut: [],
    ...changes,
  };
}

/** The archive's bytes, made without an upload: what every upload of it has to come to. */
export function written(segments: Iterable<Segment>, pieces: readonly Piece[]): Buffer {
  const byKey = new Map(pieces.map(({ file, bytes }) => [file.key, bytes]));
  return Buffer.concat(
    [...segments].map((segment) => {
      if (segment.kind === 'bytes') return segment.bytes;
      const bytes = byKey.get(segment.key);
      if (bytes === undefined) throw new Error(`no piece ${segment.key}`);
      return bytes;
    }),
  );
}
