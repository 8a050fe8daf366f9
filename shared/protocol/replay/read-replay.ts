import type { Instant } from '../../domain/record/ids.ts';
import { addedStandings, countOf, NO_REPLAY, type ReplayTally } from '../../domain/replay/replay-tally.ts';
import type { Replay } from '../../domain/replay/replay.ts';
import type { Walk } from '../../ports/upkeep.ts';
import type { Core } from '../core.ts';
import { ALL_SEGMENTS, askForSegments, isWorkedOn, walksOf } from '../walk.ts';
import { type Begun, begunReplay, walkOfPart } from './begin-replay.ts';

/** Counting reads the whole registry, so it is not repeated before the lane had some time. */
const PAUSE = 30_000;
/** Something becomes of these: asking begins a new count. */
const CHANGING = ['waiting', 'there', 'planned'] as const;

export interface ReplayProgress {
  readonly replay: Replay;
  /** `asking`: the records are being handed to the lane. `looking`: it is asking the store. */
  readonly state: 'asking' | 'looking' | 'done';
  /** Holdings of the registry that were read to find them. */
  readonly examined: number;
  /** The latest one that has ended; nothing before the first one. */
  readonly count?: { readonly tally: ReplayTally; readonly at: Instant };
}

type Reading = Pick<Core, 'registry' | 'clock' | 'configuration' | 'queues'>;

/**
 * How far a replay is. Each question begins the next count when that is due, and sends messages again that were lost, so a
 * replay that is not asked about costs nothing. Nothing if the replay does not exist, or its time is over.
 */
export async function readReplay(core: Reading, id: string): Promise<ReplayProgress | undefined> {
  const begun = await begunReplay(core, id);
  if (begun === undefined) return undefined;
  const { replay, stored } = begun;
  const asked = await walksOf(core, walkOfPart({ id, round: 0 }));
  const examined = asked.reduce((sum, { count = 0 }) => sum + count, 0);
  if (!asked.every(isDone)) {
    await askAgain(core, walkOfPart({ id, round: 0 }), asked, replay.at);
    return { replay, state: 'asking', examined };
  }
  const { number: round = 0, at: roundAt = replay.at } = stored.round ?? {};
  if (round === 0) await beginRound(core, begun, 1);
  const latest = round === 0 ? [] : await walksOf(core, walkOfPart({ id, round }));
  if (!latest.every(isDone)) await askAgain(core, walkOfPart({ id, round }), latest, roundAt);
  const counted = latest.every(isDone)
    ? latest
    : round > 1
      ? await walksOf(core, walkOfPart({ id, round: round - 1 }))
      : [];
  if (counted.length === 0) return { replay, state: 'looking', examined };
  const tally = tallyOf(counted);
  const countedAt = Math.max(...counted.map(({ at }) => at));
  const mayChange = CHANGING.some((standing) => countOf(tally, standing) > 0);
  if (counted === latest && mayChange && core.clock.now() >= countedAt + PAUSE)
    await beginRound(core, begun, round + 1);
  const state = countOf(tally, 'waiting') === 0 ? 'done' : 'looking';
  return { replay, state, examined, count: { tally, at: countedAt } };
}

/** On the version read: of two that ask at once, one begins it. */
async function beginRound(core: Reading, { stored }: Begun, number: number): Promise<void> {
  const next = { ...stored, version: stored.version + 1, round: { number, at: core.clock.now() } };
  if ((await core.registry.putRestoreReplay(next)) === 'moved') return;
  await askForSegments(core, walkOfPart({ id: stored.id, round: number }), ALL_SEGMENTS);
}

/** Segments on which nothing has worked for a while: their message may be lost. */
async function askAgain(core: Reading, walk: string, walks: readonly Walk[], begun: Instant): Promise<void> {
  const idle = walks.flatMap((one, segment) =>
    isDone(one) || isWorkedOn(core, one, begun) ? [] : [segment],
  );
  await askForSegments(core, walk, idle);
}

function isDone({ done }: Walk): boolean {
  return done === true;
}

function tallyOf(walks: readonly Walk[]): ReplayTally {
  return walks.reduce((sum, { replayed }) => addedStandings(sum, replayed ?? NO_REPLAY), NO_REPLAY);
}
