import { checkedSooner, lookedFor } from '../facts/after-care.ts';
import type { Holding } from '../record/holding.ts';
import type { Replay } from './replay.ts';
import { standingOf } from './standing.ts';

/**
 * The holding of which the store is asked for this replay; nothing where it is not to be asked, or is asked already. A
 * check that is due anyway is left as it is: it may have begun.
 */
export function askedFor(replay: Replay, holding: Holding): Holding | undefined {
  const { probe, look } = holding;
  const standing = standingOf(replay, holding, replay.at);
  const isKnown =
    standing === 'gone' || standing === 'disposed' || standing === 'there' || standing === 'unread';
  if (!isKnown || probe === undefined || probe.at <= replay.at) return undefined;
  if (replay.does) return checkedSooner(holding, replay.at);
  return look !== undefined && look.at >= replay.at ? undefined : lookedFor(holding, replay.at);
}
