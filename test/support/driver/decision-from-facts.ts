import { emptyState, refold } from '../../../shared/domain/facts/fold.ts';
import type { Decision, Holding } from '../../../shared/domain/record/holding.ts';
import { decisionOf, entitiesOf, planOf } from '../../../shared/protocol/plan-of.ts';
import type { World } from './world.ts';

/** What a holding's decision has to be: planned again from every fact on record, whatever the states say. */
export function decisionFromFacts({ registry, core, clock }: World, holding: Holding): Decision {
  const profile = core.configuration.foldProfile;
  const states = new Map(
    entitiesOf(holding).map(({ ref }) => {
      const history = registry.allFacts().flatMap(({ entity, fact }) => (entity === ref ? [fact] : []));
      return [ref, refold(emptyState(profile), history, profile)];
    }),
  );
  return decisionOf(planOf(core, holding, states, clock.now()));
}

/** What is wrong with a stored decision, if anything. */
export function isMisplanned(it: World, holding: Holding): string | undefined {
  const wanted = JSON.stringify(decisionFromFacts(it, holding));
  const stored = JSON.stringify(holding.decision);
  return wanted === stored ? undefined : `planned ${stored ?? 'not at all'}, the facts say ${wanted}`;
}
