import { describe, expect, test } from 'vitest';
import type { LogBucket, Signer } from '../../../shared/ports/log.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import { integrate } from '../../../shared/protocol/log/integrate.ts';
import { writeLog, type WriteLogCore } from '../../../shared/protocol/log/write-log.ts';
import { logWorld } from '../../support/log/log-world.ts';
import { unsigned, wrongTree } from '../../support/log/wrong-tree.ts';
import { expectCaught, expectNothingWrong } from '../../support/model/expect-explored.ts';
import { exploreSample } from '../../support/model/explore.ts';
import type { Gate, Model } from '../../support/model/model.ts';

interface Wrong {
  readonly alter?: (bucket: LogBucket) => LogBucket;
  /** What the processes run. */
  readonly run?: (core: WriteLogCore) => Promise<unknown>;
  /** Lines of batches that come into the journal; the last of them goes over the end of a tile. */
  readonly lines?: readonly number[];
  /** Lines of results that wait for `seal`. */
  readonly results?: readonly number[];
}

/** Two runs over a journal that a release without a tree began, and that grows meanwhile. Each may die, and be late. */
async function integrating({
  alter = (bucket) => bucket,
  run = (core) => integrate(core, () => true),
  lines = [2, 254],
  results = [],
}: Wrong = {}): Promise<Model> {
  const w = logWorld();
  await w.journal(1, 1);
  for (const count of results) await w.result(count);
  const coming = [...lines];
  const isBehind = (): boolean => unsigned(w).length > 0 || w.registry.allToBeSealed().length > 0;
  const runner = (name: string): Model['processes'][number] => ({
    name,
    repeats: true,
    deaths: 1,
    latePuts: 1,
    after: isBehind,
    run: (gate: Gate) =>
      run({
        ...w.core,
        registry: gate<Registry>(w.registry),
        bucket: alter(gate<LogBucket>(w.bucket, { late: ['putIfAbsent', 'putCheckpoint'] })),
        signer: gate<Signer>(w.signer),
        clock: gate.clock(w.clock),
      }),
  });
  return {
    deaths: 2,
    processes: [runner('run 1'), runner('run 2')],
    moves: [
      {
        name: 'the journal grows',
        may: () => coming.length > 0,
        make: () => void w.journal(coming.shift() ?? 0),
      },
    ],
    state: () => [
      w.bucket.allObjects().map(({ key }) => key),
      w.bucket.allCheckpoints().length,
      w.registry.allToBeSealed().length,
      w.signer.signed.length,
      coming.length,
    ],
    wrongAtEnd: async () => [...(await wrongTree(w)), ...unsigned(w)][0],
  };
}

describe('two runs that sign', () => {
  test('make one tree, and never a checkpoint without its tiles, whatever dies or is late', async () => {
    expectNothingWrong(
      'integrate',
      await exploreSample(() => integrating(), { schedules: 3000, enough: 100 }),
    );
  });

  test('and seal at the same time make one journal and one tree of it', async () => {
    const sealing = () => integrating({ run: (core) => writeLog(core), lines: [], results: [1, 2, 1] });
    expectNothingWrong('write the log', await exploreSample(sealing, { schedules: 1000, enough: 100 }));
  });

  test('without a condition on the checkpoint are caught', async () => {
    const alter = (bucket: LogBucket): LogBucket => ({
      ...bucket,
      async putCheckpoint(text, tag) {
        let written = await bucket.putCheckpoint(text, tag);
        while (written === 'moved')
          written = await bucket.putCheckpoint(text, (await bucket.checkpoint())?.tag);
        return written;
      },
    });
    expectCaught(
      'checkpoint',
      await exploreSample(() => integrating({ alter }), { schedules: 2000, enough: 50 }),
      /comes after/,
    );
  });

  test('that write tiles after the checkpoint are caught', async () => {
    const alter = (bucket: LogBucket): LogBucket => {
      const later: (() => Promise<unknown>)[] = [];
      return {
        ...bucket,
        async putIfAbsent(key, bytes) {
          later.push(() => bucket.putIfAbsent(key, bytes));
          return 'written';
        },
        async putCheckpoint(text, tag) {
          const written = await bucket.putCheckpoint(text, tag);
          for (const put of later.splice(0)) await put();
          return written;
        },
      };
    };
    expectCaught(
      'tiles',
      await exploreSample(() => integrating({ alter }), { schedules: 1000, enough: 50 }),
      /missing|LOG_FORKED/,
    );
  });
});

test('a journal with gaps in what is signed would be seen', async () => {
  const w = logWorld();
  await w.journal(3);
  expect(unsigned(w)).toEqual(['3 entries are in the journal, and 0 are signed']);
});
