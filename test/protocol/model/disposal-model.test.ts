import { describe, it, vi } from 'vitest';
import { isSuccess } from '../../../shared/domain/record/actions.ts';
import { entriesOf } from '../../../shared/domain/plan/chunk-lines.ts';
import type { Entry } from '../../../shared/domain/plan/entry.ts';
import { hourOf } from '../../../shared/domain/calendar/utc-time.ts';
import type { LogBucket } from '../../../shared/ports/log.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import type { Store } from '../../../shared/ports/store.ts';
import { disposeChunk } from '../../../shared/protocol/dispose-chunk.ts';
import type { LaneCore } from '../../../shared/protocol/lane-core.ts';
import { recordFact } from '../../../shared/protocol/record-fact.ts';
import { register } from '../../../shared/protocol/register.ts';
import { aftermath } from '../../support/driver/aftermath.ts';
import { altered } from '../../support/altered.ts';
import { expectCaught, expectNothingWrong } from '../../support/model/expect-explored.ts';
import { exploreAll, exploreSample, type Build } from '../../support/model/explore.ts';
import type { Gate } from '../../support/model/model.ts';
import { STORE, describeCall, world, type World } from '../../support/driver/world.ts';

vi.setConfig({ testTimeout: 300_000 });

/**
 * Two workers with the same chunk (a message delivered twice, or a take-over), a renewal that would keep the record,
 * and leases that end, also under a worker that is only slow. Worker 1 may die anywhere. No store call is in progress
 * when a lease ends, because none starts in its last third. Some hours later, everything must be settled.
 */
interface How {
  readonly deaths: number;
  readonly leases: number;
  readonly renewal: boolean;
  /** A lease may end while a store call is in progress. */
  readonly slowStore: boolean;
  readonly working: (core: LaneCore, it: World) => LaneCore;
  readonly below: (registry: Registry, it: World) => Registry;
}

const OPTIONS = {};
const OPEN: ReadonlySet<string> = new Set([
  'putInFlight',
  'deleteInFlight',
  'wideHolds',
  'takeAllowance',
  'putFact',
  'pointers',
  'putHint',
]);

function model(changes: Partial<How> = {}): Build {
  const how: How = {
    deaths: 1,
    leases: 1,
    renewal: true,
    slowStore: false,
    working: (core) => core,
    below: (registry) => registry,
    ...changes,
  };
  return async () => {
    const it = world(OPTIONS);
    const contract = it.entity('contract', 'c');
    await it.registry.moveWatermark(undefined, hourOf(it.clock.now()));
    it.store.put(['1'], { text: 'a note' });
    await register(it.core, await it.registration('1', [contract]));
    await recordFact(it.core, contract.ref, it.fact('contract.ended', '2026-03-01T09:00:00Z'));
    it.clock.advance(3_600_000);
    it.queues.drainLane();
    const renewal = it.fact('contract.renewed', '2026-03-01T10:30:00Z');
    const message = { kind: 'chunk', store: STORE, holdings: [it.ref('1')] } as const;
    const acting = new Set<string>();
    const seen = { early: '', unsaid: '', renewedAt: {} as Record<string, boolean>, ended: 0 };
    const isRenewed = (): boolean =>
      (it.registry.allStates().get(contract.ref)?.occurrences['contract.renewed'] ?? []).length > 0;
    /** Records what was known when a claim and when an outcome were written. */
    const watched = altered(how.below(it.registry, it), (registry) => ({
      async putHolding(next) {
        const before = it.holding('1');
        const answer = await registry.putHolding(next);
        if (answer === 'written' && next.claim !== undefined && next.claim.version === next.version)
          seen.renewedAt[next.claim.token] = isRenewed();
        const moved = before?.claim !== undefined && before.version !== before.claim.version;
        if (answer === 'written' && next.state === 'disposed' && moved && next.disposedBeforeFact !== true)
          seen.unsaid = 'disposed of before the fact, and not reported';
        return answer;
      },
    }));
    const worker = (name: string) => ({
      name,
      atOnce: name === 'worker 1',
      deaths: name === 'worker 1' ? 1 : 0,
      afterDeath: 'gone' as const,
      died: () => {
        acting.delete(name);
        seen.ended += 1;
      },
      async run(gate: Gate) {
        const core = how.working(gatedCore(it, watched, gate), it);
        const { store } = core;
        await disposeChunk(
          {
            ...core,
            store: altered(store, () => ({
              async delete(batch) {
                acting.add(name);
                const answer = await store.delete(batch);
                acting.delete(name);
                return answer;
              },
            })),
          },
          message,
        );
        seen.ended += 1;
      },
    });
    /** What is wrong with a store call at the moment when it takes effect. */
    const judged: Store = altered<Store>(it.store, () => ({
      async delete(batch) {
        const token = it.holding('1')?.claim?.token ?? '';
        const [name = ''] = acting;
        if (!token.startsWith(`${name}-`)) seen.early = 'a store call after the claim was taken over';
        else if (seen.renewedAt[token] === true)
          seen.early = 'disposed of although the fact was known at the claim';
        return it.store.delete(batch);
      },
    }));
    const others = how.renewal ? 3 : 2;
    return {
      deaths: how.deaths,
      processes: [
        worker('worker 1'),
        worker('worker 2'),
        ...(how.renewal
          ? [
              {
                name: 'renewal',
                atOnce: false,
                async run(gate: Gate) {
                  const core = gatedCore(it, watched, gate);
                  await recordFact(core, contract.ref, renewal);
                  seen.ended += 1;
                },
              },
            ]
          : []),
        {
          name: 'hours later',
          after: () => seen.ended === others,
          run: () => aftermath(it, 3, { ...it.core, registry: watched }),
        },
      ],
      moves: [
        {
          name: 'a lease ends',
          times: how.leases,
          may: () => (how.slowStore || acting.size === 0) && it.holding('1')?.claim !== undefined,
          make: () => it.clock.advance(800_000),
        },
      ],
      state: () => [
        it.clock.now(),
        it.registry.snapshot(),
        entriesIn(it),
        it.store.size(),
        seen,
        [...acting],
      ],
      wrongNow: () => (seen.early || seen.unsaid === '' ? seen.early || undefined : seen.unsaid),
      wrongAtEnd: () => wrongIn(it, isRenewed()),
    };

    function gatedCore(here: World, registry: Registry, gate: Gate): LaneCore {
      const clock = gate.clock(here.clock);
      return {
        ...here.core,
        clock,
        tokens: gate.tokens(),
        registry: gate(registry, { open: (method) => OPEN.has(method), describe: describeCall }),
        store: gate(judged, { describe: describeCall }),
        bucket: gate<LogBucket>(here.bucket, { describe: describeCall }),
      };
    }
  };
}

function entriesIn(it: World): readonly { readonly at: string; readonly entry: Entry }[] {
  return it.bucket
    .allObjects()
    .flatMap(({ key, bytes }) => entriesOf(bytes).map((entry, line) => ({ at: `${key}#${line}`, entry })));
}

/** One result with one entry, each attempt reported once, and nothing left over. */
function wrongIn(it: World, isRenewed: boolean): string | undefined {
  const holding = it.holding('1');
  if (holding === undefined) return 'the holding is lost';
  const entries = entriesIn(it);
  const results = entries.filter(({ entry }) => entry.outcome !== 'interrupted' && isSuccess(entry.outcome));
  const recorded = entries.flatMap(({ entry }) => [entry.attempt, ...(entry.interrupted ?? [])]);
  if (new Set(recorded).size !== recorded.length) return `attempts recorded twice: ${recorded.join()}`;
  if (results.length > 1) return 'two results';
  const isGone = it.store.size() === 0;
  if (isGone && holding.state !== 'disposed') return `the record is gone, the holding is ${holding.state}`;
  if (holding.state === 'disposed') {
    if (!isGone) return 'disposed of, and the record is still there';
    const [done] = holding.done ?? [];
    const result = results.find(({ at }) => at === `chunks/${done?.chunk}#${done?.line}`);
    if (result === undefined || result.entry.outcome !== done?.outcome) return 'an outcome without its entry';
    return undefined;
  }
  if (results.length > 0) return 'a result that no outcome follows';
  if (!isRenewed) return `due, and not worked on: ${holding.state}`;
  return holding.state === 'active' && holding.decision?.actAt === undefined
    ? undefined
    : 'kept, but not let go of';
}

/** A take-over does not settle the former attempt's chunk. */
const leavesChunk: How['working'] = (core) => ({
  ...core,
  bucket: altered(core.bucket, (bucket) => ({
    putIfAbsent: async (key, bytes) => (bytes.length === 0 ? 'written' : bucket.putIfAbsent(key, bytes)),
  })),
});
/** The outcome is written before the entry. */
const outcomeFirst: How['working'] = (core) => {
  let waiting: readonly [string, Uint8Array] | undefined;
  return {
    ...core,
    bucket: altered(core.bucket, (bucket) => ({
      async putIfAbsent(key, bytes) {
        if (bytes.length === 0) return bucket.putIfAbsent(key, bytes);
        waiting = [key, bytes];
        return 'written';
      },
    })),
    registry: altered(core.registry, (registry) => ({
      async putHolding(next) {
        const answer = await registry.putHolding(next);
        if (waiting !== undefined) await core.bucket.putIfAbsent(...waiting);
        waiting = undefined;
        return answer;
      },
    })),
  };
};
/** The states are read before the claim, and not again. */
const statesBeforeClaim: How['working'] = (core, it) => {
  let early: Awaited<ReturnType<Registry['states']>> | undefined;
  return {
    ...core,
    registry: altered(core.registry, (registry) => ({
      async holdings(refs) {
        early = await registry.states([it.entity('contract', 'c').ref]);
        return registry.holdings(refs);
      },
      states: async (entities) => early ?? registry.states(entities),
    })),
  };
};
/** Claims and outcomes are written without regard to the version. */
const ignoresVersion: How['below'] = (registry, it) =>
  altered(registry, () => ({
    putHolding: (next) => registry.putHolding({ ...next, version: (it.holding('1')?.version ?? 0) + 1 }),
  }));

describe('claim, act, entry, outcome', () => {
  it.each<[string, Partial<How>]>([
    ['two workers, a death and a lease that ends, also under a slow one', { renewal: false }],
    ['two workers, a death and a renewal', { leases: 0 }],
  ])('leave one result with its entry, in every interleaving: %s', async (name, how) => {
    expectNothingWrong(`disposal model, ${name}`, await exploreAll(model(how)));
  });

  it('leave one result with its entry with all of that and two leases, in a sample of 10,000', async () => {
    expectNothingWrong('disposal model, all of it', await exploreSample(model({ leases: 2 })));
  });

  it.each<[string, Partial<How>, RegExp]>([
    [
      'a take-over that leaves the former chunk alone',
      { working: leavesChunk },
      /two results|recorded twice/,
    ],
    ['the outcome before the entry', { working: outcomeFirst }, /an outcome without its entry/],
    ['states read before the claim', { working: statesBeforeClaim }, /the fact was known at the claim/],
    [
      'writing without the version',
      { below: ignoresVersion },
      /taken over|without its entry|not reported|two results/,
    ],
    ['a store call that outlives the lease', { slowStore: true }, /after the claim was taken over/],
  ])('%s is caught', async (name, how, what) => {
    expectCaught(`disposal model, ${name}`, await exploreSample(model(how), { enough: 100 }), what);
  });
});
