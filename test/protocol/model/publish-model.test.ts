import { describe, test } from 'vitest';
import type { LogBucket, Signer, Witness } from '../../../shared/ports/log.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import { integrate } from '../../../shared/protocol/log/integrate.ts';
import { publishWitnessed, type Witnesses } from '../../../shared/protocol/log/publish.ts';
import { silent, witnessedWorld, wronglyWitnessed } from '../../support/log/witnessed-world.ts';
import { unsigned } from '../../support/log/wrong-tree.ts';
import { expectCaught, expectNothingWrong } from '../../support/model/expect-explored.ts';
import { exploreSample } from '../../support/model/explore.ts';
import type { Gate, Model } from '../../support/model/model.ts';

interface Wrong {
  readonly alter?: (bucket: LogBucket) => LogBucket;
  readonly ifMissing?: Witnesses['ifMissing'];
  /** Witnesses that do not answer the first of the runs. */
  readonly away?: readonly number[];
}

/** Two runs over a journal that grows meanwhile, and its witnesses. Each run may die, and be late. */
async function publishing({
  alter = (bucket) => bucket,

  ifMissing = 'wait',
  away = [],
}: Wrong): Promise<Model> {
  const w = witnessedWorld({ ifMissing });
  await w.journal(1);
  const coming = [2, 254];
  const isBehind = (): boolean =>
    unsigned(w).length > 0 || (w.published().at(-1) ?? '').split(' ').length < 1 + w.witnesses.needed;
  const runner = (name: string, others: readonly number[]): Model['processes'][number] => ({
    name,
    repeats: true,
    deaths: 1,
    latePuts: 1,
    after: isBehind,
    run: async (gate: Gate) => {
      const own = w.replacing(...w.books.map((book, at) => (others.includes(at) ? silent(book) : undefined)));
      const all = (own.witnesses?.all ?? []).map((one) => gate<Witness>(one));
      const core = {
        ...own,
        witnesses: { ...w.witnesses, all },
        registry: gate<Registry>(w.registry),
        bucket: alter(gate<LogBucket>(w.bucket, { late: ['putIfAbsent', 'putCheckpoint'] })),
        signer: gate<Signer>(w.signer),
        clock: gate.clock(w.clock),
      };
      await integrate(core, () => true);
      await publishWitnessed(core);
    },
  });
  return {
    deaths: 2,
    processes: [runner('run 1', away), runner('run 2', [])],
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
      w.bucket.allCheckpoints('unwitnessed').length,
      w.books.map(({ cosigned }) => cosigned.length),
      coming.length,
    ],
    wrongAtEnd: async () =>
      [
        ...(await wronglyWitnessed(w)),
        ...unsigned(w),
        ...w.said().filter((line) => line.includes('CONTRADICTS')),
      ][0],
  };
}

const SAMPLE = { schedules: 150, enough: 10 };

describe('two runs that ask witnesses', () => {
  test('publish one log that never goes back, whatever dies, is late or comes first', async () => {
    expectNothingWrong('publish', await exploreSample(() => publishing({}), SAMPLE));
  });

  test('one of which cannot reach some, too', async () => {
    const alone = (): Promise<Model> => publishing({ ifMissing: 'goOn', away: [0, 1] });
    expectNothingWrong('publish alone', await exploreSample(alone, SAMPLE));
  });

  test('without a condition on the published checkpoint are caught', async () => {
    const alter = (bucket: LogBucket): LogBucket => ({
      ...bucket,
      async putCheckpoint(text, tag, name) {
        let written = await bucket.putCheckpoint(text, tag, name);
        while (written === 'moved' && name === undefined)
          written = await bucket.putCheckpoint(text, (await bucket.checkpoint())?.tag);
        return written;
      },
    });
    const moving = (): Promise<Model> => publishing({ alter });
    expectCaught('publish', await exploreSample(moving, { schedules: 300, enough: 10 }), /went back/);
  });
});
