import type { LaneMessage } from '../../shared/ports/queues.ts';
import { disposeChunk } from '../../shared/protocol/dispose-chunk.ts';
import type { LaneCore } from '../../shared/protocol/lane-core.ts';

/**
 * Refuses a chunk of another lane's store, which this worker must not claim. The hints of its holdings bring them back.
 */
export async function dispose(core: LaneCore, message: LaneMessage): Promise<'done' | 'again'> {
  if (message.store !== core.lane)
    throw new Error(
      `The lane ${core.lane} received a chunk of the store ${message.store}: check that the lane's queue has no other sender.`,
    );
  return disposeChunk(core, message);
}
