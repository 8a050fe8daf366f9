import { describe, test } from 'vitest';
import type { LogBucket } from '../../../shared/ports/log.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import { indexLog } from '../../../shared/protocol/log/index-log.ts';
import { seal, type SealCore } from '../../../shared/protocol/log/seal.ts';
import { logWorld } from '../../support/log/log-world.ts';
import { wrongIndex } from '../../support/log/wrong-index.ts';
import { expectCaught, expectNothingWrong } from '../../support/model/expect-explored.ts';
import { exploreSample } from '../../support/model/explore.ts';
import type { Gate, Model } from '../../support/model/model.ts';

type Alter = (registry: Registry) => Registry;

async function writing(core: SealCore): Promise<void> {
  await seal(core);
  await indexLog(core, () => true);
}

/** Two runs that seal and index results, which come meanwhile. Each may die, and its writes may be late. */
async function indexing(alter: Alter = (registry) => registry): Promise<Model> {
  const w = logWorld();
  await w.result(1);
  const coming = [2, 1];
  const isBehind = async (): Promise<boolean> =>
    (await w.registry.logIndexed()).until < (await w.registry.head()).size;
  let behind = true;
  const runner = (name: string): Model['processes'][number] => ({
    name,
    repeats: true,
    deaths: 1,
    latePuts: 1,
    after: () => behind || w.registry.allToBeSealed().length > 0,
    async run(gate: Gate) {
      await writing({
        ...w.core,
        registry: alter(gate<Registry>(w.registry, { late: ['putLogPage', 'putLogMonth', 'putLogIndexed'] })),
        bucket: gate<LogBucket>(w.bucket),
        clock: gate.clock(w.clock),
      });
      behind = await isBehind();
    },
    died: () => {
      behind = true;
    },
  });
  return {
    deaths: 2,
    processes: [runner('run 1'), runner('run 2')],
    moves: [
      {
        name: 'another result',
        may: () => coming.length > 0,
        make: () => void w.result(coming.shift() ?? 0),
      },
    ],
    state: () => [
      w.registry.allSealed(),
      w.registry.allLogMonths(),
      w.registry.allLogPages(),
      w.registry.allToBeSealed().length,
      coming.length,
      behind,
    ],
    wrongAtEnd: async () => (await wrongIndex(w.registry))[0],
  };
}

describe('two runs that index the log', () => {
  test('count each result once, whatever dies or is late', async () => {
    expectNothingWrong(
      'index the log',
      await exploreSample(() => indexing(), { schedules: 2000, enough: 100 }),
    );
  });

  test('that count what a month has already are caught', async () => {
    const alter: Alter = (registry) => ({
      ...registry,
      logMonths: async (keys) => (await registry.logMonths(keys)).map((month) => ({ ...month, until: 0 })),
    });
    expectCaught(
      'months',
      await exploreSample(() => indexing(alter), { schedules: 2000, enough: 50 }),
      /months of the index/,
    );
  });

  test('that write months before pages are caught', async () => {
    const alter: Alter = (registry) => {
      const later: (() => Promise<unknown>)[] = [];
      return {
        ...registry,
        async putLogPage(page) {
          later.push(() => registry.putLogPage(page));
          return 'written';
        },
        async putLogMonth(month) {
          const written = await registry.putLogMonth(month);
          for (const put of later.splice(0)) await put();
          return written;
        },
      };
    };
    expectCaught(
      'pages',
      await exploreSample(() => indexing(alter), { schedules: 2000, enough: 50 }),
      /pages/,
    );
  });
});
