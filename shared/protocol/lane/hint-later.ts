import type { Instant } from '../../domain/record/ids.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { Core } from '../core.ts';
import { rePlan, writePlanned } from '../plan-writer.ts';
import { hintAgainIfLate, hintMinute, isHintedBy } from '../hint.ts';

/**
 * Leaves the holding until then: a hint, on record. An earlier one that is still to come is enough, so that two chunks
 * with the holding end as one. A holding that moved meanwhile is planned instead. `waits`: rightly, so it is not late.
 */
export async function hintLater(core: Core, holding: Holding, until: Instant, waits = false): Promise<void> {
  const now = core.clock.now();
  const hintAt = hintMinute(until, now, core.configuration.timing);
  if (holding.parked === undefined && isHintedBy(holding.hintAt, hintAt, now))
    return hintAgainIfLate(core, [holding]);
  const { parked: _parked, ...rest } = holding;
  const waiting = waits ? { waitsUntil: hintAt } : {};
  const after: Holding = { ...rest, ...waiting, version: holding.version + 1, hintAt };
  const { written } = await writePlanned(core, [{ before: holding, after }]);
  if (written.length === 0) await rePlan(core, [holding.ref]);
  else await hintAgainIfLate(core, written);
}
