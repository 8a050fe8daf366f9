import { describe, it, vi } from 'vitest';
import { shardOf } from '../../../shared/domain/record/shard.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import type { Core } from '../../../shared/protocol/core.ts';
import { recordFact } from '../../../shared/protocol/record-fact.ts';
import { register } from '../../../shared/protocol/register.ts';
import { sweepHourly, sweepMinute } from '../../../shared/protocol/sweep.ts';
import { aftermath } from '../../support/driver/aftermath.ts';
import { altered } from '../../support/altered.ts';
import { expectCaught, expectNothingWrong } from '../../support/model/expect-explored.ts';
import { exploreAll, type Build } from '../../support/model/explore.ts';
import type { Gate } from '../../support/model/model.ts';
import { at, describeCall, world, type World } from '../../support/driver/world.ts';

vi.setConfig({ testTimeout: 300_000 });

/**
 * The end of an hour: a sweep of one minute finds a stale hint and writes the right one, for a minute of the same hour,
 * while the hourly sweep reads that hour and moves the watermark. The first is slow and may die. Its clock is slow, and
 * the other's is fast, each by the whole tolerance. Later hourly sweeps alone must still find the holding.
 */
const HOUR = at('2026-03-01T10:00:00Z');
const BEGIN = at('2026-03-01T10:57:00Z');
const OPTIONS = {};

type Wrap = (core: Core, it: World) => Core;

function model(hourly: Wrap = (core) => core): Build {
  return async () => {
    const it = world(OPTIONS);
    const { clockTolerance } = it.configuration.timing;
    const contract = it.entity('contract', 'c');
    it.clock.set(at('2026-03-01T09:00:00Z'));
    it.store.put(['1'], { text: 'a note' });
    await it.registry.moveWatermark(undefined, HOUR);
    await register(it.core, await it.registration('1', [contract]));
    await recordFact(it.core, contract.ref, it.fact('contract.ended', '2026-03-01T10:49:00Z', { id: 'end' }));
    const later = it.fact('contract.ended', '2026-03-01T10:58:00Z', { id: 'later', about: 'end' });
    await recordFact(it.core, contract.ref, later);
    it.registry.expireHints(at('2026-03-01T10:45:00Z'));
    it.clock.set(BEGIN);
    const seen = { slowIsOver: false, swept: false };
    const off = (gate: Gate, by: number): Core => {
      const core = gatedCore(it, gate);
      return { ...core, clock: { now: () => core.clock.now() + by * 1000 } };
    };
    return {
      processes: [
        {
          name: 'minute',
          deaths: 1,
          afterDeath: 'gone',
          died: () => {
            seen.slowIsOver = true;
          },
          async run(gate) {
            await sweepMinute(off(gate, -clockTolerance), at('2026-03-01T10:50:00Z'));
            seen.slowIsOver = true;
          },
        },
        {
          name: 'hourly',
          atOnce: false,
          async run(gate) {
            await sweepHourly(hourly(off(gate, clockTolerance), it));
            seen.swept = true;
          },
        },
        {
          name: 'hours later',
          after: () => seen.slowIsOver && seen.swept,
          run: () => aftermath(it, 3),
        },
      ],
      moves: [
        {
          name: 'the hour ends',
          times: 1,
          may: () => it.clock.now() === BEGIN && !seen.swept,
          make: () => it.clock.set(at('2026-03-01T11:01:30Z')),
        },
        {
          name: 'it is 11:08, the run of 10:57 is over',
          times: 1,
          may: () => it.clock.now() > BEGIN && seen.slowIsOver && !seen.swept,
          make: () => it.clock.set(at('2026-03-01T11:08:00Z')),
        },
      ],
      state: () => [it.clock.now(), it.registry.snapshot(), it.queues.lane.length, it.store.size(), seen],
      wrongAtEnd: () => (it.store.size() === 0 ? undefined : 'due for hours, and no sweep finds it'),
    };
  };
}

function gatedCore(it: World, gate: Gate): Core {
  const shard = shardOf(it.ref('1'));
  const registry = gate<Registry>(it.registry, {
    open: (method, args) =>
      method === 'watermark' || method === 'inFlight' || (method === 'hints' && args[1] !== shard),
    describe: describeCall,
  });
  return { ...it.core, registry, clock: gate.clock(it.clock) };
}

/** Whether the hour is over is asked after its hints were read. */
const readsFirst: Wrap = (core, it) => {
  const shard = shardOf(it.ref('1'));
  let early: ReturnType<Registry['hints']> | undefined;
  return {
    ...core,
    registry: altered(core.registry, (registry) => ({
      async watermark() {
        early = registry.hints(HOUR, shard);
        await early;
        // A read of anything: time may pass here.
        await registry.tombstones(it.ref('1'));
        return registry.watermark();
      },
      hints: (hour, of, options) =>
        hour === HOUR && of === shard && early !== undefined ? early : registry.hints(hour, of, options),
    })),
  };
};
/** The clock is fast by more than the tolerance and the longest run together. */
const farAhead: Wrap = (core) => ({ ...core, clock: { now: () => core.clock.now() + 600_000 } });

describe('the watermark', () => {
  it('passes no hour into which a slow writer may still put a hint, in any interleaving', async () => {
    expectNothingWrong('watermark model, the end of an hour', await exploreAll(model()));
  });

  it.each<[string, Wrap]>([
    ['asking whether an hour is over after its hints were read', readsFirst],
    ['a watermark that moves while the hour can still be written to', farAhead],
  ])('%s is caught', async (name, hourly) => {
    expectCaught(
      `watermark model, ${name}`,
      await exploreAll(model(hourly), { enough: 100 }),
      /no sweep finds it/,
    );
  });
});
