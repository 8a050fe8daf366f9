import { isRetryDue, OWN_FAULT } from '../domain/configuration/queue-settings.ts';
import { present } from '../domain/present.ts';
import type { Instant } from '../domain/record/ids.ts';
import type { Quarantined } from '../ports/upkeep.ts';
import type { Core } from './core.ts';
import { isRefusedByPolicies } from './facts/refused-by-policies.ts';
import { askForRefused } from './policies.ts';
import type { Finding } from './waiting-too-long.ts';

const DAY = 86_400_000;
/** Pages of quarantine that one sweep counts; the oldest item may be after them. */
const QUARANTINE_PAGES = 20;
/** Quarantined messages that one sweep has tried again, of those it counts and of the rest; the next hour goes on. */
const MOST_RETRIED = 100;
/** Where the next hour goes on in the rest. */
const REST = 'quarantine/rest';

/**
 * Counts it, and has what is there because of our own faults tried again once a day, and what former policies refused
 * once after they changed.
 */
export async function sweepQuarantine(core: Core): Promise<readonly Finding[]> {
  const now = core.clock.now();
  let count = 0;
  let oldest = now;
  const due: string[] = [];
  let isRefused = false;
  let after: string | undefined;
  for (let pages = 0; pages < QUARANTINE_PAGES; pages += 1) {
    const page = await core.registry.quarantined(after);
    count += page.items.length;
    oldest = Math.min(oldest, ...page.items.map(({ receivedAt }) => receivedAt));
    due.push(...dueIn(page.items, now));
    isRefused ||= page.items.some(({ code }) => isRefusedByPolicies(code));
    after = page.next;
    if (after === undefined) break;
  }
  if (isRefused || after !== undefined) await askForRefused(core);
  const ofRest = after === undefined ? [] : await dueInRest(core, after, now);
  const retried = [...due.slice(0, MOST_RETRIED), ...ofRest];
  if (retried.length > 0) await core.queues.retry(retried);
  const seconds = Math.floor((now - oldest) / 1000);
  core.report('sweep.quarantine', { count, seconds });
  return now - oldest > DAY ? [{ code: 'quarantine-waiting', count, seconds }] : [];
}

/** What is there because of our own faults is found wherever it lies: each hour looks at another part of the rest. */
async function dueInRest(core: Core, first: string, now: Instant): Promise<readonly string[]> {
  const walk = await core.registry.walk(REST);
  const due: string[] = [];
  let after: string | undefined = walk.after ?? first;
  for (let pages = 0; pages < QUARANTINE_PAGES && due.length < MOST_RETRIED; pages += 1) {
    const page = await core.registry.quarantined(after);
    due.push(...dueIn(page.items, now));
    after = page.next;
    if (after === undefined) break;
  }
  // Another sweep at the same time looks at the same part; a second message for the same item does nothing.
  await core.registry.putWalk({ id: REST, version: walk.version + 1, at: now, ...present({ after }) });
  return due;
}

function dueIn(items: readonly Quarantined[], now: Instant): readonly string[] {
  return items.filter((item) => item.code === OWN_FAULT && isRetryDue(item, now)).map(({ id }) => id);
}
