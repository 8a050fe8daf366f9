import type { HoldingRef, Instant, RequestRef } from '../record/ids.ts';
import type { ArchiveFile, LeftOut } from './archive-file.ts';

/** Records of one part. */
export const PART_RECORDS = 100;

/**
 * Parts of one store that are asked for at a time. Each that was read asks for the one after the next seven, so disposals
 * in the same lane never wait for more than these.
 */
export const PARTS_AT_ONCE = 8;

/** Some of the records of an export, in one store. The sweep makes it, and the store's lane reads it. */
export interface ExportPart {
  readonly store: string;
  readonly request: RequestRef;
  /** From 1. */
  readonly number: number;
  /** Grows by one with every write; every write is conditional on it. */
  readonly version: number;
  readonly exportId: string;
  /** At most `PART_RECORDS`. */
  readonly refs: readonly HoldingRef[];
  /** How many of them have been read, in their order. All of them: the part is read. */
  readonly done: number;
  readonly files: readonly PartFile[];
  readonly leftOut: readonly PartLeftOut[];
  /** When the item is deleted; whole seconds. */
  readonly expires: Instant;
}

export type PartFile = Omit<ArchiveFile, 'store'>;
export type PartLeftOut = Omit<LeftOut, 'store'>;

export function isRead({ refs, done }: Pick<ExportPart, 'refs' | 'done'>): boolean {
  return done >= refs.length;
}
