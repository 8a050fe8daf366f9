import type { EntityRef, Instant } from './ids.ts';

export type WideScope =
  | { readonly category: string }
  | { readonly store: string }
  | { readonly policy: string }
  | { readonly everything: true };
export type EntityScope = { readonly entity: EntityRef };
export type HoldScope = WideScope | EntityScope;

/**
 * A reason not to act on a category, store, policy or everything; a pause of a lane or of all lanes is one too. Holds
 * on one entity are facts about it, in its state.
 */
export interface WideHold {
  readonly id: string;
  readonly kind: 'hold' | 'pause';
  readonly scope: WideScope;
  readonly state: 'placed' | 'released';
  readonly at: Instant;
  /** It also keeps records from being restricted. */
  readonly freeze?: true;
  /**
   * Of a hold on a policy, what belonged to it when the hold was placed. An edit of the policies takes nothing out of the
   * hold.
   */
  readonly categories?: readonly string[];
  /** Of a pause: only what this policy, or this rule of it, disposes of. Without it, the lanes do nothing at all. */
  readonly only?: PausedRule;
}

/** A rule as it was written, or all rules of a policy. */
export interface PausedRule {
  readonly policy: string;
  readonly rule?: string;
}

/**
 * A legal hold as people know it, whatever its scope: its record. Its id is used once. Texts are sealed, because they may
 * name people.
 */
export interface LegalHold {
  readonly id: string;
  readonly kind: 'hold';
  readonly scope: HoldScope;
  readonly state: 'placed' | 'released';
  readonly at: Instant;
  readonly freeze?: true;
  readonly categories?: WideHold['categories'];
  /** Somebody has to look at it by then. */
  readonly reviewBy?: Instant;
  /** Matter, reason, who placed it, and the entity's id. */
  readonly sealed?: string;
  /** The first release: it stands for ever. */
  readonly released?: { readonly at: Instant; readonly sealed?: string };
  /** What was in flight when it was placed, as the first answer named it. */
  readonly inFlight?: readonly NamedAttempt[];
}

/** The scope of the data keys of all texts of legal holds. A store cannot have this name. */
export const HOLD_TEXTS = 'legal-hold';

/** An attempt that may have read the holds before a hold was put. */
export interface NamedAttempt {
  readonly lane: string;
  readonly token: string;
  readonly until: Instant;
  /** How many of its holdings the hold covers, or may cover. */
  readonly holdings: number;
}

/** Legal holds on one entity that are in force at a time: its state is read for every record that may be due. */
export const MOST_HOLDS_ON_ENTITY = 50;

/**
 * The id of the pause of everything that an adopted table has until a person says that the restore is complete. It is
 * no item: that it is over is one.
 */
export const RESTORED = 'restored';

export function pauseOfRestored(): WideHold {
  return { id: RESTORED, kind: 'pause', scope: { everything: true }, state: 'placed', at: 0 };
}

/** Whether a hold that is not on an entity covers what has these categories, which belong to these policies. */
export function coversRecord(
  { scope, categories = [] }: Pick<WideHold, 'scope' | 'categories'>,
  record: {
    readonly store: string;
    readonly categories: readonly string[];
    readonly policies: readonly string[];
  },
): boolean {
  if ('everything' in scope) return true;
  if ('store' in scope) return scope.store === record.store;
  if ('category' in scope) return record.categories.includes(scope.category);
  return (
    record.policies.includes(scope.policy) ||
    record.categories.some((category) => categories.includes(category))
  );
}

/** Whether placing `asked` would repeat what is stored: another scope under the same id is another hold. */
export function isSameHold(stored: WideHold | LegalHold, asked: WideHold | LegalHold): boolean {
  return (
    stored.state === 'placed' &&
    stored.kind === asked.kind &&
    isSameScope(stored.scope, asked.scope) &&
    isSameRule('only' in stored ? stored.only : undefined, 'only' in asked ? asked.only : undefined)
  );
}

/** The same words: everything is not the same scope as one store, though it covers it. */
export function isSameScope(a: HoldScope, b: HoldScope): boolean {
  return JSON.stringify(Object.entries(a)) === JSON.stringify(Object.entries(b));
}

export function isSameRule(a: PausedRule | undefined, b: PausedRule | undefined): boolean {
  return a?.policy === b?.policy && a?.rule === b?.rule;
}

export function isOnEntity(scope: HoldScope): scope is EntityScope {
  return 'entity' in scope;
}
