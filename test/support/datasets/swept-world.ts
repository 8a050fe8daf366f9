import type {
  Configuration,
  DatasetConfiguration,
  StoreConfiguration,
} from '../../../shared/domain/configuration/configuration.ts';
import type { Chunk } from '../../../shared/domain/record/work.ts';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { PRODUCER, STORE, world, type World, type WorldOptions } from '../driver/world.ts';
import { aPolicy, anEvent, aRule } from '../rules/rule-world.ts';

/** A deployment with stores that have nothing but datasets, whose rows the sweep does not look at. */

const POLICY = aPolicy(
  { notes: [aRule('30 days after contract.ended')], logs: [aRule('90 days after record.created')] },
  {
    events: {
      'contract.ended': anEvent({ entity: 'contract' }),
      'record.created': anEvent({ entity: 'record' }),
    },
  },
);

export function aDataset(
  category = 'logs',
  changes: Partial<DatasetConfiguration> = {},
): DatasetConfiguration {
  return {
    category,
    producer: PRODUCER,
    clock: { 'record.created': { column: 'created' } },
    by: 'record.created',
    ...changes,
  };
}

export function sweptWorld(
  datasets: readonly DatasetConfiguration[],
  { store, ...options }: WorldOptions = {},
): World {
  return world({ policies: [POLICY], ...options, store: { ...store, datasets } });
}

/** The same deployment with other stores. */
export function withStores<Core extends LaneCore>(
  core: Core,
  stores: Readonly<Record<string, Partial<StoreConfiguration>>>,
): Core {
  const like = core.configuration.stores[STORE];
  if (like === undefined) throw new Error('the world has a store');
  const { datasets: _datasets, ...rest } = like;
  const all = Object.fromEntries(
    Object.entries(stores).map(([name, store]) => [name, { ...rest, ...store }]),
  );
  const configuration: Configuration = { ...core.configuration, stores: all };
  return { ...core, configuration };
}

/** Of datasets that have one: `store category`, in order. */
export function passesIn(w: World): readonly string[] {
  return chunksOfDatasets(w)
    .map(({ lane, dataset = '' }) => `${lane} ${dataset}`)
    .toSorted();
}

export function chunksOfDatasets(w: World): readonly Chunk[] {
  return w.registry.allChunks().filter(({ dataset }) => dataset !== undefined);
}

/** A lane has read all rows of each. */
export async function passesEnd(w: World): Promise<void> {
  for (const chunk of chunksOfDatasets(w)) await w.registry.deleteChunk(chunk);
}

/** A lane was at work on it, and left it like that. */
export async function leaves(w: World, chunk: Chunk, changes: Partial<Chunk>): Promise<void> {
  const answer = await w.registry.writeChunk({ ...chunk, version: chunk.version + 1, ...changes });
  if (answer !== 'written') throw new Error('it was moved');
}
