import { pages } from '../../domain/each.ts';
import { dependantTypes } from '../../domain/record/entity-graph.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { EntityRef, HoldingRef, Instant } from '../../domain/record/ids.ts';
import type { LaneCore } from '../core.ts';
import { readableHoldings } from '../damaged.ts';
import { readStates } from '../facts/read-states.ts';
import { entitiesOf, entityRefsOf, planOf, type States } from '../plan-of.ts';
import { type Begun, mayStart } from './begin.ts';
import { hasEnded, type Left, type Todo } from './told.ts';

/**
 * Entity types form a graph: a booking belongs to a customer. What is about a booking and names its customer is deleted
 * before what is only about the customer, whatever their stores. So a deletion waits as long as such a dependant is due
 * and not deleted: also one that fails or is under a legal hold. One that is kept, because it has a later date or none,
 * stops nothing. Costs one request for a hundred holdings of the entity; types without dependants cost nothing.
 */
export async function leaveWithDependants(
  core: LaneCore,
  begun: Begun,
  todo: readonly Pick<Todo, 'ref' | 'holding' | 'stage' | 'planned'>[],
): Promise<ReadonlyMap<HoldingRef, Left>> {
  const left = new Map<HoldingRef, Left>();
  const found = new Map<EntityRef, boolean>();
  for (const { ref, holding, stage, planned } of todo) {
    if (stage !== 'delete') continue;
    for (const parent of parentsIn(core, holding)) {
      if (!mayStart(core, begun.work)) {
        left.set(ref, { kind: 'no-time' });
        break;
      }
      const waits = found.get(parent.ref) ?? (await hasOpenDependant(core, parent));
      found.set(parent.ref, waits);
      if (!waits) continue;
      left.set(ref, { kind: 'dependants', since: planned.actAt ?? core.clock.now() });
      break;
    }
  }
  return left;
}

interface Parent {
  readonly ref: EntityRef;
  readonly types: ReadonlySet<string>;
}

/** The entities that something else may belong to, and of which the holding itself is not about such a part. */
function parentsIn({ configuration }: LaneCore, holding: Holding): readonly Parent[] {
  const entities = entitiesOf(holding);
  return entities.flatMap(({ type, ref }) => {
    const types = dependantTypes(configuration, type);
    return types.size === 0 || entities.some((other) => types.has(other.type)) ? [] : [{ ref, types }];
  });
}

/** Planned with the facts of now: an erasure may have reached the parent first. */
async function hasOpenDependant(core: LaneCore, { ref, types }: Parent): Promise<boolean> {
  for await (const { items } of pages((after) => core.registry.pointers(ref, after))) {
    const holdings = [...(await readableHoldings(core, items)).values()].filter(
      // Of a collection that is kept, the records that are left are pointed at on their own.
      (holding) =>
        !hasEnded(holding) &&
        holding.kept === undefined &&
        entitiesOf(holding).some(({ type }) => types.has(type)),
    );
    const states = await readStates(core, entityRefsOf(holdings));
    const now = core.clock.now();
    if (holdings.some((holding) => isDue(core, holding, states, now))) return true;
  }
  return false;
}

/**
 * Whether its deletion is due, also where it is restricted first. What cannot be planned is set aside by its own lane, and
 * kept: nothing waits for it.
 */
function isDue(core: LaneCore, holding: Holding, states: States, now: Instant): boolean {
  try {
    const { stages } = planOf(core, holding, states, now);
    // Of rules that contradict each other, none is carried out.
    if (stages.some(({ status }) => status === 'conflict')) return false;
    return stages.some(
      ({ action, part, status, actAt }) =>
        action === 'delete' && part === undefined && status === 'due' && actAt !== undefined && actAt <= now,
    );
  } catch {
    return false;
  }
}
