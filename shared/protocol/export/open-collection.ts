import type { LeftOutReason } from '../../domain/export/archive-file.ts';
import type { ExportPart, PartLeftOut } from '../../domain/export/export-part.ts';
import { inCopy } from '../../domain/people/in-copy.ts';
import { present } from '../../domain/present.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { HoldingRef } from '../../domain/record/ids.ts';
import type { Masks } from '../../domain/record/masks.ts';
import type { Locator, Place } from '../../ports/store.ts';
import type { LaneCore } from '../core.ts';
import { setDamagedAside } from '../damaged.ts';
import { placeOfCollection } from '../pages/collection-place.ts';
import { opened as unsealed, sealed } from '../pages/seal-rows.ts';
import { setAside } from '../set-aside.ts';
import type { Reading } from './reading.ts';

/** A collection whose records may be in the copy. */
export interface OpenedCollection {
  readonly holding: Holding;
  readonly place: Place;
  readonly categories: readonly string[];
  readonly purposes: readonly string[];
  readonly without: Masks;
  readonly at: ListPlace;
}

/** How far its list was read. `after`: absent at the beginning; `ended`: nothing more is to be listed. */
export interface ListPlace {
  readonly after?: string;
  readonly ended?: true;
  /** Listed, and not read yet, because the store did not answer. */
  readonly open: readonly Locator[];
}

export type CollectionOpening =
  | { readonly kind: 'opened'; readonly collection: OpenedCollection }
  /** What is left of it is not in the copy. */
  | { readonly kind: 'left'; readonly leftOut: PartLeftOut }
  /** To be tried again. */
  | { readonly kind: 'failed'; readonly code: string };

/** Reads the collection's holding, which may have been disposed of since it was listed, and where its records are. */
export async function openCollection(
  core: LaneCore,
  { request, state }: Reading,
  part: ExportPart,
): Promise<CollectionOpening> {
  const [ref] = part.refs;
  if (ref === undefined) return left('gone');
  const { holdings, damaged } = await core.registry.readHoldings([ref]);
  await setDamagedAside(core, damaged, core.lane);
  if (damaged.length > 0) return left('broken');
  const holding = holdings.get(ref);
  if (holding === undefined) return left('gone');
  const { reached, knownAs } = state;
  const asked = { request, reached, knownAs };
  const { categories, purposes, may } = inCopy(core.configuration, holding, asked, core.clock.now());
  if (may.kind === 'not') return left(may.reason, categories);
  const found = await placeOfCollection(core, holding);
  switch (found.state) {
    case 'failed':
      return { kind: 'failed', code: found.code };
    case 'set-aside':
      await setAside(core, holding, found.code, core.clock.now());
      return left('broken', categories);
    case 'opened': {
      const at = await openPlace(core, part, ref);
      if (at === undefined) return left('broken', categories);
      const { place } = found;
      const { without } = may;
      return { kind: 'opened', collection: { holding, place, categories, purposes, without, at } };
    }
  }
}

function left(reason: LeftOutReason, categories: readonly string[] = []): CollectionOpening {
  return { kind: 'left', leftOut: { categories, reason, records: 1 } };
}

type Sealing = Pick<LaneCore, 'keys' | 'clock'>;

/** Nothing where it was not sealed for this part of this export. */
async function openPlace(core: Sealing, part: ExportPart, ref: HoldingRef): Promise<ListPlace | undefined> {
  const place = part.collection?.place;
  if (place === undefined) return { open: [] };
  const found = (await unsealed(core, { ref, store: part.store }, whatOf(part), place)) as
    | ListPlace
    | undefined;
  return found;
}

/** It has key values in it. */
export function sealPlace(
  core: Sealing,
  part: ExportPart,
  { ref }: Pick<Holding, 'ref'>,
  { after, ended, open }: ListPlace,
): Promise<string> {
  const place = { ...present({ after, ended }), open };
  return sealed(core, { ref, store: part.store }, whatOf(part), place);
}

function whatOf({ exportId, number }: ExportPart): string {
  return `export ${exportId} ${number}`;
}
