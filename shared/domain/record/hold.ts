import type { Instant } from './ids.ts';

export type HoldScope =
  | { readonly category: string }
  | { readonly store: string }
  | { readonly policy: string }
  | { readonly everything: true };

/**
 * A reason not to act on a category, store, policy or everything; a pause of a lane or of all lanes is one too. Holds
 * on one entity are facts about it, in its state.
 */
export interface WideHold {
  readonly id: string;
  readonly kind: 'hold' | 'pause';
  readonly scope: HoldScope;
  readonly state: 'placed' | 'released';
  readonly at: Instant;
}

/**
 * The id of the pause of everything that an adopted table has until a person says that the restore is complete. It is
 * no item: that it is over is one.
 */
export const RESTORED = 'restored';

export function pauseOfRestored(): WideHold {
  return { id: RESTORED, kind: 'pause', scope: { everything: true }, state: 'placed', at: 0 };
}

/** Whether placing `asked` would repeat what is stored: another scope under the same id is another hold. */
export function isSameHold(stored: WideHold, asked: WideHold): boolean {
  return stored.state === 'placed' && stored.kind === asked.kind && isSameScope(stored.scope, asked.scope);
}

/** The same words: everything is not the same scope as one store, though it covers it. */
export function isSameScope(a: HoldScope, b: HoldScope): boolean {
  return JSON.stringify(Object.entries(a)) === JSON.stringify(Object.entries(b));
}
