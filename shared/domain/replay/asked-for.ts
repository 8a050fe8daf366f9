import { checkedSooner, lookedFor, notWithdrawn, repeatedFor } from '../facts/after-care.ts';
import type { Holding } from '../record/holding.ts';
import type { Instant } from '../record/ids.ts';
import type { Replay } from './replay.ts';
import { isAsked, isInQuestion, standingOf } from './standing.ts';

/**
 * The holding of which the store is asked for this replay; nothing where it is not to be asked, or is asked already. A
 * check that is due anyway is left as it is: it may have begun, and its entry is named from when it was due.
 *
 * `isFirst`: by the walkers that begin the replay. Later ones ask only for what those have not seen, so that a replay that
 * disposes of records does that once, however often and however late somebody asks how far it is.
 */
export function askedFor(
  replay: Replay,
  holding: Holding,
  { now, isFirst }: { readonly now: Instant; readonly isFirst: boolean },
): Holding | undefined {
  const { probe, look, state, store } = holding;
  // On a clock that is slow it is asked for when the replay was: it must not have happened before that.
  const at = Math.max(now, replay.at);
  if (store !== replay.store) return undefined;
  if (state === 'active' || state === 'pending')
    return replay.does && !isAsked(replay, holding) && standingOf(replay, holding, now) === 'waiting'
      ? repeatedFor(holding, at)
      : undefined;
  if (state !== 'disposed' || !isInQuestion(replay, holding)) return undefined;
  if (probe === undefined || probe.at <= at || notWithdrawn(holding).length === 0) return undefined;
  const isLookOnly = look?.seen !== 'gone' && replay.does && isFirst;
  if (isAsked(replay, holding) && !isLookOnly) return undefined;
  return replay.does ? checkedSooner(holding, at) : lookedFor(holding, at);
}
