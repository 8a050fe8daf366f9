import { canonicalJson } from '../../domain/canonical-json.ts';
import { canonicalLocator } from '../../domain/configuration/locator.ts';
import type { HoldingRef } from '../../domain/record/ids.ts';
import { codeOf } from '../../domain/error-code.ts';
import { own } from '../../domain/own.ts';
import type { Locator } from '../../ports/store.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { LaneCore } from '../core.ts';
import { setAside } from '../set-aside.ts';

/** The locators that opened, and of the others the code that says why they did not. */
export interface Locators {
  readonly opened: ReadonlyMap<HoldingRef, Locator>;
  /** The key service did not answer for these, or the types of the store's keys are others now: to be tried again. */
  readonly failed: ReadonlyMap<HoldingRef, string>;
}

/** The code of a locator that does not open, or is missing. */
export const LOCATOR_BROKEN = 'LOCATOR_BROKEN';

/** Opens the holdings' locators. One that is broken is set aside with a code; none stops another. */
export async function openLocators(core: LaneCore, holdings: readonly Holding[]): Promise<Locators> {
  const opened = new Map<HoldingRef, Locator>();
  const failed = new Map<HoldingRef, string>();
  for (const holding of holdings) {
    const locator = await openOne(core, holding);
    switch (locator.state) {
      case 'opened':
        opened.set(holding.ref, locator.locator);
        break;
      case 'failed':
        failed.set(holding.ref, locator.code);
        break;
      case 'broken':
        await setAside(core, holding, LOCATOR_BROKEN, core.clock.now());
    }
  }
  return { opened, failed };
}

export type Opened =
  | { readonly state: 'opened'; readonly locator: Locator }
  | { readonly state: 'failed'; readonly code: string }
  | { readonly state: 'broken' };

/** Not where the types of the store's keys have changed since: it names no record then. */
export async function openOne(core: LaneCore, holding: Holding): Promise<Opened> {
  const opened = await openSealed(core, holding);
  return opened.state !== 'opened' || isCurrent(core, holding.store, opened.locator)
    ? opened
    : { state: 'failed', code: 'STORE_SCHEMA' };
}

/** The sealed locator as it is, whatever the types of the store's keys are now. `ref`: under which it was sealed. */
export async function openSealed(
  core: Pick<LaneCore, 'keys'>,
  { ref, store, locator }: { readonly ref: string } & Pick<Holding, 'store' | 'locator'>,
): Promise<Opened> {
  if (locator === undefined) return { state: 'broken' };
  try {
    const bytes = await core.keys.decrypt({ scope: store, context: ref }, locator);
    return { state: 'opened', locator: JSON.parse(Buffer.from(bytes).toString('utf8')) as Locator };
  } catch (error) {
    const code = codeOf(error);
    return error instanceof SyntaxError || code === 'CIPHERTEXT_BROKEN'
      ? { state: 'broken' }
      : { state: 'failed', code };
  }
}

/**
 * Whether the record would still have this locator. If the types of the store's keys were changed, the same record would be
 * registered as a second holding, and the first one would not know what keeps it longer.
 */
function isCurrent({ configuration }: LaneCore, store: string, locator: Locator): boolean {
  const keys = own(configuration.stores, store)?.keys ?? [];
  const now = canonicalLocator(keys, locator);
  return now.ok && now.canonical === canonicalJson(locator);
}
