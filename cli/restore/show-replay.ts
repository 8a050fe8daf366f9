import type { RestoreReplayAnswer } from '../../shared/contract/restore-replays.ts';
import { type Standing, STANDINGS } from '../../shared/domain/replay/standing.ts';
import { NAMED } from '../../shared/domain/replay/replay-tally.ts';
import type { CliContext } from '../cli-context.ts';

const HEADS: Readonly<Record<Standing, string>> = {
  there: 'there again',
  planned: 'came back',
  disposed: 'disposed of again',
  gone: 'gone',
  waiting: 'waiting',
  registered: 'registered again',
  withdrawn: 'withdrawn',
  forgotten: 'not known where',
  unread: 'unreadable',
  masked: 'only masked',
  repeated: 'masked again',
};

/** What each column means, for those that are not 0. */
const MEANINGS: Readonly<Partial<Record<Standing, string>>> = {
  there:
    'there again: in the store. Nothing was done. With --do they are disposed of, unless a hold or a newer fact keeps them.',
  planned:
    'came back: holdings again, and not disposed of yet, or kept: `tenure attention` and `tenure hold list` tell why.',
  disposed: 'disposed of again: they had come back since the backup. Each has an entry in the deletion log.',
  registered: 'registered again: other records at the same places. They are not touched.',
  withdrawn: 'withdrawn: their producers have said since that Tenure is not to dispose of them.',
  forgotten:
    'not known where: NOT LOOKED AT. Their last check is over, or the store has no `afterCare`, so Tenure has forgotten where they were.',
  unread: 'unreadable: NOT LOOKED AT. Their locators cannot be opened any more.',
  masked:
    'only masked: NOT LOOKED AT. They were anonymised or restricted and not deleted, which the backup has undone. With --do that is done again.',
  repeated:
    'masked again: they were anonymised or restricted and not deleted. All of it was done again; each has an entry in the deletion log.',
};

/** Not all that may have come back was looked at. */
export function isIncomplete({ totals, damaged }: RestoreReplayAnswer): boolean {
  return totals.forgotten + totals.unread + totals.masked + damaged > 0;
}

export function showReplay(context: CliContext, replay: RestoreReplayAnswer): void {
  const { store, since, countedAt, at, totals, damaged, categories, datasets } = replay;
  context.say(
    `Records of ${store} that were disposed of since ${since}, looked for from ${at} on, and counted until ${countedAt ?? at}.`,
  );
  const shown = STANDINGS.filter((standing) => totals[standing] > 0);
  if (shown.length > 0)
    context.table(
      ['category', ...shown.map((standing) => HEADS[standing])],
      categories.map(({ category, counts }) => [
        category,
        ...shown.map((standing) => String(counts[standing])),
      ]),
    );
  for (const standing of shown) {
    const meaning = MEANINGS[standing];
    if (meaning !== undefined) context.say(meaning);
  }
  for (const { category, samples } of categories)
    for (const standing of NAMED)
      for (const ref of samples[standing] ?? []) context.print(`${HEADS[standing]}: ${ref} (${category})`);
  if (damaged > 0) context.say(`${damaged} holdings of the registry could not be read: NOT LOOKED AT.`);
  for (const category of datasets)
    context.say(
      `The rows of the dataset "${category}" are not registered: its next pass finds those that came back.`,
    );
  if (shown.length === 0) context.say('Nothing of it was disposed of since then.');
  else if (totals.there + totals.planned + totals.disposed + totals.repeated === 0 && !isIncomplete(replay))
    context.say('Nothing has come back.');
}
