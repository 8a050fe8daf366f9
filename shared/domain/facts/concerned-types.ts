import type { EventRef } from '../record/ids.ts';
import type { Fact } from './facts.ts';

/**
 * The types of what a correction or retraction of `about` is about, as far as it has arrived: of the event, and of the
 * corrections between. A retraction has no type of its own; it is about what it takes back.
 */
export function concernedTypes(history: readonly Fact[], about: EventRef): readonly string[] {
  const byRef = new Map(history.map((fact) => [fact.ref, fact]));
  const types = new Set<string>();
  const walked = new Set<EventRef>();
  for (let ref: EventRef | undefined = about; ref !== undefined && !walked.has(ref);) {
    walked.add(ref);
    const fact = byRef.get(ref);
    if (fact !== undefined && fact.kind !== 'retraction') types.add(fact.type);
    ref = fact?.about;
  }
  return [...types];
}
