import { present } from '../present.ts';
import type { OddEntity } from '../record/attention.ts';
import type { EntityRef, Instant } from '../record/ids.ts';
import type { EntityState } from './facts.ts';

/** Events that arrived about an entity: their types, and when the earliest of them was sent. */
export interface KnownFacts {
  readonly events: readonly string[];
  readonly since?: Instant;
}

/** Nothing where no event ever arrived. A state may be there all the same: legal holds are in it, too. */
export function factsIn(state: EntityState): KnownFacts | undefined {
  if (state.version === 0) return undefined;
  const events = Object.keys(state.occurrences).toSorted();
  const isOnlyHeld = events.length === 0 && state.truncated === undefined && state.holds.length > 0;
  if (isOnlyHeld) return undefined;
  const sent = Object.values(state.occurrences).flatMap((all) => all.map((one) => one.sent));
  return { events, ...present({ since: sent.length === 0 ? undefined : Math.min(...sent) }) };
}

/** What is stored about one entity. */
export interface EntityTraces {
  readonly ref: EntityRef;
  readonly hasHoldings: boolean;
  readonly facts?: KnownFacts;
  /** Other ids that are the same as this one in lower case, and their type. */
  readonly spellings: { readonly count: number; readonly type?: string };
}

/** What is odd about an entity, if anything. */
export function oddOf({ ref, hasHoldings, facts, spellings }: EntityTraces): readonly OddEntity[] {
  const odd: OddEntity[] = [];
  if (facts !== undefined && !hasHoldings) odd.push({ ref, reason: 'facts-without-holdings', ...facts });
  const own = hasHoldings || facts !== undefined ? 1 : 0;
  if (spellings.count + own > 1)
    odd.push({ ref, reason: 'ids-differ-in-case', events: [], ...present({ type: spellings.type }) });
  return odd;
}
