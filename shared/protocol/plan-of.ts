import type { Action } from '../domain/record/actions.ts';
import type { EntityState } from '../domain/facts/facts.ts';
import type { AboutEntity, Decision, Holding } from '../domain/record/holding.ts';
import type { EntityRef, Instant } from '../domain/record/ids.ts';
import { plan, type Plan } from '../domain/plan/plan.ts';
import type { Variant } from '../domain/configuration/policy.ts';
import type { Core } from './core.ts';

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

/** Without a deadline while a rule holds it: then it is kept rightly, and not overdue. */
export function decisionOf(result: Plan): Decision {
  const next = result.next;
  return {
    status: result.status,
    policies: result.policies,
    ...(next === undefined ? {} : { stage: next.action }),
    ...(next?.actAt === undefined ? {} : { actAt: next.actAt }),
    ...(next?.deadline === undefined || next.heldByRule === true ? {} : { deadline: next.deadline }),
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
