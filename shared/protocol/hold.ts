import { pages } from '../domain/each.ts';
import type { WideHold } from '../domain/record/hold.ts';
import type { WorkRecord } from '../domain/record/work.ts';
import type { Core } from './core.ts';
import { readableHoldings } from './damaged.ts';
import { hintSoon } from './hint.ts';

/** Attempts that may have read the holds before this one was put: they settle within a lease. */
export type InFlight = Pick<WorkRecord, 'lane' | 'token' | 'until' | 'refs'>;

/**
 * Places a hold or a pause: put it, then read the lanes' work records, then answer. What begins afterwards reads the
 * hold; what had begun is named.
 */
export async function placeHold(
  core: Core,
  hold: WideHold,
): Promise<
  { readonly kind: 'placed'; readonly inFlight: readonly InFlight[] } | { readonly kind: 'refused' }
> {
  if ((await core.registry.placeWideHold(hold)) === 'refused') return { kind: 'refused' };
  return { kind: 'placed', inFlight: await inFlight(core, lanesOf(core, hold)) };
}

async function inFlight(core: Core, lanes: readonly string[]): Promise<readonly InFlight[]> {
  const records: InFlight[] = [];
  for (const lane of lanes) {
    // Also those whose lease is over: a store call of theirs may still be under way.
    const all = await core.registry.workRecords(lane);
    records.push(...all.map(({ token, until, refs }) => ({ lane, token, until, refs })));
  }
  return records;
}

function lanesOf(core: Core, { scope }: WideHold): readonly string[] {
  return 'store' in scope ? [scope.store] : Object.keys(core.configuration.stores);
}

/** A hold or pause ends: marked for ever, then everything parked under it is hinted. Repeated until it has returned. */
export async function release(core: Core, hold: WideHold): Promise<number> {
  await core.registry.releaseWideHold({ ...hold, state: 'released' });
  return hintParked(core, hold.id);
}

/** Hints, then unparks: dying in between leaves one hint too many. */
export async function hintParked(core: Core, hold: string): Promise<number> {
  let hinted = 0;
  for await (const { items } of pages((after) => core.registry.parked(hold, after))) {
    const holdings = await readableHoldings(core, items);
    await hintSoon(core, holdings.values());
    await core.registry.unpark(hold, items);
    hinted += items.length;
  }
  return hinted;
}
