import { plan, type Plan } from '../domain/plan.ts';
import type { EntityState } from '../domain/facts.ts';
import type { Action } from '../domain/actions.ts';
import type { AboutEntity, Decision, Holding } from '../domain/holding.ts';
import type { EntityRef, HoldingRef, Instant } from '../domain/ids.ts';
import type { Variant } from '../domain/policy.ts';
import type { Core } from './core.ts';
import { hintAgainIfLate, hintedBy, hintMinute, putHint } from './hint.ts';
import { readStates } from './read-states.ts';

/**
 * Brings a holding's stored decision up to its facts: version first, then the states of all its entities, then the
 * hint, then the decision on the version read, and last a look at the clock. Written even when nothing changes:
 * skipping would lose the update of a writer that reads at the same time. `settled`: nothing is left to plan.
 */
export async function rePlan(core: Core, ref: HoldingRef): Promise<'planned' | 'settled' | 'missing'> {
  for (;;) {
    const holding = await core.registry.holding(ref);
    if (holding === undefined) return 'missing';
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

/** The same plan at ingestion, at claim time and in every answer. `done` adds stages that are about to be recorded. */
export function planOf(
  core: Pick<Core, 'configuration'>,
  holding: Holding,
  states: ReadonlyMap<EntityRef, EntityState>,
  now: Instant,
  done: readonly Action[] = [],
): Plan {
  return plan({
    categories: unique(holding.registrations.flatMap((registration) => registration.categories)),
    entities: entitiesOf(holding),
    variants: variantsOf(holding),
    done: [...(holding.done ?? []).map((stage) => stage.stage), ...done],
    states,
    policies: core.configuration.policies,
    now,
  });
}

export function decisionOf(result: Plan): Decision {
  const next = result.next;
  return {
    status: result.status,
    policies: result.policies,
    ...(next === undefined ? {} : { stage: next.action }),
    ...(next?.actAt === undefined ? {} : { actAt: next.actAt }),
    ...(next?.deadline === undefined ? {} : { deadline: next.deadline }),
  };
}

/** Every entity that any registration named, once. */
export function entitiesOf(holding: Pick<Holding, 'registrations'>): readonly AboutEntity[] {
  const byRef = new Map<EntityRef, AboutEntity>();
  for (const registration of holding.registrations) {
    for (const entity of registration.entities) byRef.set(entity.ref, entity);
  }
  return [...byRef.values()];
}

/** Pooled by producer: what one registered waits for its own entities only. */
function variantsOf({ registrations }: Holding): readonly Variant[] {
  return registrations.map(({ producer, zone, attributes }) => {
    const own = registrations.filter((registration) => registration.producer === producer);
    return {
      categories: unique(own.flatMap(({ categories }) => categories)),
      entities: entitiesOf({ registrations: own }),
      ...(zone === undefined ? {} : { zone }),
      ...(attributes === undefined ? {} : { attributes }),
    };
  });
}

export function unique<Item>(items: readonly Item[]): readonly Item[] {
  return [...new Set(items)];
}
