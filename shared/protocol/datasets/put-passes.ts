import { datasetChunk } from '../../domain/datasets/dataset-chunk.ts';
import { datasetRef } from '../../domain/datasets/dataset-ref.ts';
import { datasetsIn } from '../../domain/datasets/datasets-of.ts';
import type { DefinedDataset } from '../../domain/datasets/row-holding.ts';
import { each } from '../../domain/each.ts';
import { codeOf } from '../../domain/error-code.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { Core } from '../core.ts';
import { randomVersion } from '../sweep.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Between two hourly runs, of which one may be a little late. */
const ALMOST_AN_HOUR = HOUR - 600_000;
/** For those that are swept once a day, in UTC. */
const DAY_BEGINS = HOUR;
/** Nothing is left of a dataset that was removed from the configuration after this time. */
const FORGOTTEN_AFTER = 60 * DAY;
const AT_ONCE = 8;

/**
 * Each dataset gets a chunk for a pass over its rows: once an hour, or once a day in the first run after 01:00 UTC. The one
 * that it has already stays as it is, however long its pass takes: its key is always the same. A mark says when that was
 * done last; it is written after the chunk, so a run that dies in between puts the chunk once more, and a pass that finds
 * nothing is harmless. A dataset whose chunk cannot be put stops no other; it gets one in the next hour.
 */
export async function putPasses(core: Core): Promise<void> {
  const { stores } = core.configuration;
  const datasets = Object.keys(stores).flatMap((store) => datasetsIn(core.configuration, store));
  await each(datasets, AT_ONCE, async (dataset) => {
    try {
      await putPass(core, dataset);
    } catch (error) {
      core.report('sweep.failed', { store: dataset.store, code: codeOf(error), count: 1 });
    }
  });
}

async function putPass(core: Core, dataset: DefinedDataset): Promise<void> {
  const now = core.clock.now();
  const mark = await core.registry.walk(markOf(dataset));
  if (mark.version > 0 && isSince(dataset, mark.at, now)) return;
  await core.registry.putChunks([datasetChunk(dataset, { since: now, version: randomVersion(core) })]);
  // Moved: another run has put it, too.
  await core.registry.putWalk({
    ...mark,
    version: mark.version + 1,
    at: now,
    expires: now + FORGOTTEN_AFTER,
  });
}

/** Whether that was in this hour, or on this day. What is later than now says nothing: the clock that wrote it was wrong. */
function isSince({ daily }: DefinedDataset, at: Instant, now: Instant): boolean {
  if (daily !== true) return at <= now && now - at < ALMOST_AN_HOUR;
  return Math.floor((at - DAY_BEGINS) / DAY) === Math.floor((now - DAY_BEGINS) / DAY);
}

function markOf({ store, category }: DefinedDataset): string {
  return `dataset/${datasetRef(store, category)}`;
}
