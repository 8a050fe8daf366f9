import type { Fact } from '../facts/facts.ts';
import type { EventRef } from '../record/ids.ts';
import { EFFECT_ATTRIBUTES, isEffectType, RESTRICTION_RELEASED } from './effects.ts';

/** Facts that reach accounts together. */
export interface Reaching {
  /** `request`: a request, its release and its cancellation. `child`: an event that tells whether a person is a child. */
  readonly kind: 'request' | 'child';
  /** With all that corrects or retracts them. What ends or changes something comes first, so that none counts without it. */
  readonly facts: readonly Fact[];
}

/** What of a person's history reaches the person's accounts. `childEvents`: the types by which policies know children. */
export function reachingIn(history: readonly Fact[], childEvents: ReadonlySet<string>): readonly Reaching[] {
  const roots = rootsOf(history);
  const groups = Map.groupBy(history, (fact) => {
    const root = roots.get(fact.ref) ?? fact;
    return requestIn(root) ?? root.ref;
  });
  return [...groups.values()].flatMap((group): Reaching[] => {
    const isRequest = group.some(({ type }) => isEffectType(type));
    const isOfChild = group.some(({ type }) => childEvents.has(type)) && group.some(bringsSomething);
    if (!isRequest && !isOfChild) return [];
    const facts = group.toSorted((a, b) => Number(bringsSomething(a)) - Number(bringsSomething(b)));
    return [{ kind: isRequest ? 'request' : 'child', facts }];
  });
}

/** It is neither a correction or retraction, nor the release of a restriction. */
export function bringsSomething({ kind, type }: Fact): boolean {
  return kind === 'event' && type !== RESTRICTION_RELEASED;
}

/** What a correction or retraction leads to: the event, if it has arrived, and otherwise the first of them. */
export function rootsOf(history: readonly Fact[]): ReadonlyMap<EventRef, Fact> {
  const byRef = new Map(history.map((fact) => [fact.ref, fact]));
  const roots = new Map<EventRef, Fact>();
  for (const fact of history) {
    const path = new Set<EventRef>();
    let root = fact;
    // Facts that are about each other in a circle lead to no event, wherever they begin.
    while (!path.has(root.ref)) {
      path.add(root.ref);
      const next = roots.get(root.ref) ?? (root.about === undefined ? undefined : byRef.get(root.about));
      if (next === undefined) break;
      root = next;
    }
    for (const ref of path) if (!roots.has(ref)) roots.set(ref, root);
  }
  return roots;
}

function requestIn(fact: Fact): string | undefined {
  if (!isEffectType(fact.type)) return undefined;
  const request = fact.attributes?.[EFFECT_ATTRIBUTES.request];
  return typeof request === 'string' ? request : fact.ref;
}
