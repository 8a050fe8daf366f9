import type { HoldingRef, Instant, RequestRef } from '../record/ids.ts';

/** Records of one part. */
export const PART_RECORDS = 100;

/**
 * Why a record is not in an export. `gone`: it is not in its store any more. `too-large`: more than can be copied.
 * `about-others`: it is also about other people, and no policy says which fields are about whom. `region`: its policy does
 * not allow a copy in the region of the deployment. `broken`: what says where it lies does not open.
 */
export const LEFT_OUT_REASONS = ['gone', 'too-large', 'about-others', 'region', 'broken'] as const;
export type LeftOutReason = (typeof LEFT_OUT_REASONS)[number];

export interface LeftOut {
  /** In order, without repetition. */
  readonly categories: readonly string[];
  readonly reason: LeftOutReason;
  readonly records: number;
}

/** An object of the exports bucket that becomes a file of the archive. */
export interface PieceFile {
  /** `data`: documents, as JSON. `file`: one record, as its store keeps it. */
  readonly kind: 'data' | 'file';
  /** Its name in the archive, without folder: `0001.json`, `0001-003.pdf`. */
  readonly name: string;
  /** The last part of its key. Every attempt to read writes objects of its own, so none is overwritten. */
  readonly object: string;
  readonly bytes: number;
  /** Of the content, hex. */
  readonly sha256: string;
  readonly mediaType?: string;
  readonly records: number;
}

/** Some of the records of an export, in one store. The sweep makes it, and the store's lane reads it. */
export interface ExportPart {
  readonly store: string;
  readonly request: RequestRef;
  /** From 1. */
  readonly number: number;
  /** Grows by one with every write; every write is conditional on it. */
  readonly version: number;
  /** The export's id. */
  readonly export: string;
  /** At most `PART_RECORDS`. */
  readonly refs: readonly HoldingRef[];
  /** How many of them have been read, in their order. All of them: the part is read. */
  readonly done: number;
  readonly files: readonly PieceFile[];
  readonly leftOut: readonly LeftOut[];
  /** When the item is deleted; whole seconds. */
  readonly expires: Instant;
}

export function isRead({ refs, done }: Pick<ExportPart, 'refs' | 'done'>): boolean {
  return done >= refs.length;
}

/** The key of a piece in the exports bucket. A lane may write those of its own store only. */
export function pieceKey(
  { store, export: id }: Pick<ExportPart, 'store' | 'export'>,
  object: string,
): string {
  return `pieces/${store}/${id}/${object}`;
}

export function archiveKey(id: string): string {
  return `archives/${id}.tar`;
}

/** The path of a file in the archive. No key, id or locator is in it. */
export function archivePath(store: string, { kind, name }: Pick<PieceFile, 'kind' | 'name'>): string {
  return `${kind === 'data' ? 'data' : 'files'}/${store}/${name}`;
}
