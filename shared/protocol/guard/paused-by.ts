import { coversRule } from '../../domain/guard/pause-gate.ts';
import type { PlannedStage } from '../../domain/plan/plan.ts';
import type { WideHold } from '../../domain/record/hold.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { Core } from '../core.ts';
import { isPauseOf, pausedRules } from '../lane/begin.ts';
import { policyNamesOf } from '../plan-of.ts';

/** What a person has paused that keeps this stage from being carried out. */
export function pausedBy(
  core: Pick<Core, 'configuration'>,
  { holding, stage }: { readonly holding: Holding; readonly stage: PlannedStage | undefined },
  holds: readonly WideHold[],
  now: Instant,
): 'lane' | 'rule' | undefined {
  if (holds.some((hold) => isPauseOf(hold, holding.store))) return 'lane';
  if (stage === undefined) return undefined;
  const ask = ruleOf(core, { holding, stage }, now);
  return pausedRules(holds, holding.store).some((one) => coversRule(one, ask)) ? 'rule' : undefined;
}

/** By which rule a stage is carried out, and which policies it belongs to. */
export function ruleOf(
  core: Pick<Core, 'configuration'>,
  { holding, stage }: { readonly holding: Holding; readonly stage: PlannedStage },
  now: Instant,
): { readonly policy: string; readonly rule: string; readonly policies: readonly string[] } {
  const { policy, ruleText: rule } = stage;
  return { policy, rule, policies: [policy, ...policyNamesOf(core, holding, now)] };
}
