import type { Instant } from '../../domain/record/ids.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { Core } from '../core.ts';
import { hintMinute } from '../hint.ts';
import { rePlan, writePlanned } from '../plan-writer.ts';
import { hintAgainIfLate } from '../hint.ts';

/** Leaves the holding until then: a hint, on record. A holding that moved meanwhile is planned instead. */
export async function hintLater(core: Core, holding: Holding, until: Instant): Promise<void> {
  const hintAt = hintMinute(until, core.clock.now(), core.configuration.timing);
  const { parked: _parked, ...rest } = holding;
  const after: Holding = { ...rest, version: holding.version + 1, hintAt };
  const { written } = await writePlanned(core, [{ before: holding, after }]);
  if (written.length === 0) await rePlan(core, [holding.ref]);
  else await hintAgainIfLate(core, written);
}
