import type { Core } from '../core.ts';

/** Pages of notices that one run of the sweep sends, if it has the time: 50,000. The next run goes on. */
const MOST_PAGES = 500;

/**
 * Puts on the bus what applications are to be told, and forgets what the bus has. What it did not take stays, and is sent by
 * a later run: an outage of the bus delays notices, and stops nothing else. A run that dies after the bus took them sends
 * them again, under the same ids. What cannot be read stays, is reported by each run, and stops no other.
 */
export async function sendNotices(core: Core, goOn: () => boolean): Promise<void> {
  let count = 0;
  let damaged = 0;
  let after: string | undefined;
  for (let pages = 0; pages < MOST_PAGES && goOn(); pages += 1) {
    const page = await core.registry.notices(after);
    if (page.items.length > 0) {
      const answers = await core.queues.notify(page.items);
      const sent = page.items.flatMap(({ id }, index) => (answers[index] === 'durable' ? [id] : []));
      if (sent.length > 0) await core.registry.deleteNotices(sent);
      count += sent.length;
    }
    damaged += page.damaged;
    after = page.next;
    if (after === undefined) break;
  }
  if (damaged > 0) core.report('sweep.failed', { code: 'ITEM_INVALID', count: damaged });
  if (count > 0) core.report('sweep.notified', { count });
}
