import { columnsIn, nameOfColumn } from '../../domain/columns/fact-columns.ts';
import { codeOf } from '../../domain/error-code.ts';
import { pages } from '../../domain/each.ts';
import type { Core } from '../core.ts';
import { minuteUp } from '../hint.ts';

/** Messages of one column in a minute: what producers send, and the heartbeat, comes through the same queue. */
const MOST_SENT = 2000;

/**
 * Sends on what lanes have left for `ingest`, and deletes it: what gets lost on the way is left again by the lane. A column
 * that fails stops no other. Of many messages the rest is sent a minute later.
 */
export async function tellOfColumns(core: Core, goOn: () => boolean): Promise<void> {
  for (const column of columnsIn(core.configuration)) {
    let sent = 0;
    try {
      for await (const { items } of pages((after) =>
        core.registry.columnMessages(nameOfColumn(column), after),
      )) {
        if (items.length > 0) await core.queues.tellIngest(items);
        await core.registry.deleteColumnMessages(items);
        if (!goOn()) return;
        sent += items.length;
        if (sent < MOST_SENT) continue;
        await core.timers.wake(minuteUp(core.clock.now() + 1));
        break;
      }
    } catch (error) {
      core.report('sweep.failed', { store: column.store, code: codeOf(error) });
    }
  }
}
