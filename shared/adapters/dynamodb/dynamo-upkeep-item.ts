import { gunzipSync, gzipSync } from 'node:zlib';
import * as z from 'zod';
import { type Coverage, CoverageReport } from '../../domain/coverage/coverage-report.ts';
import type { HoldingRef } from '../../domain/record/ids.ts';
import { present } from '../../domain/present.ts';
import { STORE_ACTIONS } from '../../domain/record/actions.ts';
import type {
  Cut,
  CensusPage,
  CensusPart,
  PolicyRun,
  Quarantined,
  SetAside,
  Walk,
} from '../../ports/upkeep.ts';
import { type Notice, NOTICE_KINDS } from '../../domain/record/notice.ts';
import { packed, replayTallyOf, tallyOf } from '../policy-plan/packed.ts';
import { markKey } from './dynamo-heartbeat.ts';
import type { ItemKey, StoredItem } from './dynamo-item.ts';
import { part, stored, trusted, whole, ttl } from './dynamo-item.ts';
import { packRefs, unpackRefs } from './packed-refs.ts';

export const QUARANTINE = 'Q#all';
export const POLICY_RUN = markKey('policies');

const walkItem = z.object({
  PK: part.text,
  r: part.count,
  a: part.instant,
  u: part.instant.optional(),
  e: part.entityRef.optional(),
  n: part.text.optional(),
  s: part.instant.optional(),
  d: z.boolean().optional(),
  c: part.count.optional(),
  b: part.bytes.optional(),
  y: part.bytes.optional(),
  ttl: part.count.optional(),
});

export function walkKey(id: string): ItemKey {
  return { PK: `C#${id}`, SK: 'C' };
}

export function toWalkItem(walk: Walk): StoredItem & ItemKey {
  const body = {
    r: walk.version,
    a: walk.at,
    u: walk.leasedUntil,
    e: walk.entity,
    n: walk.after,
    s: walk.since,
    d: walk.done,
    c: walk.count,
    b: walk.found && packed(walk.found),
    y: walk.replayed && packed(walk.replayed),
    ttl: walk.expires === undefined ? undefined : ttl(walk.expires, 0),
  };
  return stored<typeof body>(walkKey(walk.id), body);
}

export function fromWalkItem(found: StoredItem): Walk {
  const item = trusted('walk', walkItem, found);
  return whole<Walk>({
    id: item.PK.slice('C#'.length),
    version: item.r,
    at: item.a,
    leasedUntil: item.u,
    entity: item.e,
    after: item.n,
    since: item.s,
    done: item.d,
    count: item.c,
    found: item.b && tallyOf(item.b),
    replayed: item.y && replayTallyOf(item.y),
    expires: item.ttl === undefined ? undefined : item.ttl * 1000,
  });
}

const policyRunItem = z.object({
  d: part.text,
  a: part.instant,
  p: z.record(z.string(), part.text).optional(),
});

export function toPolicyRunItem({ digest, recordedAt, policies }: PolicyRun): StoredItem & ItemKey {
  const body = { d: digest, a: recordedAt, p: policies };
  return stored<typeof body>(POLICY_RUN, body);
}

export function fromPolicyRunItem(found: StoredItem): PolicyRun {
  const item = trusted('policy run', policyRunItem, found);
  return whole<PolicyRun>({ digest: item.d, recordedAt: item.a, policies: item.p });
}

const setAsideItem = z.object({ PK: part.text, SK: part.text, c: part.text, a: part.instant });

export function setAsidePartition(store: string): string {
  return `A#${store}`;
}

export function setAsideKey({ store, holding }: Pick<SetAside, 'store' | 'holding'>): ItemKey {
  return { PK: setAsidePartition(store), SK: holding };
}

export function toSetAsideItem(item: SetAside): StoredItem & ItemKey {
  return stored<{ c: string; a: number }>(setAsideKey(item), { c: item.code, a: item.at });
}

export function fromSetAsideItem(found: StoredItem): SetAside {
  const item = trusted('set-aside', setAsideItem, found);
  return { store: item.PK.slice('A#'.length), holding: item.SK as HoldingRef, code: item.c, at: item.a };
}

const countItem = z.tuple([
  part.text,
  part.text,
  part.text,
  part.text,
  part.count,
  part.instant,
  part.text.optional(),
]);
const seriesItem = z.tuple([
  part.text,
  z.string(),
  z.string(),
  z.enum(['', ...STORE_ACTIONS]),
  z.record(z.string(), part.count),
]);
const censusItem = z.object({
  c: z.array(countItem),
  /** In the order of the counts; empty where there is none. Beside them, because a former release reads them, too. */
  o: z.array(z.string()).optional(),
  SK: part.text,
  a: part.instant.optional(),
  /** Store, policy, category, action and bins of each series. */
  f: z.array(seriesItem).optional(),
  n: z.literal(true).optional(),
});

export function censusPartition(run: string): string {
  return `N#${run}`;
}

/** What a reason lists lies apart from the counts, so that reading these stays cheap. */
export function censusListPartition(run: string, reason: string): string {
  return `${censusPartition(run)}#${reason}`;
}

/** As long as hints: the newest census may be old where nothing is swept for weeks. */
export const CENSUS_DAYS = 35;

export function toCensusItem({
  run,
  page,
  at,
  counts,
  forecast = [],
  more,
}: CensusPage): StoredItem & ItemKey {
  const c = counts.map(({ store, policy, status, reason, count, oldest, code }) => [
    store,
    policy,
    status,
    reason,
    count,
    oldest,
    ...(code === undefined ? [] : [code]),
  ]);
  const key = { PK: censusPartition(run), SK: page };
  const owners = counts.map(({ owner = '' }) => owner);
  const f = forecast.map(({ store, policy, category, action = '', bins }) => [
    store,
    policy,
    category,
    action,
    bins,
  ]);
  const body = {
    c,
    o: owners.some((owner) => owner !== '') ? owners : undefined,
    a: at,
    f: f.length === 0 ? undefined : f,
    n: more,
    ttl: ttl(at, CENSUS_DAYS),
  };
  return stored<typeof body>(key, body);
}

export function fromCensusItem(found: StoredItem): CensusPart {
  const item = trusted('census', censusItem, found);
  const counts = item.c.map(([store, policy, status, reason, count, oldest, code], index) => {
    const owner = item.o?.[index] || undefined;
    return { store, policy, status, reason, count, oldest, ...present({ code, owner }) };
  });
  const forecast = (item.f ?? []).map(([store, policy, category, action, bins]) => {
    return { store, policy, category, ...present({ action: action || undefined }), bins };
  });
  return { page: item.SK, counts, forecast, ...present({ at: item.a, more: item.n }) };
}

export function toCensusListItems({ run, page, at, listed }: CensusPage): (StoredItem & ItemKey)[] {
  return [...listed].map(([reason, refs]) => {
    const key = { PK: censusListPartition(run, reason), SK: page };
    return stored<{ h: Uint8Array; ttl: number }>(key, { h: packRefs(refs), ttl: ttl(at, CENSUS_DAYS) });
  });
}

export function fromCensusListItem(found: StoredItem): HoldingRef[] {
  return unpackRefs(trusted('census list', z.object({ h: part.bytes }), found).h);
}

export const NEWEST_CENSUS = markKey('census');

export function fromNewestCensusItem(found: StoredItem): string {
  return trusted('newest census', z.object({ i: part.text }), found).i;
}

const coverageItem = z.object({ d: part.text, b: part.bytes.optional() });

export function coverageKey(store: string): ItemKey {
  return { PK: `CO#${store}`, SK: 'C' };
}

export function toCoverageItem(store: string, { tried, report }: Coverage): StoredItem & ItemKey {
  const b = report && gzipSync(JSON.stringify(report));
  const body = { d: tried, b, ttl: ttl(Date.parse(tried), CENSUS_DAYS) };
  return stored<typeof body>(coverageKey(store), body);
}

export function fromCoverageItem(found: StoredItem): Coverage {
  const item = trusted('coverage', coverageItem, found);
  if (item.b === undefined) return { tried: item.d };
  return { tried: item.d, ...present({ report: reportIn(item.b) }) };
}

/** One that cannot be read, or that a later release wrote in another way, is made again within a day. */
function reportIn(bytes: Uint8Array): CoverageReport | undefined {
  try {
    return CoverageReport.safeParse(JSON.parse(gunzipSync(bytes).toString())).data;
  } catch {
    return undefined;
  }
}

const quarantinedItem = z.object({
  SK: part.text,
  a: part.instant,
  t: part.instant.optional(),
  c: part.text,
  w: part.text,
  p: part.text.optional(),
  b: part.text,
  n: part.count.optional(),
  e: part.text.optional(),
});

export function toQuarantinedItem(item: Quarantined): StoredItem & ItemKey {
  const { receivedAt: a, triedAt: t, code: c, reason: w, producer: p, sealed: b, cut } = item;
  const body = { a, t, c, w, p, b, n: cut?.bytes, e: cut?.busId };
  return stored<typeof body>({ PK: QUARANTINE, SK: item.id }, body);
}

export function fromQuarantinedItem(found: StoredItem): Quarantined {
  const item = trusted('quarantined', quarantinedItem, found);
  return whole<Quarantined>({
    id: item.SK,
    receivedAt: item.a,
    triedAt: item.t,
    code: item.c,
    reason: item.w,
    producer: item.p,
    sealed: item.b,
    cut: item.n === undefined ? undefined : whole<Cut>({ bytes: item.n, busId: item.e }),
  });
}

export const NOTICE = 'T#';

const noticeItem = z.object({
  SK: part.text,
  k: z.enum(NOTICE_KINDS),
  a: part.instant,
  d: z.record(z.string(), z.unknown()),
});

export function toNoticeItem({ id, kind, at, data }: Notice): StoredItem & ItemKey {
  return stored<{ k: string; a: number; d: Notice['data'] }>(
    { PK: NOTICE, SK: id },
    { k: kind, a: at, d: data },
  );
}

export function fromNoticeItem(found: StoredItem): Notice {
  const { SK: id, k: kind, a: at, d: data } = trusted('notice', noticeItem, found);
  return { id, kind, at, data };
}
