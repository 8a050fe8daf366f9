import { noteTried, type Tried } from '../../domain/guard/canary.ts';
import { ruleKey } from '../../domain/guard/rule-key.ts';
import { destroys, isSuccess } from '../../domain/record/actions.ts';
import { UNCERTAIN } from '../../ports/store.ts';
import type { LaneCore } from '../core.ts';
import type { Begun } from '../lane/begin.ts';
import type { Told } from '../lane/told.ts';
import { changeGuard } from './change-guard.ts';
import { reportStopped } from './within-guard.ts';

/** Attempts of one lane that meet at its guard: this one has to get through, or its trial counts as not told. */
const MOST_TRIES = 20;
/** A store that is busy or cannot be reached says nothing about the rule: it is tried again. */
const PASSING: readonly string[] = [...UNCERTAIN, 'STORE_THROTTLED'];

/**
 * What came of the first records of rules in this lane, once the attempt's result is written. If it dies before, its trial
 * is over with its lease, and another one begins.
 */
export async function noteCanary(
  core: LaneCore,
  { work }: Begun,
  told: readonly Told[],
  isOpen: boolean,
): Promise<void> {
  const size = core.configuration.stores[core.lane]?.canary ?? 0;
  const tried = triedIn(core, told);
  const { token } = work;
  const noted = await changeGuard(core, core.lane, { by: token, tries: MOST_TRIES }, (guard) => ({
    guard: noteTried(guard, tried, { size, token, now: core.clock.now(), isOpen }),
  }));
  if (noted !== 'busy') reportStopped(core, noted.before, noted.guard);
}

function triedIn({ configuration }: LaneCore, told: readonly Told[]): ReadonlyMap<string, Tried> {
  const acted = told.flatMap((one) => {
    const { planned, stage, actedAt } = one;
    if (planned === undefined || actedAt === undefined || !destroys(stage)) return [];
    return [{ one, planned, key: ruleKey(configuration.policies, planned) }];
  });
  const tried = new Map<string, Tried>();
  for (const { one, planned, key } of acted) {
    const { policy, ruleText: rule } = planned;
    const { verified = 0, failed = false } = tried.get(key) ?? {};
    tried.set(key, {
      policy,
      rule,
      verified: verified + verifiedOf(one),
      failed: failed || hasFailed(one),
    });
  }
  return tried;
}

function verifiedOf({ page, outcome, readBackAt }: Told): number {
  if (page !== undefined) return page.done.length;
  // A vendor answers after days, and nothing of it can be read: that it does what it is asked for has to be enough.
  if (outcome === 'requested' || outcome === 'confirmed-by-vendor') return 1;
  return isSuccess(outcome) && readBackAt !== undefined ? 1 : 0;
}

/** What a store refuses until a date is kept there on purpose; what it refuses for no reason like that, the rule cannot do. */
function hasFailed({ page, outcome, code = '', until }: Told): boolean {
  if (page !== undefined) return page.wrong.some((one) => !PASSING.includes(one));
  const isRefused = outcome === 'refused' && until === undefined;
  return (outcome === 'failed' || isRefused) && !PASSING.includes(code);
}
