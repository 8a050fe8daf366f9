import { describe, test } from 'vitest';
import { recordFact } from '../../../shared/protocol/record-fact.ts';
import { register, withdraw } from '../../../shared/protocol/registration.ts';
import { expectNothingWrong } from '../../support/model/expect-explored.ts';
import { exploreSample } from '../../support/model/explore.ts';
import type { Model, ProcessPlan } from '../../support/model/model.ts';
import { message } from '../../support/driver/lane-processes.ts';
import { type Lane, type LaneOptions, laneModel } from '../../support/driver/lane-world.ts';
import type { World } from '../../support/driver/world.ts';

/**
 * Messages of one producer about one record, in any order and repeated, while workers are at its chunk. A was sent
 * first and is due; W withdraws it; B has other content and keeps the record until contract c-2 has ended. The
 * application writes the record again after B was acknowledged, and c-2 ends after that.
 */
interface Messages {
  readonly withdrawal?: boolean;
  readonly copies?: number;
  readonly repeatsA?: boolean;
  readonly endsEarly?: boolean;
}

function around(options: LaneOptions, messages: Messages): () => Promise<Model> {
  return async () => {
    let world: World | undefined;
    let wrote = false;
    const model = await laneModel({
      chunks: 'a',
      workers: [
        { on: '*', deaths: 1 },
        { on: '*', deaths: 0 },
      ],
      sweeps: true,
      ...options,
      others: (w, lane) => {
        world = w;
        return [...plans(w, lane, messages), ...(options.others?.(w, lane) ?? [])];
      },
    });
    function plans(
      w: World,
      lane: Lane,
      { withdrawal = false, copies = 1, repeatsA = false, endsEarly = false }: Messages,
    ): ProcessPlan[] {
      const first = w.entity('contract', 'c-1');
      const second = w.entity('contract', 'c-2');
      const b = message(w, lane, {
        name: 'B',
        deliver: async (core) =>
          register(core, await w.registration('n-1', [first, second], { sent: 3, purposes: ['b'] })),
        copies,
      });
      const ends = {
        name: 'c-2 ends',
        after: () => wrote || endsEarly,
        run: async () => {
          await recordFact(w.core, second.ref, w.fact('contract.ended', '2026-01-02', { sent: 1 }));
        },
      };
      const app = {
        name: 'application',
        after: () => lane.acknowledged.has('B'),
        run: async () => {
          w.store.put(['n-1'], { row: '2' });
          wrote = true;
        },
      };
      // The application writes within the write lag of its latest registration.
      if (options.lag !== undefined) lane.mayPass = () => wrote;
      const more: ProcessPlan[] = [];
      if (withdrawal)
        more.push(
          message(w, lane, {
            name: 'W',
            deliver: async (core) => withdraw(core, await w.withdrawal('n-1', { sent: 2 })),
          }),
        );
      if (repeatsA)
        more.push(
          message(w, lane, {
            name: 'A',
            deliver: async (core) => register(core, await w.registration('n-1', [first], { sent: 1 })),
          }),
        );
      return [b, app, ends, ...more];
    }
    return {
      ...model,
      state: () => [model.state(), wrote],
      wrongNow: () => {
        const effect = world?.store.effects.find(({ before }) => before['row'] === '2');
        const generations = world?.registry.allResults().length ?? 0;
        if (effect !== undefined && generations === 0 && !wrote)
          return 'row 2 was deleted before it was written';
        return model.wrongNow?.();
      },
      wrongAtEnd: () => {
        const w = world;
        if (w === undefined) return 'no world';
        const holding = w.holding('n-1');
        if (w.store.fields(['n-1'])?.['row'] === '2')
          return `row 2 stays: ${holding?.state} generation ${holding?.generation} ${JSON.stringify(holding?.decision)}`;
        // Within the write lag a deletion cannot know whether the application has written already.
        if ((holding?.generation ?? 0) > (options.lag === undefined ? 2 : 4))
          return `generation ${holding?.generation}`;
        if (holding?.state === 'active') return `active at the end: ${JSON.stringify(holding)}`;
        return model.wrongAtEnd?.();
      },
    };
  };
}

const sample = (build: () => Promise<Model>, schedules = 800) =>
  exploreSample(build, { schedules, enough: 100 });

describe('a registration counts at any moment', () => {
  test('beside a worker and its take-over', async () => {
    expectNothingWrong('B', await sample(around({ stalls: 1 }, {})));
  });
  test('with a withdrawal in any order', async () => {
    expectNothingWrong('B and W', await sample(around({ stalls: 1 }, { withdrawal: true })));
  });
  test('twice, and with an old one again', async () => {
    expectNothingWrong(
      'B twice, A again',
      await sample(around({ stalls: 1 }, { copies: 2, repeatsA: true })),
    );
  });
  test('due before its record is written, within the write lag', async () => {
    expectNothingWrong('B early', await sample(around({ stalls: 1, lag: 3600 }, { endsEarly: true })));
  });
});
