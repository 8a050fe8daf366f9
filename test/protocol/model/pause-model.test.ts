import { describe, it, vi } from 'vitest';
import { shardOf } from '../../../shared/domain/record/shard.ts';
import type { WideHold } from '../../../shared/domain/record/hold.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import { disposeChunk } from '../../../shared/protocol/dispose-chunk.ts';
import type { LaneCore } from '../../../shared/protocol/lane-core.ts';
import { recordFact } from '../../../shared/protocol/record-fact.ts';
import { register } from '../../../shared/protocol/register.ts';
import { release } from '../../../shared/protocol/release.ts';
import { sweepHourly } from '../../../shared/protocol/sweep.ts';
import { aftermath } from '../../support/driver/aftermath.ts';
import { altered } from '../../support/altered.ts';
import { expectCaught, expectNothingWrong } from '../../support/model/expect-explored.ts';
import { exploreAll, type Build } from '../../support/model/explore.ts';
import type { Gate, ProcessPlan } from '../../support/model/model.ts';
import { at, STORE, describeCall, world, type World } from '../../support/driver/world.ts';

vi.setConfig({ testTimeout: 300_000 });

/**
 * A due holding of a paused lane: a worker parks it, the pause (and perhaps another one) is released, and the hourly
 * sweep decides whether its hint is settled. The worker may die, a release may die and be repeated. Once everything is
 * released, hourly sweeps alone must find the holding; while a pause is in force, nothing is disposed of.
 */
const OPTIONS = {};

interface How {
  readonly pauses: readonly string[];
  readonly deaths: number;
  readonly working: Wrap;
  readonly releasing: Wrap;
  readonly sweeping: Wrap;
}
type Wrap = (core: LaneCore) => LaneCore;
const asItIs: Wrap = (core) => core;

function model(changes: Partial<How> = {}): Build {
  const how: How = {
    pauses: ['pause-1'],
    deaths: 1,
    working: asItIs,
    releasing: asItIs,
    sweeping: asItIs,
    ...changes,
  };
  return async () => {
    const it = world(OPTIONS);
    const contract = it.entity('contract', 'c');
    it.clock.set(at('2026-03-01T08:00:00Z'));
    it.store.put(['1'], { text: 'a note' });
    await it.registry.moveWatermark(undefined, at('2026-03-01T09:00:00Z'));
    await register(it.core, await it.registration('1', [contract]));
    await recordFact(it.core, contract.ref, it.fact('contract.ended', '2026-03-01T09:29:00Z'));
    it.registry.expireHints(at('2026-03-01T09:15:00Z'));
    it.clock.set(at('2026-03-01T10:30:00Z'));
    const pauses = how.pauses.map((id): WideHold => ({
      id,
      kind: 'pause',
      scope: { store: STORE },
      state: 'placed',
      at: it.clock.now(),
    }));
    for (const pause of pauses) await it.registry.placeWideHold(pause);
    const seen = { ended: 0, released: [] as string[], wrong: '' };
    const judged = altered(it.store, () => ({
      delete(batch) {
        if (seen.released.length < pauses.length) seen.wrong = 'disposed of while a pause stands';
        return it.store.delete(batch);
      },
    }));
    const ends = (): void => {
      seen.ended += 1;
    };
    const releases = (pause: WideHold): ProcessPlan => ({
      name: `release of ${pause.id}`,
      deaths: 1,
      async run(gate) {
        const core = gatedCore(it, gate);
        const registry = altered(core.registry, (inner) => ({
          async releaseWideHold(hold) {
            // The pause ends at the moment of this call.
            seen.released = [...new Set([...seen.released, pause.id])].toSorted();
            await inner.releaseWideHold(hold);
          },
        }));
        await release(how.releasing({ ...core, registry }), pause);
        ends();
      },
    });
    return {
      deaths: how.deaths,
      processes: [
        {
          name: 'worker',
          deaths: 1,
          afterDeath: 'gone',
          died: ends,
          async run(gate) {
            const core = { ...gatedCore(it, gate), store: judged };
            await disposeChunk(how.working(core), { kind: 'chunk', store: STORE, holdings: [it.ref('1')] });
            ends();
          },
        },
        {
          name: 'sweep',
          async run(gate) {
            await sweepHourly(how.sweeping(gatedCore(it, gate)));
            ends();
          },
        },
        ...pauses.map(releases),
        {
          name: 'hours later',
          after: () => seen.ended === pauses.length + 2,
          run: () => aftermath(it, 3),
        },
      ],
      state: () => [it.clock.now(), it.registry.snapshot(), it.queues.lane.length, it.store.size(), seen],
      wrongNow: () => (seen.wrong === '' ? undefined : seen.wrong),
      wrongAtEnd: () => (it.store.size() === 0 ? undefined : 'released for hours, and no sweep finds it'),
    };
  };
}

const GATED: ReadonlySet<string> = new Set([
  'holding',
  'putHolding',
  'putHint',
  'wideHolds',
  'wideHold',
  'releaseWideHold',
  'park',
  'parked',
  'unpark',
  'holdings',
  'moveWatermark',
]);

function gatedCore(it: World, gate: Gate): LaneCore {
  const shard = shardOf(it.ref('1'));
  const registry = gate<Registry>(it.registry, {
    open: (method, args) => !(GATED.has(method) || (method === 'hints' && args[1] === shard)),
    describe: describeCall,
  });
  return { ...it.core, registry, clock: gate.clock(it.clock), tokens: gate.tokens() };
}

/** Parks without reading the pause again, and settles the hint of what is parked without reading it. */
const takesForStanding: Wrap = (core) => ({
  ...core,
  registry: altered(core.registry, (registry) => ({
    async wideHold(id) {
      const hold = await registry.wideHold(id);
      return hold === undefined ? undefined : { ...hold, state: 'placed' };
    },
  })),
});
/** What is parked is read before the release is written. */
const readsParkedFirst: Wrap = (core) => {
  let early: ReturnType<Registry['parked']> | undefined;
  return {
    ...core,
    registry: altered(core.registry, (registry) => ({
      async releaseWideHold(hold) {
        early = registry.parked(hold.id);
        await early;
        await registry.releaseWideHold(hold);
      },
      parked: (hold, after) => early ?? registry.parked(hold, after),
    })),
  };
};
/** Removes the holding from the parked ones, then hints it. */
const unparksFirst: Wrap = (core) => ({
  ...core,
  registry: altered(core.registry, (registry) => ({
    async putHint(hint) {
      await registry.unpark('pause-1', hint.holding);
      await registry.putHint(hint);
    },
  })),
});

describe('a pause, what is parked under it, and its release', () => {
  it.each<[string, Partial<How>]>([
    ['one pause', {}],
    ['two pauses, no process dies', { pauses: ['pause-1', 'pause-2'], deaths: 0 }],
  ])('strands nothing and lets nothing through, in every interleaving: %s', async (name, how) => {
    expectNothingWrong(`pause model, ${name}`, await exploreAll(model(how), { limit: 40_000 }));
  });

  it.each<[string, Partial<How>]>([
    [
      'reading the pause again neither to park nor to settle',
      { working: takesForStanding, sweeping: takesForStanding },
    ],
    ['reading what is parked before the release is written', { releasing: readsParkedFirst }],
    ['taking it from the park before its hint', { releasing: unparksFirst }],
  ])('%s is caught', async (name, how) => {
    expectCaught(`pause model, ${name}`, await exploreAll(model(how), { enough: 100 }), /no sweep finds it/);
  });
});
