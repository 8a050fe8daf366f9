import { stopsOf } from '../../domain/guard/breaker.ts';
import { NEW_GUARD } from '../../domain/guard/lane-guard.ts';
import { isOpen, type PersonRequest } from '../../domain/people/request.ts';
import { present } from '../../domain/present.ts';
import { VENDOR_KIND } from '../../domain/record/asked.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { ListedRequest } from '../../ports/requests.ts';
import { censusCounts } from '../census.ts';
import type { Core } from '../core.ts';
import { lateDatasets } from '../datasets/late-datasets.ts';
import { isReviewOverdue } from '../people/hold-review.ts';
import { waitingForPerson } from '../policy-plan/activation.ts';
import {
  attentionIn,
  type AttentionCount,
  countOfDataset,
  countOfHold,
  countOfMessage,
  countOfRequest,
  countOfSetAside,
  countOfStop,
  countsOfSurvey,
  countsOfVendor,
  grouped,
} from './attention-counts.ts';
import { storeAfter } from './list-holdings.ts';

type Reader = Pick<Core, 'registry' | 'configuration' | 'clock'>;

/** Groups and holdings on one page. */
const MOST = 100;

/**
 * Where the next page begins: in the counts of the census that the first page was of, in one of the lists of the whole
 * deployment, or in one of a store. Another census has other pages, so a list that was begun goes on in its own.
 */
export type AttentionPlace =
  | { readonly in: 'census'; readonly census?: string; readonly shown: number }
  | { readonly in: 'quarantine'; readonly after?: string }
  | { readonly in: 'holds'; readonly after?: string }
  | { readonly in: 'requests'; readonly after?: string }
  | { readonly in: 'set-aside'; readonly store: string; readonly after?: string }
  | { readonly in: 'vendor'; readonly store: string; readonly after?: string };

export interface AttentionPage {
  /** Whose counts these are. */
  readonly census?: string;
  readonly groups: readonly AttentionCount[];
  readonly next?: AttentionPlace;
}

/**
 * What needs a person, in groups: first what the newest census counted. Then, as they are now, policies that wait to be
 * approved, the quarantine, the legal holds past their review date, the open requests of people and, for each store, what
 * is set aside and what its vendor has not confirmed in time. A group may go on on the next page. Nothing is written.
 */
export async function listAttention(
  core: Reader,
  now: Instant,
  place: AttentionPlace = { in: 'census', shown: 0 },
): Promise<AttentionPage> {
  switch (place.in) {
    case 'census':
      return censusPage(core, place);
    case 'quarantine': {
      const page = await core.registry.quarantined(place.after);
      const next: AttentionPlace =
        page.next === undefined ? { in: 'holds' } : { in: 'quarantine', after: page.next };
      const policies = place.after === undefined ? await waitingPolicies(core) : [];
      return { groups: [...policies, ...grouped(page.items.map(countOfMessage))], next };
    }
    case 'holds': {
      const page = await core.registry.holdRecords(place.after);
      const next =
        page.next === undefined
          ? ({ in: 'requests' } as const)
          : ({ in: 'holds', after: page.next } as const);
      const late = page.items.filter((hold) => isReviewOverdue(hold, now));
      return { groups: grouped(late.map(countOfHold)), next };
    }
    case 'requests': {
      const page = await core.registry.listedRequests(place.after);
      const listed = page.items.length === 0 ? new Map() : await requestsIn(core, page.items);
      const next = page.next === undefined ? setAsideAfter(core, '') : { ...place, after: page.next };
      const open = [...listed.values()].filter(isOpen);
      return { groups: grouped(open.map(countOfRequest)), ...present({ next }) };
    }
    case 'set-aside': {
      const page = await core.registry.setAsides(place.store, place.after);
      const { holdings } = await core.registry.readHoldings(page.items.map(({ holding }) => holding));
      const counts = page.items.map((item) => countOfSetAside(core, item, holdings.get(item.holding), now));
      // A store's own page begins with what its survey found.
      const { report } = (place.after === undefined && (await core.registry.coverage(place.store))) || {};
      if (report !== undefined) counts.push(...countsOfSurvey(place.store, report));
      const late = place.after === undefined ? await lateDatasets(core, place.store, now) : [];
      counts.push(...late.map(({ category, since }) => countOfDataset(place.store, category, since)));
      const next =
        page.next === undefined ? afterSetAside(core, place.store) : { ...place, after: page.next };
      // Those of a store come before what is set aside in it.
      const guard = place.after === undefined ? await core.registry.laneGuard(place.store) : undefined;
      const stopped = stopsOf(guard ?? NEW_GUARD).map((stop) => countOfStop(place.store, stop));
      return { groups: [...grouped(stopped), ...grouped(counts)], ...present({ next }) };
    }
    case 'vendor': {
      const page = await core.registry.chunks(place.store, place.after);
      const next =
        page.next === undefined ? setAsideAfter(core, place.store) : { ...place, after: page.next };
      return { groups: grouped(page.items.flatMap(countsOfVendor)), ...present({ next }) };
    }
  }
}

async function censusPage(
  core: Reader,
  { census, shown }: Extract<AttentionPlace, { readonly in: 'census' }>,
): Promise<AttentionPage> {
  const id = census ?? (await core.registry.newestCensus());
  const all = id === undefined ? [] : attentionIn(await censusCounts(core, id));
  const isLast = shown + MOST >= all.length;
  return {
    ...present({ census: id }),
    groups: all.slice(shown, shown + MOST),
    next: isLast ? { in: 'quarantine' } : { in: 'census', shown: shown + MOST, ...present({ census: id }) },
  };
}

/** Nothing while they are being counted. */
async function waitingPolicies(core: Reader): Promise<readonly AttentionCount[]> {
  const found = await waitingForPerson(core);
  if (found === undefined) return [];
  const { newlyDue, since } = found;
  return [{ reason: 'policies-waiting', status: 'policies', count: newlyDue ?? 1, oldest: since }];
}

function requestsIn(
  core: Reader,
  listed: readonly ListedRequest[],
): Promise<ReadonlyMap<ListedRequest['ref'], PersonRequest>> {
  return core.registry.requests(listed.map(({ ref }) => ref));
}

/** The lane of a vendor has requests in its chunks. Other lanes have none, so theirs are not read. */
function afterSetAside(core: Reader, store: string): AttentionPlace | undefined {
  const isVendor = core.configuration.stores[store]?.kind === VENDOR_KIND;
  return isVendor ? { in: 'vendor', store } : setAsideAfter(core, store);
}

function setAsideAfter(core: Reader, before: string): AttentionPlace | undefined {
  const store = storeAfter(core, before);
  return store === undefined ? undefined : { in: 'set-aside', store };
}
