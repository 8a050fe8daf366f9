import { isRetryDue, OWN_FAULT } from '../domain/configuration/queue-settings.ts';
import type { Core } from './core.ts';
import type { Finding } from './waiting-too-long.ts';

const DAY = 86_400_000;
/** Pages of quarantine that one sweep counts; the oldest item may be after them. */
const QUARANTINE_PAGES = 20;
/** Quarantined messages that one sweep has tried again; the next hour goes on. */
const MOST_RETRIED = 100;

/** Counts it, and has what is there because of our own faults tried again once a day. */
export async function sweepQuarantine(core: Core): Promise<readonly Finding[]> {
  const now = core.clock.now();
  let count = 0;
  let oldest = now;
  const due: string[] = [];
  let after: string | undefined;
  for (let pages = 0; pages < QUARANTINE_PAGES; pages += 1) {
    const page = await core.registry.quarantined(after);
    count += page.items.length;
    oldest = Math.min(oldest, ...page.items.map(({ receivedAt }) => receivedAt));
    for (const item of page.items) if (item.code === OWN_FAULT && isRetryDue(item, now)) due.push(item.id);
    after = page.next;
    if (after === undefined) break;
  }
  if (due.length > 0) await core.queues.retry(due.slice(0, MOST_RETRIED));
  const seconds = Math.floor((now - oldest) / 1000);
  core.report('sweep.quarantine', { count, seconds });
  return now - oldest > DAY ? [{ code: 'quarantine-waiting', count, seconds }] : [];
}
