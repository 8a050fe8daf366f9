import { each, pages } from '../domain/each.ts';
import type { HoldingRef } from '../domain/record/ids.ts';
import type { Core } from './core.ts';
import { hintLater } from './lane/hint-later.ts';

/**
 * What was set aside is tried again once a day: it is hinted, and set aside again if it still cannot be handled. The hint
 * is on record in the holding, so that the other segments find what points at it.
 */
export async function retrySetAside(core: Core): Promise<void> {
  for (const store of Object.keys(core.configuration.stores)) {
    for await (const { items } of setAsidePages(core, store)) {
      const { holdings, damaged } = await core.registry.readHoldings(items.map(({ holding }) => holding));
      const open = [...holdings.values()].filter(({ state }) => state === 'active' || state === 'pending');
      await each(open, 8, (holding) => hintLater(core, holding, core.clock.now()));
      const isDamaged = new Set(damaged.map(({ ref }) => ref));
      for (const item of items) if (!isDamaged.has(item.holding)) await core.registry.takeBack(item);
    }
  }
}

export async function allSetAside(core: Core, store: string): Promise<ReadonlySet<HoldingRef>> {
  const all = new Set<HoldingRef>();
  for await (const { items } of setAsidePages(core, store)) for (const { holding } of items) all.add(holding);
  return all;
}

function setAsidePages(core: Core, store: string) {
  return pages((after) => core.registry.setAsides(store, after));
}
