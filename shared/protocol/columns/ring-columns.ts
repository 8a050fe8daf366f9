import { columnsIn } from '../../domain/columns/fact-columns.ts';
import { codeOf } from '../../domain/error-code.ts';
import type { Core } from '../core.ts';

/** The heartbeat of the same run goes first: with the first one of all, `ingest` makes a key that lanes need. */
const FIRST_DELAY = 60;
const SECONDS_BETWEEN = 10;
const LONGEST_DELAY = 840;

/** Every hour: asks each lane to read its columns of facts. A lane that cannot be rung stops no other. */
export async function ringColumns(core: Core): Promise<void> {
  const columns = columnsIn(core.configuration).filter(({ ended }) => ended !== true);
  for (const [index, { store: lane, producer, event }] of columns.entries()) {
    const delaySeconds = FIRST_DELAY + ((index * SECONDS_BETWEEN) % LONGEST_DELAY);
    try {
      await core.queues.ring([{ bell: { kind: 'column', lane, producer, event }, delaySeconds }]);
    } catch (error) {
      core.report('sweep.failed', { store: lane, code: codeOf(error) });
    }
  }
}
