import type { PlannedStage } from '../../domain/plan/plan.ts';
import { present } from '../../domain/present.ts';
import type { Instant } from '../../domain/record/ids.ts';
import { strength } from '../../domain/record/actions.ts';
import { isSameStage } from '../../domain/record/stage-name.ts';
import type { Locator, Presence } from '../../ports/store.ts';
import type { LaneCore } from '../core.ts';
import { lastRegistered, ownPolicies, planOf, policyNamesOf, type States, writeLagOf } from '../plan-of.ts';
import { dependsOnUnread } from '../columns/unread-column.ts';
import { deployedPolicies } from '../policy-plan/activation.ts';
import { seconds } from '../seconds.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { Begun } from './begin.ts';
import { asIfDone } from './as-if-done.ts';
import { ENTRY_TOO_LARGE, mayBeTooLarge } from './entry-size.ts';
import { heldBy } from './held-by.ts';
import { isUnknown, masksFor } from './masks-for.ts';
import type { Todo, Told } from './told.ts';

const MINUTE = 60_000;
/** Columns are read every hour. A bell can be delayed for so long. No wait is longer than the longest back-off. */
const UNREAD = 15 * MINUTE;
/** Attempts in a row: what fails for a moment does not. */
const FAILS_FOR_LONG = 3;

export interface Looked {
  readonly holding: Holding;
  readonly locator: Locator;
  readonly presence: Presence;
  readonly lookedAt: Instant;
  readonly interrupted: boolean;
  /** What is planned: the holding, or one whose requests to a vendor count as done. */
  readonly toPlan?: Holding;
  /** Its chunk has failed that number of times in a row. */
  readonly failures?: number;
}

export type Decided =
  | { readonly kind: 'act'; readonly todo: Todo }
  | { readonly kind: 'told'; readonly told: Told }
  | { readonly kind: 'set-aside'; readonly code: string }
  | { readonly kind: 'not-due' }
  /** The application may still be writing it, or a rule holds it until a fact comes or until a time. */
  | { readonly kind: 'later'; readonly until: Instant }
  /** It stays in its chunk: what it goes by was not read since it is due. */
  | { readonly kind: 'waits'; readonly code: 'COLUMN_NOT_READ'; readonly until: Instant };

/** What an attempt has to know to decide. */
export type Decider = Pick<Begun, 'holds' | 'policies' | 'columns'>;

export function decideOrSetAside(core: LaneCore, begun: Decider, looked: Looked, states: States): Decided {
  try {
    return decide(core, begun, looked, states);
  } catch {
    return { kind: 'set-aside', code: 'PLAN_FAILED' };
  }
}

/** Promises 1 and 3, decided once more from facts and holds that were read after the work record was put. Pure. */
function decide(core: LaneCore, begun: Decider, looked: Looked, states: States): Decided {
  const { holding, locator, presence, lookedAt, toPlan = holding } = looked;
  const now = core.clock.now();
  const longest = seconds(core.configuration.timing.longestBackoff);
  const first = planOf(core, toPlan, states, now).next;
  const stage = strongerDue(core, begun, { ...looked, toPlan, states }, first) ?? first;
  if (stage?.actAt === undefined) return { kind: 'not-due' };
  const mayAct = Math.max(
    stage.actAt,
    stage.window?.floor ?? stage.actAt,
    stage.window?.notBefore ?? stage.actAt,
  );
  if (!isPast(core, mayAct, now) || !isSoOnAnyClock(core, { holding: toPlan, states }, stage, now))
    return { kind: 'not-due' };
  // A version of a policy has come into effect while this attempt runs. Nothing goes by it before it is active.
  if (deployedPolicies(core) !== begun.policies) return { kind: 'later', until: now + MINUTE };
  if (dependsOnUnread(core, begun.columns, { holding: toPlan, states }, { since: mayAct, now }))
    return { kind: 'waits', code: 'COLUMN_NOT_READ', until: now + Math.min(UNREAD, longest) };
  const acted = {
    ref: holding.ref,
    generation: holding.generation,
    stage: stage.action,
    version: holding.version,
    lookedAt,
    ...present({ part: stage.part }),
  };
  const masks = masksFor(core, { holding, states }, acted, now);
  // Another purpose ended within the clocks' tolerance: a little later it is known on any clock what is left.
  if (stage.action === 'anonymise' && isUnknown(acted, masks)) return { kind: 'not-due' };
  const common = {
    ...acted,
    holding,
    planned: stage,
    masks,
    ...(looked.interrupted && { interrupted: true as const }),
  };
  if (mayBeTooLarge(common)) return { kind: 'set-aside', code: ENTRY_TOO_LARGE };
  const policies = [stage.policy, ...policyNamesOf(core, holding, now)];
  const hold = heldBy({ holding, policies, states, holds: begun.holds, action: stage.action });
  if (hold !== undefined) return { kind: 'told', told: { ...common, outcome: 'held', at: now, hold } };
  // Each fact plans it again. The longest back-off is for an end that was announced, which comes without a fact.
  if (stage.heldByRule === true) return { kind: 'later', until: now + longest };
  const until = lastRegistered(holding) + writeLagOf(core, holding, now);
  switch (presence.state) {
    case 'unknown':
      return { kind: 'told', told: { ...common, outcome: 'failed', at: lookedAt, code: presence.code } };
    case 'gone': {
      if (lookedAt < until) return { kind: 'later', until };
      return { kind: 'told', told: { ...common, outcome: 'already-so', at: lookedAt, readBackAt: lookedAt } };
    }
    case 'present': {
      // It was carried out within the write lag, and waits for its end to be carried out once more.
      const isAgain = (holding.done ?? []).some((done) => isSameStage(done, acted));
      if (isAgain && lookedAt < until) return { kind: 'later', until };
      return {
        kind: 'act',
        todo: { ...common, locator, ...present({ recordVersion: presence.version }) },
      };
    }
  }
}

/**
 * What keeps failing does not keep back what is stronger, is due, too, and includes it: every other attempt tries that, if
 * no hold keeps it. A store may be able to delete what it cannot restrict.
 */
function strongerDue(
  core: LaneCore,
  { holds }: Decider,
  {
    holding,
    toPlan,
    states,
    failures = 0,
  }: Pick<Looked, 'holding' | 'failures'> & { readonly toPlan: Holding; readonly states: States },
  first: PlannedStage | undefined,
): PlannedStage | undefined {
  if (failures < FAILS_FOR_LONG || failures % 2 === 0 || first === undefined || first.action === 'delete')
    return undefined;
  const now = core.clock.now();
  const then = asIfDone(toPlan, [{ ...present({ part: first.part }), stage: first.action }]);
  const { next } = planOf(core, then, states, now);
  if (next?.actAt === undefined || !isPast(core, next.actAt, now)) return undefined;
  if (strength(next.action) <= strength(first.action)) return undefined;
  const policies = [next.policy, ...policyNamesOf(core, holding, now)];
  const isHeld = heldBy({ holding, policies, states, holds, action: next.action }) !== undefined;
  return isHeld ? undefined : next;
}

/**
 * The rules that count may have changed just now: somebody has moved, or a version of the policy has come into effect. On a
 * clock that is fast, that is still to come.
 */
function isSoOnAnyClock(
  core: LaneCore,
  { holding, states }: { readonly holding: Holding; readonly states: States },
  { action, part, located }: PlannedStage,
  now: Instant,
): boolean {
  const before = now - seconds(core.configuration.timing.clockTolerance);
  const isOfOtherRules = ownPolicies(core, holding, now) !== ownPolicies(core, holding, before);
  if (located === undefined && !isOfOtherRules) return true;
  const { next } = planOf(core, holding, states, before);
  return next?.action === action && next.part === part && next.actAt !== undefined && next.actAt <= before;
}

/** Past on any clock. */
export function isPast(core: LaneCore, instant: Instant, now: Instant): boolean {
  return now - seconds(core.configuration.timing.clockTolerance) >= instant;
}
