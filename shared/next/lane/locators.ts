import type { HoldingRef } from '../../domain/record/ids.ts';
import type { Locator } from '../../ports/store.ts';
import type { Holding } from '../record/holding.ts';
import type { LaneCore } from '../protocol/core.ts';

/**
 * Opens the holdings' locators. One that does not open, or is missing, is set aside with a code and stops no other; a
 * key service that does not answer throws, and then nothing is done.
 */
export async function openLocators(
  core: LaneCore,
  holdings: readonly Holding[],
): Promise<ReadonlyMap<HoldingRef, Locator>> {
  const opened = new Map<HoldingRef, Locator>();
  for (const holding of holdings) {
    const locator = await openOne(core, holding);
    if (locator !== undefined) opened.set(holding.ref, locator);
    else {
      const code = 'LOCATOR_BROKEN';
      await core.registry.setAside({
        store: holding.store,
        holding: holding.ref,
        code,
        at: core.clock.now(),
      });
      core.report('holding.set-aside', { store: holding.store, code, count: 1 });
    }
  }
  return opened;
}

async function openOne(core: LaneCore, { ref, store, locator }: Holding): Promise<Locator | undefined> {
  if (locator === undefined) return undefined;
  try {
    const bytes = await core.keys.decrypt({ scope: store, context: ref }, locator);
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as Locator;
  } catch (error) {
    const isBroken =
      error instanceof SyntaxError ||
      (error instanceof Error && 'code' in error && error.code === 'CIPHERTEXT_BROKEN');
    if (isBroken) return undefined;
    throw error;
  }
}
