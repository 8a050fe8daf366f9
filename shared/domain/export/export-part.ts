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
  /** It is one collection: how far its records have been read. */
  readonly collection?: CollectionRead;
  /** When the item is deleted; whole seconds. */
  readonly expires: Instant;
}

/** A collection has no bound, and an item has: what was read lies in pages, which lead from the last to the first. */
export interface CollectionRead {
  readonly pages: number;
  /** The name of the last page; absent before the first one. */
  readonly last?: string;
  /** Records and data files until now: their paths go on from there. */
  readonly records: number;
  readonly dataFiles: number;
  /** Where the store's list goes on, and what could not be read yet: sealed like the holding's own locator. */
  readonly place?: string;
}

/** What one run has read of a collection. Never written again: a run that died, or was too slow, leaves one that no part names. */
export interface ExportPage extends Pick<
  ExportPart,
  'store' | 'exportId' | 'number' | 'files' | 'leftOut' | 'expires'
> {
  /** From 1. */
  readonly page: number;
  /** Of the run that wrote it. */
  readonly name: string;
  /** The name of the page before it. */
  readonly before?: string;
}

/** The pages that a part names, from the last to the first; nothing if one of them is missing. */
export function pagesOf(
  { last, pages }: Pick<CollectionRead, 'last' | 'pages'>,
  all: readonly ExportPage[],
): readonly ExportPage[] | undefined {
  const byName = new Map(all.map((page) => [page.name, page]));
  const found: ExportPage[] = [];
  for (let name = last; name !== undefined; name = found.at(-1)?.before) {
    const page = byName.get(name);
    if (page?.page !== pages - found.length) return undefined;
    found.push(page);
  }
  return found.length === pages ? found : undefined;
}

export type PartFile = Omit<ArchiveFile, 'store'>;
export type PartLeftOut = Omit<LeftOut, 'store'>;

export function isRead({ refs, done }: Pick<ExportPart, 'refs' | 'done'>): boolean {
  return done >= refs.length;
}
