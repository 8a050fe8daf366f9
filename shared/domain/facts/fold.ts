import { compacted, isTruncated } from './compact.ts';
import type { EntityState, Fact, FoldProfile, Occurrence } from './facts.ts';
import { standingOf } from './standing.ts';
import { own } from '../own.ts';
import { present } from '../present.ts';
import type { Instant } from '../record/ids.ts';

export function emptyState(profile: FoldProfile): EntityState {
  return { version: 0, profile: profile.digest, occurrences: {}, rebuilt: 0, dangling: [], holds: [] };
}

/**
 * Folds one fact that is new in the history into a state. New facts may be folded in any order: the result is the same.
 * A fact that was stored before is not folded: the caller reads the history and uses `refold`.
 *
 * `before` is the state that the caller read before it put the fact into the history; `state` is the newest one. A state
 * lists the corrections and retractions of events that have not arrived. It does not list those of events that have,
 * so a state that was rebuilt after `before` can have counted a retraction of this very fact, and only the history
 * shows it.
 *
 * Returns `history` when the state alone is not enough: the caller then reads the history and uses `refold`.
 */
export function fold(
  before: EntityState,
  state: EntityState,
  fact: Fact,
  profile: FoldProfile,
): EntityState | 'history' {
  if (state.profile !== profile.digest || state.rebuilt !== before.rebuilt) return 'history';
  if (fact.kind !== 'event' || isNamed(state, fact)) return 'history';
  if (own(profile.types, fact.type) === undefined || isTruncated(state, fact.type)) return state;
  const known = own(state.occurrences, fact.type) ?? [];
  if (known.some(({ ref }) => ref === fact.ref)) return state;
  const occurrences = { ...state.occurrences, [fact.type]: [...known, occurrenceOf(fact, fact.sent)] };
  return compacted({ ...state, occurrences }, profile);
}

/**
 * Folds a whole history, read after the state. `keep: 'everything'` gives what a plan reads where the state is
 * truncated; it is not for storing.
 */
export function refold(
  state: EntityState,
  history: readonly Fact[],
  profile: FoldProfile,
  keep: 'compact' | 'everything' = 'compact',
): EntityState {
  const { counting, dangling } = standingOf(history);
  const occurrences: Record<string, Occurrence[]> = {};
  for (const { fact, sent } of counting) {
    if (own(profile.types, fact.type) === undefined) continue;
    (occurrences[fact.type] ??= []).push(occurrenceOf(fact, sent));
  }
  const { version, rebuilt, holds, freezing } = state;
  const next: EntityState = {
    version,
    profile: profile.digest,
    occurrences,
    rebuilt: rebuilt + 1,
    dangling,
    holds,
    ...present({ freezing }),
  };
  return keep === 'everything' ? next : compacted(next, profile);
}

/**
 * What is stored after the same event came again with the same body; nothing, if that changes nothing. The earlier time
 * of sending stands, so it makes no difference which of the two arrived first.
 */
export function sentEarlier(stored: Fact, again: Fact): Fact | undefined {
  return again.sent < stored.sent ? { ...stored, sent: again.sent } : undefined;
}

function isNamed({ dangling }: EntityState, { ref }: Fact): boolean {
  return dangling === 'too-many' || dangling.some(({ about }) => about === ref);
}

function occurrenceOf(fact: Fact, sent: Instant): Occurrence {
  if (fact.occurred === undefined) throw new TypeError(`a fact of kind ${fact.kind} has no date to fold`);
  return {
    ref: fact.ref,
    occurred: fact.occurred,
    sent,
    ...present({ attributes: fact.attributes }),
  };
}
