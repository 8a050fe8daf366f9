import type { RetentionConfig } from '../../../shared/domain/configuration/configuration-schema.ts';
import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import { foldProfile } from '../../../shared/domain/configuration/fold-profile.ts';
import type { WideScope } from '../../../shared/domain/record/hold.ts';
import { holdingRef } from '../../../shared/domain/configuration/references.ts';
import type { HoldingRef, Instant } from '../../../shared/domain/record/ids.ts';
import { present } from '../../../shared/domain/present.ts';
import { STORE_CALLS } from '../../../shared/stores/store-kind.ts';
import { calenderaWith, demoDeployment } from '../deployment.ts';
import { type Faults, NO_FAULTS, simulation, type Simulation } from './simulation.ts';
import type { Circumstances } from './simulation-audit.ts';
import type { Outage } from './simulation-outage.ts';
import { type Changes, REASONABLE_PERIODS } from './simulation-policies.ts';
import { sendAll } from './simulation-subjects.ts';
import type { Deployed } from './simulation-functions.ts';
import { chance } from './simulation-random.ts';
import { placeOf, producers, type Script } from './simulation-producers.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** All five policies are in effect by then. */
const START = Date.parse('2025-01-06T00:05:00Z');
/** After the last message: what is due by then has to be gone. */
const EPILOGUE = 4 * DAY;
/** The statement of the last day is put in the first hours of the next one, and sealed an hour later. */
const LAST_STATEMENT = DAY / 6;

export const TEN_YEARS = {
  subjects: 1000,
  days: 3652,
  seed: 20_260_301,
  faults: {
    lostTimer: 0.05,
    lateTimer: 0.05,
    doubledMessage: 0.03,
    lostMessage: 0.005,
    death: 0.02,
    laneDeath: 0.15,
    sleep: 0.05,
    skew: 60_000,
  },
  troubles: true,
  interference: 0.1,
} satisfies RunOptions;

export interface RunOptions {
  readonly subjects: number;
  readonly days: number;
  readonly seed: number;
  readonly faults?: Faults;
  /** Stores that are down for a day, answers that are lost for a day, lanes that are paused for days. */
  readonly troubles?: boolean;
  /** How probably something is said of what a bell is about, just when the bell is heard. */
  readonly interference?: number;
  /** What a test spoils, to see that the judge sees it. */
  /** Everything takes this part of the time it takes in ten years. */
  readonly pace?: number;
  /** The lives of `subjects`, instead of those of ten years. */
  readonly lives?: typeof sendAll;
  /** What runs, instead of this checkout's functions on a registry in memory. */
  readonly deployed?: (
    configuration: Configuration,
    time: { readonly start: Instant; readonly end: Instant },
  ) => Promise<Deployed>;
  readonly spoil?: (configuration: Configuration) => Configuration;
  readonly spoilRun?: (sim: Simulation) => void;
}

export interface Run extends Circumstances {
  readonly sim: Simulation;
  readonly script: Script;
  readonly seconds: number;
}

/** Random lives in a deployment of the five example policies, with everything that can go wrong on the way. */
export async function runSimulation(options: RunOptions): Promise<Run> {
  const began = performance.now();
  const { subjects, days, seed, faults = NO_FAULTS, troubles = false, interference = 0 } = options;
  const { pace = 1, lives = sendAll } = options;
  const { configuration, changes } = await simulatedConfiguration(days, THIS_CHECKOUT);
  const spoiled = options.spoil?.(configuration) ?? configuration;
  const end = START + days * DAY;
  const applications = producers(chance(seed + 1), pace);
  const { script } = applications;
  const random = chance(seed + 3);
  const places = new Map<HoldingRef, string>();
  const deployed = await options.deployed?.(spoiled, { start: START, end });
  const sim = simulation({
    configuration: spoiled,
    start: START,
    seed,
    faults,
    ...present({ deployed }),
    rung(refs, at) {
      if (!random.happens(interference)) return;
      for (const ref of refs) applications.interfere(places.get(ref) ?? '', at);
      announce();
    },
  });
  lives(applications, subjects, START, end);
  const key = await sim.keys.registryKey();
  let [said, done] = [0, 0];
  /** What was written into the script since the last time is going to happen. */
  function announce(): void {
    for (const { at, id, body } of script.arrivals.slice(said))
      if (at < end) sim.deliver(at, { queue: 'ingest', id, body });
    for (const { at, store, locator, written } of script.deeds.slice(done)) {
      places.set(holdingRef(key, store, JSON.stringify(locator)), placeOf({ store, locator }));
      sim.plan(at, () => {
        if (written === undefined) sim.store(store).remove(locator);
        else sim.store(store).put(locator, written.fields);
      });
    }
    [said, done] = [script.arrivals.length, script.deeds.length];
  }
  announce();
  const outages = troubles ? troublesOf(sim, chance(seed + 2), { days, pace }) : [];
  options.spoilRun?.(sim);
  await sim.runTo(end + EPILOGUE * (pace < 1 ? 0.25 : 1) + LAST_STATEMENT);
  return {
    sim,
    script,
    outages: [...outages, ...(deployed?.outages ?? [])],
    changes,
    seconds: (performance.now() - began) / 1000,
  };
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

/** How one release makes a configuration. */
export interface Compiling {
  readonly demoDeployment: typeof demoDeployment;
  readonly calenderaWith: typeof calenderaWith;
  readonly foldProfile: typeof foldProfile;
}
const THIS_CHECKOUT: Compiling = { demoDeployment, calenderaWith, foldProfile };

/** What is deployed for a run of so many days, and when another version of a policy takes effect. */
export async function simulatedConfiguration(
  days: number,
  compiling: Compiling,
): Promise<{ readonly configuration: Configuration; readonly changes: Changes }> {
  const changes = [0.35, 0.7].map((part) => START + Math.floor((part * days * DAY) / HOUR) * HOUR);
  const configuration = await compiling.demoDeployment(withJointRecords);
  return { configuration: await withChanges(configuration, changes, compiling), changes };
}

/** Later versions of one policy, each with another period that its text leaves to the operator. */
async function withChanges(
  configuration: Configuration,
  changes: Changes,
  compiling: Compiling,
): Promise<Configuration> {
  const later = await Promise.all(
    changes.map(async (effectiveFrom, index) => {
      const days = REASONABLE_PERIODS[index + 1] ?? REASONABLE_PERIODS[0];
      return { ...(await compiling.calenderaWith(days)), version: `later-${index + 1}`, effectiveFrom };
    }),
  );
  const policies = { policies: [...configuration.policies.policies, ...later] };
  return { ...configuration, policies, foldProfile: compiling.foldProfile(policies) };
}

type Trouble = (typeof TROUBLES)[number];
const TROUBLES = ['down', 'down', 'deaf', 'blind', 'paused', 'paused', 'held'] as const;

function troublesOf(
  sim: Simulation,
  random: ReturnType<typeof chance>,
  { days, pace }: { readonly days: number; readonly pace: number },
): Outage[] {
  const outages: Outage[] = [];
  const years = days / 365 / pace;
  const some = (count: number): number[] => Array.from({ length: Math.ceil(count) }, (_, n) => n);
  const day = (): Instant => START + random.between(0, days - 1) * DAY + random.between(0, DAY);
  const hold = (kind: 'hold' | 'pause', scope: WideScope, longest: number): void => {
    const from = day();
    const to = from + random.between(1, longest) * DAY * pace;
    sim.hold({ id: `${kind} ${outages.length}`, kind, scope }, from, to);
    outages.push({ scope, from, to, after: 2 * HOUR });
  };
  const stores = Object.keys(sim.configuration.stores);
  for (const store of stores) {
    for (const trouble of TROUBLES) {
      if (!random.happens(Math.min(1, years / 3))) continue;
      if (trouble === 'paused') hold('pause', { store }, 10);
      else if (trouble === 'held') hold('hold', { store }, 60);
      else outages.push(broken(sim, store, { from: day(), days: pace }, trouble));
    }
  }
  for (const _ of some(years / 2)) {
    hold('hold', { category: random.pick(['booking-data', 'member-profile', 'external-profile']) }, 60);
    hold('hold', { policy: random.pick(['calendera', 'paltalk', 'odoo-events']) }, 60);
    hold('hold', { everything: true }, 5);
    hold('pause', { everything: true }, 2);
  }
  for (const _ of some(3 * years)) {
    const from = day();
    const to = from + random.between(1, 12) * HOUR * Math.max(pace, 1 / 12);
    sim.ingestDown(from, to);
    outages.push({ scope: { everything: true }, from, to, after: HOUR });
  }
  return outages;
}

/** `down`: answers nothing. `deaf`: acts, and its answers are lost. `blind`: cannot be read back. */
function broken(
  sim: Simulation,
  name: string,
  { from, days }: { readonly from: Instant; readonly days: number },
  trouble: Exclude<Trouble, 'paused' | 'held'>,
): Outage {
  const store = sim.store(name);
  const to = from + days * DAY;
  const calls = { down: STORE_CALLS, deaf: ['delete', 'anonymise'], blind: ['readBack'] } as const;
  const code = trouble === 'down' ? 'STORE_UNREACHABLE' : 'STORE_TIMEOUT';
  const acts = trouble === 'deaf' && { acts: true };
  sim.plan(from, () => calls[trouble].forEach((call) => store.fail({ call, code, ...acts })));
  sim.plan(to, () => store.repair());
  const longest = sim.configuration.timing.longestBackoff * 1000;
  return { scope: { store: name }, from, to, after: 2 * HOUR + longest };
}
