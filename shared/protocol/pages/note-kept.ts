import type { Holding } from '../../domain/record/holding.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { ResultLine } from '../../domain/record/work.ts';
import type { Core } from '../core.ts';
import { readableHoldings } from '../damaged.ts';
import { hintAgainIfLate, hintMinute } from '../hint.ts';
import { hintLater } from '../lane/hint-later.ts';
import { lastRegistered, writeLagOf } from '../plan-of.ts';
import { rePlan, writePlanned } from '../plan-writer.ts';

const DAY = 86_400_000;
const MONTH = 30 * DAY;

type KeptLine = Pick<ResultLine, 'ref' | 'generation' | 'version' | 'lookedAt' | 'at'> & {
  readonly kept: number;
};

/**
 * Of a collection only records are left that stay for their own reasons. It stays active, says so, and is looked at again:
 * the longer it has been so, the rarer. What was registered since, or may not have been written yet, is looked at before.
 */
export async function noteKept(core: Core, line: KeptLine): Promise<void> {
  for (;;) {
    const before = (await readableHoldings(core, [line.ref])).get(line.ref);
    if (before?.state !== 'active' || before.generation !== line.generation) return;
    // Its release hints it.
    if (before.parked !== undefined) return;
    const written = lastRegistered(before) + writeLagOf(core, before, line.at);
    if (line.lookedAt < written) return hintLater(core, before, written);
    if (before.variants.some(({ folded }) => folded > line.version))
      return void (await rePlan(core, [line.ref]));
    const at = before.kept?.at ?? line.at;
    const hintAt = hintMinute(nextLook(at, line.at), core.clock.now(), core.configuration.timing);
    const kept: Holding = {
      ...before,
      version: before.version + 1,
      kept: { records: line.kept, at },
      hintAt,
      waitsUntil: hintAt,
    };
    const { written: done } = await writePlanned(core, [{ before, after: kept }]);
    if (done.length > 0) return hintAgainIfLate(core, done);
  }
}

/** After as long as it has been so, at least a day and at most thirty. */
function nextLook(since: Instant, at: Instant): Instant {
  return at + Math.min(Math.max(at - since, DAY), MONTH);
}
