import { isoUtc, yearOf } from '../../domain/calendar/utc-time.ts';
import { logRef } from '../../domain/configuration/references.ts';
import { present } from '../../domain/present.ts';
import type { EntryPage } from '../../domain/record/entry.ts';
import { packList } from '../../domain/record/page-list.ts';
import type { LaneCore } from '../core.ts';
import type { OfDataset, Told } from '../lane/told.ts';
import { isListOf } from './list-ahead.ts';

/** What an entry says of a page, and the list of its records that stays beside the log. */
export interface PackedPage {
  readonly page: EntryPage;
  readonly list?: { readonly root: string; readonly list: string };
}

/** References in the log are those of the year in which the collection was registered: its key unlinks them all. */
export async function packPage(
  { keys }: Pick<LaneCore, 'keys'>,
  { holding, page }: Pick<Told, 'holding' | 'page'>,
): Promise<PackedPage | undefined> {
  if (page === undefined) return undefined;
  const key = await keys.logKey(yearOf(holding.registeredAt));
  const { done, kept, failed, changed, ending, dataset, ahead } = page;
  const known =
    ahead !== undefined && isListOf(ahead, done) ? { root: ahead.root, list: ahead.list } : undefined;
  const list = done.length === 0 ? undefined : (known ?? packList(done.map((ref) => logRef(key, ref))));
  return {
    page: {
      records: done.length,
      ...present({ root: list?.root }),
      ...(kept > 0 && { kept }),
      ...(failed > 0 && { failed }),
      ...(changed > 0 && { changed }),
      // A dataset never ends: rows become due every day.
      ...(ending === 'more' && dataset === undefined && { more: true }),
      ...(dataset !== undefined && ofDataset(dataset)),
    },
    ...present({ list }),
  };
}

function ofDataset({ range, held, undated }: OfDataset): Pick<EntryPage, 'range' | 'held' | 'undated'> {
  return {
    ...(range !== undefined && { range: { first: isoUtc(range.first), last: isoUtc(range.last) } }),
    ...(held > 0 && { held }),
    ...(undated > 0 && { undated }),
  };
}
