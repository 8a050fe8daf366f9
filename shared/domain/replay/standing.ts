import { deletedAt, notWithdrawn } from '../facts/after-care.ts';
import { carriedOut, type Holding, type StageDone } from '../record/holding.ts';
import type { Instant } from '../record/ids.ts';
import type { Replay } from './replay.ts';

/** What a replay says of a record that was disposed of since the backup. */
export const STANDINGS = [
  /** It is in its store again. Nothing was done about that. */
  'there',
  /** It had come back, and is a holding again that is not disposed of yet. */
  'planned',
  /** It had come back, and was disposed of again. */
  'disposed',
  'gone',
  /** The store was not asked yet. */
  'waiting',
  /** Registered again at the same place: another record, which is not looked at. */
  'registered',
  /** Its producer has withdrawn it since. */
  'withdrawn',
  /** Tenure does not know any more where it was. */
  'forgotten',
  /** Nothing leads to it: its locator cannot be opened. */
  'unread',
  /** It was masked or restricted, and not deleted. The replay only looks, and a look does not tell whether it is so still. */
  'masked',
  /** It was masked or restricted, and not deleted. All that was done since the backup was done again. */
  'repeated',
] as const;
export type Standing = (typeof STANDINGS)[number];

/** Clocks differ, and a tombstone says to the minute when its record was deleted. More is asked, and does no harm. */
const MARGIN = 300_000;

const OPPOSITE: Readonly<Record<string, string>> = { restrict: 'lift', lift: 'restrict' };

/** Asked for this replay, or for a later one: until a lane has answered, nothing is known. */
export function isAsked({ at }: Pick<Replay, 'at'>, { look }: Pick<Holding, 'look'>): boolean {
  return look !== undefined && look.at >= at;
}

/** Deleted since the backup, and before the replay: only that may have been brought back without anything else telling. */
export function isInQuestion({ at, since }: Pick<Replay, 'at' | 'since'>, tombstone: Holding): boolean {
  const deleted = deletedAt(tombstone);
  return deleted > 0 && deleted >= since - MARGIN && deleted <= at + MARGIN;
}

/** Nothing if the holding is of another store, or nothing was disposed of since. Pure. */
export function standingOf(replay: Replay, holding: Holding, now: Instant): Standing | undefined {
  if (holding.store !== replay.store) return undefined;
  const since = replay.since - MARGIN;
  const { state, generation, registeredAt, cameBack = -Infinity } = holding;
  if (state === 'active' || state === 'pending') {
    const masked = standingOfMasked(replay, holding);
    // What was masked since it came back, or was registered again, a restore has undone like any other mask.
    if (masked === 'waiting' || masked === 'masked') return masked;
    if (cameBack >= since) return 'planned';
    return masked ?? (generation > 1 && registeredAt >= since ? 'registered' : undefined);
  }
  const deleted = deletedAt(holding);
  if (deleted > 0 && deleted >= since) return standingOfDeleted(replay, holding, now);
  // Of what was registered again, or had come back, nothing but the last of its generations is left to tell it.
  const isLater = cameBack >= since || (generation > 1 && registeredAt >= since);
  if (state === 'withdrawn' && (isLater || isMaskInQuestion(replay, holding))) return 'withdrawn';
  return undefined;
}

/**
 * Masked or restricted since the backup, and before the replay: a restore may have undone that. Not what came back by the
 * replay.
 */
function isMaskInQuestion(replay: Replay, holding: Holding): boolean {
  const { cameBack = -Infinity } = holding;
  if (cameBack >= replay.at) return false;
  return maskedSince(replay, holding).some(({ at }) => at <= replay.at + MARGIN);
}

function standingOfMasked(replay: Replay, holding: Holding): Standing | undefined {
  const done = maskedSince(replay, holding);
  if (done.length > 0 && isAsked(replay, holding))
    return isToBeRepeated(holding, done) ? 'planned' : 'repeated';
  if (!isMaskInQuestion(replay, holding)) return undefined;
  return replay.does ? 'waiting' : 'masked';
}

/** Of a collection that is still there, a part may have been deleted: others are kept, or it goes on. */
function maskedSince({ since }: Replay, holding: Holding): readonly StageDone[] {
  return carriedOut(holding).filter(({ at }) => at >= since - MARGIN);
}

/** `restrict` and `lift` undo each other: only the later one is done again. */
function isToBeRepeated(holding: Holding, done: readonly StageDone[]): boolean {
  const { variants, kept, waitsUntil = 0, look } = holding;
  const isUndone = ({ stage, version }: StageDone): boolean =>
    done.some((later) => later.version > version && later.stage === OPPOSITE[stage]);
  // Where nothing but what is kept was found again, no page tells it.
  const isLookedAt = kept !== undefined && waitsUntil > (look?.at ?? 0);
  return done.some(
    (one) =>
      variants.some(({ since }) => since > one.version) &&
      !isUndone(one) &&
      !(one.stage === 'delete' && isLookedAt),
  );
}

/** What was never asked for is not gone: its tombstone may have been written after the walkers had passed. */
function standingOfDeleted(replay: Replay, tombstone: Holding, now: Instant): Standing {
  const { probe, look, cameBack = -Infinity } = tombstone;
  if (notWithdrawn(tombstone).length === 0) return 'withdrawn';
  const isDone = cameBack >= replay.since - MARGIN;
  const isKnown = isAsked(replay, tombstone);
  const seen = isKnown ? look?.seen : undefined;
  if (probe === undefined && seen === undefined) return isDone ? 'disposed' : 'forgotten';
  if (probe !== undefined && probe.at <= now) return 'waiting';
  if (seen === undefined && (isKnown || isInQuestion(replay, tombstone))) return 'waiting';
  if (seen !== undefined && seen !== 'gone') return seen;
  return isDone ? 'disposed' : 'gone';
}
