import type { Instant, RequestRef } from '../record/ids.ts';

/** Why a record of the person is not in the archive. */
export const LEFT_OUT_REASONS = [
  /** It was disposed of, withdrawn or removed by its application before it was read. */
  'gone',
  /** It is larger than a document, a file or the archive may be. */
  'too-large',
  /** It is about other people, too, and no fields are declared to be theirs. */
  'about-others',
  /** A producer asked, and another one registered the record, too: it is not known whose data is whose. */
  'other-applications',
  /** Its policy does not allow the region of the exports. */
  'region',
  /** The registry's note of where it is cannot be read. */
  'broken',
  /** A vendor has it, and only a vendor's own answer to the person can tell what is in it. */
  'at-vendor',
] as const;
export type LeftOutReason = (typeof LEFT_OUT_REASONS)[number];

/** Records that are not in the archive: how many, of what, and why. */
export interface LeftOut {
  readonly store: string;
  readonly categories: readonly string[];
  readonly reason: LeftOutReason;
  readonly records: number;
}

/** One file of an archive, and the object in the exports bucket that has its content. */
export interface ArchiveFile {
  /** Made by `dataPath` or `filePath`. Each only once in an archive. */
  readonly path: string;
  /** The object's key, made by `pieceKey`. */
  readonly key: string;
  readonly bytes: number;
  /** Of the content, in hexadecimal. */
  readonly sha256: string;
  readonly store: string;
  /** How many of the person's records it has. A record with a file counts at its file, not at the data file that names it. */
  readonly records: number;
}

/** An archive that is being put together: saved between two runs, so that the next one goes on. */
export interface BegunUpload {
  readonly id: string;
  /** Digest of all parts that it was begun for. Parts of others are not taken for its own. */
  readonly plan: string;
}

/** Everything that an archive is made from. The same contents always make the same archive, byte for byte. */
export interface ArchiveContents {
  readonly request: RequestRef;
  readonly entityType: string;
  /** The moment as of which the records were listed. */
  readonly asOf: Instant;
  /** In any order: the archive has them in the order of their paths. */
  readonly files: readonly ArchiveFile[];
  readonly leftOut: readonly LeftOut[];
}

export const MANIFEST_PATH = 'manifest.json';

/** The `file`th data file (1…) of the `part`th part (1…) of a store. */
export function dataPath(store: string, part: number, file: number): string {
  return `data/${store}/${padded(part, 4)}-${padded(file, 3)}.json`;
}

/** The `record`th record (1…) of the `part`th part (1…) of a store. Only a short and plain extension is kept. */
export function filePath(at: {
  readonly store: string;
  readonly part: number;
  readonly record: number;
  readonly extension?: string | undefined;
}): string {
  const extension = at.extension?.toLowerCase() ?? '';
  const end = /^[a-z0-9]{1,8}$/.test(extension) ? `.${extension}` : '';
  return `files/${at.store}/${padded(at.part, 4)}-${padded(at.record, 3)}${end}`;
}

/**
 * The key of a piece. `attempt` is a new token for every run that reads: a late run never replaces what an earlier one
 * wrote, whose digest is on record already. `name` is anything that the run uses once.
 */
export function pieceKey(at: {
  readonly store: string;
  readonly exportId: string;
  readonly attempt: string;
  readonly name: string;
}): string {
  return `${piecesOf(at)}${at.attempt}/${at.name}`;
}

/** Where all pieces of a store's records lie, for one export. */
export function piecesOf({ store, exportId }: { readonly store: string; readonly exportId: string }): string {
  return `pieces/${store}/${exportId}/`;
}

export function archiveKey(exportId: string): string {
  return `archives/${exportId}.tar`;
}

function padded(number: number, digits: number): string {
  return String(number).padStart(digits, '0');
}
