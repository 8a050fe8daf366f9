import { expect, test } from 'vitest';
import { datasetChunk, datasetChunkKey } from '../../../shared/domain/datasets/dataset-chunk.ts';
import { datasetsIn } from '../../../shared/domain/datasets/datasets-of.ts';
import type { WorkRecord } from '../../../shared/domain/record/work.ts';
import { placeHold } from '../../../shared/protocol/hold.ts';
import { aDataset, sweptWorld, withStores } from '../../support/datasets/swept-world.ts';
import { aHoldOn } from '../../support/driver/hold-play.ts';
import { STORE, type World } from '../../support/driver/world.ts';

const MINUTE = 60_000;

async function atWork(w: World, changes: Partial<WorkRecord> = {}): Promise<WorkRecord> {
  const [dataset] = datasetsIn(w.core.configuration, STORE);
  if (dataset === undefined) throw new Error('the world has a dataset');
  const begunAt = w.clock.now();
  const { refs } = datasetChunk(dataset, { since: begunAt, version: 1 });
  const work = {
    lane: STORE,
    chunk: datasetChunkKey(dataset),
    token: 't',
    begunAt,
    until: begunAt + 10 * MINUTE,
    refs,
    actedOn: [],
    ...changes,
  };
  await w.registry.putWork(work);
  return work;
}

test('a hold on an entity names what is at work on a dataset, because only its rows say whom they name', async () => {
  const w = sweptWorld([aDataset()]);
  const { token, until, refs } = await atWork(w);
  const hold = aHoldOn(w.entity('contract', 'c-1').ref);
  expect(await placeHold(w.core, hold)).toEqual({
    kind: 'placed',
    inFlight: [{ lane: STORE, token, until, refs, dataset: true }],
  });
});

test('so it does where the dataset is not configured any more, and names no records of others then', async () => {
  const w = sweptWorld([aDataset()]);
  const { token } = await atWork(w);
  await atWork(w, {
    token: 'of-records',
    chunk: { lane: STORE, producer: 'a', minute: w.clock.now(), id: 'records'.padEnd(22, '_') },
    refs: [w.ref('n-1')],
  });
  const hold = aHoldOn(w.entity('contract', 'c-1').ref);
  const without = withStores(w.core, { [STORE]: {} });
  const placed = await placeHold(without, hold);
  expect(placed).toMatchObject({ kind: 'placed', inFlight: [{ token }] });
});

test('a hold of any other scope names it, too', async () => {
  for (const scope of [{ store: STORE }, { category: 'logs' }, { everything: true } as const]) {
    const w = sweptWorld([aDataset()]);
    const { token } = await atWork(w);
    const hold = { id: 'h-1', kind: 'hold', scope, state: 'placed', at: 0, sealed: '' } as const;
    expect(await placeHold(w.core, hold)).toMatchObject({ inFlight: [{ token, dataset: true }] });
  }
});
