import { destroys, strength } from '../../domain/record/actions.ts';
import { collectionRef } from '../../domain/configuration/references.ts';
import { own } from '../../domain/own.ts';
import { present } from '../../domain/present.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { HoldingRef, Instant } from '../../domain/record/ids.ts';
import type { Locator } from '../../ports/store.ts';
import type { LaneCore } from '../core.ts';
import type { Begun } from '../lane/begin.ts';
import { isPast } from '../lane/decide.ts';
import { heldBy } from '../lane/held-by.ts';
import type { Todo } from '../lane/told.ts';
import { dependsOnUnread } from '../columns/unread-column.ts';
import { planOf, policyNamesOf, type States } from '../plan-of.ts';
import { seconds } from '../seconds.ts';

const HOUR = 3_600_000;

/** The collections that a record is in. `code`: it is not known of all of them. */
export interface Around {
  readonly collections: Holding[];
  code?: string;
}

/** In which collections these records are, by the store itself. Stores without collections are not asked. */
export async function collectionsAround(
  core: LaneCore,
  records: readonly { readonly holding: Holding; readonly locator: Locator }[],
): Promise<ReadonlyMap<HoldingRef, Around>> {
  const around = new Map<HoldingRef, Around>();
  const { collections: defined = [] } = own(core.configuration.stores, core.lane) ?? {};
  if (defined.length === 0 || records.length === 0) return around;
  const key = await core.keys.registryKey();
  const asked: { readonly of: Around; readonly ref: HoldingRef }[] = [];
  for (const { holding } of records) around.set(holding.ref, { collections: [] });
  for (const { category, by, where } of defined) {
    const members = await core.store.idsOf(
      records.map(({ locator }) => locator),
      { by, ...present({ where }) },
    );
    for (const [index, { holding }] of records.entries()) {
      const of = around.get(holding.ref);
      const member = members[index] ?? { state: 'unknown', code: 'STORE_ERROR' };
      if (of === undefined || member.state === 'out') continue;
      if (member.state === 'unknown') of.code = member.code;
      else asked.push({ of, ref: collectionRef(key, core.lane, category, member.id) });
    }
  }
  if (asked.length === 0) return around;
  const { holdings, damaged } = await core.registry.readHoldings([...new Set(asked.map(({ ref }) => ref))]);
  const codes = new Map(damaged.map(({ ref, code }) => [ref, code]));
  for (const { of, ref } of asked) {
    const found = holdings.get(ref);
    const code = codes.get(ref);
    if (code !== undefined) of.code = code;
    if (found?.state === 'active' || found?.state === 'pending') of.collections.push(found);
  }
  return around;
}

type Kept =
  | { readonly kind: 'free' }
  | { readonly kind: 'later'; readonly until: Instant }
  | { readonly kind: 'failed'; readonly code: string };

/**
 * Whether a collection keeps the record longer than its own plan does: because it is not due yet for as much, or because a
 * legal hold covers it. A restriction destroys nothing, so it waits for none. Pure but for the clock.
 */
export function keptByCollection(
  core: LaneCore,
  { holds, columns }: Begun,
  { stage }: Pick<Todo, 'stage'>,
  { around, states }: { readonly around: Around | undefined; readonly states: States },
): Kept {
  if (around === undefined || !destroys(stage)) return { kind: 'free' };
  if (around.code !== undefined) return { kind: 'failed', code: around.code };
  const now = core.clock.now();
  const longest = now + seconds(core.configuration.timing.longestBackoff);
  const dates: Instant[] = [];
  for (const holding of around.collections) {
    try {
      const { next } = planOf(core, holding, states, now);
      const policies = policyNamesOf(core, holding, now);
      const isHeld = heldBy({ holding, policies, states, holds, action: stage }) !== undefined;
      const actAt = next?.actAt ?? Infinity;
      const isEnough = next !== undefined && strength(next.action) >= strength(stage);
      if (isHeld || !isEnough || next.heldByRule === true) dates.push(longest);
      else if (!isPast(core, actAt, now)) dates.push(Math.min(actAt, longest));
      else if (dependsOnUnread(core, columns, { holding, states }, { since: actAt, now }))
        dates.push(now + HOUR);
    } catch {
      // It is set aside by its own chunk. What is unknown keeps.
      return { kind: 'failed', code: 'PLAN_FAILED' };
    }
  }
  return dates.length === 0 ? { kind: 'free' } : { kind: 'later', until: Math.max(...dates) };
}
