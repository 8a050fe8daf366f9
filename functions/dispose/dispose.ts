import type { LaneMessage } from '../../shared/ports/queues.ts';
import { disposeChunk } from '../../shared/protocol/dispose-chunk.ts';
import type { LaneCore } from '../../shared/protocol/lane-core.ts';

/** A chunk of another store than this lane's would be claimed by nobody: it is refused, and its hints bring it back. */
export async function dispose(core: LaneCore, message: LaneMessage): Promise<'done' | 'again'> {
  if (message.store !== core.lane)
    throw new Error(`a chunk of store ${message.store} came to lane ${core.lane}`);
  return disposeChunk(core, message);
}
