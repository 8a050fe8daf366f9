import type { Bell } from '../../shared/ports/queues.ts';
import type { LaneCore } from '../../shared/protocol/core.ts';
import { workOnChunk } from '../../shared/protocol/lane/work-on-chunk.ts';

/**
 * One bell. What it leads to is reported and never asks for the message again: the chunk is durable, and what it leaves
 * is rung again by itself or by the hourly sweep.
 */
export async function dispose(core: LaneCore, bell: Bell): Promise<'done'> {
  if (bell.lane !== core.lane) throw new Error(`a chunk of lane ${bell.lane} came to lane ${core.lane}`);
  const { lane, producer, minute, id } = bell;
  const worked = await workOnChunk(core, { lane, producer, minute, id });
  if (worked !== 'done' && worked !== 'left') core.report('dispose.left', { store: lane, code: worked });
  return 'done';
}
