import { describe, it, vi } from 'vitest';
import { shardOf } from '../../../shared/domain/record/shard.ts';
import type { LogBucket } from '../../../shared/ports/log.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import type { Store } from '../../../shared/ports/store.ts';
import { disposeChunk } from '../../../shared/protocol/dispose-chunk.ts';
import type { LaneCore } from '../../../shared/protocol/lane-core.ts';
import { recordFact } from '../../../shared/protocol/record-fact.ts';
import { register } from '../../../shared/protocol/register.ts';
import { sweepMinute } from '../../../shared/protocol/sweep.ts';
import { altered } from '../../support/altered.ts';
import { expectCaught, expectNothingWrong } from '../../support/model/expect-explored.ts';
import { exploreAll, exploreSample, type Build } from '../../support/model/explore.ts';
import { IN_MINUTES, MINUTE, minutesOf } from '../../support/model/minutes.ts';
import type { Gate } from '../../support/model/model.ts';
import { aPolicy, aRule } from '../../support/rules/rule-world.ts';
import { isMisplanned } from '../../support/driver/decision-from-facts.ts';
import { at, describeCall, world, type World } from '../../support/driver/world.ts';

vi.setConfig({ testTimeout: 300_000 });

/**
 * The sweep of every minute, the lane's worker, and an event that moves the date to later or back to earlier while the
 * holding is on its way; or a holding with two stages. In the end no active holding may be left without a hint in a
 * future minute, and nothing was done before its date.
 */
const START = at('2026-03-01T10:00:00Z');

interface Story {
  /** Minutes to which the end was corrected before the start, the first one as originally sent. */
  readonly before: readonly number[];
  /** The minute to which it is corrected while everything runs. */
  readonly moved?: number;
  /** A second stage, due in this minute. */
  readonly second?: number;
  /** How long it is watched. */
  readonly last?: number;
}
interface How extends Story {
  readonly last: number;
  readonly sweeping: (core: LaneCore) => LaneCore;
  readonly working: (core: LaneCore) => LaneCore;
  readonly telling: (core: LaneCore) => LaneCore;
}

const rule = aRule('anonymise upon contract.ended, then delete upon audit.completed');
const masks = { text: { kind: 'null' } } as const;
const ONE_STAGE = { timing: IN_MINUTES };
const TWO_STAGES = {
  timing: IN_MINUTES,
  policies: [aPolicy({}, { categories: { note: { rules: [rule], masks } } })],
};

const asItIs = (core: LaneCore): LaneCore => core;

function model(changes: Partial<How> & Story): Build {
  const how: How = { sweeping: asItIs, working: asItIs, telling: asItIs, last: 3, ...changes };
  return async () => {
    const it = world(how.second === undefined ? ONE_STAGE : TWO_STAGES);
    const minutes = minutesOf(it, START, how.last);
    const contract = it.entity('contract', 'c');
    const ended = (minute: number, about?: number) =>
      it.fact('contract.ended', minutes.iso(minute), {
        id: `end ${minute}`,
        ...(about === undefined ? {} : { about: `end ${about}` }),
      });
    it.clock.set(START - 2 * MINUTE);
    it.store.put(['1'], { text: 'a note' });
    await register(it.core, await it.registration('1', [contract]));
    for (const [index, minute] of how.before.entries()) {
      await recordFact(it.core, contract.ref, ended(minute, how.before[index - 1]));
    }
    if (how.second !== undefined) {
      await recordFact(it.core, contract.ref, it.fact('audit.completed', minutes.iso(how.second)));
    }
    it.clock.set(START);
    const last = how.before.at(-1) ?? 0;
    const moving = how.moved === undefined ? [] : [ended(how.moved, last)];
    const seen = { early: '' };
    const isMoved = (): boolean =>
      it.registry.allFacts().some(({ fact }) => moving.some(({ ref }) => ref === fact.ref));
    /** Whether it was done before the earliest date that the facts known by then allow. */
    const store = altered<Store>(it.store, () => ({
      delete(batch) {
        const date = how.second ?? (isMoved() && how.moved !== undefined ? Math.min(how.moved, last) : last);
        if (minutes.now() < date) seen.early = `deleted in minute ${minutes.now()}, due in minute ${date}`;
        return it.store.delete(batch);
      },
    }));
    const gated = (gate: Gate): LaneCore => gatedCore(it, gate, store);
    return {
      processes: [
        {
          name: 'sweep',
          async run(gate) {
            for (let next = 1; next <= how.last; next += 1) {
              await gate.until(`minute ${next} has come`, () => minutes.now() >= next);
              await sweepMinute(how.sweeping(gated(gate)), START + next * MINUTE);
              minutes.swept(next);
            }
          },
        },
        {
          name: 'worker',
          repeats: true,
          after: () => it.queues.lane.length > 0,
          async run(gate) {
            const message = it.queues.lane.shift();
            if (message === undefined) return;
            minutes.begins('worker');
            const outcome = await disposeChunk(how.working(gated(gate)), message);
            if (outcome === 'again') it.queues.lane.push(message);
            minutes.ends('worker');
          },
        },
        ...moving.map((fact) => ({
          name: 'event',
          atOnce: false,
          async run(gate: Gate) {
            minutes.begins('event');
            await recordFact(how.telling(gated(gate)), contract.ref, fact);
            minutes.ends('event');
          },
        })),
      ],
      moves: [minutes.move],
      state: () => [minutes.state(), it.registry.snapshot(), it.queues.lane.length, it.store.effects, seen],
      wrongNow: () => (seen.early === '' ? undefined : seen.early),
      wrongAtEnd() {
        const holding = it.holding('1');
        if (holding === undefined) return 'the holding is lost';
        if (holding.state === 'disposed')
          return it.store.size() === 0 ? undefined : 'disposed of, and still there';
        if (holding.state !== 'active') return `left ${holding.state}`;
        if (it.store.size() === 0) return 'gone, and still active';
        const due = holding.decision?.actAt;
        const isLeft = due !== undefined && !minutes.isHintedBy((due - START) / MINUTE);
        return isMisplanned(it, holding) ?? (isLeft ? 'STRANDED' : undefined);
      },
    };
  };
}

const OPEN: ReadonlySet<string> = new Set([
  'putInFlight',
  'deleteInFlight',
  'wideHolds',
  'takeAllowance',
  'putFact',
  'history',
  'pointers',
]);

function gatedCore(it: World, gate: Gate, store: Store): LaneCore {
  const shard = shardOf(it.ref('1'));
  const registry = gate<Registry>(it.registry, {
    open: (method, args) => OPEN.has(method) || (method === 'hints' && args[1] !== shard),
    describe: describeCall,
  });
  const bucket = gate<LogBucket>(it.bucket, { open: () => true });
  const acting = gate(store, {
    open: (method) => method === 'readBack' || method === 'look',
    describe: describeCall,
  });
  return { ...it.core, registry, bucket, store: acting, clock: gate.clock(it.clock), tokens: gate.tokens() };
}

/** Releases the holding without the next hint. */
const withoutHints = (core: LaneCore): LaneCore => ({
  ...core,
  registry: altered(core.registry, () => ({ putHint: async () => undefined })),
});
/** Writes the hint for a stale one, and ignores that the holding has changed in the meantime. */
const forgetsMoved = (core: LaneCore): LaneCore => ({
  ...core,
  registry: altered(core.registry, (registry) => ({
    async putHolding(next) {
      await registry.putHolding(next);
      return 'written';
    },
  })),
});

/** Does not read the clock again after its writes. */
const neverLooksAgain = (core: LaneCore): LaneCore => {
  let written = false;
  return {
    ...core,
    clock: { now: () => (written ? 0 : core.clock.now()) },
    registry: altered(core.registry, (registry) => ({
      async putHolding(next) {
        const answer = await registry.putHolding(next);
        written = answer === 'written';
        return answer;
      },
    })),
  };
};

const IN_FLIGHT = { before: [1], moved: 3 };
const MOVED_BACK = { before: [1, 9], moved: 2 };
const TWO_STAGES_DUE = { before: [1], second: 3 };

describe('hints, sweep, lane and a date that moves', () => {
  it.each<[string, Story]>([
    ['moved from minute 1 to minute 2 in flight', { before: [1], moved: 2, last: 2 }],
    ['moved back from minute 9 to minute 2, with a hint at minute 1 on record', MOVED_BACK],
    ['two stages, in minutes 1 and 3', TWO_STAGES_DUE],
  ])('leave nothing stranded and do nothing early, in every interleaving: %s', async (name, story) => {
    expectNothingWrong(`hints model, ${name}`, await exploreAll(model(story)));
  });

  it.each<[string, Partial<How> & Story, RegExp]>([
    ['a worker that lets go without the next hint', { ...IN_FLIGHT, working: withoutHints }, /STRANDED/],
    ['a stage that is done without the next hint', { ...TWO_STAGES_DUE, working: withoutHints }, /STRANDED/],
    ['a stale hint that is dropped', { before: [1, 3], sweeping: withoutHints }, /STRANDED/],
    [
      'relying on the hint on record while it fires',
      { ...MOVED_BACK, sweeping: forgetsMoved, telling: neverLooksAgain },
      /STRANDED/,
    ],
  ])('%s is caught', async (name, how, what) => {
    expectCaught(`hints model, ${name}`, await exploreSample(model(how), { enough: 100 }), what);
  });
});
