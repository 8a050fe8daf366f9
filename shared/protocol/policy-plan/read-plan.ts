import type { Instant } from '../../domain/record/ids.ts';
import { added, NOTHING_COUNTED, type Tally } from '../../domain/policy-plan/tally.ts';
import type { PolicyPlan } from '../../ports/policy-plans.ts';
import type { Walk } from '../../ports/upkeep.ts';
import type { Core } from '../core.ts';
import { isWorkedOn, walksOf } from '../walk.ts';
import { walkOfPlan } from './begin-plan.ts';

/** How far a plan has come. */
export interface PlanProgress {
  readonly plan: PolicyPlan;
  /** Of all segments, up to where they are. */
  readonly tally: Tally;
  readonly isCounted: boolean;
  /** When a walker last worked on it. */
  readonly at: Instant;
  /** Segments that are not counted and on which nothing has worked for a while: their message may be lost. */
  readonly idle: readonly number[];
}

/** Nothing if there is no such plan, or its time is over. A plan is counted when each of its segments is. */
export async function readPlan(
  core: Pick<Core, 'registry' | 'clock' | 'configuration'>,
  id: string,
): Promise<PlanProgress | undefined> {
  const plan = await core.registry.policyPlan(id);
  if (plan === undefined) return undefined;
  const walks = await walksOf(core, walkOfPlan(id));
  const tally = walks.reduce((sum, { found = NOTHING_COUNTED }) => added(sum, found), NOTHING_COUNTED);
  const isDone = ({ done, found }: Walk): boolean => done === true && found !== undefined;
  return {
    plan,
    tally,
    isCounted: walks.every(isDone),
    at: Math.max(plan.at, ...walks.map(({ at }) => at)),
    idle: walks.flatMap((walk, segment) =>
      isDone(walk) || isWorkedOn(core, walk, plan.at) ? [] : [segment],
    ),
  };
}
