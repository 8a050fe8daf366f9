import type { Core } from '../../../shared/protocol/core.ts';
import { disposeChunk } from '../../../shared/protocol/dispose-chunk.ts';
import type { LaneCore } from '../../../shared/protocol/lane-core.ts';
import { lookAtHints } from '../../../shared/protocol/look-at-hints.ts';
import { sweepHourly } from '../../../shared/protocol/sweep.ts';
import type { World } from './world.ts';

/** The next hours without anything in the way: what correctness promises must come true in them, prompt or not. */
export async function aftermath(
  it: World,
  hours: number,
  core: LaneCore = it.core,
  sweep: (core: Core) => Promise<unknown> = sweepHourly,
): Promise<void> {
  for (let hour = 0; hour < hours; hour += 1) {
    it.clock.advance(3_600_000);
    await sweep(core);
    for (const message of it.queues.drainLane()) await disposeChunk(core, message);
  }
}

/** What the hourly sweep does with hints, without the hours that hold none: ten times faster where it runs often. */
export function sweepAllHints(it: World): (core: Core) => Promise<unknown> {
  return (core) =>
    lookAtHints(
      core,
      it.registry.allHints().filter(({ minute }) => minute <= core.clock.now()),
    );
}
