import { type CoverageReport, presentFields } from '../domain/coverage/coverage-report.ts';
import { effectivePolicies } from '../domain/configuration/effective-policies.ts';
import { stopsOf } from '../domain/guard/breaker.ts';
import { NEW_GUARD, type RuleStop } from '../domain/guard/lane-guard.ts';
import { isOpen, type PersonRequest } from '../domain/people/request.ts';
import { present } from '../domain/present.ts';
import { isEntityReason, isHoldingReason, type Reason, REASONS } from '../domain/record/attention.ts';
import type { LegalHold } from '../domain/record/hold.ts';
import type { Holding } from '../domain/record/holding.ts';
import type { Instant } from '../domain/record/ids.ts';
import type { CensusCount, Quarantined, SetAside } from '../ports/upkeep.ts';
import type { ListedRequest } from '../ports/requests.ts';
import { placeOf, reasonOf } from './attention.ts';
import { censusCounts } from './census.ts';
import type { Core } from './core.ts';
import { lateDatasets } from './datasets/late-datasets.ts';
import { isReviewOverdue } from './people/hold-review.ts';
import { waitingForPerson } from './policy-plan/activation.ts';
import { SEGMENTS, segmentId } from './walk.ts';

type Reader = Pick<Core, 'registry' | 'configuration' | 'clock'>;

/** Groups and holdings on one page. */
const MOST = 100;

export interface AttentionCount {
  readonly reason: Reason;
  readonly status: string;
  readonly store?: string;
  readonly policy?: string;
  readonly producer?: string;
  readonly code?: string;
  readonly owner?: string;
  readonly count: number;
  readonly oldest: Instant;
}

/**
 * Where the next page begins: in the counts of the census that the first page was of, in the quarantine, or in what is
 * set aside. Another census has other pages, so a list that was begun goes on in its own.
 */
export type AttentionPlace =
  | { readonly in: 'census'; readonly census?: string; readonly shown: number }
  | { readonly in: 'quarantine'; readonly after?: string }
  | { readonly in: 'holds'; readonly after?: string }
  | { readonly in: 'requests'; readonly after?: string }
  | { readonly in: 'set-aside'; readonly store: string; readonly after?: string };

export interface AttentionPage {
  /** Whose counts these are. */
  readonly census?: string;
  readonly groups: readonly AttentionCount[];
  readonly next?: AttentionPlace;
}

/**
 * What needs a person, in groups: first what the newest census counted, then policies that wait to be approved, the quarantine, the legal holds past their review date, the open requests of people and
 * what is set aside, as they are now. A group may go on on the next page. Nothing is written.
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
      const next = page.next === undefined ? firstStore(core) : { ...place, after: page.next };
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
      const next = page.next === undefined ? storeAfter(core, place.store) : { ...place, after: page.next };
      // Those of a store come before what is set aside in it.
      const guard = place.after === undefined ? await core.registry.laneGuard(place.store) : undefined;
      const stopped = stopsOf(guard ?? NEW_GUARD).map((stop) => countOfStop(place.store, stop));
      return { groups: [...grouped(stopped), ...grouped(counts)], ...present({ next }) };
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

/** In the order of the reasons, the same for every page. */
function attentionIn(counts: readonly CensusCount[]): readonly AttentionCount[] {
  const order = Object.keys(REASONS);
  const text = ({ reason, store, policy, status, code, owner }: CensusCount): string =>
    JSON.stringify([order.indexOf(reason) + 100, store, policy, status, code, owner]);
  return counts
    .toSorted((a, b) => (text(a) < text(b) ? -1 : 1))
    .flatMap(({ reason, store, policy, status, code, owner, count, oldest }) => {
      if (!isHoldingReason(reason) && !isEntityReason(reason)) return [];
      return [{ reason, status, count, oldest, ...named({ store, policy, code, owner }) }];
    });
}

/** Nothing while they are being counted. */
async function waitingPolicies(core: Reader): Promise<readonly AttentionCount[]> {
  const found = await waitingForPerson(core);
  if (found === undefined) return [];
  const { newlyDue, since } = found;
  return [{ reason: 'policies-waiting', status: 'policies', count: newlyDue ?? 1, oldest: since }];
}

function countOfMessage({ code, producer, receivedAt }: Quarantined): AttentionCount {
  const what = { reason: 'quarantined', status: 'message', count: 1, oldest: receivedAt } as const;
  return { ...what, ...named({ producer, code }) };
}

function countOfHold({ reviewBy, at }: LegalHold): AttentionCount {
  return { reason: 'hold-review', status: 'hold', count: 1, oldest: reviewBy ?? at };
}

function requestsIn(
  core: Reader,
  listed: readonly ListedRequest[],
): Promise<ReadonlyMap<ListedRequest['ref'], PersonRequest>> {
  return core.registry.requests(listed.map(({ ref }) => ref));
}

function countOfRequest({ kind, state, receivedAt }: PersonRequest): AttentionCount {
  return { reason: 'request-open', status: state, code: kind, count: 1, oldest: receivedAt };
}

function countOfStop(store: string, { policy, at, because }: RuleStop): AttentionCount {
  const what = { reason: 'rule-stopped', status: 'rule', count: 1, oldest: at } as const;
  return { ...what, ...named({ store, policy, code: because }) };
}

function countOfSetAside(
  core: Reader,
  { code, store, at }: SetAside,
  holding: Holding | undefined,
  now: Instant,
): AttentionCount {
  const { policy, status, owner } =
    holding === undefined
      ? { policy: '', status: 'unknown', owner: undefined }
      : placeOf(holding, effectivePolicies(core.configuration.policies, now));
  return { reason: 'set-aside', status, count: 1, oldest: at, ...named({ store, policy, code, owner }) };
}

function countOfDataset(store: string, code: string, since: Instant): AttentionCount {
  return { reason: 'dataset-late', status: 'dataset', store, code, count: 1, oldest: since };
}

function countsOfSurvey(store: string, report: CoverageReport): readonly AttentionCount[] {
  const places = report.uncovered.flatMap(({ kind, since }) =>
    since === undefined
      ? []
      : [{ reason: 'uncovered', status: 'place', store, code: kind, count: 1, oldest: since } as const],
  );
  const fields = presentFields(report).map(
    (code) =>
      ({ reason: 'never-present', status: 'field', store, code, count: 1, oldest: report.at }) as const,
  );
  return [...places, ...fields];
}

function named<Names extends Readonly<Record<string, string | undefined>>>(names: Names) {
  return Object.fromEntries(
    Object.entries(names).filter(([, value]) => value !== undefined && value !== ''),
  ) as { readonly [Name in keyof Names]?: string };
}

function grouped(counts: readonly AttentionCount[]): readonly AttentionCount[] {
  const keyOf = ({ count: _count, oldest: _oldest, ...rest }: AttentionCount): string => JSON.stringify(rest);
  return [...Map.groupBy(counts, keyOf).values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    return [{ ...first, count: group.length, oldest: Math.min(...group.map(({ oldest }) => oldest)) }];
  });
}

function firstStore(core: Reader): AttentionPlace | undefined {
  return storeAfter(core, '');
}

function storeAfter(core: Reader, before: string): AttentionPlace | undefined {
  const store = Object.keys(core.configuration.stores)
    .toSorted()
    .find((name) => name > before);
  return store === undefined ? undefined : { in: 'set-aside', store };
}

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
  const from = place?.in === 'set-aside' ? place : firstStore(core);
  if (from?.in !== 'set-aside') return { holdings: [] };
  const page = await core.registry.setAsides(from.store, from.after);
  const { holdings: known } = await core.registry.readHoldings(page.items.map(({ holding }) => holding));
  const holdings = page.items.flatMap(({ holding: ref, code }) => {
    const holding = known.get(ref);
    return holding === undefined ? [] : [{ holding, code }];
  });
  const next = page.next === undefined ? storeAfter(core, from.store) : { ...from, after: page.next };
  return { holdings, ...present({ next: next?.in === 'set-aside' ? next : undefined }) };
}
