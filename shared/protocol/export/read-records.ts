import type { LeftOutReason } from '../../domain/export/archive-file.ts';
import type { PartLeftOut } from '../../domain/export/export-part.ts';
import { type InCopy, inCopy } from '../../domain/people/in-copy.ts';
import { own } from '../../domain/own.ts';
import type { Filer } from '../../domain/people/request.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { HoldingRef } from '../../domain/record/ids.ts';
import type { Masks } from '../../domain/record/masks.ts';
import { setDamagedAside } from '../damaged.ts';
import { openLocators } from '../lane/locators.ts';
import type { LaneCore } from '../core.ts';
import type { Reading } from './reading.ts';
import { type PlaceInPart, readWanted, type RecordsRead } from './read-wanted.ts';

/** Some records of a part. */
export interface ToReadOf extends PlaceInPart {
  /** How many of the part this attempt has tried before: it never writes two records to one object. */
  readonly tried: number;
  readonly refs: readonly HoldingRef[];
}

/** A record that may be in the copy. */
interface Wanted {
  readonly holding: Holding;
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
  { tried, refs, ...at }: ToReadOf,
): Promise<RecordsRead<HoldingRef>> {
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
    // A collection has a part of its own. When it was listed, it could not be seen that this is one.
    else if (holding.collection !== undefined) leave('broken', about);
    else wanted.push({ holding, place: tried + index, about, without: about.may.without });
  }

  const { opened, failed } = await openLocators(
    core,
    wanted.map(({ holding }) => holding),
  );
  const asking = wanted.flatMap(({ holding: { ref }, ...one }) => {
    const locator = opened.get(ref);
    if (locator !== undefined) return [{ ...one, id: ref, locator }];
    if (!failed.has(ref)) leave('broken', one.about);
    return [];
  });
  const read = await readWanted(core, reading, at, asking);
  return {
    ...read,
    leftOut: [...leftOut, ...read.leftOut],
    open: new Map([...failed, ...read.open]),
  };
}

/** Who registered a damaged record is not known. A producer registers nothing in a store that it is not granted. */
export function mayHaveRegistered({ configuration, lane }: LaneCore, filer: Filer): boolean {
  if (filer.role === 'operator') return true;
  return own(own(configuration.producers, filer.producer)?.stores ?? {}, lane) !== undefined;
}
