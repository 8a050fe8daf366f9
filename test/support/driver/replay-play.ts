import type { Instant } from '../../../shared/domain/record/ids.ts';
import { countOf, NO_REPLAY } from '../../../shared/domain/replay/replay-tally.ts';
import { replayId } from '../../../shared/domain/replay/replay.ts';
import { type Standing, STANDINGS } from '../../../shared/domain/replay/standing.ts';
import { beginReplay } from '../../../shared/protocol/replay/begin-replay.ts';
import { readReplay } from '../../../shared/protocol/replay/read-replay.ts';
import type { Driver } from './driver.ts';

/** Plays a replay to its end, as somebody who asks every minute. Answers how many records have which standing. */
export async function replayed(
  d: Driver,
  {
    since,
    does = false,
    token = 't-1',
  }: { readonly since: Instant; readonly does?: boolean; readonly token?: string },
): Promise<Partial<Record<Standing, number>>> {
  const id = replayId(token, { does, since, store: 'notes' });
  await beginReplay(d.core, id);
  for (let minute = 0; minute < 180; minute += 1) {
    await d.pass(60_000);
    const progress = await readReplay(d.core, id);
    if (progress?.state !== 'done') continue;
    const { tally } = progress.count ?? { tally: NO_REPLAY };
    const counts = STANDINGS.map((standing) => [standing, countOf(tally, standing)] as const);
    return Object.fromEntries(counts.filter(([, count]) => count > 0));
  }
  throw new Error('the replay did not end within three hours');
}
