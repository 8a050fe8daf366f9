import { describe, test } from 'vitest';
import { expectCaught, expectNothingWrong } from '../../support/model/expect-explored.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import { VOID } from '../../../shared/domain/record/work.ts';
import { exploreSample } from '../../support/model/explore.ts';
import { placer, registeredAgain, renewal } from '../../support/driver/lane-processes.ts';
import { type LaneOptions, laneModel } from '../../support/driver/lane-world.ts';

const sample = (options: LaneOptions, schedules = 1500) =>
  exploreSample(() => laneModel(options), { schedules, enough: 200 });

describe('two chunks with one record, two workers', () => {
  test('a death', async () => {
    expectNothingWrong('a death', await sample({}));
  });
  test('an overtaken worker', async () => {
    expectNothingWrong(
      'overtaken',
      await sample({
        deaths: 0,
        stalls: 1,
        workers: [
          { on: 'a', deaths: 0 },
          { on: 'ab', deaths: 0 },
        ],
      }),
    );
  });
  test('a renewal, a death and an overtaken worker', async () => {
    expectNothingWrong('renewal', await sample({ stalls: 1, others: (w, lane) => [renewal(w, lane)] }));
  });
  test('a hold, a death and an overtaken worker', async () => {
    expectNothingWrong('hold', await sample({ stalls: 1, others: (w, lane) => [placer(w, lane)] }));
  });
  test('two deaths, and a store that is silent once', async () => {
    expectNothingWrong(
      'silent',
      await sample({
        deaths: 2,
        silences: 1,
        chunks: 'a',
        workers: [
          { on: 'a', deaths: 2 },
          { on: 'a', deaths: 0 },
        ],
      }),
    );
  });
});

describe('a record that is withdrawn and registered again', () => {
  const again: LaneOptions = {
    chunks: 'a',
    workers: [
      { on: 'a', deaths: 2 },
      { on: 'a', deaths: 0 },
    ],
    deaths: 2,
    stalls: 1,
  };
  test('beside two deaths and an overtaken worker', async () => {
    expectNothingWrong(
      'again',
      await sample({ ...again, others: (w, lane) => registeredAgain(w, lane) }, 800),
    );
  });
  test('and written again', async () => {
    expectNothingWrong(
      'written again',
      await sample({ ...again, silences: 1, others: (w, lane) => registeredAgain(w, lane, 'written') }, 800),
    );
  });
});

/** Each is a fence taken away; the explorer has to find what it was for. */
describe('wrong orders are caught:', () => {
  const caught = (options: LaneOptions) =>
    exploreSample(() => laneModel(options), { schedules: 4000, enough: 60 });
  const oneChunk: LaneOptions = {
    chunks: 'a',
    workers: [
      { on: 'a', deaths: 1 },
      { on: 'a', deaths: 0 },
    ],
  };

  test('the lane is asked for other work records before the own one is put', async () => {
    const alter = (registry: Registry): Registry => {
      let early: ReturnType<Registry['workRecords']> | undefined;
      return {
        ...registry,
        begin: async (key) => {
          early = registry.workRecords(key.lane);
          return registry.begin(key);
        },
        workRecords: async (lane) => early ?? registry.workRecords(lane),
      };
    };
    const options = {
      alter,
      deaths: 0,
      workers: [
        { on: 'a', deaths: 0 },
        { on: 'b', deaths: 0 },
      ],
    };
    expectCaught('query first', await caught(options), /two workers act|two results/);
  });

  test('a take-over that does not void the former result', async () => {
    const alter = (registry: Registry): Registry => ({
      ...registry,
      voidResult: async (token) => (await registry.results([token])).get(token) ?? VOID,
    });
    expectCaught(
      'no void',
      await caught({ ...oneChunk, alter, deaths: 0, stalls: 1 }),
      /two results|two workers|entry without/,
    );
  });

  test('an attempt that does not say what it acts on', async () => {
    const alter = (registry: Registry): Registry => ({ ...registry, actOn: async () => 'written' });
    expectCaught(
      'no acted-on list',
      await caught({ ...oneChunk, alter, others: (w, lane) => [renewal(w, lane)] }),
      /gone|without an entry|no entry tells it/,
    );
  });

  test('holds that are read before the work record is put', async () => {
    const alter = (registry: Registry): Registry => {
      let early: ReturnType<Registry['wideHolds']> | undefined;
      return {
        ...registry,
        begin: async (key) => {
          early = registry.wideHolds();
          return registry.begin(key);
        },
        wideHolds: async () => early ?? registry.wideHolds(),
      };
    };
    const options = {
      ...oneChunk,
      alter,
      deaths: 0,
      others: (w: Parameters<typeof placer>[0], lane: Parameters<typeof placer>[1]) => [placer(w, lane)],
    };
    expectCaught('holds first', await caught(options), /answered hold/);
  });

  test('a worker that deletes a work record that is not its own', async () => {
    const alter = (registry: Registry): Registry => ({
      ...registry,
      deleteWork: async (work) => {
        const there = (await registry.workRecords(work.lane)).find(({ chunk }) => chunk.id === work.chunk.id);
        return there === undefined ? 'lost' : registry.deleteWork(there);
      },
    });
    expectCaught(
      'any token',
      await caught({ ...oneChunk, alter, deaths: 0, stalls: 1 }),
      /two workers|two results|entry without|for ever|gone/,
    );
  });

  test('a past generation that is taken as resolved without a look at its tombstone', async () => {
    const alter = (registry: Registry): Registry => ({ ...registry, tombstones: async () => [] });
    const alone: LaneOptions = { chunks: 'a', workers: [{ on: 'a', deaths: 1 }] };
    const explored = await exploreSample(
      () => laneModel({ ...alone, alter, others: (w, lane) => registeredAgain(w, lane) }),
      { schedules: 4000, enough: 1000 },
    );
    expectCaught('no tombstone', explored, /no entry tells it/);
  });
});
