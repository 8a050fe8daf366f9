import { present } from '../present.ts';
import type { OddEntity } from '../record/attention.ts';
import type { EntityRef, Instant } from '../record/ids.ts';
import type { EntityState } from './facts.ts';

/** Events that arrived about an entity: their types, and when the earliest of them was sent. */
export interface KnownFacts {
  readonly events: readonly string[];
  readonly since?: Instant;
  /** When the earliest correction or retraction was received whose event is not there. */
  readonly danglingSince?: Instant;
}

/** Nothing where no event ever arrived. A state may be there all the same: legal holds are in it, too. */
export function factsIn(state: EntityState): KnownFacts | undefined {
  if (state.version === 0) return undefined;
  const events = Object.keys(state.occurrences).toSorted();
  const isOnlyHeld = events.length === 0 && state.truncated === undefined && state.holds.length > 0;
  if (isOnlyHeld) return undefined;
  const sent = Object.values(state.occurrences).flatMap((all) => all.map((one) => one.sent));
  return { events, ...present({ since: earliest(sent), danglingSince: earliest(receivedOf(state)) }) };
}

/** Too many to be kept is as old as can be: nothing else says when the first of them came. */
function receivedOf({ dangling }: EntityState): readonly Instant[] {
  return dangling === 'too-many' ? [0] : dangling.map(({ received }) => received);
}

function earliest(instants: readonly Instant[]): Instant | undefined {
  return instants.length === 0 ? undefined : Math.min(...instants);
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
  const { events = [], since, danglingSince } = facts ?? {};
  if (facts !== undefined && !hasHoldings)
    odd.push({ ref, reason: 'facts-without-holdings', events, ...present({ since }) });
  if (danglingSince !== undefined)
    odd.push({ ref, reason: 'corrections-without-event', events, since: danglingSince });
  const own = hasHoldings || facts !== undefined ? 1 : 0;
  if (spellings.count + own > 1)
    odd.push({ ref, reason: 'ids-differ-in-case', events: [], ...present({ type: spellings.type }) });
  return odd;
}
