import { filePath, type LeftOutReason, pieceKey } from '../../domain/export/archive-file.ts';
import type { PartFile, PartLeftOut } from '../../domain/export/export-part.ts';
import { type InCopy, inCopy } from '../../domain/people/in-copy.ts';
import { withoutFields } from '../../domain/people/without-fields.ts';
import { own } from '../../domain/own.ts';
import type { Filer } from '../../domain/people/request.ts';
import { present } from '../../domain/present.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { HoldingRef } from '../../domain/record/ids.ts';
import type { Masks } from '../../domain/record/masks.ts';
import type { Read } from '../../ports/store.ts';
import { setDamagedAside } from '../damaged.ts';
import { openLocators } from '../lane/locators.ts';
import type { LaneCore } from '../core.ts';
import type { Reading } from './reading.ts';

/** Some records of a part. */
export interface ToReadOf {
  readonly part: number;
  /** How many of the part have been read before. */
  readonly done: number;
  /** How many of the part this attempt has tried before: it never writes two records to one object. */
  readonly tried: number;
  readonly refs: readonly HoldingRef[];
}

export interface RecordsRead {
  /** A line for each record that is in the copy. */
  readonly lines: readonly RecordLine[];
  readonly files: readonly PartFile[];
  readonly leftOut: readonly PartLeftOut[];
  /** Those that could not be read now, with the code that says why. They hold back no other one. */
  readonly open: ReadonlyMap<HoldingRef, string>;
}

/** A record as JSON. One that is a file names it, and counts there. */
export interface RecordLine {
  readonly text: string;
  readonly isFile: boolean;
}

/** A record that may be in the copy. */
interface Wanted {
  readonly holding: Holding;
  /** Its place among those that this attempt has tried. */
  readonly place: number;
  readonly about: InCopy;
  readonly without: Masks;
}

/**
 * Reads records from the store, unless the registry says that they are not in the copy. A holding is read again here,
 * because it may have been withdrawn or disposed of since it was listed.
 */
export async function readRecords(
  core: LaneCore,
  reading: Reading,
  { part, done, tried, refs }: ToReadOf,
): Promise<RecordsRead> {
  const leftOut: PartLeftOut[] = [];
  const leave = (reason: LeftOutReason, { categories }: Pick<InCopy, 'categories'>): void =>
    void leftOut.push({ categories, reason, records: 1 });
  const { holdings, damaged } = await core.registry.readHoldings(refs);
  await setDamagedAside(core, damaged, core.lane);
  const isDamaged = new Set(damaged.map(({ ref }) => ref));
  const { reached, knownAs } = reading.state;
  const asked = { request: reading.request, reached, knownAs };
  const wanted: Wanted[] = [];
  for (const [index, ref] of refs.entries()) {
    const holding = holdings.get(ref);
    const about = holding && inCopy(core.configuration, holding, asked, core.clock.now());
    if (isDamaged.has(ref)) {
      if (mayHaveRegistered(core, reading.request.filer)) leave('broken', { categories: [] });
    } else if (holding === undefined || about === undefined) leave('gone', { categories: [] });
    else if (about.may.kind === 'not') leave(about.may.reason, about);
    else wanted.push({ holding, place: tried + index, about, without: about.may.without });
  }

  const { opened, failed } = await openLocators(
    core,
    wanted.map(({ holding }) => holding),
  );
  const open = new Map(failed);
  const asking = wanted.flatMap((one) => {
    const locator = opened.get(one.holding.ref);
    const key = { store: core.lane, exportId: reading.state.id, attempt: reading.attempt };
    if (locator !== undefined)
      return [{ one, locator, into: pieceKey({ ...key, name: `record-${part}-${one.place}` }) }];
    if (!open.has(one.holding.ref)) leave('broken', one.about);
    return [];
  });
  const answers =
    asking.length === 0 ? [] : await core.store.read(asking.map(({ locator, into }) => ({ locator, into })));

  const lines: RecordLine[] = [];
  const files: PartFile[] = [];
  for (const [index, { one, into }] of asking.entries()) {
    const answer = answers[index] ?? { state: 'unknown', code: 'STORE_ERROR' };
    if (answer.state === 'unknown') {
      open.set(one.holding.ref, answer.code);
      continue;
    }
    const record = done + lines.length + 1;
    const copied = copyOf(answer, one, { store: core.lane, part, record, key: into });
    if (typeof copied === 'string') leave(copied, one.about);
    else {
      lines.push({ text: copied.text, isFile: copied.file !== undefined });
      if (copied.file !== undefined) files.push(copied.file);
    }
  }
  return { lines, files, leftOut, open };
}

/** Who registered a damaged record is not known. A producer registers nothing in a store that it is not granted. */
function mayHaveRegistered({ configuration, lane }: LaneCore, filer: Filer): boolean {
  if (filer.role === 'operator') return true;
  return own(own(configuration.producers, filer.producer)?.stores ?? {}, lane) !== undefined;
}

/** A record as it is in the copy, or why it is not. */
function copyOf(
  read: Exclude<Read, { readonly state: 'unknown' }>,
  { about: { categories, purposes }, without }: Wanted,
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
