import { problem } from '../../shared/contract/problem.ts';
import type { RestoreReplayAnswer } from '../../shared/contract/restore-replays.ts';
import { isoUtc } from '../../shared/domain/calendar/utc-time.ts';
import { datasetsIn } from '../../shared/domain/datasets/datasets-of.ts';
import { present } from '../../shared/domain/present.ts';
import { own } from '../../shared/domain/own.ts';
import { replayId } from '../../shared/domain/replay/replay.ts';
import { countOf, NAMED, NO_REPLAY, type ReplayTally } from '../../shared/domain/replay/replay-tally.ts';
import { STANDINGS } from '../../shared/domain/replay/standing.ts';
import { beginReplay, begunReplay } from '../../shared/protocol/replay/begin-replay.ts';
import { readReplay, type ReplayProgress } from '../../shared/protocol/replay/read-replay.ts';
import type { ApiPorts, Operation, Reply } from './api-ports.ts';
import { doOrPropose } from './four-eyes/do-or-propose.ts';
import { REPLAY_RESTORE } from './four-eyes/replay-restore.ts';
import { logRefs } from './log-refs.ts';

/**
 * Begins to find what of a restored store is there again. The same request again, with its token, is the same replay: it
 * answers how far that is, and has no second entry.
 */
export const replayRestore: Operation<'replayRestore'> = async (ports, { input, principal }) => {
  const { store, token, do: does = false } = input;
  if (own(ports.configuration.stores, store) === undefined)
    return { kind: 'problem', problem: problem('NOT_FOUND', 'store') };
  const since = Math.max(0, Date.parse(input.since));
  if (since > ports.clock.now()) return { kind: 'problem', problem: problem('SINCE_INVALID', 'since') };
  const id = replayId(token, { does, since, store });
  const isKnown = (await begunReplay(ports, id)) !== undefined;
  if (!isKnown && does) {
    const reply = await doOrPropose(ports, principal, REPLAY_RESTORE, { store, since, token });
    if (typeof reply !== 'string') return reply;
  } else if (!isKnown) await beginReplay(ports, id);
  return answered(ports, id);
};

/** How far a replay is, and what it found. Asking goes on with what was lost, and begins the next count. */
export const queryRestoreReplay: Operation<'queryRestoreReplay'> = async (ports, { input }) =>
  answered(ports, input.id);

async function answered(ports: ApiPorts, id: string): Promise<Reply<RestoreReplayAnswer>> {
  const progress = await readReplay(ports, id);
  if (progress === undefined) return { kind: 'problem', problem: problem('NOT_FOUND', 'id') };
  return { kind: 'answer', answer: await answerOf(ports, progress) };
}

async function answerOf(ports: ApiPorts, progress: ReplayProgress): Promise<RestoreReplayAnswer> {
  const { replay, state, examined, count } = progress;
  const { tally } = count ?? { tally: NO_REPLAY };
  const refs = tally.cells.flatMap(({ samples }) => Object.values(samples).flat());
  const named = await logRefs(ports, refs);
  return {
    id: replay.id,
    store: replay.store,
    since: isoUtc(replay.since),
    do: replay.does,
    at: isoUtc(replay.at),
    state,
    examined,
    ...present({ countedAt: count && isoUtc(count.at) }),
    totals: countsOf(tally),
    damaged: tally.damaged,
    categories: tally.cells.map((cell) => ({
      category: cell.category,
      counts: countsOf({ cells: [cell] }),
      samples: Object.fromEntries(
        NAMED.flatMap((standing) => {
          const known = (cell.samples[standing] ?? []).flatMap((ref) => named.get(ref) ?? []);
          return known.length === 0 ? [] : [[standing, known]];
        }),
      ),
    })),
    datasets: datasetsIn(ports.configuration, replay.store).map(({ category }) => category),
  };
}

function countsOf(tally: Pick<ReplayTally, 'cells'>): RestoreReplayAnswer['totals'] {
  return Object.fromEntries(
    STANDINGS.map((standing) => [standing, countOf(tally, standing)]),
  ) as RestoreReplayAnswer['totals'];
}
