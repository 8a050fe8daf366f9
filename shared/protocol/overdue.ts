import { effectivePolicies, policyOf } from '../domain/configuration/effective-policies.ts';
import { hourOf } from '../domain/calendar/utc-time.ts';
import { SHARDS } from '../domain/record/shard.ts';
import type { Holding } from '../domain/record/holding.ts';
import type { HoldingRef, Instant } from '../domain/record/ids.ts';
import { covers, type WideHold } from '../domain/record/hold.ts';
import { each } from '../domain/each.ts';
import { seconds, type Core } from './core.ts';
import { holdStands } from './look-at-hints.ts';
import { unique } from './plan-of.ts';

const HOUR = 3_600_000;
/** How far back to look when no sweep has set a watermark yet. */
const FIRST_LOOK_BACK = 7 * 24 * HOUR;
/** The most hours of hints, and the most pages of what is parked, that one page reads. */
const HOURS_A_PAGE = 36;
const PARKED_PAGES_A_PAGE = 20;
const BATCH = 100;

export interface OverdueHoldings {
  readonly store: string;
  readonly policies: readonly string[];
  readonly stage: string;
  /** What keeps the lane from them, as far as the registry knows. */
  readonly because: 'paused' | 'failing' | 'claimed' | 'waiting';
  readonly count: number;
  readonly oldestDeadline: Instant;
}

/** Where the next page begins. */
export type OverdueCursor = { readonly hour: Instant } | { readonly hold: string; readonly after?: string };

export interface OverduePage {
  readonly groups: readonly OverdueHoldings[];
  readonly next?: OverdueCursor;
}

type Reader = Pick<Core, 'registry' | 'configuration'>;

/**
 * Holdings past their deadline, in groups of what is alike; the oldest first. Whatever is due has an unsettled hint
 * between the watermark and now + the longest back-off, or is parked: under a hold it is kept rightly and is not
 * listed, under a pause it is. Nothing is written. A holding that changes while pages are read may be counted twice.
 */
export async function listOverdue(core: Reader, now: Instant, cursor?: OverdueCursor): Promise<OverduePage> {
  const { holdings, pauses, next } = await behindPage(core, now, now, cursor);
  return { groups: grouped(core, now, pauses, holdings), ...(next === undefined ? {} : { next }) };
}

interface BehindPage {
  readonly holdings: readonly Holding[];
  readonly pauses: readonly WideHold[];
  readonly next?: OverdueCursor;
}

interface Look {
  readonly now: Instant;
  /** Deadlines earlier than this are of interest. */
  readonly before: Instant;
  readonly pauses: readonly WideHold[];
}

/** Unsettled holdings whose deadline is earlier than `before`; those that are not due yet may be among them. */
export async function behindPage(
  core: Reader,
  now: Instant,
  before: Instant,
  cursor?: OverdueCursor,
): Promise<BehindPage> {
  const pauses = (await core.registry.wideHolds())
    .filter(({ kind }) => kind === 'pause')
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const look = { now, before, pauses };
  const start = (await core.registry.watermark()) ?? hourOf(now) - FIRST_LOOK_BACK;
  if (cursor !== undefined && 'hold' in cursor) return parkedPage(core, look, cursor);
  return hintedPage(core, look, start, cursor?.hour ?? start);
}

async function hintedPage(core: Reader, look: Look, start: Instant, from: Instant): Promise<BehindPage> {
  const { now, pauses } = look;
  const last = hourOf(now + seconds(core.configuration.timing.longestBackoff));
  const end = Math.min(last + HOUR, from + HOURS_A_PAGE * HOUR);
  const found = new Map<HoldingRef, Holding>();
  // Older hints of a holding may lie on other pages: it counts where the hint on record does, if that is on any.
  const isCountedAt = (hint: Instant): boolean =>
    (hint >= from && hint < end) || hint < start || hint >= last + HOUR;
  for (let hour = from; hour < end; hour += HOUR) {
    await each(
      Array.from({ length: SHARDS }, (_, shard) => shard),
      SHARDS,
      async (shard) => {
        for (const holding of await hintedIn(core, look, hour, shard)) {
          if (isCountedAt(holding.hintAt ?? hour)) found.set(holding.ref, holding);
        }
      },
    );
  }
  const holdings = [...found.values()];
  if (end <= last) return { holdings, pauses, next: { hour: end } };
  const pause = pauses[0];
  return pause === undefined ? { holdings, pauses } : { holdings, pauses, next: { hold: pause.id } };
}

/** The late holdings that the hints of one bucket name. Those of the future are of interest only as retries. */
async function hintedIn(
  core: Reader,
  { now, before }: Look,
  hour: Instant,
  shard: number,
): Promise<readonly Holding[]> {
  const behind: Holding[] = [];
  let after: string | undefined;
  do {
    const page = await core.registry.hints(hour, shard, after === undefined ? {} : { after });
    const refs = page.items
      .filter(({ minute, deadline }) => minute <= now || deadline === undefined || deadline < before)
      .map(({ holding }) => holding);
    for (const holding of await holdingsOf(core, unique(refs))) {
      if (!isOverdue(holding, before)) continue;
      if (holding.parked === undefined || !(await holdStands(core, holding.parked))) behind.push(holding);
    }
    after = page.next;
  } while (after !== undefined);
  return behind;
}

async function parkedPage(
  core: Reader,
  { before, pauses }: Look,
  cursor: Extract<OverdueCursor, { readonly hold: string }>,
): Promise<BehindPage> {
  const found: Holding[] = [];
  // A pause that was released since the last page is gone from the list; the ones after it are not.
  let index = pauses.findIndex(({ id }) => id >= cursor.hold);
  let after = pauses[index]?.id === cursor.hold ? cursor.after : undefined;
  for (let pages = 0; index >= 0 && index < pauses.length; pages += 1) {
    const hold = pauses[index];
    if (hold === undefined) break;
    if (pages === PARKED_PAGES_A_PAGE) {
      const next = { hold: hold.id, ...(after === undefined ? {} : { after }) };
      return { holdings: found, pauses, next };
    }
    const page = await core.registry.parked(hold.id, after);
    const holdings = await holdingsOf(core, page.items);
    found.push(...holdings.filter((each) => isOverdue(each, before) && each.parked?.hold === hold.id));
    after = page.next;
    if (after === undefined) index += 1;
  }
  return { holdings: found, pauses };
}

async function holdingsOf(core: Reader, refs: readonly HoldingRef[]): Promise<readonly Holding[]> {
  const holdings: Holding[] = [];
  for (let start = 0; start < refs.length; start += BATCH) {
    holdings.push(...(await core.registry.holdings(refs.slice(start, start + BATCH))).values());
  }
  return holdings;
}

/** Whether a stage should have been carried out by now and is not. */
export function isOverdue(holding: Holding, now: Instant): boolean {
  const deadline = holding.decision?.deadline;
  return (
    deadline !== undefined && deadline < now && holding.state !== 'disposed' && holding.state !== 'withdrawn'
  );
}

function grouped(
  core: Reader,
  now: Instant,
  pauses: readonly WideHold[],
  holdings: readonly Holding[],
): readonly OverdueHoldings[] {
  const effective = effectivePolicies(core.configuration.policies, now);
  const groups = new Map<string, OverdueHoldings>();
  for (const holding of holdings) {
    const categories = holding.registrations.flatMap((registration) => registration.categories);
    const policies = unique(
      categories.flatMap((category) => policyOf(category, effective)?.name ?? []),
    ).toSorted();
    const stage = holding.decision?.stage ?? '';
    const because = reasonOf(holding, pauses, policies);
    const deadline = holding.decision?.deadline ?? now;
    const key = JSON.stringify([holding.store, policies, stage, because]);
    const group = groups.get(key);
    groups.set(key, {
      store: holding.store,
      policies,
      stage,
      because,
      count: (group?.count ?? 0) + 1,
      oldestDeadline: Math.min(group?.oldestDeadline ?? deadline, deadline),
    });
  }
  return [...groups.values()].toSorted((a, b) => a.oldestDeadline - b.oldestDeadline);
}

function reasonOf(
  holding: Holding,
  pauses: readonly WideHold[],
  policies: readonly string[],
): OverdueHoldings['because'] {
  if (pauses.some(({ scope }) => covers(scope, holding, policies))) return 'paused';
  if (holding.state === 'claimed') return 'claimed';
  return (holding.failures ?? 0) > 0 ? 'failing' : 'waiting';
}
