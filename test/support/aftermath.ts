import type { LaneCore } from '../../shared/protocol/lane-core.ts';
import { disposeChunk } from '../../shared/protocol/dispose-chunk.ts';
import { sweepHourly } from '../../shared/protocol/sweep.ts';
import type { World } from './world.ts';

/** The next hours without anything in the way: what correctness promises must come true in them, prompt or not. */
export async function aftermath(it: World, hours: number, core: LaneCore = it.core): Promise<void> {
  for (let hour = 0; hour < hours; hour += 1) {
    it.clock.advance(3_600_000);
    await sweepHourly(core);
    for (const message of it.queues.drainLane()) await disposeChunk(core, message);
  }
}
