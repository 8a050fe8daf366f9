import type { Instant } from '../record/ids.ts';
import type { Chunk, ChunkKey } from '../record/work.ts';
import { datasetRef } from './dataset-ref.ts';
import type { DefinedDataset } from './row-holding.ts';

/**
 * The minute in the key of each dataset's chunk. It is always the same, so a dataset has at most one chunk: where there is
 * one, no other can be put. It is after the minute of every hint, so a lane lists datasets after the holdings of their
 * producer.
 */
const MINUTE_OF_DATASETS = Date.parse('9999-12-31T23:59:00Z');

export function datasetChunkKey({ store, producer, category }: DefinedDataset): ChunkKey {
  return { lane: store, producer, minute: MINUTE_OF_DATASETS, id: datasetRef(store, category) };
}

/** Also where its dataset is not configured any more. */
export function isOfDataset({ minute }: ChunkKey): boolean {
  return minute === MINUTE_OF_DATASETS;
}

/** A new chunk, for a pass over the dataset's rows. */
export function datasetChunk(
  dataset: DefinedDataset,
  { since, version }: { readonly since: Instant; readonly version: number },
): Chunk {
  const key = datasetChunkKey(dataset);
  return {
    ...key,
    version,
    refs: [datasetRef(dataset.store, dataset.category)],
    dataset: dataset.category,
    since,
    attempts: 0,
    failures: 0,
    uncertain: [],
  };
}
