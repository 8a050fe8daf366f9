import { type ArchiveContents, type ArchiveFile, type LeftOut, MANIFEST_PATH } from './archive-file.ts';
import { mergeLeftOut, writeManifest } from './manifest.ts';
import { BLOCK_BYTES, END_BYTES, MOST_FILE_BYTES, paddingOf, tarHeader } from './tar.ts';

const GIBIBYTE = 1024 ** 3;

/** What an archive has room for. Files that are past it are left out, as `too-large`. */
export interface Room {
  readonly bytes: number;
  readonly files: number;
}
/** So that the list of files fits into the memory of a function, and the archive into 10,000 parts of 32 MiB. */
const MOST: Room = { bytes: 300 * GIBIBYTE, files: 150_000 };

/** A run of an archive's bytes: known here, or the whole content of a piece. */
export type Segment =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'piece'; readonly key: string; readonly bytes: number };

export interface Layout {
  readonly manifestSha256: string;
  /** Of the whole archive. */
  readonly bytes: number;
  readonly records: number;
  /** Records that are not in it. */
  readonly leftOut: number;
  /** All of its bytes, in order. They are made while they are asked for; asked again, they are the same. */
  readonly segments: () => Generator<Segment, void>;
}

/**
 * The archive of these contents: the manifest, and then the files in the order of their paths. It depends on nothing else,
 * so that every run that builds it builds the same.
 */
export function layoutOf(contents: ArchiveContents, most: Room = MOST): Layout {
  const { files, leftOut } = fitting(contents, most);
  const whole: ArchiveContents = { ...contents, files, leftOut };
  const manifest = writeManifest(whole);
  const modifiedAt = contents.asOf;

  function* segments(): Generator<Segment, void> {
    yield bytes(tarHeader({ path: MANIFEST_PATH, bytes: manifest.bytes.length }, modifiedAt));
    yield bytes(manifest.bytes);
    yield* padding(manifest.bytes.length);
    for (const file of files) {
      yield bytes(tarHeader(file, modifiedAt));
      if (file.bytes > 0) yield { kind: 'piece', key: file.key, bytes: file.bytes };
      yield* padding(file.bytes);
    }
    yield bytes(new Uint8Array(END_BYTES));
  }

  return {
    manifestSha256: manifest.sha256,
    bytes: files.reduce((sum, file) => sum + roomOf(file.bytes), roomOf(manifest.bytes.length) + END_BYTES),
    records: sumOf(files),
    leftOut: sumOf(leftOut),
    segments,
  };
}

function fitting({ files, leftOut }: ArchiveContents, most: Room) {
  const inOrder = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const kept: ArchiveFile[] = [];
  const without: LeftOut[] = [...leftOut];
  let bytes = 0;
  for (const [index, file] of inOrder.entries()) {
    if (file.path === inOrder[index - 1]?.path) throw new Error(`two files of the archive are ${file.path}`);
    const hasRoom = file.bytes <= MOST_FILE_BYTES && bytes + roomOf(file.bytes) <= most.bytes;
    if (hasRoom && kept.length < most.files) {
      bytes += roomOf(file.bytes);
      kept.push(file);
    } else without.push({ store: file.store, categories: [], reason: 'too-large', records: file.records });
  }
  return { files: kept, leftOut: mergeLeftOut(without) };
}

/** Of a file with its header. */
function roomOf(bytesOfFile: number): number {
  return BLOCK_BYTES + bytesOfFile + paddingOf(bytesOfFile);
}

function sumOf(all: readonly { readonly records: number }[]): number {
  return all.reduce((sum, { records }) => sum + records, 0);
}

function bytes(all: Uint8Array): Segment {
  return { kind: 'bytes', bytes: all };
}

function* padding(bytesOfFile: number): Generator<Segment, void> {
  const length = paddingOf(bytesOfFile);
  if (length > 0) yield bytes(new Uint8Array(length));
}
