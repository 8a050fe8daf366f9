import type { Plan } from '../domain/plan/plan.ts';
import type { Holding } from '../domain/record/holding.ts';
import type { HoldingRef, Instant } from '../domain/record/ids.ts';
import type { Core } from './core.ts';
import { hintAgainIfLate, hintedBy, hintMinute, putHint } from './hint.ts';
import { decisionOf, entitiesOf, planOf } from './plan-of.ts';
import { readStates } from './facts/read-states.ts';

/**
 * Brings a holding's stored decision up to its facts: version first, then the states of all its entities, then the
 * hint, then the decision on the version read, and last a look at the clock. Written even when nothing changes:
 * skipping would lose the update of a writer that reads at the same time. `settled`: nothing is left to plan. What is
 * read is shown to `seen` first, which may write it and have it read again.
 */
export async function rePlan(
  core: Core,
  ref: HoldingRef,
  seen: (holding: Holding) => Promise<'seen' | 'moved'> = async () => 'seen',
): Promise<'planned' | 'settled' | 'missing'> {
  for (;;) {
    const holding = await core.registry.holding(ref);
    if (holding === undefined) return 'missing';
    if ((await seen(holding)) === 'moved') continue;
    if (holding.state === 'disposed' || holding.state === 'withdrawn') return 'settled';
    const states = await readStates(
      core,
      entitiesOf(holding).map((entity) => entity.ref),
    );
    const now = core.clock.now();
    const next = planned(holding, planOf(core, holding, states, now), now, core);
    if (next.hintAt !== undefined && next.hintAt !== holding.hintAt) {
      await putHint(core, ref, next.hintAt, next.decision?.deadline);
    }
    if ((await core.registry.putHolding(next)) === 'moved') continue;
    await hintAgainIfLate(core, next);
    return 'planned';
  }
}

/** The holding with its new decision and the hint that this needs; a claim stays as it is. */
function planned(holding: Holding, result: Plan, now: Instant, core: Core): Holding {
  const decision = decisionOf(result);
  const { hintAt, ...rest } = holding;
  const minute =
    decision.actAt === undefined ? undefined : hintMinute(decision.actAt, now, core.configuration.timing);
  const kept = minute === undefined || hintedBy(holding, minute, now) ? hintAt : minute;
  return {
    ...rest,
    version: holding.version + 1,
    state: holding.state === 'pending' ? 'active' : holding.state,
    decision,
    ...(kept === undefined ? {} : { hintAt: kept }),
  };
}
