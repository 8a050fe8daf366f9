import { type Replay, replayOf } from '../../domain/replay/replay.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { BegunReplay } from '../../ports/upkeep.ts';
import type { Core } from '../core.ts';
import { ALL_SEGMENTS, askForSegments } from '../walk.ts';

const WALK = 'restore-replay/';
/** As long as the replay itself. */
const DAYS = 35;
const ASKING = 'ask';

/** A part of a replay: `round` 0 asks the lane about the records, and each later one counts what the lane answered. */
export interface ReplayPart {
  readonly id: string;
  readonly round: number;
}

export function walkOfPart({ id, round }: ReplayPart): string {
  return `${WALK}${id}/${round === 0 ? ASKING : round}`;
}

/** The part of a replay that a walk is of, if it is of one. */
export function partOfWalk(walk: string): ReplayPart | undefined {
  if (!walk.startsWith(WALK)) return undefined;
  const [id = '', part = ''] = walk.slice(WALK.length).split('/');
  return { id, round: part === ASKING ? 0 : Number(part) };
}

export function expiryOf({ at }: Pick<Replay, 'at'>): Instant {
  return at + DAYS * 86_400_000;
}

/** What was asked, and how far it is known to be. */
export interface Begun {
  readonly replay: Replay;
  readonly stored: BegunReplay;
}

/** Nothing if it was not begun, or its time is over. */
export async function begunReplay(
  { registry, clock }: Pick<Core, 'registry' | 'clock'>,
  id: string,
): Promise<Begun | undefined> {
  const stored = await registry.restoreReplay(id);
  const replay = stored && replayOf(id, stored.at);
  // DynamoDB deletes what has expired within days, and in any order: without its walks, it would begin again.
  return stored && replay && clock.now() < expiryOf(replay) ? { replay, stored } : undefined;
}

/**
 * Begins a replay, and asks for the walkers that hand its records to the lane. One that has begun goes on as it is, so a
 * request may come again.
 */
export async function beginReplay(
  core: Pick<Core, 'registry' | 'clock' | 'queues'>,
  id: string,
): Promise<'begun' | 'known'> {
  const written = await core.registry.putRestoreReplay({ id, version: 1, at: core.clock.now() });
  await askForSegments(core, walkOfPart({ id, round: 0 }), ALL_SEGMENTS);
  return written === 'written' ? 'begun' : 'known';
}
