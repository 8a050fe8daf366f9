import { stopsOf } from '../../domain/guard/breaker.ts';
import { NEW_GUARD } from '../../domain/guard/lane-guard.ts';
import { IN_STORE } from '../attention.ts';
import { scopeCounts } from '../census.ts';
import type { Core } from '../core.ts';
import type { Finding } from '../waiting-too-long.ts';
import { changeGuard } from './change-guard.ts';

/** Workers that write a lane's guard at the same time. */
const MOST_TRIES = 20;

/**
 * Once an hour: rules that wait for a person, in each lane; and how many records each store has, for breakers that go by
 * a share of them. May run twice: a census is noted once.
 */
export async function sweepGuards(core: Core): Promise<readonly Finding[]> {
  const stores = Object.entries(core.configuration.stores);
  const needsSizes = stores.some(([, { breaker }]) => breaker?.share !== undefined);
  const census = needsSizes ? await core.registry.newestCensus() : undefined;
  const findings: Finding[] = [];
  const uncounted = new Set<string>();
  for (const [store, { breaker }] of stores) {
    const guard = (await core.registry.laneGuard(store)) ?? NEW_GUARD;
    const isKnown = census === undefined || guard.holdings?.census === census;
    if (breaker?.share !== undefined && !isKnown) uncounted.add(store);
    const stops = stopsOf(guard);
    if (stops.length === 0) continue;
    const oldest = Math.min(...stops.map(({ at }) => at));
    const seconds = Math.floor((core.clock.now() - oldest) / 1000);
    findings.push({ code: 'rule-stopped', store, count: stops.length, seconds });
  }
  if (census !== undefined && uncounted.size > 0) await noteSizes(core, census, uncounted);
  return findings;
}

/** Where workers write their lane's guard at the same time each time, the next hour notes the size. */
async function noteSizes(core: Core, census: string, stores: ReadonlySet<string>): Promise<void> {
  const counts = (await scopeCounts(core, census)).filter(({ reason }) => reason === IN_STORE);
  for (const store of stores) {
    const own = counts.filter((one) => one.store === store && one.status === 'active');
    const holdings = { census, count: own.reduce((sum, { count }) => sum + count, 0) };
    const writing = { by: core.tokens.next(), tries: MOST_TRIES };
    await changeGuard(core, store, writing, (guard) => ({ guard: { ...guard, holdings } }));
  }
}
