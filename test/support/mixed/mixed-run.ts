import { memoryRegistry, type MemoryRegistry } from '../../../shared/adapters/memory/memory-registry.ts';
import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import type { Instant } from '../../../shared/domain/record/ids.ts';
import { type AnyHold, placeHold } from '../../../shared/protocol/hold.ts';
import { refsOf } from '../../../shared/protocol/facts/refs-of.ts';
import { aHoldOn } from '../driver/hold-play.ts';
import { PRODUCER, SOURCE, STORE } from '../driver/world.ts';
import {
  type Faults,
  NO_FAULTS,
  type PlacedHold,
  simulation,
  type Simulation,
} from '../simulation/simulation.ts';
import { onlyThese } from '../simulation/simulation-functions.ts';
import { producers, type Script } from '../simulation/simulation-producers.ts';
import { type Chance, chance } from '../simulation/simulation-random.ts';
import { fieldsOf, type Lives, mixedLives } from './mixed-lives.ts';
import { type Changes, mixedConfiguration, type Periods } from './mixed-world.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.parse('2025-01-06T00:05:00Z');
/** Days after the last message: what is due by then has to be gone. */
const EPILOGUE = 45;

export interface MixedOptions {
  readonly contracts: number;
  readonly days: number;
  readonly seed: number;
  readonly faults?: Faults;
  readonly troubles?: boolean;
  /** Days without anything new at the end. Default: enough for a judge to say what is lost. */
  readonly epilogue?: number;
  /** What a test makes wrong, to see that the judge sees it. */
  readonly spoil?: (periods: Periods) => Periods;
  readonly spoilRegistry?: (registry: MemoryRegistry) => Partial<MemoryRegistry>;
  readonly spoilRun?: (sim: Simulation) => void;
}

/** A hold on one contract. */
interface HeldContract extends Pick<PlacedHold, 'placed' | 'releasedAt' | 'inFlight'> {
  readonly contract: string;
}

export interface MixedRun {
  readonly sim: Simulation;
  readonly script: Script;
  readonly lives: Lives;
  readonly changes: Changes;
  readonly held: readonly HeldContract[];
  /** From then on nothing goes wrong any more. */
  readonly end: Instant;
}

/** Registered records, collections and datasets over the same contracts, with everything that can go wrong on the way. */
export async function runMixed(options: MixedOptions): Promise<MixedRun> {
  const { contracts, days, seed, faults = NO_FAULTS, troubles = false, epilogue = EPILOGUE } = options;
  const end = START + days * DAY;
  const [second, third] = [0.35, 0.7].map((part) => START + Math.floor(part * days * 24) * HOUR);
  const changes: Changes = [second ?? 0, third ?? 0];
  const configuration: Configuration = mixedConfiguration(changes, options.spoil);
  const applications = producers(chance(seed + 1), 0.2, () => SOURCE);
  const lives = mixedLives(applications, contracts, START, end);
  const registry = memoryRegistry({ pageSize: 100 });
  const spoiled = { ...registry, ...options.spoilRegistry?.(registry) };
  const sim = simulation({
    configuration,
    start: START,
    seed,
    faults,
    deployed: onlyThese(configuration, spoiled),
  });
  const { script } = applications;
  for (const { at, id, body } of [...script.arrivals, ...lives.requests])
    sim.deliver(at, { queue: 'ingest', id, body });
  writes(sim, lives);
  const held: HeldContract[] = [];
  if (troubles) happen(sim, { random: chance(seed + 2), held, contracts, days });
  options.spoilRun?.(sim);
  await sim.runTo(end + epilogue * DAY);
  return { sim, script, lives, changes, held, end };
}

function writes(sim: Simulation, { rows }: Lives): void {
  const store = sim.store(STORE);
  for (const row of rows) {
    const locator = [row.name];
    sim.plan(row.at, () => store.put(locator, fieldsOf(row, null)));
    for (const used of row.used)
      sim.plan(used, () => {
        if (store.fields(locator) !== undefined) store.put(locator, fieldsOf(row, used));
      });
    if (row.removed !== undefined) sim.plan(row.removed, () => store.remove(locator));
  }
}

interface Happening {
  readonly random: Chance;
  readonly held: HeldContract[];
  readonly contracts: number;
  readonly days: number;
}

/** Holds on contracts and wide ones, pauses, days without the store, and hours without ingest. */
function happen(sim: Simulation, { random, held, contracts, days }: Happening): void {
  const day = (): Instant => START + random.between(0, days * 24 - 1) * HOUR + random.between(0, HOUR);
  for (let n = 1; n <= contracts; n += 1) {
    if (!random.happens(0.4)) continue;
    const from = day();
    const to = from + random.between(1, 40) * DAY;
    holdContract(sim, held, {
      contract: `contract-${random.between(1, contracts)}`,
      id: `held-${n}`,
      from,
      to,
    });
  }
  for (let n = 1; n <= days / 30; n += 1) {
    const from = day();
    const category = random.pick(['notes', 'papers', 'logs']);
    sim.hold(
      { id: `category-${n}`, kind: 'hold', scope: { category } },
      from,
      from + random.between(1, 9) * DAY,
    );
    const paused = day();
    sim.hold(
      { id: `pause-${n}`, kind: 'pause', scope: { store: STORE } },
      paused,
      paused + random.between(1, 30) * HOUR,
    );
    const down = day();
    sim.ingestDown(down, down + random.between(1, 8) * HOUR);
    const broken = day();
    const { call, acts } = random.pick([
      { call: 'delete', acts: true },
      { call: 'readBack', acts: false },
      { call: 'range', acts: false },
      { call: 'list', acts: false },
    ] as const);
    const code = 'STORE_TIMEOUT';
    sim.plan(broken, () => sim.store(STORE).fail({ call, code, ...(acts && { acts }) }));
    sim.plan(broken + 8 * HOUR, () => sim.store(STORE).repair());
  }
}

interface Holding {
  readonly contract: string;
  readonly id: string;
  readonly from: Instant;
  readonly to: Instant;
}

function holdContract(sim: Simulation, held: HeldContract[], { contract, id, from, to }: Holding): void {
  const place = async (): Promise<void> => {
    const refs = await refsOf({ ...sim, configuration: sim.configuration }, PRODUCER);
    const hold: AnyHold = { ...aHoldOn(refs.entity({ type: 'contract', id: contract }), { id }), at: from };
    const answer = await placeHold(sim, hold);
    if (answer.kind !== 'placed') throw new Error(`the hold ${id} was not placed: ${answer.kind}`);
    const inFlight = answer.inFlight.map(({ token }) => token);
    held.push({ contract, placed: sim.journal.mark(), releasedAt: to, inFlight });
  };
  sim.plan(from, () => void place().catch((error: unknown) => void sim.errors.push(error)));
  sim.deliver(to, { queue: 'sweep', message: { kind: 'release', hold: id } });
}
