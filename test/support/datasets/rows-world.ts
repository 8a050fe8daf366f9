import type { DatasetConfiguration } from '../../../shared/domain/configuration/configuration.ts';
import { datasetChunk } from '../../../shared/domain/datasets/dataset-chunk.ts';
import { datasetNamed } from '../../../shared/domain/datasets/datasets-of.ts';
import { datasetRef } from '../../../shared/domain/datasets/dataset-ref.ts';
import type { PolicyRule } from '../../../shared/domain/configuration/policy.ts';
import type { AboutEntity } from '../../../shared/domain/record/about.ts';
import type { HoldingRef } from '../../../shared/domain/record/ids.ts';
import { isoUtc } from '../../../shared/domain/calendar/utc-time.ts';
import type { Chunk } from '../../../shared/domain/record/work.ts';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { refsOf } from '../../../shared/protocol/facts/refs-of.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { PRODUCER, STORE, world, type World, type WorldOptions } from '../driver/world.ts';
import { aPolicy, anEvent, aRule } from '../rules/rule-world.ts';

/** Rows of the store with a clock of their own; some name a contract. */
export const LOGS: DatasetConfiguration = {
  category: 'logs',
  producer: PRODUCER,
  clock: { 'record.created': { column: 'created' }, 'record.used': { column: 'used' } },
  by: 'record.created',
  attributes: { jurisdiction: 'country' },
  entities: { contract: 'contract' },
};

/** Kept while a contract that they name goes on, or has ended less than 10 days ago. */
export const LOG_RULE =
  'the later of (30 days after the later of record.created and record.used if any) and 10 days after contract.ended if any';

export const ROW_EVENTS = {
  'contract.ended': anEvent({ undoneBy: ['contract.renewed'] }),
  'contract.renewed': anEvent(),
  'record.created': anEvent({ entity: 'record' }),
  'record.used': anEvent({ entity: 'record' }),
};

export function rowsOptions(
  { store, ...others }: WorldOptions = {},
  rules: readonly (string | PolicyRule)[] = [LOG_RULE],
): WorldOptions {
  const categories = {
    logs: rules.map((one) => (typeof one === 'string' ? aRule(one) : one)),
    notes: [aRule('1 day after contract.ended')],
  };
  return {
    start: '2026-03-01T10:00:00Z',
    policies: [aPolicy(categories, { events: ROW_EVENTS })],
    entityTypes: { record: { ids: 'owned', normalise: [] } },
    ...others,
    store: { datasets: [LOGS], ...store },
  };
}

export function rowsWorld(options?: WorldOptions, rules?: readonly (string | PolicyRule)[]): World {
  return world(rowsOptions(options, rules));
}

export const LOGS_REF: HoldingRef = datasetRef(STORE, 'logs');

type Sweeping = Pick<World, 'clock' | 'core'> & {
  readonly registry: Pick<World['core']['registry'], 'chunk' | 'putChunks' | 'putHeartbeat'>;
};

/** The contract that a row's column names. */
export async function contractOf(w: Pick<World, 'core'>, id: string): Promise<AboutEntity> {
  return { type: 'contract', ref: (await refsOf(w.core, PRODUCER)).entity({ type: 'contract', id }) };
}

/** What the hourly sweep puts for one of the datasets. */
export async function sweptRows(w: Sweeping, category = 'logs'): Promise<Chunk> {
  const dataset = datasetNamed(w.core.configuration, STORE, category);
  if (dataset === undefined) throw new Error('the dataset is not configured');
  const now = w.clock.now();
  const { lane, producer, minute, id } = datasetChunk(dataset, { since: now, version: now });
  await w.registry.putChunks([datasetChunk(dataset, { since: now, version: now })]);
  await w.registry.putHeartbeat(now);
  const chunk = await w.registry.chunk({ lane, producer, minute, id });
  if (chunk === undefined) throw new Error('it was not put');
  return chunk;
}

/** Attempt after attempt, as their bells are rung at once; what ended it, and how many there were. */
export async function worked(core: LaneCore, chunk: Chunk): Promise<readonly string[]> {
  const came: string[] = [];
  for (let number = 0; number < 1000; number += 1) {
    const one = await workOnChunk(core, chunk);
    came.push(one);
    const next = await core.registry.chunk(chunk);
    if (one !== 'left' || (next?.notBefore ?? 0) > core.clock.now()) return came;
  }
  throw new Error('it never ends');
}

const DAY = 86_400_000;

/** Rows that were created some days ago, a second after each other. */
export function writesRows(
  w: Pick<World, 'store' | 'clock'>,
  names: readonly string[],
  {
    days,
    contract = null,
    used = null,
    country = null,
  }: {
    readonly days: number;
    readonly contract?: string | null;
    readonly used?: string | null;
    readonly country?: string | null;
  },
): void {
  const first = w.clock.now() - days * DAY;
  for (const [index, name] of names.entries())
    w.store.put([name], { created: isoUtc(first + index * 1000), used, country, contract });
}
