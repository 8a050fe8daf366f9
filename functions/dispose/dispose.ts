import { readColumn } from '../../shared/protocol/columns/read-column.ts';
import { surveyStore } from '../../shared/protocol/coverage/survey-store.ts';
import type { Bell, LaneMessage } from '../../shared/ports/queues.ts';
import type { LaneCore } from '../../shared/protocol/core.ts';
import { readPart } from '../../shared/protocol/export/read-part.ts';
import { workOnChunk } from '../../shared/protocol/lane/work-on-chunk.ts';

/**
 * One bell. What it leads to is reported and never asks for the message again: the chunk is durable, and what it leaves
 * is rung again by itself or by the hourly sweep. So is a part of an export. `goOn` turns false when the function's time is
 * nearly over.
 */
export async function dispose(
  core: LaneCore,
  bell: LaneMessage,
  goOn: () => boolean = () => true,
): Promise<'done'> {
  if (bell.lane !== core.lane) throw new Error(`a bell of lane ${bell.lane} came to lane ${core.lane}`);
  switch (bell.kind) {
    case 'chunk':
      await workOn(core, bell);
      return 'done';
    case 'export':
      await readPart(core, bell, goOn);
      return 'done';
    case 'column':
      await readColumn(core, bell, goOn);
      return 'done';
    case 'survey':
      await surveyStore(core);
      return 'done';
  }
}

async function workOn(core: LaneCore, { lane, producer, minute, id }: Bell): Promise<void> {
  const worked = await workOnChunk(core, { lane, producer, minute, id });
  if (worked !== 'done' && worked !== 'left') core.report('dispose.left', { store: lane, code: worked });
}
