import { describe, it, vi } from 'vitest';
import type { EntityState } from '../../../shared/domain/facts/facts.ts';
import type { EntityRef } from '../../../shared/domain/record/ids.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import { recordFact } from '../../../shared/protocol/record-fact.ts';
import { register } from '../../../shared/protocol/register.ts';
import { altered } from '../../support/altered.ts';
import { expectCaught, expectNothingWrong } from '../../support/model/expect-explored.ts';
import { exploreAll, type Build } from '../../support/model/explore.ts';
import { isMisplanned } from '../../support/driver/decision-from-facts.ts';
import { describeCall, world, type World } from '../../support/driver/world.ts';

/**
 * Concurrent events on the entities of one planned holding. In the end its stored decision must match all facts
 * together, whichever handler wrote last.
 */
interface Event {
  readonly type: string;
  readonly occurred: string;
}
const contractEnds: Event = { type: 'contract.ended', occurred: '2026-03-01T09:00:00Z' };
const contractRenewed: Event = { type: 'contract.renewed', occurred: '2026-03-01T09:30:00Z' };
const accountCloses: Event = { type: 'account.disconnected', occurred: '2026-03-01T08:00:00Z' };

type Alter = (registry: Registry, it: World) => Registry;
const asItIs: Alter = (registry) => registry;

const OPTIONS = {
  rules: { note: ['the later of 30 days after contract.ended and 10 days after account.disconnected'] },
};

function events(
  before: readonly Event[],
  atOnce: readonly Event[],
  { below = asItIs, above = asItIs, deaths = 1 }: { below?: Alter; above?: Alter; deaths?: number } = {},
): Build {
  return async () => {
    const it = world(OPTIONS);
    const contract = it.entity('contract', 'c');
    const account = it.entity('account', 'a');
    const about = ({ type }: Event): EntityRef => (type.startsWith('contract') ? contract : account).ref;
    await register(it.core, await it.registration('1', [contract, account]));
    for (const event of before) await recordFact(it.core, about(event), it.fact(event.type, event.occurred));
    const shared = below(it.registry, it);
    return {
      deaths,
      processes: atOnce.map((event) => ({
        name: event.type,
        deaths: 1,
        async run(gate) {
          const registry = above(
            gate(shared, { open: (method) => OPEN.has(method), describe: describeCall }),
            it,
          );
          await recordFact({ ...it.core, registry }, about(event), it.fact(event.type, event.occurred));
        },
      })),
      state: () => [it.registry.allFacts(), [...it.registry.allStates()], it.registry.allHoldings()],
      wrongAtEnd() {
        const holding = it.holding('1');
        return holding === undefined ? 'the holding is lost' : isMisplanned(it, holding);
      },
    };
  };
}

/** Pointers exist from the start, and no process reads hints here. */
const OPEN: ReadonlySet<string> = new Set(['pointers', 'putHint']);

/** The states are read before the version on which the decision is written. */
const statesFirst: Alter = (registry, it) => {
  let early: Map<EntityRef, EntityState> | undefined;
  return altered(registry, () => ({
    async holding(ref) {
      early = await registry.states([it.entity('contract', 'c').ref, it.entity('account', 'a').ref]);
      return registry.holding(ref);
    },
    states: async (entities) => early ?? registry.states(entities),
  }));
};
/** A decision that does not change is not written. */
const skipsUnchanged: Alter = (registry) => {
  let read = '';
  return altered(registry, () => ({
    async holding(ref) {
      const holding = await registry.holding(ref);
      read = JSON.stringify(holding?.decision);
      return holding;
    },
    putHolding: async (next) =>
      JSON.stringify(next.decision) === read ? 'written' : registry.putHolding(next),
  }));
};
/** The decision is written without regard to the version. */
const ignoresVersion: Alter = (registry, it) =>
  altered(registry, () => ({
    putHolding: (next) => registry.putHolding({ ...next, version: (it.holding('1')?.version ?? 0) + 1 }),
  }));

vi.setConfig({ testTimeout: 300_000 });

describe('events at once on the entities of one holding', () => {
  it.each<[string, readonly Event[], readonly Event[]]>([
    ['an end and a renewal of one contract', [accountCloses], [contractEnds, contractRenewed]],
    ['an end on each of two entities', [], [contractEnds, accountCloses]],
  ])('%s: every interleaving and death leaves the plan over all facts', async (name, before, atOnce) => {
    const explored = await exploreAll(events(before, atOnce, { deaths: 2 }));
    expectNothingWrong(`event model, ${name}`, explored);
  });

  it('three events: every interleaving leaves the plan over all facts', async () => {
    const atOnce = [contractEnds, contractRenewed, accountCloses];
    const explored = await exploreAll(events([], atOnce, { deaths: 0 }), { limit: 40_000 });
    expectNothingWrong('event model, three events', explored);
  });

  it.each<[string, Parameters<typeof events>[2]]>([
    ['states before version', { above: statesFirst }],
    ['skipping a write that changes nothing', { above: skipsUnchanged }],
    ['writing without the version', { below: ignoresVersion }],
  ])('%s is caught', async (name, how) => {
    const build = events([accountCloses], [contractEnds, contractRenewed], { deaths: 0, ...how });
    const explored = await exploreAll(build, { enough: 100 });
    expectCaught(`event model, ${name}`, explored, /the facts say/);
  });
});
