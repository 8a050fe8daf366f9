import type { LeftOutReason } from '../../domain/export/archive-file.ts';
import type { PartLeftOut } from '../../domain/export/export-part.ts';
import { inCopy } from '../../domain/people/in-copy.ts';
import { present } from '../../domain/present.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { HoldingRef } from '../../domain/record/ids.ts';
import type { Locator } from '../../ports/store.ts';
import type { LaneCore } from '../core.ts';
import { setDamagedAside } from '../damaged.ts';
import { refsOfRows } from '../pages/slice.ts';
import type { OpenedCollection } from './open-collection.ts';
import { mayHaveRegistered } from './read-records.ts';
import type { RecordsRead, Wanted } from './read-wanted.ts';
import type { Reading } from './reading.ts';

/** Some records of a collection. */
export interface ListedRows {
  readonly locators: readonly Locator[];
  /** How many this attempt has tried before. */
  readonly tried: number;
  readonly collection: OpenedCollection;
  /** Whether a record is listed in the export on its own. */
  readonly isListed: (ref: HoldingRef) => Promise<boolean>;
}

export interface ChosenRows extends Pick<RecordsRead<Locator>, 'leftOut' | 'open'> {
  readonly wanted: readonly Wanted<Locator>[];
}

/**
 * Which records of a collection are read with it. One that is listed on its own comes from there, so every record comes
 * once. One that was registered on its own and is not listed is about the people of its registration, too. A list may be
 * older than the store: what is not the person's any more is not read.
 */
export async function chooseRows(
  core: LaneCore,
  reading: Reading,
  { locators, tried, collection, isListed }: ListedRows,
): Promise<ChosenRows> {
  const open = new Map<Locator, string>();
  const leftOut: PartLeftOut[] = [];
  const wanted: Wanted<Locator>[] = [];
  const leave = (reason: LeftOutReason, categories: readonly string[]): void =>
    void leftOut.push({ categories, reason, records: 1 });
  const { by, value, where } = collection.place;
  const members = await core.store.idsOf(locators, { by, ...present({ where }) });
  const rows: Row[] = [];
  const refOf = await refsOfRows(core);
  for (const [index, locator] of locators.entries()) {
    const member = members[index] ?? { state: 'unknown', code: 'STORE_ERROR' };
    if (member.state === 'unknown') open.set(locator, member.code);
    else if (member.state === 'in' && member.id === value)
      rows.push({ locator, place: tried + index, ref: refOf(locator) });
  }
  const refs = rows.flatMap(({ ref }) => ref ?? []);
  const { holdings, damaged } = refs.length === 0 ? NOTHING : await core.registry.readHoldings(refs);
  await setDamagedAside(core, damaged, core.lane);
  const isDamaged = new Set(damaged.map(({ ref }) => ref));
  for (const { locator, place, ref } of rows) {
    const own = ref === undefined ? undefined : holdings.get(ref);
    const isKnown = ref !== undefined && (own !== undefined || isDamaged.has(ref));
    if (isKnown && (await isListed(ref))) continue;
    if (ref !== undefined && isDamaged.has(ref)) {
      if (mayHaveRegistered(core, reading.request.filer)) leave('broken', collection.categories);
      continue;
    }
    const about = own === undefined || !isOpen(own) ? collection : together(core, reading, own, collection);
    if ('reason' in about) leave(about.reason, about.categories);
    else wanted.push({ id: locator, locator, place, about, without: about.without });
  }
  return { wanted, leftOut, open };
}

interface Row {
  readonly locator: Locator;
  readonly place: number;
  readonly ref: HoldingRef | undefined;
}

const NOTHING = { holdings: new Map<HoldingRef, Holding>(), damaged: [] } as const;

function isOpen({ state }: Holding): boolean {
  return state === 'active' || state === 'pending';
}

type About = Pick<OpenedCollection, 'categories' | 'purposes' | 'without'>;

/** What its own registration and its collection say of a record. */
function together(
  { configuration, clock }: LaneCore,
  { request, state: { reached, knownAs } }: Reading,
  own: Holding,
  { holding }: OpenedCollection,
): About | { readonly reason: LeftOutReason; readonly categories: readonly string[] } {
  const both = { state: own.state, variants: [...own.variants, ...holding.variants] };
  const asked = { request, reached, knownAs };
  const { categories, purposes, may } = inCopy(configuration, both, asked, clock.now());
  return may.kind === 'not'
    ? { reason: may.reason, categories }
    : { categories, purposes, without: may.without };
}
