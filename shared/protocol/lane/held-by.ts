import { destroys as isDestructive, type StoreAction } from '../../domain/record/actions.ts';
import type { EntityRef } from '../../domain/record/ids.ts';
import { coversRecord, type WideHold } from '../../domain/record/hold.ts';
import type { Holding } from '../../domain/record/holding.ts';
import { categoriesOf, entitiesOf, type States } from '../plan-of.ts';

export interface Held {
  readonly holding: Holding;
  /** All that its categories belong to, not only the one that decides. */
  readonly policies: readonly string[];
  readonly states: States;
  readonly holds: readonly WideHold[];
  /** What is to be done to it. */
  readonly action: StoreAction;
}

/**
 * The first legal hold that keeps this from being done. What is under hold may still be restricted, because that destroys
 * nothing, unless the hold freezes it. A pause of the lane ended the attempt before this is asked.
 */
export function heldBy({
  holding,
  policies,
  states,
  holds,
  action,
}: Held): { readonly id: string; readonly entity?: EntityRef } | undefined {
  const destroys = isDestructive(action);
  for (const { ref } of entitiesOf(holding)) {
    const state = states.get(ref);
    const [id] = (destroys ? state?.holds : state?.freezing) ?? [];
    if (id !== undefined) return { id, entity: ref };
  }
  const record = { store: holding.store, categories: categoriesOf(holding), policies };
  const wide = holds.find(
    (hold) => hold.kind === 'hold' && (destroys || hold.freeze === true) && coversRecord(hold, record),
  );
  return wide === undefined ? undefined : { id: wide.id };
}
