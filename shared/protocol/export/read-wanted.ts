import { filePath, type LeftOutReason, pieceKey } from '../../domain/export/archive-file.ts';
import type { PartFile, PartLeftOut } from '../../domain/export/export-part.ts';
import type { InCopy } from '../../domain/people/in-copy.ts';
import { withoutFields } from '../../domain/people/without-fields.ts';
import { present } from '../../domain/present.ts';
import type { Masks } from '../../domain/record/masks.ts';
import type { Locator, Read } from '../../ports/store.ts';
import type { LaneCore } from '../core.ts';
import type { Reading } from './reading.ts';

/** A record that may be in the copy. `id` is the caller's. */
export interface Wanted<Id> {
  readonly id: Id;
  readonly locator: Locator;
  /** Its place among those that this attempt has tried. */
  readonly place: number;
  readonly about: Pick<InCopy, 'categories' | 'purposes'>;
  readonly without: Masks;
}

export interface RecordsRead<Id> {
  /** A line for each record that is in the copy. */
  readonly lines: readonly RecordLine[];
  readonly files: readonly PartFile[];
  readonly leftOut: readonly PartLeftOut[];
  /** Those that could not be read now, with the code that says why. They hold back no other one. */
  readonly open: ReadonlyMap<Id, string>;
}

/** A record as JSON. One that is a file names it, and counts there. */
export interface RecordLine {
  readonly text: string;
  readonly isFile: boolean;
}

/** `done`: how many of the part have been read before. */
export interface PlaceInPart {
  readonly part: number;
  readonly done: number;
}

/** Reads records from the store, as documents that are in memory together, or as files that the store copies. */
export async function readWanted<Id>(
  core: Pick<LaneCore, 'store' | 'lane'>,
  { state: { id: exportId }, attempt }: Pick<Reading, 'state' | 'attempt'>,
  { part, done }: PlaceInPart,
  wanted: readonly Wanted<Id>[],
): Promise<RecordsRead<Id>> {
  // No answer of a vendor is kept: the copy would wait for ever, and with it what other stores have.
  if (core.store.vendor !== undefined) return atVendor(wanted);
  const leftOut: PartLeftOut[] = [];
  const open = new Map<Id, string>();
  const asking = wanted.map((one) => {
    const key = { store: core.lane, exportId, attempt, name: `record-${part}-${one.place}` };
    return { one, into: pieceKey(key) };
  });
  const answers =
    asking.length === 0
      ? []
      : await core.store.read(asking.map(({ one: { locator }, into }) => ({ locator, into })));
  const lines: RecordLine[] = [];
  const files: PartFile[] = [];
  for (const [index, { one, into }] of asking.entries()) {
    const answer = answers[index] ?? { state: 'unknown', code: 'STORE_ERROR' };
    if (answer.state === 'unknown') {
      open.set(one.id, answer.code);
      continue;
    }
    const record = done + lines.length + 1;
    const copied = copyOf(answer, one, { store: core.lane, part, record, key: into });
    if (typeof copied === 'string')
      leftOut.push({ categories: one.about.categories, reason: copied, records: 1 });
    else {
      lines.push({ text: copied.text, isFile: copied.file !== undefined });
      if (copied.file !== undefined) files.push(copied.file);
    }
  }
  return { lines, files, leftOut, open };
}

function atVendor<Id>(wanted: readonly Wanted<Id>[]): RecordsRead<Id> {
  const leftOut = wanted.map(({ about: { categories } }): PartLeftOut => {
    return { categories, reason: 'at-vendor', records: 1 };
  });
  return { lines: [], files: [], leftOut, open: new Map() };
}

/** A record as it is in the copy, or why it is not. */
function copyOf(
  read: Exclude<Read, { readonly state: 'unknown' }>,
  { about: { categories, purposes }, without }: Pick<Wanted<unknown>, 'about' | 'without'>,
  { key, ...at }: Omit<Parameters<typeof filePath>[0], 'extension'> & { readonly key: string },
): { readonly text: string; readonly file?: PartFile } | LeftOutReason {
  switch (read.state) {
    case 'document': {
      const data = withoutFields(read.document, without);
      if (data === undefined) return 'about-others';
      return { text: JSON.stringify({ categories, purposes, data }) };
    }
    case 'file': {
      // Whose parts of a file are whose is not known.
      if (Object.keys(without).length > 0) return 'about-others';
      const { bytes, sha256, mediaType, extension } = read;
      const path = filePath({ ...at, extension });
      const text = JSON.stringify({ categories, purposes, file: path, ...present({ mediaType }) });
      return { text, file: { path, key, bytes, sha256, records: 1 } };
    }
    case 'gone':
    case 'too-large':
      return read.state;
  }
}
