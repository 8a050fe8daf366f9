import type {
  Configuration,
  ProducerConfiguration,
} from '../../../shared/domain/configuration/configuration.ts';
import { DEFAULT_TIMING } from '../../../shared/domain/configuration/configuration.ts';
import { compileRequests } from '../../../shared/domain/people/compile-requests.ts';
import { foldProfile } from '../../../shared/domain/configuration/fold-profile.ts';
import type { Instant } from '../../../shared/domain/record/ids.ts';
import { entityRef, holdingRef } from '../../../shared/domain/configuration/references.ts';
import { anEvent, aPolicy, aRule } from '../rules/rule-world.ts';
import { simulation, type Simulation } from '../simulation/simulation.ts';

/** Two producers with the same grants, whose rows differ by their prefix; below `joint/` both may register. */
export type Producer = 'north' | 'south';
export const HOUR = 3_600_000;
export const START = Date.parse('2026-03-01T00:05:00Z');
export const STORE = 'orders';

const policies = {
  policies: [
    aPolicy(
      { record: [aRule('2 hours after contract.ended')], profile: [aRule('3 hours after person.left')] },
      {
        events: {
          'contract.ended': anEvent({ undoneBy: ['contract.renewed'] }),
          'contract.renewed': anEvent(),
          'person.left': anEvent({ entity: 'person' }),
        },
        writeLagSeconds: 0,
      },
    ),
  ],
};

const producer = (name: Producer, events: readonly string[] = []): ProducerConfiguration => ({
  source: `${name}.example`,
  principals: [],
  stores: { [STORE]: { prefixes: [`${name}/`, 'joint/'], shared: true } },
  categories: ['record', 'profile'],
  events: ['contract.ended', 'contract.renewed', ...events],
});

const configuration: Configuration = {
  entityTypes: {
    contract: { ids: 'owned', normalise: ['trim'] },
    person: { ids: 'shared', normalise: ['trim', 'lowercase'] },
  },
  stores: {
    [STORE]: {
      kind: 'memory',
      region: 'eu-central-1',
      keys: [{ name: 'id', type: 'text' }],
      options: {},
      restricts: false,
      hourlyCap: 10_000,
    },
  },
  // Persons are shared, and only north is named for their leaving.
  producers: { north: producer('north', ['person.left']), south: producer('south') },
  operators: [],
  auditors: [],
  policies,
  timing: DEFAULT_TIMING,
  requests: compileRequests({}, { entityTypes: {}, producers: {} }).settings,
  foldProfile: foldProfile(policies),
};

export function twoProducers(): Simulation {
  return simulation({ configuration, start: START });
}

/** What of the registry and the store is this producer's own: everything that another one must not change. */
export async function ownWorld(
  sim: Simulation,
  owner: Producer,
  ids: { readonly contracts: readonly string[]; readonly rows: readonly string[] },
): Promise<unknown> {
  const key = await sim.keys.registryKey();
  const entities = ids.contracts.map((id) => entityRef(key, 'contract', owner, id));
  const refs = ids.rows.map((row) => holdingRef(key, STORE, JSON.stringify([row])));
  const holdings = sim.registry
    .allHoldings()
    .filter(({ ref }) => refs.includes(ref))
    .map(({ ref, state, generation, variants, decision, done = [] }) => {
      const stages = done.map(({ stage, outcome, at }) => ({ stage, outcome, at }));
      return { ref, state, generation, variants, decision, stages };
    });
  const facts = sim.registry.allFacts().filter(({ entity }) => entities.includes(entity));
  const states = entities.map((entity) => sim.registry.allStates().get(entity));
  const effects = sim.store(STORE).effects.filter(({ locator }) => ids.rows.includes(String(locator[0])));
  const rows = ids.rows.map((row) => sim.store(STORE).fields([row]));
  return { holdings, facts, states, effects, rows };
}

export async function quarantined(sim: Simulation): Promise<string[]> {
  return sim.registry.allQuarantined().map(({ code, reason }) => `${code} ${reason}`);
}

export const hour = (n: number): Instant => START + n * HOUR;
