import { describe, expect, test } from 'vitest';
import { datasetRef } from '../../../shared/domain/datasets/dataset-ref.ts';
import { sweepHourly } from '../../../shared/protocol/sweep-lanes.ts';
import {
  aDataset,
  chunksOfDatasets,
  leaves,
  passesEnd,
  passesIn,
  sweptWorld,
  withStores,
} from '../../support/datasets/swept-world.ts';
import { at } from '../../support/driver/dying-worker.ts';
import { eachCall } from '../../support/driver/each-call.ts';
import { Killed, killedAt, type When } from '../../support/driver/killed-at.ts';
import { PRODUCER, STORE } from '../../support/driver/world.ts';

const HOUR = 3_600_000;
const THREE = { a: { datasets: [aDataset('logs'), aDataset('mails')] }, b: { datasets: [aDataset('logs')] } };
const ALL = ['a logs', 'a mails', 'b logs'];

describe('a dataset', () => {
  test('has a chunk after the hourly sweep, which is rung, and not a second one in that hour', async () => {
    const w = sweptWorld([aDataset()]);
    await sweepHourly(w.core);
    const [chunk] = chunksOfDatasets(w);
    expect(chunk).toMatchObject({
      lane: STORE,
      producer: PRODUCER,
      dataset: 'logs',
      refs: [datasetRef(STORE, 'logs')],
      since: w.clock.now(),
      failures: 0,
      uncertain: [],
    });
    expect(w.bells.map(({ message }) => message.id)).toEqual([chunk?.id]);

    await passesEnd(w);
    await sweepHourly(w.core);
    w.clock.advance(HOUR / 2);
    await sweepHourly(w.core);
    expect(passesIn(w)).toEqual([]);
    w.clock.advance(HOUR / 2);
    await sweepHourly(w.core);
    expect(passesIn(w)).toEqual([`${STORE} logs`]);
  });

  test('keeps the chunk that it has, however long its pass takes, and it is rung', async () => {
    const w = sweptWorld([aDataset()]);
    await sweepHourly(w.core);
    const [first] = chunksOfDatasets(w);
    if (first === undefined) throw new Error('no chunk');
    const ref = datasetRef(STORE, 'logs');
    const lookedAt = w.clock.now();
    const progress = { [ref]: { of: 'd', lookedAt, version: 0, clean: true, records: 5000, kept: 3 } };
    await leaves(w, first, { progress, notBefore: w.clock.now() });
    const [left] = chunksOfDatasets(w);
    for (let hour = 0; hour < 3; hour += 1) {
      w.clock.advance(HOUR);
      w.bells.splice(0);
      await sweepHourly(w.core);
      expect(chunksOfDatasets(w)).toEqual([left]);
      expect(w.bells.map(({ message }) => message.id)).toEqual([left?.id]);
    }
  });

  test('that has to look at every record of its store has one a day, in the first hour after 01:00 UTC', async () => {
    const w = sweptWorld([aDataset('logs', { daily: true })], { start: '2026-03-01T10:05:00Z' });
    const put: string[] = [];
    for (let hour = 0; hour < 60; hour += 1) {
      await sweepHourly(w.core);
      if (passesIn(w).length > 0) put.push(new Date(w.clock.now()).toISOString());
      await passesEnd(w);
      w.clock.advance(HOUR);
    }
    expect(put).toEqual(['2026-03-01T10:05:00.000Z', '2026-03-02T01:05:00.000Z', '2026-03-03T01:05:00.000Z']);
  });

  test('that is swept once a day has its chunk later on the day if no sweep ran in that hour', async () => {
    const w = sweptWorld([aDataset('logs', { daily: true })], { start: '2026-03-01T01:05:00Z' });
    await sweepHourly(w.core);
    await passesEnd(w);
    w.clock.set(at('2026-03-02T17:05:00Z'));
    await sweepHourly(w.core);
    expect(passesIn(w)).toEqual([`${STORE} logs`]);
  });

  test.for([true, false])('gets its chunk after a clock that was a year ahead: daily %s', async (daily) => {
    const w = sweptWorld([aDataset('logs', daily ? { daily } : {})]);
    w.clock.set(at('2027-03-01T10:00:00Z'));
    await sweepHourly(w.core);
    await passesEnd(w);
    w.clock.set(at('2026-03-01T11:00:00Z'));
    await sweepHourly(w.core);
    expect(passesIn(w)).toEqual([`${STORE} logs`]);
  });

  test('that was removed from the configuration gets none, and the one that it has is left to the lane', async () => {
    const w = sweptWorld([aDataset(), aDataset('mails')]);
    await sweepHourly(w.core);
    const before = chunksOfDatasets(w);
    const core = withStores(w.core, { [STORE]: { datasets: [aDataset('mails')] } });
    for (let hour = 0; hour < 30; hour += 1) {
      w.clock.advance(HOUR);
      w.bells.splice(0);
      await sweepHourly(core);
      expect(w.bells).toHaveLength(2);
    }
    expect(chunksOfDatasets(w)).toEqual(before);
    const late = w.reports.lines.filter(({ fields }) => fields.code === 'dataset-late');
    expect(late.map(({ fields }) => fields.count)).toEqual(late.map(() => 1));
    await passesEnd(w);
    w.clock.advance(HOUR);
    await sweepHourly(core);
    expect(passesIn(w)).toEqual([`${STORE} mails`]);
  });

  test('of a store that is not configured any more stops no other, and is found again when the store is', async () => {
    const w = sweptWorld([]);
    await sweepHourly(withStores(w.core, THREE));
    const without = withStores(w.core, { b: THREE.b });
    for (let hour = 0; hour < 30; hour += 1) {
      w.clock.advance(HOUR);
      w.bells.splice(0);
      await sweepHourly(without);
      expect(w.bells.map(({ message }) => message.lane)).toEqual(['b']);
    }
    expect(w.reports.lines.filter(({ code }) => code === 'sweep.failed')).toEqual([]);
    w.clock.advance(HOUR);
    w.bells.splice(0);
    await sweepHourly(withStores(w.core, THREE));
    expect(w.bells.map(({ message }) => message.lane)).toEqual(['a', 'a', 'b']);
    expect(passesIn(w)).toEqual(ALL);
  });

  test('whose chunk cannot be put stops no other, and gets it with the next sweep', async () => {
    const w = sweptWorld([]);
    const core = withStores(w.core, THREE);
    const { core: troubled } = eachCall(core, ['registry'], async ({ name, make }) => {
      if (name === 'putChunks' && passesIn(w).length === 1) throw new Error('throttled');
      return make();
    });
    await sweepHourly(troubled);
    expect(passesIn(w)).toHaveLength(1);
    const failed = w.reports.lines.filter(({ code }) => code === 'sweep.failed');
    expect(failed.map(({ fields }) => fields)).toEqual([
      { store: expect.any(String), code: 'Error', count: 1 },
      { store: expect.any(String), code: 'Error', count: 1 },
    ]);
    expect(w.reports.lines.map(({ code }) => code)).toContain('sweep.caught-up');
    await sweepHourly(core);
    expect(passesIn(w)).toEqual(ALL);
  });
});

describe('two sweeps', () => {
  test('at once give each dataset one chunk, wherever their calls meet', async () => {
    for (let meet = 1; meet < 30; meet += 1) {
      const w = sweptWorld([], { start: '2026-03-01T10:59:59.500Z' });
      const core = withStores(w.core, THREE);
      const { core: first } = eachCall(core, ['registry', 'queues'], async ({ number, make }) => {
        if (number === meet) {
          // In the next hour.
          w.clock.advance(1000);
          await sweepHourly(core);
        }
        return make();
      });
      await sweepHourly(first);
      expect(passesIn(w)).toEqual(ALL);
    }
  });

  test('in turn lose no dataset, wherever and however the first one dies', async () => {
    const counted = sweptWorld([]);
    const run = killedAt(withStores(counted.core, THREE), {
      ports: ['registry', 'queues'],
      number: Infinity,
      when: 'before',
    });
    await sweepHourly(run.core);
    expect(run.calls()).toBeGreaterThan(15);
    for (let number = 1; number <= run.calls(); number += 1) {
      for (const when of ['before', 'after'] satisfies When[]) {
        const w = sweptWorld([]);
        const core = withStores(w.core, THREE);
        const killed = killedAt(core, { ports: ['registry', 'queues'], number, when });
        await expect(sweepHourly(killed.core)).rejects.toThrow(Killed);
        await sweepHourly(core);
        expect(passesIn(w)).toEqual(ALL);
        expect(w.bells.map(({ message }) => message.lane)).toEqual(expect.arrayContaining(['a', 'a', 'b']));
        await passesEnd(w);
        w.clock.advance(HOUR);
        await sweepHourly(core);
        expect(passesIn(w)).toEqual(ALL);
      }
    }
  });
});

test('fifty datasets take three requests each in an hour, and one in a second run of it', async () => {
  const categories = Array.from({ length: 50 }, (_, n) => `logs-${n}`);
  const w = sweptWorld(categories.map((category) => aDataset(category)));
  const requests = async (): Promise<Readonly<Record<string, number>>> => {
    const names: string[] = [];
    const { core } = eachCall(w.core, ['registry'], async ({ name, make }) => {
      names.push(name);
      return make();
    });
    await sweepHourly(core);
    const counted = names.filter((name) => ['walk', 'putWalk', 'putChunks'].includes(name));
    return Object.fromEntries(
      Object.entries(Object.groupBy(counted, (name) => name)).map(([name, all]) => [name, all?.length ?? 0]),
    );
  };
  // One more walk is read for what is not signed yet in the log.
  expect(await requests()).toEqual({ walk: 51, putChunks: 50, putWalk: 50 });
  expect(passesIn(w)).toHaveLength(50);
  expect(w.bells).toHaveLength(50);
  expect(await requests()).toEqual({ walk: 51 });
});
