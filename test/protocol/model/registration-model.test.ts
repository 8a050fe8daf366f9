import { describe, it, vi } from 'vitest';
import { shardOf } from '../../../shared/domain/record/shard.ts';
import type { Clock } from '../../../shared/ports/clock.ts';
import type { Hint, Registry } from '../../../shared/ports/registry.ts';
import type { Core } from '../../../shared/protocol/core.ts';
import { recordFact } from '../../../shared/protocol/record-fact.ts';
import { register } from '../../../shared/protocol/register.ts';
import { sweepMinute } from '../../../shared/protocol/sweep.ts';
import { altered } from '../../support/altered.ts';
import { expectCaught, expectNothingWrong } from '../../support/model/expect-explored.ts';
import { exploreAll, exploreSample, type Build } from '../../support/model/explore.ts';
import { IN_MINUTES, MINUTE, minutesOf } from '../../support/model/minutes.ts';
import type { Gate } from '../../support/model/model.ts';
import { isMisplanned } from '../../support/driver/decision-from-facts.ts';
import { at, describeCall, world, type World, type WorldOptions } from '../../support/driver/world.ts';

/**
 * A registration, with deaths and repeats, against one event and the sweep of every minute. A run of a function ends
 * before the second minute after its start, which is its timeout; the early hint lies two minutes ahead. In the end an
 * acknowledged holding knows the fact, and is sent to its lane or has a hint in a minute that is still to be swept. The
 * same for a registration that died and was given up: nothing was acknowledged, but what is stored must not be wrong.
 */
const START = at('2026-03-01T10:00:00Z');
const LAST = 3;
const OPTIONS: WorldOptions = { timing: IN_MINUTES };
const EARLY_TOO_SOON: WorldOptions = { timing: { ...IN_MINUTES, earlyHint: 60 } };

interface How {
  /** The minute of the date that the fact gives. */
  readonly due: number;
  /** How long the run lasts. */
  readonly minutes: number;
  readonly registrations: number;
  /** Registered before, an end announced for minute 2 that was hinted, and a renewal: the hint is still stored. */
  readonly renewed: boolean;
  readonly deaths: number;
  readonly options: WorldOptions;
  readonly registering: Wrap;
  readonly telling: Wrap;
  readonly register: typeof register;
  readonly recordFact: typeof recordFact;
}
type Wrap = (core: Core) => Core;
const asItIs: Wrap = (core) => core;

function model(changes: Partial<How>): Build {
  const how: How = {
    due: 1,
    minutes: LAST,
    registrations: 1,
    renewed: false,
    deaths: 2,
    options: OPTIONS,
    registering: asItIs,
    telling: asItIs,
    register,
    recordFact,
    ...changes,
  };
  return async () => {
    const it = world(how.options);
    const contract = it.entity('contract', 'c');
    const input = await it.registration('1', [contract]);
    const minutes = minutesOf(it, START, how.minutes);
    const iso = (minute: number): string => minutes.iso(minute);
    const fact = it.fact('contract.ended', iso(how.due), { sent: iso(0) });
    if (how.renewed) {
      await register(it.core, input);
      const ended = it.fact('contract.ended', iso(2), { id: 'announced', sent: iso(-10) });
      await recordFact(it.core, contract.ref, ended);
      await recordFact(it.core, contract.ref, it.fact('contract.renewed', iso(-5)));
    }
    let acknowledged = how.renewed;
    const run = (name: string, work: (core: Core) => Promise<unknown>) => ({
      name,
      atOnce: false,
      died: () => minutes.ends(name),
      async run(gate: Gate) {
        minutes.begins(name);
        await work(gatedCore(it, gate));
        minutes.ends(name);
      },
    });
    const registering = (name: string) => ({
      ...run(name, async (core) => {
        await how.register(how.registering(core), input);
        acknowledged = true;
      }),
      deaths: 1,
      afterDeath: 'either' as const,
    });
    return {
      deaths: how.deaths,
      processes: [
        ...Array.from({ length: how.registrations }, (_, index) => registering(`registration ${index + 1}`)),
        { ...run('event', (core) => how.recordFact(how.telling(core), contract.ref, fact)), deaths: 1 },
        {
          name: 'sweep',
          async run(gate) {
            const core = gatedCore(it, gate);
            for (let next = 1; next <= LAST; next += 1) {
              await gate.until(`minute ${next} has come`, () => minutes.now() >= next);
              await sweepMinute(core, START + next * MINUTE);
              minutes.swept(next);
            }
          },
        },
      ],
      moves: [minutes.move],
      state: () => [minutes.state(), acknowledged, it.registry.snapshot(), it.queues.lane.length > 0],
      wrongAtEnd() {
        const holding = it.holding('1');
        const who = acknowledged ? 'ACKNOWLEDGED' : 'HALF';
        if (holding === undefined) return acknowledged ? `${who}: no holding` : undefined;
        const hinted = minutes.isHinted();
        if (holding.state === 'pending') return hinted ? undefined : `${who}: pending for ever`;
        if (isMisplanned(it, holding) !== undefined) return `${who}: misses the fact`;
        const needs = holding.decision?.actAt !== undefined && it.queues.lane.length === 0;
        return needs && !hinted ? `${who}: due, and nothing will reach it` : undefined;
      },
    };
  };
}

function gatedCore(it: World, gate: Gate): Core {
  const shard = shardOf(it.ref('1'));
  const registry = gate<Registry>(it.registry, {
    open: (method, args) => method === 'hints' && args[1] !== shard,
    describe: describeCall,
  });
  return { ...it.core, registry, clock: gate.clock(it.clock), tokens: gate.tokens() };
}

/** The first hint of a registration is not written. */
const withoutEarlyHint: Wrap = (core) => {
  let first = true;
  return {
    ...core,
    registry: altered(core.registry, (registry) => ({
      async putHint(hint) {
        if (!first) await registry.putHint(hint);
        first = false;
      },
    })),
  };
};
/** A repeat stops when it finds the holding. */
const stopsAtExists: typeof register = async (core, input) => {
  if ((await core.registry.holding(input.ref)) !== undefined) return 'registered';
  return register(withoutEarlyHint(core), input);
};
/** The plan is written before its hint. */
const planBeforeHint: Wrap = (core) => {
  let waiting: Hint | undefined;
  return {
    ...core,
    registry: altered(core.registry, (registry) => ({
      putHint: async (hint) => {
        waiting = hint;
      },
      async putHolding(next) {
        const written = await registry.putHolding(next);
        if (waiting !== undefined) await registry.putHint(waiting);
        waiting = undefined;
        return written;
      },
    })),
  };
};
/** Only a run that wrote a hint itself reads the clock again. */
const looksAgainOnlyAtOwnHint: Wrap = (core) => {
  let own = false;
  let written = false;
  const clock: Clock = { now: () => (written && !own ? 0 : core.clock.now()) };
  const registry = altered(core.registry, (inner) => ({
    holding: (ref) => {
      own = written = false;
      return inner.holding(ref);
    },
    putHint: (hint) => {
      own = true;
      return inner.putHint(hint);
    },
    putHolding: async (next) => {
      const answer = await inner.putHolding(next);
      written = answer === 'written';
      return answer;
    },
  }));
  return { ...core, clock, registry };
};
/** A duplicate is acknowledged at once. */
const acknowledgesDuplicate: typeof recordFact = async (core, entity, fact) => {
  const put = await core.registry.putFact(entity, fact);
  return put === 'duplicate' ? put : recordFact(core, entity, fact);
};

vi.setConfig({ testTimeout: 300_000 });

describe('a registration beside an event and the sweep', () => {
  it('misses nothing in any interleaving with any one death, as long as time stands still', async () => {
    expectNothingWrong(
      'registration model, time stands still',
      await exploreAll(model({ minutes: 0, deaths: 1 })),
    );
  });

  it('is hinted again when the hint on record fired before the plan was there, in every interleaving', async () => {
    const built = model({ due: 2, registrations: 0, renewed: true, deaths: 1 });
    expectNothingWrong('registration model, ended again', await exploreAll(built));
  });

  it.each<[string, Partial<How>]>([
    ['a fact due in minute 1', { due: 1 }],
    ['a fact due in minute 3', { due: 3 }],
    ['two registrations at once', { registrations: 2, deaths: 0 }],
  ])(
    'misses and loses nothing while time passes and any process dies: %s, in a sample of 10,000',
    async (name, how) => {
      expectNothingWrong(`registration model, ${name}`, await exploreSample(model(how)));
    },
  );

  it.each<[string, Partial<How>, RegExp]>([
    ['no early hint', { registering: withoutEarlyHint }, /HALF: pending for ever/],
    [
      'an early hint within the function timeout',
      { options: EARLY_TOO_SOON },
      /pending for ever|nothing will reach/,
    ],
    ['a repeat that stops at what exists', { register: stopsAtExists }, /ACKNOWLEDGED/],
    ['the plan before its hint', { due: 3, telling: planBeforeHint }, /nothing will reach it/],
    [
      'looking at the clock again only after an own hint',
      { due: 2, registrations: 0, renewed: true, telling: looksAgainOnlyAtOwnHint },
      /nothing will reach it/,
    ],
    ['acknowledging a duplicate at once', { recordFact: acknowledgesDuplicate }, /misses the fact/],
  ])('%s is caught', async (name, how, what) => {
    expectCaught(`registration model, ${name}`, await exploreSample(model(how), { enough: 300 }), what);
  });
});
