import type { PolicySet } from '../../domain/configuration/policy.ts';
import { asIfInEffect, asOf, inEffectDigest, lastToCome } from '../../domain/policy-plan/in-effect.ts';
import { present } from '../../domain/present.ts';
import type { PolicyPlan } from '../../ports/policy-plans.ts';
import type { Core } from '../core.ts';
import { ALL_SEGMENTS, askForSegments, SEGMENTS } from '../walk.ts';

const WALK = 'policy-plan/';
/** As long as the plan itself. */
const DAYS = 35;

export function walkOfPlan(id: string): string {
  return `${WALK}${id}`;
}

/** The plan that a walk is of, if it is one of a plan. */
export function planOfWalk(walk: string): string | undefined {
  return walk.startsWith(WALK) ? walk.slice(WALK.length) : undefined;
}

export function expiryOf({ at }: Pick<PolicyPlan, 'at'>): number {
  return at + DAYS * 86_400_000;
}

type Planning = Pick<Core, 'registry' | 'clock' | 'tokens' | 'queues'>;

/**
 * Stores a plan and asks for its walkers. Each plan is counted once, from the beginning: one of the same policies later is
 * another one, because what is due has changed. `asIf`: with the versions that are still to come.
 */
export async function beginPlan(
  core: Planning,
  { to, from, asIf = false }: { readonly to: PolicySet; readonly from?: PolicySet; readonly asIf?: boolean },
): Promise<PolicyPlan | 'too-large'> {
  const now = core.clock.now();
  const then = asIf ? lastToCome(to, now) : undefined;
  const sets = {
    to: then === undefined ? asOf(to, now) : asIfInEffect(to, now, then),
    ...present({ from: from && asOf(from, now) }),
  };
  const plan: PolicyPlan = {
    id: core.tokens.next(),
    at: now,
    to: inEffectDigest(to, then ?? now),
    sets,
    ...present({ asIf: then, from: from && inEffectDigest(from, now) }),
  };
  if ((await core.registry.putPolicyPlan(plan)) === 'too-large') return 'too-large';
  await askForSegments(core, walkOfPlan(plan.id), ALL_SEGMENTS);
  return plan;
}

/** Rings what waits in the lanes: their policies have become active. */
export async function ringActivated({ queues }: Pick<Core, 'queues'>): Promise<void> {
  await queues.toSweep([{ kind: 'walk', walk: walkOfPlan('activated'), segment: SEGMENTS }]);
}

/** The policies by which lanes dispose of records now: nothing if no sweep has recorded them, or they were lost. */
export async function activePolicies({ registry }: Pick<Core, 'registry'>): Promise<PolicySet | undefined> {
  const activation = await registry.activation();
  return activation && registry.activeSet(activation.active);
}
