import { dayId } from '../calendar/utc-time.ts';
import type { Instant } from '../record/ids.ts';
import type { DryRun, Gate } from './lane-guard.ts';

/** What was counted is looked at again a day later: each day's numbers are of what is due on that day. */
export const DRY_RUN_AGAIN = 86_400_000;
/** More rules and actions than a lane has. What comes beyond is not counted, and waits all the same. */
const MOST_COUNTS = 200;

/** Nothing is done in this lane, restrictions included. What would be done is counted, by rule and action. */
export function dryRunGate(now: Instant): Gate {
  const day = dayId(now);
  return {
    room: () => ({ records: 0, code: 'DRY_RUN', until: now + DRY_RUN_AGAIN }),
    cut(guard, { policy, rule, action, weight }) {
      const counts = guard.dryRun?.day === day ? guard.dryRun.counts : [];
      const isThis = (one: DryRun['counts'][number]): boolean =>
        one.policy === policy && one.rule === rule && one.action === action;
      const known = counts.find(isThis);
      if (known === undefined && counts.length >= MOST_COUNTS) return guard;
      const next = { policy, rule, action, records: (known?.records ?? 0) + weight };
      return { ...guard, dryRun: { day, counts: [...counts.filter((one) => !isThis(one)), next] } };
    },
  };
}
