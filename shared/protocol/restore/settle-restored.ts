import type { Holding } from '../../domain/record/holding.ts';
import type { HoldingsPage } from '../../ports/holdings.ts';
import type { Keys } from '../../ports/keys.ts';
import type { Core } from '../core.ts';
import { setDamagedAside } from '../damaged.ts';
import { SEGMENTS, segmentId, walkSegment } from '../walk.ts';
import { rebuildId, settlingId } from './restored.ts';
import { settleLogged } from './settle-logged.ts';

export type SettlingCore = Core & { readonly keys: Keys };

/** Asked for every hour until every segment has ended; not before the registry knows all that is in the log. */
export async function startSettling(core: Core, table: string): Promise<void> {
  if ((await core.registry.walk(rebuildId(table))).done !== true) return;
  const id = settlingId(table);
  for (let segment = 0; segment < SEGMENTS; segment += 1) {
    if ((await core.registry.walk(segmentId(id, segment))).done !== true)
      await core.queues.toSweep([{ kind: 'walk', walk: id, segment }]);
  }
}

/**
 * One segment of the walk over all holdings of an adopted table: what the log says was disposed of becomes tombstones.
 * A worker asks the log by itself before it acts. This walk is for what does not become due.
 */
export async function settlingSegment(
  core: SettlingCore,
  message: { readonly walk: string; readonly segment: number },
  goOn: () => boolean,
): Promise<void> {
  const walked = await walkSegment<HoldingsPage>(core, { id: message.walk, segment: message.segment }, goOn, {
    scan: (...page) => core.registry.scanHoldings(...page),
    async visit({ items, damaged }) {
      await setDamagedAside(core, damaged);
      for (const [lane, own] of Map.groupBy(items, ({ store }) => store))
        await settleLogged({ ...core, lane }, byRef(own));
    },
  });
  if (walked === 'more') await core.queues.toSweep([{ kind: 'walk', ...message }]);
}

function byRef(holdings: readonly Holding[]): ReadonlyMap<Holding['ref'], Holding> {
  return new Map(holdings.map((holding) => [holding.ref, holding]));
}
