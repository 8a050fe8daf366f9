import type { Holding } from '../domain/record/holding.ts';
import type { HoldingRef } from '../domain/record/ids.ts';
import type { DamagedHolding } from '../ports/holdings.ts';
import type { Core } from './core.ts';
import { setAside } from './set-aside.ts';

type Reader = Pick<Core, 'registry' | 'configuration' | 'clock' | 'report'>;

/** The holdings that can be read. Where many are read at once, a damaged one is set aside and stops no other. */
export async function readableHoldings(
  core: Reader,
  refs: readonly HoldingRef[],
): Promise<ReadonlyMap<HoldingRef, Holding>> {
  const { holdings, damaged } = await core.registry.readHoldings(refs);
  await setDamagedAside(core, damaged);
  return holdings;
}

/** An item that does not even tell its store is only reported: its lane knows the store, and sets it aside when it is due. */
export async function setDamagedAside(
  core: Reader,
  damaged: readonly DamagedHolding[],
  lane?: string,
): Promise<void> {
  const at = core.clock.now();
  for (const { ref, code, store: told } of damaged) {
    const store = lane ?? told ?? '';
    const isKnown = core.configuration.stores[store] !== undefined;
    if (isKnown) await setAside(core, { ref, store }, code, at);
    else core.report('holding.set-aside', { store: '', code, count: 1 });
  }
}
