import { present } from '../../domain/present.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { Instant } from '../../domain/record/ids.ts';
import { reasonOf } from '../attention.ts';
import type { Core } from '../core.ts';
import { SEGMENTS, segmentId } from '../walk.ts';

type Reader = Pick<Core, 'registry' | 'configuration'>;

/** Holdings on one page. */
const MOST = 100;

/** Where the next page of single holdings begins. */
export type ListPlace =
  | {
      readonly in: 'census';
      readonly census: string;
      readonly segment: number;
      readonly after?: string;
      readonly shown: number;
    }
  | { readonly in: 'set-aside'; readonly store: string; readonly after?: string };

export interface ListPage {
  /** Whose list this is. */
  readonly census?: string;
  readonly holdings: readonly { readonly holding: Holding; readonly code?: string }[];
  readonly next?: ListPlace;
}

/**
 * The single holdings for a reason, as they are now: those that the newest census listed and that still have it; all
 * pages are of the same census. At most 100 a page; a page may be empty and have a next one.
 */
export async function listHoldings(
  core: Reader,
  reason: string,
  now: Instant,
  place: ListPlace | undefined,
): Promise<ListPage> {
  if (reason === 'set-aside') return listSetAside(core, place);
  const from = place?.in === 'census' ? place : await firstOfNewest(core);
  if (from === undefined) return { holdings: [] };
  const page = await core.registry.censusList(segmentId(from.census, from.segment), reason, from.after);
  const { shown } = from;
  const { holdings: known } = await core.registry.readHoldings(page.items.slice(shown, shown + MOST));
  const holdings = [...known.values()].filter((holding) => reasonOf(core, holding, now) === reason);
  return {
    census: from.census,
    holdings: holdings.map((holding) => ({ holding })),
    ...present({ next: placeAfter({ ...from, shown: shown + MOST }, page) }),
  };
}

type CensusPlace = Extract<ListPlace, { readonly in: 'census' }>;

async function firstOfNewest(core: Reader): Promise<CensusPlace | undefined> {
  const census = await core.registry.newestCensus();
  return census === undefined ? undefined : { in: 'census', census, segment: 0, shown: 0 };
}

function placeAfter(
  shown: CensusPlace,
  page: { readonly items: readonly unknown[]; readonly next?: string },
): CensusPlace | undefined {
  if (shown.shown < page.items.length) return shown;
  const { census, segment } = shown;
  if (page.next !== undefined) return { in: 'census', census, segment, shown: 0, after: page.next };
  return segment + 1 < SEGMENTS ? { in: 'census', census, segment: segment + 1, shown: 0 } : undefined;
}

async function listSetAside(core: Reader, place: ListPlace | undefined): Promise<ListPage> {
  const from = place?.in === 'set-aside' ? place : setAsideAfter(core, '');
  if (from === undefined) return { holdings: [] };
  const page = await core.registry.setAsides(from.store, from.after);
  const { holdings: known } = await core.registry.readHoldings(page.items.map(({ holding }) => holding));
  const holdings = page.items.flatMap(({ holding: ref, code }) => {
    const holding = known.get(ref);
    return holding === undefined ? [] : [{ holding, code }];
  });
  const next = page.next === undefined ? setAsideAfter(core, from.store) : { ...from, after: page.next };
  return { holdings, ...present({ next }) };
}

type SetAsidePlace = Extract<ListPlace, { readonly in: 'set-aside' }>;

function setAsideAfter(core: Reader, before: string): SetAsidePlace | undefined {
  const store = storeAfter(core, before);
  return store === undefined ? undefined : { in: 'set-aside', store };
}

/** Stores are listed in the order of their names. */
export function storeAfter(
  { configuration }: Pick<Core, 'configuration'>,
  before: string,
): string | undefined {
  return Object.keys(configuration.stores)
    .toSorted()
    .find((name) => name > before);
}
