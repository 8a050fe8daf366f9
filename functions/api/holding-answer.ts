import type { HoldingAnswer, StageAnswer } from '../../shared/contract/subjects.ts';
import type { EntityState } from '../../shared/domain/facts/facts.ts';
import type { Holding, HoldingVariant } from '../../shared/domain/record/holding.ts';
import { codeOf } from '../../shared/domain/error-code.ts';
import { present } from '../../shared/domain/present.ts';
import { isoUtc } from '../../shared/domain/calendar/utc-time.ts';
import type { EntityRef, Instant } from '../../shared/domain/record/ids.ts';
import type { PlannedStage } from '../../shared/domain/plan/plan.ts';
import { NO_FLOOR } from '../../shared/domain/record/window.ts';
import { handleOf } from '../../shared/domain/record/notice.ts';
import type { WideHold } from '../../shared/domain/record/hold.ts';
import type { EntryLink } from '../../shared/protocol/entry-links.ts';
import { pausedBy } from '../../shared/protocol/guard/paused-by.ts';
import { heldBy } from '../../shared/protocol/lane/held-by.ts';
import { isRemarked } from '../../shared/protocol/late-fact.ts';
import { isOverdue } from '../../shared/protocol/overdue.ts';
import { knownUnrecoverableAt } from '../../shared/protocol/facts/unrecoverable-at.ts';
import { decisionOf, planOf, policyNamesOf, unique } from '../../shared/protocol/plan-of.ts';
import type { ApiPorts } from './api-ports.ts';

export interface Shown {
  readonly holding: Holding;
  /** The references of the holding and of the entity in the deletion log; absent if they are unlinked from it. */
  readonly refs?: { readonly holding: string; readonly subject: string };
  /** Where the entries of its completed stages are, in the same order. */
  readonly links?: readonly (EntryLink | undefined)[];
  readonly states: ReadonlyMap<EntityRef, EntityState>;
  readonly holds: readonly WideHold[];
  readonly now: Instant;
}

/**
 * A holding as the API shows it, without id and locator. Its plan is computed now, by the function that also decides on
 * disposal.
 */
export function holdingAnswer(ports: Pick<ApiPorts, 'configuration'>, shown: Shown): HoldingAnswer {
  const { holding } = shown;
  const of = <Value>(pick: (variant: HoldingVariant) => readonly Value[]): Value[] => [
    ...unique(holding.variants.flatMap(pick)),
  ];
  return {
    link: shown.refs === undefined ? 'destroyed' : 'kept',
    ...present({ refs: shown.refs }),
    handle: handleOf(holding.ref),
    generation: holding.generation,
    store: holding.store,
    ...present({
      collection: holding.collection,
      kept: holding.kept && { records: holding.kept.records, since: isoUtc(holding.kept.at) },
    }),
    state: holding.state,
    categories: of(({ categories }) => categories),
    purposes: of(({ purposes }) => purposes),
    producers: of(({ producer }) => [producer]),
    registeredAt: isoUtc(holding.registeredAt),
    ...(holding.state === 'disposed' || holding.state === 'withdrawn' ? {} : planOrFailure(ports, shown)),
    disposed: (holding.done ?? []).map(({ stage, part, outcome, at }, index) => ({
      stage,
      ...present({ part }),
      outcome,
      at: isoUtc(at),
      ...present({
        log: shown.links?.[index],
        unrecoverableAt: knownUnrecoverableAt(ports, holding, { outcome, at }),
      }),
    })),
    disposedBeforeFact: isRemarked(holding),
    ...at('cameBack', holding.cameBack),
  };
}

/** A plan that throws hides neither the rest of the holding nor other holdings. */
function planOrFailure(
  ports: Pick<ApiPorts, 'configuration'>,
  shown: Shown,
): Pick<HoldingAnswer, 'plan' | 'held' | 'planFailed'> {
  try {
    return planAnswer(ports, shown);
  } catch (error) {
    return { planFailed: codeOf(error) };
  }
}

function planAnswer(
  ports: Pick<ApiPorts, 'configuration'>,
  { holding, states, holds, now }: Shown,
): Pick<HoldingAnswer, 'plan' | 'held'> {
  const result = planOf(ports, holding, states, now);
  const stage = result.next ?? result.stages[0];
  const held =
    stage === undefined
      ? undefined
      : heldBy({
          holding,
          policies: [stage.policy, ...policyNamesOf(ports, holding, now)],
          states,
          holds,
          action: stage.action,
        });
  return {
    plan: {
      status: result.status,
      ...present({ next: result.next && stageAnswer(result.next) }),
      stages: result.stages.map(stageAnswer),
      explanation: [...result.explanation],
      overdue:
        holding.kept === undefined &&
        isOverdue(
          { state: holding.state, decision: decisionOf(ports, { holding, plan: result, states }, now) },
          now,
        ),
    },
    ...present({
      held: held === undefined ? pausedAs(ports, { holding, stage }, { holds, now }) : ('hold' as const),
    }),
  };
}

/** A pause of the lane, or of the rule, keeps it from being disposed of, too. */
function pausedAs(
  ports: Pick<ApiPorts, 'configuration'>,
  about: Parameters<typeof pausedBy>[1],
  { holds, now }: Pick<Shown, 'holds' | 'now'>,
): 'pause' | undefined {
  return pausedBy(ports, about, holds, now) === undefined ? undefined : 'pause';
}

function stageAnswer(stage: PlannedStage): StageAnswer {
  const { window } = stage;
  return {
    action: stage.action,
    ...present({ part: stage.part }),
    status: stage.status,
    ...(window === undefined
      ? {}
      : {
          window: {
            ...at('notBefore', window.notBefore),
            ...at('notAfter', window.notAfter),
            ...at('floor', window.floor === NO_FLOOR ? undefined : window.floor),
            basis: window.basis,
          },
        }),
    ...at('actAt', stage.actAt),
    ...at('deadline', stage.deadline),
    policy: stage.policy,
    policyVersion: stage.policyVersion,
    rule: stage.ruleText,
    reasons: [...stage.reasons],
  };
}

function at<Name extends string>(name: Name, instant: Instant | undefined): { [Key in Name]?: string } {
  return instant === undefined ? {} : ({ [name]: isoUtc(instant) } as { [Key in Name]: string });
}
