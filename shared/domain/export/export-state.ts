import type { EntityRef, Instant } from '../record/ids.ts';
import type { BegunUpload } from './archive-file.ts';

/**
 * How far an export is. `listing`: its records are divided into parts. `reading`: the lanes read the parts. `building`: the
 * archive is put together. `ready`: the archive can be fetched.
 */
export const EXPORT_STEPS = ['listing', 'reading', 'building', 'ready'] as const;
export type ExportStep = (typeof EXPORT_STEPS)[number];

/** Where a request's export stands. Only the sweep writes it, each time on the request's version. */
export interface ExportState {
  /** 22 characters that cannot be guessed. They name its objects, and nothing else. */
  readonly id: string;
  readonly step: ExportStep;
  /** What is registered later may be missing. */
  readonly startedAt: Instant;
  /** The person first, then the accounts by which applications knew the person when it began. */
  readonly reached: readonly EntityRef[];
  /** Of an account: the person whose account it is, if that was known when it began. */
  readonly knownAs?: EntityRef;
  /** `listing`: which of them is listed next, by its number, and from which page of its records on. */
  readonly place?: string;
  /** By store, how many parts there are. Their numbers begin at 1. */
  readonly parts: Readonly<Record<string, number>>;
  /** `listing`: when the run began that lists now. Absent: none does. If it dies, the export begins again under a new id. */
  readonly listedAt?: Instant;
  /** `reading`: by store, up to which part all have been read. */
  readonly read?: Readonly<Record<string, number>>;
  /** `reading`: by store, when parts were last asked for, or it was last seen to go on. */
  readonly askedAt?: Readonly<Record<string, Instant>>;
  /** `building`: the upload that is under way. */
  readonly upload?: BegunUpload;
  readonly archive?: ExportArchive;
}

export interface ExportArchive {
  readonly bytes: number;
  /** Of `manifest.json`, hex: with it, everything else in the archive can be checked. */
  readonly manifestSha256: string;
  readonly records: number;
  /** Records that are not in it. The manifest says why. */
  readonly leftOut: number;
  readonly at: Instant;
  /** It can be fetched until then. */
  readonly until: Instant;
}
