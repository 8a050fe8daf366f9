import { every } from '../../../local/virtual/agenda.ts';
import { runFunction } from '../../../local/virtual/run-function.ts';
import { type Receiver, virtualDeployment } from '../../../local/virtual/virtual-deployment.ts';
import type { Message } from '../../../local/virtual/virtual-queue.ts';
import { memoryKeys } from '../../../shared/adapters/memory/memory-keys.ts';
import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import type { HoldingRef, Instant } from '../../../shared/domain/record/ids.ts';
import type { Keys } from '../../../shared/ports/keys.ts';
import type { LaneMessage, SweepMessage } from '../../../shared/ports/queues.ts';
import type { ReportCode } from '../../../shared/ports/report.ts';
import { memoryStore, type MemoryStore } from '../../../shared/stores/memory-store.ts';
import { type MemoryPorts, memoryPorts } from '../memory-ports.ts';
import { killAt } from '../driver/kill-points.ts';
import { journal, type Journal, type Mark } from './simulation-journal.ts';
import { chance } from './simulation-random.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const WEEK = 7 * 24 * HOUR;
/** What time to live leaves of a hint. */
const HINT_LIFE = 35 * 24 * HOUR;

/** Probabilities, each asked for every timer, message or run of a function. */
export interface Faults {
  readonly lostTimer: number;
  readonly lateTimer: number;
  readonly doubledMessage: number;
  readonly lostMessage: number;
  readonly death: number;
  /** Of workers that dispose. */
  readonly laneDeath: number;
  /** Clocks are off by up to that much, either way. */
  readonly skew: Instant;
}

export const NO_FAULTS: Faults = {
  lostTimer: 0,
  lateTimer: 0,
  doubledMessage: 0,
  lostMessage: 0,
  death: 0,
  laneDeath: 0,
  skew: 0,
};

/** What arrives from outside; `id`: of the producer's message, for the journal. */
export type Arrival =
  | { readonly queue: 'ingest'; readonly id: string; readonly body: string }
  | { readonly queue: 'sweep'; readonly message: SweepMessage };

export interface SimulationOptions {
  readonly configuration: Configuration;
  readonly start: Instant;
  readonly seed?: number;
  readonly faults?: Faults;
}

/** One deployment over memory ports and memory stores, walked through years of virtual time. */
export interface Simulation extends MemoryPorts {
  readonly keys: Keys;
  readonly journal: Journal;
  /** For each effect of a store, in their order: its place in the journal. */
  readonly effects: ReadonlyMap<string, readonly Mark[]>;
  readonly reports: ReadonlyMap<ReportCode, number>;
  /** Deaths and lost messages. */
  readonly setbacks: readonly Setback[];
  /** What no function may throw. */
  readonly errors: unknown[];
  readonly runs: () => number;
  store(name: string): MemoryStore;
  /** A message arrives at its queue. */
  deliver(at: Instant, arrival: Arrival): void;
  /** Something that an application or the world does. */
  plan(at: Instant, act: () => void): void;
  readonly runTo: (until: Instant) => Promise<void>;
}

/** Without `holdings`: it was not about a chunk. */
export interface Setback {
  readonly kind: 'death' | 'lost';
  readonly at: Instant;
  readonly holdings?: readonly HoldingRef[];
}

export function simulation(options: SimulationOptions): Simulation {
  const { configuration, start, seed = 1, faults = NO_FAULTS } = options;
  const memory = memoryPorts(configuration, start, 25);
  const { clock, registry, timers } = memory;
  const random = chance(seed);
  const keys = memoryKeys(new Uint8Array(32).fill(5));
  const notes = journal(() => clock.now());
  const reports = new Map<ReportCode, number>();
  const setbacks: Setback[] = [];
  const errors: unknown[] = [];
  const effects = new Map<string, Mark[]>();
  /** Of producers' messages, by their bodies. */
  const ids = new Map<string, string>();
  let runs = 0;
  const stores = Object.fromEntries(
    Object.entries(configuration.stores).map(([name, { keys: columns }]) => {
      const marks: Mark[] = [];
      effects.set(name, marks);
      const now = (): Instant => {
        const mark = notes.mark();
        marks.push(mark);
        return mark.at;
      };
      return [name, memoryStore({ now, keys: columns })];
    }),
  );

  function setBack(kind: Setback['kind'], isChunk: boolean, body: string): void {
    const holdings = isChunk ? { holdings: (JSON.parse(body) as LaneMessage).holdings } : {};
    setbacks.push({ kind, at: clock.now(), ...holdings });
  }

  const deployment = virtualDeployment({
    configuration,
    clock,
    timers,
    run,
    settings: (_, deployed) => ({ ...deployed, batchSize: 1 }),
    sideBySide: () => random.between(1, 4),
    choose: (count) => (count === 1 ? 0 : random.between(0, count - 1)),
    schedules: (toSweep) => [
      every(HOUR, start, () => {
        toSweep({ kind: 'hourly' });
        if (random.happens(0.001)) registry.expireHints(clock.now() - HINT_LIFE);
      }),
      every(WEEK, start + WEEK, () => toSweep({ kind: 'weekly' })),
    ],
    wakeUps(minute) {
      if (random.happens(faults.lostTimer)) return [];
      const fires = minute + (random.happens(faults.lateTimer) ? random.between(1, 90) * MINUTE : 0);
      return random.happens(faults.doubledMessage) ? [fires, minute + MINUTE] : [fires];
    },
    copies(queue, body) {
      // What was acknowledged at the edge is never lost.
      if (queue !== 'ingest' && random.happens(faults.lostMessage)) {
        setBack('lost', queue.startsWith('lane-'), body);
        return [];
      }
      return random.happens(faults.doubledMessage) ? [0, random.between(0, 30) * 60] : [0];
    },
  });

  async function run(to: Receiver, [message]: readonly Message[]): Promise<readonly Message[]> {
    if (message === undefined) return [];
    runs += 1;
    const isChunk = to.verb === 'dispose';
    const dies = random.happens(isChunk ? faults.laneDeath : faults.death);
    const id = ids.get(message.body);
    const answer = await runFunction(
      to,
      {
        ...memory,
        registry: notes.watch(registry, id),
        queues: deployment.queues,
        report: (code) => void reports.set(code, (reports.get(code) ?? 0) + 1),
        keys,
        stores,
      },
      message,
      {
        skew: random.between(-faults.skew, faults.skew),
        interceptor: dies
          ? killAt(random.between(1, 40), random.happens(0.5) ? 'after' : 'before')
          : undefined,
        threw: (error) => void errors.push(error),
      },
    );
    if (answer === 'lost') setBack('death', isChunk, message.body);
    if (answer !== 'done') return [];
    if (id !== undefined) notes.of(id).acknowledged ??= notes.mark();
    return [message];
  }

  return {
    ...memory,
    keys,
    journal: notes,
    effects,
    reports,
    setbacks,
    errors,
    runs: () => runs,
    store(name) {
      const store = stores[name];
      if (store === undefined) throw new Error(`no store is named ${name}`);
      return store;
    },
    deliver(at, arrival) {
      const { queue } = arrival;
      const body = queue === 'ingest' ? arrival.body : JSON.stringify(arrival.message);
      if (queue === 'ingest') ids.set(body, arrival.id);
      deployment.plan(at, () => deployment.queue(queue).send(body));
    },
    plan: deployment.plan,
    runTo: deployment.runUntil,
  };
}
