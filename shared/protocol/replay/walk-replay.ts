import { askedFor } from '../../domain/replay/asked-for.ts';
import type { Replay } from '../../domain/replay/replay.ts';
import { NO_REPLAY, withStandings } from '../../domain/replay/replay-tally.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { DamagedHolding } from '../../ports/holdings.ts';
import type { Core } from '../core.ts';
import { hintAgainIfLate, hintMinute } from '../hint.ts';
import { writePlanned } from '../plan-writer.ts';
import { walkSegment } from '../walk.ts';
import { begunReplay, expiryOf, partOfWalk } from './begin-replay.ts';

/**
 * One segment of a replay. The first round has the lane of the store look at the records: hints first, then the tombstones
 * on the versions read, so a death in between leaves a hint too many, and the page comes again. Later rounds count, and ask
 * for what was not on record yet when the first one passed: the deletion of an attempt that died is settled later.
 * A round's counts move with its walk, so that each record counts once, wherever a walker dies.
 */
export async function replaySegment(
  core: Core,
  message: { readonly walk: string; readonly segment: number },
  goOn: () => boolean,
): Promise<'done' | 'more' | 'busy' | 'gone'> {
  const part = partOfWalk(message.walk);
  const begun = part && (await begunReplay(core, part.id));
  if (part === undefined || begun === undefined) return 'gone';
  const { replay } = begun;
  const walked = await walkSegment(core, { id: message.walk, segment: message.segment }, goOn, {
    expires: expiryOf(replay),
    scan: (...page) => core.registry.scanHoldings(...page),
    async visit({ items, damaged }, { replayed = NO_REPLAY }) {
      await ask(core, replay, items, part.round === 0);
      if (part.round === 0) return;
      const page = { items, damaged: damaged.filter((one) => mayBeOf(replay, one)).length };
      return { replayed: withStandings(replayed, replay, page, core.clock.now()) };
    },
  });
  if (walked === 'more') await core.queues.toSweep([{ kind: 'walk', ...message }]);
  return walked;
}

async function ask(core: Core, replay: Replay, items: readonly Holding[], isFirst: boolean): Promise<void> {
  let open = items;
  while (open.length > 0) {
    const now = core.clock.now();
    const hintAt = hintMinute(now, now, core.configuration.timing);
    const changes = open.flatMap((before) => {
      const after = askedFor(replay, before, { now, isFirst });
      return after === undefined ? [] : [{ before, after: { ...after, hintAt } }];
    });
    const { written, moved } = await writePlanned(core, changes);
    await hintAgainIfLate(core, written);
    if (moved.length === 0) return;
    open = [...(await core.registry.readHoldings(moved)).holdings.values()];
  }
}

function mayBeOf({ store }: Replay, damaged: DamagedHolding): boolean {
  return (damaged.store ?? store) === store;
}
