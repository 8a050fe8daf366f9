import { datasetChunkKey } from '../../domain/datasets/dataset-chunk.ts';
import { datasetsIn } from '../../domain/datasets/datasets-of.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { Core } from '../core.ts';
import { rowsWaitSince } from '../waiting-too-long.ts';

/** Datasets of a store whose rows wait too long, by category, and since when. One read for each. */
export async function lateDatasets(
  core: Pick<Core, 'registry' | 'configuration'>,
  store: string,
  now: Instant,
): Promise<readonly { readonly category: string; readonly since: Instant }[]> {
  const late: { readonly category: string; readonly since: Instant }[] = [];
  for (const dataset of datasetsIn(core.configuration, store)) {
    const chunk = await core.registry.chunk(datasetChunkKey(dataset));
    const since = chunk && rowsWaitSince(core, chunk, now);
    if (since !== undefined) late.push({ category: dataset.category, since });
  }
  return late;
}
