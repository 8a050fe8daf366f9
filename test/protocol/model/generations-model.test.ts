import { describe, it, vi } from 'vitest';
import { entriesOf } from '../../../shared/domain/plan/chunk-lines.ts';
import type { Holding } from '../../../shared/domain/record/holding.ts';
import type { LogBucket } from '../../../shared/ports/log.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import type { Store } from '../../../shared/ports/store.ts';
import { disposeChunk } from '../../../shared/protocol/dispose-chunk.ts';
import type { LaneCore } from '../../../shared/protocol/lane-core.ts';
import { recordFact } from '../../../shared/protocol/record-fact.ts';
import { register } from '../../../shared/protocol/register.ts';
import { aftermath, sweepAllHints } from '../../support/driver/aftermath.ts';
import { altered } from '../../support/altered.ts';
import { expectCaught, expectNothingWrong } from '../../support/model/expect-explored.ts';
import { exploreAll, exploreSample, type Build } from '../../support/model/explore.ts';
import type { Gate, ProcessPlan } from '../../support/model/model.ts';
import { PRODUCER, STORE, describeCall, world, type World } from '../../support/driver/world.ts';
import {
  mergesIntoClaim,
  leavesChunk,
  writesAnother,
  replacesFirst,
  ignoresVersion,
  oneTombstone,
  type Wrap,
} from '../../support/driver/faulty-generations.ts';

vi.setConfig({ testTimeout: 300_000 });

/**
 * Registrations at a locator whose first record is being disposed of: the application registers record 2 when record 1
 * is gone, and writes it then (or, as it should not, writes it first). Worker 1 may die, worker 2 takes over; the first
 * registration may die and be repeated. Everything that is registered is due at once, so in the end every generation
 * has completed its life and left its tombstone.
 */
interface How {
  readonly workers: number;
  readonly producers: readonly string[];
  readonly deaths: number;
  readonly leases: number;
  readonly writesFirst: boolean;
  readonly working: Wrap;
  readonly registering: Wrap;
}
const asItIs: Wrap = (core) => core;
const OPTIONS = {};

function model(changes: Partial<How> = {}): Build {
  const how: How = {
    workers: 2,
    producers: [PRODUCER, 'billing'],
    deaths: 1,
    leases: 1,
    writesFirst: false,
    working: asItIs,
    registering: asItIs,
    ...changes,
  };
  return async () => {
    const it = world(OPTIONS);
    const contract = it.entity('contract', 'c');
    it.store.put(['1'], { record: 1 });
    await register(it.core, await it.registration('1', [contract]));
    await recordFact(it.core, contract.ref, it.fact('contract.ended', '2026-03-01T09:00:00Z'));
    it.clock.advance(3_600_000);
    const again = await Promise.all(
      how.producers.map((producer) =>
        it.registration('1', [contract], { producer, message: `${producer} again` }),
      ),
    );
    const message = { kind: 'chunk', store: STORE, holdings: [it.ref('1')] } as const;
    const acting = new Set<string>();
    /** Registrations that have begun; a dead one is repeated within minutes. */
    const registering = new Set<string>();
    const seen = {
      ended: 0,
      workersEnded: 0,
      acknowledged: [] as string[],
      wrote: false,
      hours: 0,
      wrong: '',
    };
    const writing = (name: string): ProcessPlan => ({
      name,
      after: () => !seen.wrote && it.store.size() === 0 && (how.writesFirst || seen.acknowledged.length > 0),
      run: (gate) =>
        gate.step('WRITES RECORD 2', () => {
          it.store.put(['1'], { record: 2 });
          seen.wrote = true;
        }),
    });
    const judged = altered<Store>(it.store, () => ({
      delete(batch) {
        const [name = ''] = acting;
        const holding = it.holding('1');
        const isRecord2 = it.store.read(['1'])?.['record'] === 2;
        if (!holding?.claim?.token.startsWith(`${name}-`))
          seen.wrong = 'a store call after the claim was taken over';
        else if (isRecord2 && holding.generation === 1 && !how.writesFirst)
          seen.wrong = 'record 2 disposed of under generation 1';
        return it.store.delete(batch);
      },
    }));
    const worker = (name: string): ProcessPlan => ({
      name,
      atOnce: name === 'worker 1',
      deaths: name === 'worker 1' ? 1 : 0,
      afterDeath: 'gone',
      died: () => {
        acting.delete(name);
        seen.workersEnded += 1;
      },
      async run(gate) {
        const core = how.working(gatedCore(it, gate, judged), it);
        const store = altered(core.store, (inner) => ({
          async delete(batch) {
            acting.add(name);
            const answer = await inner.delete(batch);
            acting.delete(name);
            return answer;
          },
        }));
        await disposeChunk({ ...core, store }, message);
        seen.workersEnded += 1;
      },
    });
    const registration = (input: (typeof again)[number], index: number): ProcessPlan => ({
      name: `registration of ${input.registration.producer}`,
      deaths: index === 0 ? 1 : 0,
      after: () => seen.wrote || (!how.writesFirst && it.store.size() === 0),
      async run(gate) {
        const core = how.registering(gatedCore(it, gate, judged), it);
        const { producer } = input.registration;
        registering.add(producer);
        while ((await register(core, input)) === 'waiting') {
          registering.delete(producer);
          await gate.until('the claim has ended', () => it.holding('1')?.state !== 'claimed');
          registering.add(producer);
        }
        registering.delete(producer);
        seen.acknowledged = [...seen.acknowledged, input.registration.producer].toSorted();
        seen.ended += 1;
      },
    });
    const isAllTold = (): boolean => seen.ended === how.producers.length && seen.wrote;
    return {
      deaths: how.deaths,
      processes: [
        ...Array.from({ length: how.workers }, (_, index) => worker(`worker ${index + 1}`)),
        ...again.map(registration),
        writing('application'),
        {
          name: 'hours later',
          repeats: true,
          // Applications write within the write lag: no hour passes between an acknowledgement and the record.
          after: () =>
            seen.workersEnded === how.workers &&
            registering.size === 0 &&
            (seen.acknowledged.length === 0 || seen.wrote) &&
            seen.hours < (isAllTold() ? 2 : 1),
          async run() {
            await aftermath(it, 2, it.core, sweepAllHints(it));
            seen.hours += 1;
          },
        },
      ],
      moves: [
        {
          name: 'a lease ends',
          times: how.leases,
          may: () => acting.size === 0 && it.holding('1')?.claim !== undefined,
          make: () => it.clock.advance(800_000),
        },
      ],
      state: () => [
        it.clock.now(),
        it.registry.snapshot(),
        entriesIn(it),
        it.store.read(['1'])?.['record'] ?? 0,
        seen,
        [...acting, ...registering],
      ],
      wrongNow: () => (seen.wrong === '' ? undefined : seen.wrong),
      wrongAtEnd: () => wrongIn(it, seen.acknowledged, seen.wrote),
    };
  };
}

const OPEN: ReadonlySet<string> = new Set([
  'putInFlight',
  'deleteInFlight',
  'wideHolds',
  'takeAllowance',
  'putHint',
  'putPointer',
]);

function gatedCore(it: World, gate: Gate, store: Store): LaneCore {
  return {
    ...it.core,
    clock: gate.clock(it.clock),
    tokens: gate.tokens(),
    registry: gate<Registry>(it.registry, { open: (method) => OPEN.has(method), describe: describeCall }),
    store: gate(store, { describe: describeCall }),
    bucket: gate<LogBucket>(it.bucket, { describe: describeCall }),
  };
}

function entriesIn(it: World) {
  return it.bucket.allObjects().flatMap(({ bytes }) => entriesOf(bytes));
}

function wrongIn(it: World, acknowledged: readonly string[], wrote: boolean): string | undefined {
  const holding = it.holding('1');
  if (holding === undefined) return 'the holding is lost';
  const tombstones = it.registry.allTombstones();
  const of = (generation: number): Holding | undefined =>
    tombstones.find((one) => one.generation === generation);
  for (let generation = 1; generation < holding.generation; generation += 1) {
    if (of(generation) === undefined) return 'a tombstone is lost';
    const deleted = entriesIn(it).filter(
      (entry) => entry.generation === generation && entry.outcome === 'deleted',
    );
    if (deleted.length > 1) return 'a generation disposed of twice';
  }
  if (tombstones.some(({ generation }) => generation > holding.generation))
    return 'a tombstone of no generation';
  const own = of(holding.generation);
  if (own !== undefined && JSON.stringify(own) !== JSON.stringify(holding))
    return 'two tombstones of one generation';
  const generations = [...tombstones, holding];
  const held = new Set(
    generations.flatMap(({ registrations }) => registrations.map(({ producer }) => producer)),
  );
  if (acknowledged.some((producer) => !held.has(producer)))
    return 'an acknowledged registration is in no generation';
  if (acknowledged.length > 0 && wrote && it.store.size() > 0)
    return `REGISTRATION SWALLOWED: record 2 is there, the holding is ${holding.state} in generation ${holding.generation}`;
  return holding.state === 'disposed' ? undefined : `left ${holding.state}`;
}

const ONE: Partial<How> = { workers: 1, producers: [PRODUCER] };

describe('registration over a tombstone, beside claim and take-over', () => {
  it.each<[string, Partial<How>]>([
    ['one worker, one registration', ONE],
    ['one worker, one registration, the record written first', { ...ONE, writesFirst: true }],
    ['one worker, two registrations, no deaths and leases', { workers: 1, deaths: 0, leases: 0 }],
  ])('loses no generation and no registration, in every interleaving: %s', async (name, how) => {
    expectNothingWrong(`generations model, ${name}`, await exploreAll(model(how)));
  });

  it('loses none with a take-over and two registrations, in a sample of 10,000', async () => {
    expectNothingWrong('generations model, registered, then written', await exploreSample(model()));
  });

  it('nor when the record is written before it is registered, in a sample of 3,000', async () => {
    const built = model({ writesFirst: true });
    expectNothingWrong(
      'generations model, written, then registered',
      await exploreSample(built, { schedules: 3000 }),
    );
  });

  it.each<[string, Partial<How>, RegExp]>([
    ['merging into the claim', { registering: mergesIntoClaim }, /SWALLOWED|no generation|left/],
    [
      'a take-over that leaves the former chunk alone',
      { writesFirst: true, working: leavesChunk },
      /twice|SWALLOWED/,
    ],
    [
      'a voided worker that writes another chunk',
      { writesFirst: true, working: writesAnother },
      /twice|SWALLOWED/,
    ],
    ['the next generation before the tombstone', { registering: replacesFirst }, /a tombstone is lost/],
    [
      'the next generation without the version',
      { registering: ignoresVersion },
      /SWALLOWED|no generation|lost|left|tombstones/,
    ],
    ['one key for all tombstones', { registering: oneTombstone }, /a tombstone is lost/],
  ])('%s is caught', async (name, how, what) => {
    expectCaught(`generations model, ${name}`, await exploreSample(model(how), { enough: 200 }), what);
  });
});
