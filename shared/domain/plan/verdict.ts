import type { EntityState } from '../facts/facts.ts';
import { covers, type WideHold } from '../record/hold.ts';
import type { Holding } from '../record/holding.ts';
import type { EntityRef, Instant } from '../record/ids.ts';
import type { Plan, PlannedStage } from './plan.ts';

/**
 * What a worker may do with a claimed holding now. `act`: the claimed stage, whose window has begun on any clock.
 * `absent`: nothing was found. `not-written`: nothing was found, but the application may still be writing it.
 */
export type Verdict =
  | { readonly kind: 'act' | 'absent'; readonly stage: PlannedStage }
  | { readonly kind: 'not-written'; readonly until: Instant }
  | { readonly kind: 'held'; readonly by: HeldBy }
  /** `heldByRule`: a hold of a rule is open, and may end by any fact. */
  | { readonly kind: 'too-early'; readonly heldByRule?: true };

export interface HeldBy {
  readonly hold: string;
  readonly kind: WideHold['kind'];
  readonly entity?: EntityRef;
}

export interface VerdictInput {
  readonly holding: Holding;
  readonly plan: Plan;
  readonly found: 'gone' | 'present';
  readonly states: ReadonlyMap<EntityRef, EntityState>;
  readonly holds: readonly WideHold[];
  readonly writeLagSeconds: number;
  readonly now: Instant;
  readonly clockToleranceSeconds: number;
}

/** Promise 1 and 3, decided once more after the claim, from facts and holds that were read after it. */
export function decide(input: VerdictInput): Verdict {
  const { holding, plan, now } = input;
  const stage = plan.next;
  if (stage?.actAt === undefined || stage.action !== holding.claim?.stage) return { kind: 'too-early' };
  const mayAct = Math.max(
    stage.actAt,
    stage.window?.floor ?? stage.actAt,
    stage.window?.notBefore ?? stage.actAt,
  );
  if (now - input.clockToleranceSeconds * 1000 < mayAct) return { kind: 'too-early' };
  const by = heldBy(holding, stage, input.states, input.holds);
  if (by !== undefined) return { kind: 'held', by };
  if (stage.heldByRule === true) return { kind: 'too-early', heldByRule: true };
  if (input.found === 'present') return { kind: 'act', stage };
  const written = holding.registeredAt + input.writeLagSeconds * 1000;
  const everSeen = holding.seen === true || (holding.done ?? []).length > 0;
  return everSeen || now >= written ? { kind: 'absent', stage } : { kind: 'not-written', until: written };
}

/** The first hold or pause that covers the holding: legal holds before pauses, so that the reason given is the legal one. */
export function heldBy(
  holding: Pick<Holding, 'store' | 'registrations'>,
  stage: Pick<PlannedStage, 'policy'>,
  states: ReadonlyMap<EntityRef, EntityState>,
  holds: readonly WideHold[],
): HeldBy | undefined {
  for (const registration of holding.registrations) {
    for (const { ref } of registration.entities) {
      const hold = states.get(ref)?.holds[0];
      if (hold !== undefined) return { hold, kind: 'hold', entity: ref };
    }
  }
  const covering = holds.filter((hold) => covers(hold.scope, holding, [stage.policy]));
  const wide = covering.find((hold) => hold.kind === 'hold') ?? covering[0];
  return wide === undefined ? undefined : { hold: wide.id, kind: wide.kind };
}
