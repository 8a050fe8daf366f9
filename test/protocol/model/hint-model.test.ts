import { describe, test } from 'vitest';
import type { Registry } from '../../../shared/ports/registry.ts';
import { recordFact } from '../../../shared/protocol/record-fact.ts';
import { register } from '../../../shared/protocol/registration.ts';
import { sweepHints } from '../../../shared/protocol/sweep.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { planOf } from '../../../shared/protocol/plan-of.ts';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { shardOf } from '../../../shared/domain/record/shard.ts';
import { expectCaught, expectNothingWrong } from '../../support/model/expect-explored.ts';
import { exploreSample } from '../../support/model/explore.ts';
import type { Gate, Model, ProcessPlan } from '../../support/model/model.ts';
import { world } from '../../support/driver/world.ts';

/**
 * Events that move a date, a registration, sweeps with a fast clock that die, and time that passes at any moment. In
 * the end what is due has been reached, and every decision is what all facts together say.
 */
type Alter = (registry: Registry) => Registry;
interface Facts {
  /** `sent` orders them; `later` waits for the other one. */
  readonly events: readonly { readonly type: string; readonly occurred: string }[];
  readonly registers?: boolean;
  readonly alter?: Alter;
  readonly skew?: number;
}

const MINUTE = 60_000;

async function hintModel({
  events,
  registers = false,
  alter = (registry) => registry,
  skew = 0,
}: Facts): Promise<Model> {
  const w = world({
    start: '2026-03-01T10:00:00Z',
    rules: { notes: ['1 hour after contract.ended'] },
    versions: false,
  });
  const contract = w.entity('contract', 'c-1');
  const end = w.clock.now() + 20 * MINUTE;
  w.store.put(['n-1']);
  if (!registers) await w.register(await w.registration('n-1', [contract], { sent: 1 }));
  await w.registry.putHeartbeat(Date.parse('2100-01-01T00:00:00Z'));
  let alive = 0;
  const core = (gate: Gate, ahead = 0): LaneCore => ({
    ...w.core,
    registry: alter(
      gate<Registry>(w.registry, {
        open: (method) =>
          method === 'putFact' || method === 'history' || method === 'pointers' || method === 'putPointers',
      }),
    ),
    clock: { now: () => gate.clock(w.clock).now() + ahead },
    tokens: gate.tokens(),
  });
  const tried = (run: () => Promise<unknown>) => async () => {
    alive += 1;
    await run();
    alive -= 1;
  };
  const writers: ProcessPlan[] = events.map(({ type, occurred }, index) => ({
    name: `${type} ${index}`,
    deaths: 1,
    died: () => {
      alive -= 1;
    },
    run: (gate) =>
      tried(() => recordFact(core(gate), contract.ref, w.fact(type, occurred, { sent: index + 1 })))(),
  }));
  if (registers)
    writers.push({
      name: 'registration',
      deaths: 1,
      died: () => {
        alive -= 1;
      },
      run: (gate) =>
        tried(async () => register(core(gate), await w.registration('n-1', [contract], { sent: 1 })))(),
    });
  const open = () =>
    w.registry.allHints().filter(({ holding, minute }) => {
      const { after } = w.registry.allCursors()[shardOf(holding)] ?? {};
      return after === undefined || minute > after.minute;
    });
  const sweeper: ProcessPlan = {
    name: 'sweep',
    repeats: true,
    deaths: 1,
    after: () => open().some(({ minute }) => minute <= w.clock.now() + skew - MINUTE),
    run: (gate) => sweepHints(core(gate, skew)),
  };
  const worker: ProcessPlan = {
    name: 'worker',
    repeats: true,
    after: () => w.registry.allChunks().some(({ notBefore = 0 }) => notBefore <= w.clock.now()),
    run: async (gate) => {
      const [chunk] = w.registry.allChunks();
      return chunk === undefined ? 'nothing' : workOnChunk(core(gate), chunk);
    },
  };
  return {
    deaths: 2,
    processes: [...writers, sweeper, worker],
    moves: [
      { name: 'a minute passes', may: () => w.clock.now() < end, make: () => w.clock.advance(MINUTE) },
      {
        name: 'time goes on to the next hint',
        may: () =>
          alive === 0 &&
          w.clock.now() >= end &&
          open().length > 0 &&
          Math.min(...open().map(({ minute }) => minute)) + MINUTE > w.clock.now(),
        make: () => w.clock.set(Math.min(...open().map(({ minute }) => minute)) + MINUTE),
      },
    ],
    state: () => [
      w.registry.allHoldings(),
      w.registry.allHints(),
      w.registry.allCursors(),
      w.registry.allChunks(),
      [...w.registry.allStates()],
      w.clock.now(),
      alive,
    ],
    wrongAtEnd() {
      const holding = w.holding('n-1');
      if (holding === undefined) return 'the holding is lost';
      if (holding.state === 'disposed') return undefined;
      const planned = planOf(w.core, holding, w.registry.allStates(), w.clock.now());
      if (planned.next?.actAt !== undefined)
        return `due at ${new Date(planned.next.actAt).toISOString()}, and no worker comes`;
      return holding.decision?.actAt === planned.next?.actAt ? undefined : 'the decision misses a fact';
    },
  };
}

const sample = (facts: Facts, schedules = 700) =>
  exploreSample(() => hintModel(facts), { schedules, enough: 60 });
const ended = (occurred: string) => ({ type: 'contract.ended', occurred });

describe('whatever is due is reached', () => {
  test('one event, a sweep that dies', async () => {
    expectNothingWrong('one event', await sample({ events: [ended('2026-03-01T09:05:00Z')] }));
  });
  test('two events, the later one moves the date', async () => {
    expectNothingWrong(
      'two events',
      await sample({ events: [ended('2026-03-01T09:02:00Z'), ended('2026-03-01T09:09:00Z')] }),
    );
  });
  test('an end and its undo leave nothing due', async () => {
    expectNothingWrong(
      'undo',
      await sample({
        events: [
          ended('2026-03-01T09:02:00Z'),
          { type: 'contract.renewed', occurred: '2026-03-01T09:03:00Z' },
        ],
      }),
    );
  });
  test('a registration beside an event', async () => {
    expectNothingWrong(
      'registration',
      await sample({ events: [ended('2026-03-01T09:04:00Z')], registers: true }),
    );
  });
  test('a sweep whose clock is fast by the tolerance', async () => {
    expectNothingWrong(
      'fast clock',
      await sample({ events: [ended('2026-03-01T09:05:00Z')], registers: true, skew: MINUTE }),
    );
  });
});

describe('wrong orders are caught:', () => {
  test('a cursor that moves before its chunks are put', async () => {
    const alter: Alter = (registry) => {
      let chunks: Parameters<Registry['putChunks']>[0] = [];
      return {
        ...registry,
        putChunks: async (all) => {
          chunks = all;
        },
        moveCursors: async (next) => {
          const answers = await registry.moveCursors(next);
          await registry.putChunks(chunks);
          return answers;
        },
      };
    };
    expectCaught(
      'cursor first',
      await sample({ events: [ended('2026-03-01T09:05:00Z')], alter }, 2000),
      /no worker comes/,
    );
  });
  test('a hint that is put after the holding', async () => {
    const alter: Alter = (registry) => {
      let late: Parameters<Registry['putHints']>[0] = [];
      return {
        ...registry,
        putHints: async (hints) => {
          late = hints;
        },
        writeHoldings: async (changes) => {
          const answers = await registry.writeHoldings(changes);
          return answers;
        },
        states: async (entities) => {
          if (late.length > 0) await registry.putHints(late);
          late = [];
          return registry.states(entities);
        },
      };
    };
    expectCaught(
      'hint last',
      await sample({ events: [ended('2026-03-01T09:05:00Z')], alter }, 2000),
      /no worker comes/,
    );
  });
});
