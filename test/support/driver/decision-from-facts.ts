import { emptyState, refold } from '../../../shared/domain/facts/fold.ts';
import type { Decision, Holding } from '../../../shared/domain/record/holding.ts';
import { decisionOf, entitiesOf, planOf } from '../../../shared/protocol/plan-of.ts';
import type { Driver } from './driver.ts';

/** What a holding's decision has to be: planned again from every fact on record, whatever the states say. */
function decisionFromFacts({ registry, core, clock }: Driver, holding: Holding): Decision {
  const profile = core.configuration.foldProfile;
  const states = new Map(
    entitiesOf(holding).map(({ ref }) => {
      const history = registry.allFacts().flatMap(({ entity, fact }) => (entity === ref ? [fact] : []));
      // A version says that there is a fact, also where no rule needs it.
      return [ref, { ...refold(emptyState(profile), history, profile), version: history.length }];
    }),
  );
  const plan = planOf(core, holding, states, clock.now());
  return decisionOf(core, { holding, plan, states }, clock.now());
}

/** What is wrong with the stored decisions, if anything. */
export function misplanned(d: Driver): string[] {
  return d.registry
    .allHoldings()
    .filter(({ state }) => state === 'active')
    .flatMap((holding) => {
      const wanted = JSON.stringify(decisionFromFacts(d, holding));
      const stored = JSON.stringify(holding.decision);
      return wanted === stored ? [] : [`planned ${stored ?? 'not at all'}, the facts say ${wanted}`];
    });
}
