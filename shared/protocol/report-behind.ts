import type { Holding } from '../domain/record/holding.ts';
import type { Instant } from '../domain/record/ids.ts';
import type { Core } from './core.ts';
import { behindPage, isOverdue, type OverdueCursor } from './overdue.ts';

const HOUR = 3_600_000;
/** What is due, has less time left than this, and has used half of what it had, is at risk. */
const RISK = 12 * HOUR;
/** Pages of quarantine that one sweep counts; the oldest item may come after them. */
const QUARANTINE_PAGES = 20;

interface Tally {
  overdue: number;
  oldest: Instant;
  atRisk: number;
}

/**
 * Once an hour: what is overdue, what soon will be, and what waits in quarantine, as numbers that alarms watch. A store
 * without any says 0, so that its alarm ends. When there is no time to look at everything, what was not looked at says
 * nothing: an alarm stays as it is. Nothing is written.
 */
export async function reportBehind(
  core: Pick<Core, 'registry' | 'configuration' | 'clock' | 'report'>,
  goOn: () => boolean,
): Promise<void> {
  const now = core.clock.now();
  const tallies = new Map<string, Tally>();
  let cursor: OverdueCursor | undefined;
  let more = true;
  while (more && goOn()) {
    const page = await behindPage(core, now, now + RISK, cursor);
    for (const holding of page.holdings) count(tallies, holding, now);
    cursor = page.next;
    more = cursor !== undefined;
  }
  const stores = more
    ? tallies.keys()
    : new Set([...Object.keys(core.configuration.stores), ...tallies.keys()]);
  for (const store of stores) {
    const { overdue, oldest, atRisk } = tallies.get(store) ?? { overdue: 0, oldest: now, atRisk: 0 };
    core.report('sweep.overdue', { store, count: overdue, seconds: Math.floor((now - oldest) / 1000) });
    core.report('sweep.at-risk', { store, count: atRisk });
  }
  await reportQuarantine(core, now);
}

function count(tallies: Map<string, Tally>, holding: Holding, now: Instant): void {
  const tally = tallies.get(holding.store) ?? { overdue: 0, oldest: now, atRisk: 0 };
  if (isOverdue(holding, now)) {
    tally.overdue += 1;
    tally.oldest = Math.min(tally.oldest, holding.decision?.deadline ?? now);
  } else if (isAtRisk(holding, now)) tally.atRisk += 1;
  tallies.set(holding.store, tally);
}

/** Due, not done, and past the half of the time until its deadline. */
function isAtRisk({ decision }: Holding, now: Instant): boolean {
  const { actAt, deadline } = decision ?? {};
  if (actAt === undefined || deadline === undefined) return false;
  return now > (actAt + deadline) / 2 && now <= deadline && deadline < now + RISK;
}

async function reportQuarantine(core: Pick<Core, 'registry' | 'report'>, now: Instant): Promise<void> {
  let items = 0;
  let oldest = now;
  let after: string | undefined;
  for (let pages = 0; pages < QUARANTINE_PAGES; pages += 1) {
    const page = await core.registry.quarantined(after);
    items += page.items.length;
    oldest = Math.min(oldest, ...page.items.map(({ receivedAt }) => receivedAt));
    after = page.next;
    if (after === undefined) break;
  }
  core.report('sweep.quarantine', { count: items, seconds: Math.floor((now - oldest) / 1000) });
}
