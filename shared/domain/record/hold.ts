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

/** Whether placing `asked` would repeat what is stored: another scope under the same id is another hold. */
export function isSameHold(stored: WideHold, asked: WideHold): boolean {
  return stored.state === 'placed' && stored.kind === asked.kind && isSameScope(stored.scope, asked.scope);
}

/** The same words: everything is not the same scope as one store, though it covers it. */
export function isSameScope(a: HoldScope, b: HoldScope): boolean {
  return JSON.stringify(Object.entries(a)) === JSON.stringify(Object.entries(b));
}
