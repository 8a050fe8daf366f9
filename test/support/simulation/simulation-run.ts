import type { RetentionConfig } from '../../../shared/domain/configuration/configuration-schema.ts';
import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import type { Instant } from '../../../shared/domain/record/ids.ts';
import { STORE_CALLS } from '../../../shared/stores/store-kind.ts';
import { demoDeployment } from '../deployment.ts';
import { type Faults, NO_FAULTS, simulation, type Simulation } from './simulation.ts';
import type { Outage } from './simulation-audit.ts';
import { sendAll } from './simulation-subjects.ts';
import { chance } from './simulation-random.ts';
import { type Script, producers } from './simulation-producers.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** All five policies are in effect by then. */
const START = Date.parse('2025-01-06T00:05:00Z');
/** After the last message: what is due by then has to be gone. */
const EPILOGUE = 4 * DAY;

export const TEN_YEARS = {
  subjects: 2000,
  days: 3652,
  seed: 20_260_301,
  faults: {
    lostTimer: 0.05,
    lateTimer: 0.05,
    doubledMessage: 0.03,
    lostMessage: 0.005,
    death: 0.02,
    laneDeath: 0.15,
    skew: 60_000,
  },
  troubles: true,
} satisfies RunOptions;

export interface RunOptions {
  readonly subjects: number;
  readonly days: number;
  readonly seed: number;
  readonly faults?: Faults;
  /** Stores that are down for a day, answers that are lost for a day, lanes that are paused for days. */
  readonly troubles?: boolean;
  /** What a test spoils, to see that the judge sees it. */
  readonly spoil?: (configuration: Configuration) => Configuration;
  readonly spoilRun?: (sim: Simulation) => void;
}

export interface Run {
  readonly sim: Simulation;
  readonly script: Script;
  readonly outages: readonly Outage[];
  readonly seconds: number;
}

/** Random lives in a deployment of the five example policies, with everything that can go wrong on the way. */
export async function runSimulation(options: RunOptions): Promise<Run> {
  const began = performance.now();
  const { subjects, days, seed, faults = NO_FAULTS, troubles = false } = options;
  const configuration = await demoDeployment(withJointRecords);
  const spoiled = options.spoil?.(configuration) ?? configuration;
  const sim = simulation({ configuration: spoiled, start: START, seed, faults });
  const end = START + days * DAY;
  const applications = producers(chance(seed + 1));
  sendAll(applications, subjects, START, end);
  const { script } = applications;
  for (const { at, id, body } of script.arrivals) {
    if (at < end) sim.deliver(at, { queue: 'ingest', id, body });
  }
  for (const { at, store, locator, fields } of script.deeds) {
    sim.plan(at, () => {
      if (fields === undefined) sim.store(store).remove(locator);
      else sim.store(store).put(locator, fields);
    });
  }
  const outages = troubles ? troublesOf(sim, chance(seed + 2), days) : [];
  options.spoilRun?.(sim);
  await sim.runTo(end + EPILOGUE);
  return { sim, script, outages, seconds: (performance.now() - began) / 1000 };
}

/** Two of the brands keep some records together: their prefixes overlap, and both say so. */
function withJointRecords(config: RetentionConfig): RetentionConfig {
  const producers = { ...config.producers };
  for (const name of ['paltalk', 'camfrog']) {
    const producer = config.producers[name];
    if (producer === undefined) throw new Error(`${name} is no longer in the demonstration`);
    const stores = Object.entries(producer.stores).map(([store, { prefixes = [] }]) => {
      return [store, { prefixes: [...prefixes, 'joint#'], shared: true }];
    });
    producers[name] = { ...producer, stores: Object.fromEntries(stores) as typeof producer.stores };
  }
  return { ...config, producers };
}

function troublesOf(sim: Simulation, random: ReturnType<typeof chance>, days: number): Outage[] {
  const outages: Outage[] = [];
  const longestBackoff = sim.configuration.timing.longestBackoff * 1000;
  for (const store of Object.keys(sim.configuration.stores)) {
    const day = (): Instant => START + random.between(0, days - 1) * DAY + random.between(0, DAY);
    for (const kind of ['down', 'down', 'down', 'deaf', 'paused', 'paused'] as const) {
      const from = day();
      const to = from + (kind === 'paused' ? random.between(1, 10) * DAY : DAY);
      outages.push({ store, from, to, after: 2 * HOUR + (kind === 'paused' ? 0 : longestBackoff) });
      if (kind === 'paused') pauses(sim, store, from, to);
      else breaks(sim, store, from, to, kind);
    }
  }
  return outages;
}

/** `down`: answers nothing. `deaf`: acts, and its answers are lost. */
function breaks(sim: Simulation, name: string, from: Instant, to: Instant, kind: 'down' | 'deaf'): void {
  const store = sim.store(name);
  const calls = kind === 'down' ? STORE_CALLS : (['delete', 'anonymise'] as const);
  const fault =
    kind === 'down'
      ? ({ code: 'STORE_UNREACHABLE' } as const)
      : ({ code: 'STORE_TIMEOUT', acts: true } as const);
  sim.plan(from, () => calls.forEach((call) => store.fail({ call, ...fault })));
  sim.plan(to, () => store.repair());
}

function pauses(sim: Simulation, store: string, from: Instant, to: Instant): void {
  const id = `pause ${store} ${from}`;
  const pause = { id, kind: 'pause', scope: { store }, state: 'placed', at: from } as const;
  sim.plan(from, () => void sim.registry.placeWideHold(pause));
  sim.deliver(to, { queue: 'sweep', message: { kind: 'release', hold: id } });
}
