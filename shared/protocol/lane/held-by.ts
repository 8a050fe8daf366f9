import type { EntityRef } from '../../domain/record/ids.ts';
import type { HoldScope, WideHold } from '../../domain/record/hold.ts';
import type { Holding } from '../../domain/record/holding.ts';
import { categoriesOf, entitiesOf, type States } from '../plan-of.ts';

/**
 * The first legal hold that covers the holding. `policies`: all that its categories belong to, not only the one that
 * decides. A pause of the lane ended the attempt before this is asked.
 */
export function heldBy(
  holding: Holding,
  policies: readonly string[],
  states: States,
  holds: readonly WideHold[],
): { readonly id: string; readonly entity?: EntityRef } | undefined {
  for (const { ref } of entitiesOf(holding)) {
    const id = states.get(ref)?.holds[0];
    if (id !== undefined) return { id, entity: ref };
  }
  const wide = holds.find(({ kind, scope }) => kind === 'hold' && covers(scope, holding, policies));
  return wide === undefined ? undefined : { id: wide.id };
}

function covers(scope: HoldScope, holding: Holding, policies: readonly string[]): boolean {
  if ('everything' in scope) return true;
  if ('store' in scope) return scope.store === holding.store;
  if ('policy' in scope) return policies.includes(scope.policy);
  return categoriesOf(holding).includes(scope.category);
}
