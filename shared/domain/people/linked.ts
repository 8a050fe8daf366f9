import type { AboutEntity } from '../record/about.ts';
import type { EntityState, Fact } from '../facts/facts.ts';
import { own } from '../own.ts';
import { LINKED } from '../record/incoming.ts';
import type { EntityRef, EventRef } from '../record/ids.ts';

/** Kept whole by every fold: each link counts. */
export const LINKED_PROFILE = { [LINKED]: { undoneBy: [], keepAll: true } } as const;

/** As attributes of the fact: the type of the entity that is the person, and its reference, which names nothing without the key. */
export function linkAttributes({ type, ref }: AboutEntity): Readonly<Record<string, string>> {
  return { type, ref };
}

/** The entities that applications said are this person. */
export function linkedIn({ occurrences }: Pick<EntityState, 'occurrences'>): readonly AboutEntity[] {
  return (own(occurrences, LINKED) ?? []).flatMap((one) => linkedBy(one) ?? []);
}

/** The other entity of a link. */
export function linkedBy({ attributes }: Pick<Fact, 'attributes'>): AboutEntity | undefined {
  const { type, ref } = attributes ?? {};
  return typeof type === 'string' && typeof ref === 'string' ? { type, ref: ref as EntityRef } : undefined;
}

/** The type of a note that a fact of a person has reached a linked entity. No event from outside has it. */
export const REACHED = 'tenure.request.reached';

/** The type of a note that an account was another person's, too, and of what took facts back there. No event from outside has it. */
export const SHARED = 'tenure.account.shared';

/** The type of what takes a request back. No event from outside has it. */
export const REQUEST_TAKEN_BACK = 'tenure.request.taken-back';

/** Whether it says nothing of the time before it: until then the person had asked for it, or had the account alone. */
export function isFromThenOn({ kind, type }: Pick<Fact, 'kind' | 'type'>): boolean {
  return kind === 'retraction' && (type === SHARED || type === REQUEST_TAKEN_BACK);
}

/** Which entities facts of a person have reached, as the person's history says. */
export function reachedIn(
  history: readonly Fact[],
): readonly { readonly ref: EntityRef; readonly event: EventRef }[] {
  return history.flatMap(({ type, attributes }) => {
    const { ref, event } = attributes ?? {};
    if (type !== REACHED || typeof ref !== 'string' || typeof event !== 'string') return [];
    return [{ ref: ref as EntityRef, event: event as EventRef }];
  });
}
