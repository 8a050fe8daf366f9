import { describe, expect, test } from 'vitest';
import type { HoldingRef } from '../../../shared/domain/record/ids.ts';
import type { Chunk } from '../../../shared/domain/record/work.ts';
import { listAttention } from '../../../shared/protocol/attention/list-attention.ts';
import { listOverdue } from '../../../shared/protocol/overdue.ts';
import { ringAfterPause, sweepHourly } from '../../../shared/protocol/sweep-lanes.ts';
import {
  aDataset,
  chunksOfDatasets,
  leaves,
  sweptWorld,
  withStores,
} from '../../support/datasets/swept-world.ts';
import { OTHER_PRODUCER, PRODUCER, STORE, type World } from '../../support/driver/world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

async function begun(): Promise<{ readonly w: World; readonly chunk: Chunk }> {
  const w = sweptWorld([aDataset()]);
  await sweepHourly(w.core);
  const [chunk] = chunksOfDatasets(w);
  if (chunk === undefined) throw new Error('no chunk');
  return { w, chunk };
}

/** What waits too long, by the next hourly sweep. */
async function said(w: World): Promise<readonly object[]> {
  w.reports.lines.splice(0);
  await sweepHourly(w.core);
  return w.reports.lines.flatMap(({ code, fields }) => (code === 'sweep.waiting-too-long' ? [fields] : []));
}

function holdings(producer: string, count: number, minute: number): Chunk {
  const refs = Array.from({ length: count }, (_, n) => `${producer}-${n}` as HoldingRef);
  const [id, counts] = [producer.padEnd(22, '_'), { attempts: 0, failures: 0 }];
  return { lane: STORE, producer, minute, id, version: 1, refs, ...counts, uncertain: [] };
}

describe('the rows of a dataset', () => {
  test.for<readonly [string, Partial<Chunk>]>([
    ['a back-off', { failures: 2 }],
    ['a cap', { waits: [{ code: 'HOURLY_CAP', count: 4000 }] }],
    ['a stop', { waits: [{ code: 'RULE_STOPPED', count: 4000, rule: 'k' }] }],
  ])('are late when they have waited for a day for %s', async ([, why]) => {
    const { w, chunk } = await begun();
    await leaves(w, chunk, { ...why, notBefore: w.clock.now() + 3 * DAY });
    w.clock.advance(DAY);
    expect(await said(w)).toEqual([]);
    w.clock.advance(MINUTE);
    expect(await said(w)).toEqual([
      { code: 'dataset-late', store: STORE, count: 1, seconds: (DAY + MINUTE) / 1000 },
    ]);
  });

  test('are not late because a pass goes on for weeks, and are when nothing has gone on for an hour', async () => {
    const { w, chunk } = await begun();
    w.clock.advance(21 * DAY);
    await leaves(w, chunk, { notBefore: w.clock.now() - 2 * MINUTE });
    w.clock.advance(HOUR - 3 * MINUTE);
    expect(await said(w)).toEqual([]);
    w.clock.advance(2 * MINUTE);
    const seconds = (21 * DAY + HOUR - MINUTE) / 1000;
    expect(await said(w)).toEqual([
      { code: 'lane-stalled', store: STORE, count: 1, seconds: (HOUR + MINUTE) / 1000 },
      { code: 'dataset-late', store: STORE, count: 1, seconds },
    ]);
  });

  test('are late a day after their pass should have begun, also in a paused lane, which is not stalled', async () => {
    const { w } = await begun();
    w.clock.advance(2 * HOUR);
    expect(await said(w)).toEqual([{ code: 'lane-stalled', store: STORE, count: 1, seconds: 7200 }]);
    const pause = { id: 'p', kind: 'pause', scope: { store: STORE }, state: 'placed', at: 0 } as const;
    await w.registry.placeWideHold(pause);
    expect(await said(w)).toEqual([]);
    w.clock.advance(DAY);
    expect(await said(w)).toEqual([{ code: 'dataset-late', store: STORE, count: 1, seconds: 93_600 }]);
  });

  test('are not late while a worker has them', async () => {
    const { w, chunk } = await begun();
    w.clock.advance(2 * DAY);
    const { lane, producer, minute, id, refs } = chunk;
    const [begunAt, until] = [w.clock.now(), w.clock.now() + 10 * MINUTE];
    const work = { lane, chunk: { lane, producer, minute, id }, token: 't', begunAt, until, refs };
    await w.registry.putWork({ ...work, actedOn: [] });
    expect(await said(w)).toEqual([]);
  });
});

describe('a chunk of a dataset', () => {
  test('is rung after the holdings of all producers', async () => {
    const { w } = await begun();
    const old = w.clock.now() - DAY;
    await w.registry.putChunks([holdings(PRODUCER, 3, old), holdings(OTHER_PRODUCER, 3, old)]);
    w.bells.splice(0);
    w.clock.advance(HOUR);
    await sweepHourly(w.core);
    const ids = w.bells.map(({ message }) => message.id);
    expect(ids).toHaveLength(3);
    expect(ids[2]).toBe(chunksOfDatasets(w)[0]?.id);
  });

  test('leaves the allowance of an hour to holdings that use all of it', async () => {
    const w = sweptWorld([aDataset()], { hourlyCap: 100 });
    await w.registry.putChunks([holdings(PRODUCER, 100, w.clock.now() - HOUR)]);
    await sweepHourly(w.core);
    expect(w.bells.map(({ message }) => message.id)).toEqual([PRODUCER.padEnd(22, '_')]);
  });

  test('is rung as soon as a pause ends, however late its next attempt was', async () => {
    const { w, chunk } = await begun();
    const waits = [{ code: 'RULE_PAUSED', count: 9 }] as const;
    await leaves(w, chunk, { waits, notBefore: w.clock.now() + 6 * HOUR });
    w.bells.splice(0);
    await sweepHourly(w.core);
    expect(w.bells).toEqual([]);
    await ringAfterPause(w.core, () => true);
    expect(w.bells.map(({ message }) => message.id)).toEqual([chunk.id]);
  });

  test('keeps the work record of a worker that died, which goes when the chunk is gone', async () => {
    const { w, chunk } = await begun();
    const { lane, producer, minute, id, refs } = chunk;
    const [begunAt, until] = [w.clock.now(), w.clock.now() + 10 * MINUTE];
    const work = { lane, chunk: { lane, producer, minute, id }, token: 't', begunAt, until, refs };
    await w.registry.putWork({ ...work, actedOn: [] });
    w.clock.advance(30 * MINUTE);
    await sweepHourly(w.core);
    expect(w.registry.allWorkRecords()).toHaveLength(1);
    await w.registry.deleteChunk(chunk);
    await sweepHourly(w.core);
    expect(w.registry.allWorkRecords()).toEqual([]);
  });
});

describe('what is listed of datasets', () => {
  const attention = async (w: World) => {
    const place = { in: 'set-aside', store: STORE } as const;
    return (await listAttention(w.core, w.clock.now(), place)).groups;
  };
  const overdue = async (w: World) => (await listOverdue(w.core, w.clock.now())).groups;

  test('are those whose rows wait too long, with what their last attempt found', async () => {
    const { w, chunk } = await begun();
    const since = w.clock.now();
    const waits = [
      { code: 'HOURLY_CAP', count: 4000 },
      { code: 'RULE_STOPPED', count: 17, rule: 'k' },
    ] as const;
    await leaves(w, chunk, { waits, notBefore: since + 3 * DAY });
    w.clock.advance(DAY);
    expect([await overdue(w), await attention(w)]).toEqual([[], []]);
    w.clock.advance(MINUTE);
    const group = { store: STORE, producer: PRODUCER, dataset: 'logs', oldestDeadline: since };
    expect(await overdue(w)).toEqual([{ ...group, because: 'waiting', code: 'HOURLY_CAP', count: 4017 }]);
    const what = { store: STORE, code: 'logs', count: 1, oldest: since };
    expect(await attention(w)).toEqual([{ ...what, reason: 'dataset-late', status: 'dataset' }]);
  });

  test('say since when and why, where it is not known how many rows wait', async () => {
    const { w, chunk } = await begun();
    const at = w.clock.now();
    const failure = { code: 'STORE_DENIED', at, told: ['STORE_DENIED'] };
    await leaves(w, chunk, { failures: 2, failure, notBefore: at + 3 * DAY });
    w.clock.advance(2 * DAY);
    const group = { store: STORE, producer: PRODUCER, dataset: 'logs', oldestDeadline: at };
    expect(await overdue(w)).toEqual([{ ...group, because: 'failing', code: 'STORE_DENIED', count: 0 }]);
  });

  test('are none of other stores, and none that are not configured any more', async () => {
    const { w } = await begun();
    w.clock.advance(2 * DAY);
    const core = withStores(w.core, { [STORE]: {} });
    const place = { in: 'set-aside', store: STORE } as const;
    expect((await listAttention(core, w.clock.now(), place)).groups).toEqual([]);
    expect((await listOverdue(core, w.clock.now())).groups).toEqual([]);
    expect(await overdue(w)).toHaveLength(1);
  });
});
