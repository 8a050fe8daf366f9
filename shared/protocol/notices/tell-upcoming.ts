import { parts } from '../../domain/each.ts';
import { codeOf } from '../../domain/error-code.ts';
import type { HoldingRef } from '../../domain/record/ids.ts';
import type { Core } from '../core.ts';
import { noteUpcoming } from './note-from-census.ts';

/** Holdings that are read in one request. */
const BATCH = 100;

/**
 * Notes what is to be told of these holdings, as they are now. It is the last thing that a sweep does, so that no lane
 * waits for it. What it does not reach, or cannot read or write, the daily census finds.
 */
export async function tellUpcoming(
  core: Core,
  refs: readonly HoldingRef[],
  goOn: () => boolean,
): Promise<void> {
  try {
    for (const part of parts([...new Set(refs)], BATCH)) {
      if (!goOn()) return;
      const { holdings } = await core.registry.readHoldings(part);
      await noteUpcoming(core, [...holdings.values()], core.clock.now());
    }
  } catch (error) {
    core.report('sweep.failed', { code: codeOf(error) });
  }
}
