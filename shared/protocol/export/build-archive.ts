import { type ArchiveContents, archiveKey, type BegunUpload } from '../../domain/export/archive-file.ts';
import { each } from '../../domain/each.ts';
import { layoutOf } from '../../domain/export/layout.ts';
import {
  type PartSource,
  planOf,
  type UploadPart,
  uploadParts,
  writtenPartBytes,
} from '../../domain/export/upload-parts.ts';
import type { Exports, Upload, UploadedPart } from '../../ports/exports.ts';

/** A part that goes through memory is held about twice while its pieces arrive. */
const PARTS_AT_ONCE = 2;
const PIECES_AT_ONCE = 16;

export interface ToBuild {
  readonly exportId: string;
  readonly contents: ArchiveContents;
  /** What the last run returned. */
  readonly begun?: BegunUpload | undefined;
}

export type Built =
  /** Save `begun`, and run again with it. */
  | { readonly kind: 'more'; readonly begun: BegunUpload }
  | {
      readonly kind: 'built';
      readonly bytes: number;
      readonly manifestSha256: string;
      readonly records: number;
      /** Records that are not in it. */
      readonly leftOut: number;
    }
  /** Pieces were removed, because they are too old: the archive needs new ones. */
  | { readonly kind: 'pieces-gone' };

/**
 * Puts an archive together from its pieces, part by part, for as long as `goOn` says. It looks at what is there and does
 * what is missing, so it may be killed anywhere, run twice at the same time and run late: the contents alone say what each
 * part is. Beginning an upload is all that a run does that finds none, because its id has to be saved before any work
 * goes into it. An upload that is lost or left behind is removed by the bucket.
 */
export async function buildArchive(
  exports: Exports,
  { exportId, contents, begun }: ToBuild,
  goOn: () => boolean,
): Promise<Built> {
  const key = archiveKey(exportId);
  const { bytes, manifestSha256, records, leftOut, segments } = layoutOf(contents);
  const parts = (): Iterable<UploadPart> => uploadParts(segments(), writtenPartBytes(bytes));
  const plan = planOf(parts());
  const built: Built = { kind: 'built', bytes, manifestSha256, records, leftOut };

  const isThere = async (): Promise<boolean> => {
    const there = await exports.archive(key);
    return there?.bytes === bytes && there.manifestSha256 === manifestSha256;
  };
  const begin = async (): Promise<Built> => ({
    kind: 'more',
    begun: { id: await exports.begin(key, manifestSha256), plan },
  });

  // Another run may have completed it, or this one, which did not hear of it.
  if (await isThere()) return built;
  if (begun?.plan !== plan) return begin();
  const upload = { key, id: begun.id };
  const there = await exports.uploaded(upload);
  if (there === undefined) return begin();
  const filled = await fill({ exports, upload, parts: parts(), there }, goOn);
  switch (filled.kind) {
    case 'stopped':
    case 'no-upload':
      return { kind: 'more', begun };
    case 'no-piece':
      return { kind: 'pieces-gone' };
    case 'filled': {
      const all = await exports.uploaded(upload);
      if (all?.size === filled.parts) await exports.complete(upload, all);
      // If it is not there, the next run sees why.
      return (await isThere()) ? built : { kind: 'more', begun };
    }
  }
}

interface Filling {
  readonly exports: Exports;
  readonly upload: Upload;
  readonly parts: Iterable<UploadPart>;
  readonly there: ReadonlyMap<number, UploadedPart>;
}

type Filled =
  /** How many parts the archive has. All of them are there. */
  | { readonly kind: 'filled'; readonly parts: number }
  | { readonly kind: 'stopped' | 'no-upload' | 'no-piece' };

async function fill({ exports, upload, parts, there }: Filling, goOn: () => boolean): Promise<Filled> {
  let count = 0;
  let ended: 'stopped' | 'no-upload' | 'no-piece' | undefined;

  function* missing(): Generator<UploadPart, void> {
    for (const part of parts) {
      count = part.number;
      if (there.get(part.number)?.bytes === part.bytes) continue;
      if (ended === undefined && !goOn()) ended = 'stopped';
      if (ended !== undefined) return;
      yield part;
    }
  }

  await each(missing(), PARTS_AT_ONCE, async (part) => {
    const done = await write(exports, upload, part);
    if (done !== 'written') ended = done;
  });
  return ended === undefined ? { kind: 'filled', parts: count } : { kind: ended };
}

async function write(
  exports: Exports,
  upload: Upload,
  part: UploadPart,
): Promise<'written' | 'no-upload' | 'no-piece'> {
  switch (part.kind) {
    case 'copied':
      return exports.copyPart(upload, part.number, part.source);
    case 'written': {
      const bytes = await gathered(exports, part);
      return bytes === undefined ? 'no-piece' : exports.putPart(upload, part.number, bytes);
    }
  }
}

/** The part's bytes, or nothing if a piece is not there any more. */
async function gathered(
  exports: Exports,
  { bytes, sources }: Extract<UploadPart, { readonly kind: 'written' }>,
): Promise<Uint8Array | undefined> {
  const all = new Uint8Array(bytes);
  let end = 0;
  let isGone = false;
  const places = sources.map((source) => {
    const from = end;
    end += lengthOf(source);
    return { source, from };
  });
  await each(places, PIECES_AT_ONCE, async ({ source, from }) => {
    if (isGone) return;
    const found = source.kind === 'bytes' ? source.bytes : await exports.readPiece(source);
    if (found === undefined) isGone = true;
    else all.set(found, from);
  });
  return isGone ? undefined : all;
}

function lengthOf(source: PartSource): number {
  return source.kind === 'bytes' ? source.bytes.length : source.bytes;
}
