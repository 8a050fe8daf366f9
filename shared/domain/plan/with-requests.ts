import { joinGroups } from '../evaluate/join.ts';
import type { PlannedStage } from '../record/window.ts';
import type { Instant } from '../record/ids.ts';
import type { DoneStage } from './done.ts';
import { keptByLaw } from './erasure.ts';
import type { Considered } from './explain.ts';
import { restrictionsOn, withRestriction, type WithRestriction } from './restriction.ts';

interface Asked {
  readonly done: readonly DoneStage[];
  readonly canRestrict?: boolean;
  readonly now: Instant;
}

/**
 * The stages by the rules with what people asked for besides erasure, which is in the rules already, and with why an
 * erasure does not cover all. `undone`: the stages as if nothing had been done.
 */
export function withRequests(
  byRules: readonly PlannedStage[],
  considered: readonly Considered[],
  { done, canRestrict = false, now }: Asked,
  undone: () => readonly PlannedStage[],
): WithRestriction {
  const registered = considered.flatMap((one) => one.registered ?? []);
  const erasures = considered.flatMap(({ erasure }) => erasure ?? []);
  const kept =
    erasures.length > 0 && erasures.length === considered.length
      ? keptByLaw(erasures, joinGroups(considered.map(({ group }) => group)))
      : undefined;
  const notCovered = [...new Set(considered.flatMap((one) => one.notCovered ?? []))];
  const stages = byRules.map((stage) =>
    notCovered.length === 0 || stage.status === 'done'
      ? stage
      : { ...stage, reasons: [...stage.reasons, ...notCovered] },
  );
  const isRestrict = ({ action }: PlannedStage): boolean => action === 'restrict';
  const byRule = stages.some(isRestrict) ? undone().find(isRestrict) : undefined;
  const { policy, zone = 'UTC' } = registered[0] ?? {};
  const restrictions = restrictionsOn(registered, now);
  return withRestriction(stages, { restrictions, kept, byRule, done, canRestrict, now, policy, zone });
}
