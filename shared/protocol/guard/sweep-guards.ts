import { stopsOf } from '../../domain/guard/breaker.ts';
import { type LaneGuard, NEW_GUARD } from '../../domain/guard/lane-guard.ts';
import { IN_STORE } from '../attention.ts';
import { scopeCounts } from '../census.ts';
import type { Core } from '../core.ts';
import type { Finding } from '../waiting-too-long.ts';

/**
 * Once an hour: rules that wait for a person, in each lane; and how many records each store has, for breakers that go by
 * a share of them. May run twice: a census is noted once.
 */
export async function sweepGuards(core: Core): Promise<readonly Finding[]> {
  const stores = Object.entries(core.configuration.stores);
  const needsSizes = stores.some(([, { breaker }]) => breaker?.share !== undefined);
  const census = needsSizes ? await core.registry.newestCensus() : undefined;
  const findings: Finding[] = [];
  const uncounted = new Map<string, LaneGuard>();
  for (const [store, { breaker }] of stores) {
    const guard = (await core.registry.laneGuard(store)) ?? NEW_GUARD;
    const isKnown = census === undefined || guard.holdings?.census === census;
    if (breaker?.share !== undefined && !isKnown) uncounted.set(store, guard);
    const stops = stopsOf(guard);
    if (stops.length === 0) continue;
    const oldest = Math.min(...stops.map(({ at }) => at));
    const seconds = Math.floor((core.clock.now() - oldest) / 1000);
    findings.push({ code: 'rule-stopped', store, count: stops.length, seconds });
  }
  if (census !== undefined && uncounted.size > 0) await noteSizes(core, census, uncounted);
  return findings;
}

/** Where a worker writes its lane's guard at the same time, it comes first: the next hour notes the size. */
async function noteSizes(core: Core, census: string, guards: ReadonlyMap<string, LaneGuard>): Promise<void> {
  const counts = (await scopeCounts(core, census)).filter(({ reason }) => reason === IN_STORE);
  for (const [store, guard] of guards) {
    const own = counts.filter((one) => one.store === store && one.status === 'active');
    const holdings = { census, count: own.reduce((sum, { count }) => sum + count, 0) };
    const next = { ...guard, version: guard.version + 1, by: core.tokens.next(), holdings };
    await core.registry.writeLaneGuard(store, next);
  }
}
