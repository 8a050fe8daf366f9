import { dispose } from '../../../functions/dispose/dispose.ts';
import { ingest } from '../../../functions/ingest/ingest.ts';
import { sweep } from '../../../functions/sweep/sweep.ts';
import { type MemoryClock, memoryClock } from '../../../shared/adapters/memory/memory-clock.ts';
import { memoryKeys } from '../../../shared/adapters/memory/memory-keys.ts';
import {
  type MemoryLogBucket,
  memoryLogBucket,
  type MemoryLogIndex,
  memoryLogIndex,
} from '../../../shared/adapters/memory/memory-log.ts';
import { type MemoryRegistry, memoryRegistry } from '../../../shared/adapters/memory/memory-registry.ts';
import { memoryTimers } from '../../../shared/adapters/memory/memory-timers.ts';
import { memoryTokens } from '../../../shared/adapters/memory/memory-tokens.ts';
import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import type { HoldingRef, Instant } from '../../../shared/domain/record/ids.ts';
import type { Keys } from '../../../shared/ports/keys.ts';
import type { LaneMessage, Queues, SealMessage, SweepMessage } from '../../../shared/ports/queues.ts';
import type { ReportCode } from '../../../shared/ports/report.ts';
import { seal } from '../../../shared/protocol/seal.ts';
import { memoryStore, type MemoryStore } from '../../../shared/stores/memory-store.ts';
import { agenda } from './simulation-agenda.ts';
import { during, Killed, type Life, mortal } from './simulation-death.ts';
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

export type Message =
  /** `id`: of the producer's message, for the journal. */
  | { readonly queue: 'ingest'; readonly id?: string; readonly body: string }
  | { readonly queue: 'sweep'; readonly message: SweepMessage }
  | { readonly queue: 'lane'; readonly message: LaneMessage }
  | { readonly queue: 'seal'; readonly message: SealMessage };

export interface SimulationOptions {
  readonly configuration: Configuration;
  readonly start: Instant;
  readonly seed?: number;
  readonly faults?: Faults;
}

/** One deployment over memory ports and memory stores, walked through years of virtual time. */
export interface Simulation {
  readonly configuration: Configuration;
  readonly clock: MemoryClock;
  readonly registry: MemoryRegistry;
  readonly keys: Keys;
  readonly bucket: MemoryLogBucket;
  readonly index: MemoryLogIndex;
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
  deliver(at: Instant, message: Message): void;
  /** Something that an application or the world does. */
  plan(at: Instant, act: () => void): void;
  runTo(until: Instant): Promise<void>;
}

/** Without `holdings`: it was not about a chunk. */
export interface Setback {
  readonly kind: 'death' | 'lost';
  readonly at: Instant;
  readonly holdings?: readonly HoldingRef[];
}

type Task = { readonly act: () => void } | { readonly message: Message; readonly delivery: number };

/** Deliveries until a queue gives a message up; what was acknowledged at the edge is never given up. */
const DELIVERIES = 4;

export function simulation(options: SimulationOptions): Simulation {
  const { configuration, start, seed = 1, faults = NO_FAULTS } = options;
  const { timing } = configuration;
  const clock = memoryClock(start);
  const random = chance(seed);
  const [registry, bucket, index] = [memoryRegistry({ pageSize: 25 }), memoryLogBucket(), memoryLogIndex()];
  const keys = memoryKeys(new Uint8Array(32).fill(5));
  const [timers, tokens] = [memoryTimers(), memoryTokens()];
  const notes = journal(() => clock.now());
  const tasks = agenda<Task>();
  const reports = new Map<ReportCode, number>();
  const setbacks: Setback[] = [];
  const errors: unknown[] = [];
  const effects = new Map<string, Mark[]>();
  const stores = new Map(
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
  let [nextHourly, nextWeekly, runs] = [start, start + WEEK, 0];

  const storeOf = (name: string): MemoryStore => {
    const store = stores.get(name);
    if (store === undefined) throw new Error(`no store is named ${name}`);
    return store;
  };

  function setBack(kind: Setback['kind'], message: Message): void {
    const at = clock.now();
    setbacks.push(message.queue === 'lane' ? { kind, at, holdings: message.message.holdings } : { kind, at });
  }

  function send(message: Message): void {
    if (message.queue !== 'ingest' && random.happens(faults.lostMessage)) {
      setBack('lost', message);
      return;
    }
    tasks.add(clock.now(), { message, delivery: 1 });
    if (!random.happens(faults.doubledMessage)) return;
    tasks.add(clock.now() + random.between(0, 30) * MINUTE, { message, delivery: 1 });
  }

  const queues: Queues = {
    toLane: async (message) => send({ queue: 'lane', message }),
    toSweep: async (messages) => messages.forEach((message) => send({ queue: 'sweep', message })),
    toIngest: async (message) => send({ queue: 'ingest', body: JSON.stringify(message) }),
    toSeal: async (message) => send({ queue: 'seal', message }),
    replay: async (body) => send({ queue: 'ingest', body }),
  };

  async function work(message: Message, delivery: number, life: Life | undefined): Promise<'done' | 'again'> {
    const skew = random.between(-faults.skew, faults.skew);
    const alive = <Port extends object>(port: Port): Port => (life === undefined ? port : during(port, life));
    const id = message.queue === 'ingest' ? message.id : undefined;
    const core = {
      configuration,
      registry: alive(notes.watch(registry, id)),
      clock: { now: (): Instant => clock.now() + skew },
      timers: alive(timers),
      queues: alive(queues),
      tokens,
      report: (code: ReportCode): void => void reports.set(code, (reports.get(code) ?? 0) + 1),
      keys,
    };
    switch (message.queue) {
      case 'ingest': {
        const answer = await ingest(core, message.body, delivery);
        if (id !== undefined && answer === 'done') notes.of(id).acknowledged ??= notes.mark();
        return answer;
      }
      case 'sweep':
        await sweep(core, message.message, () => true);
        return 'done';
      case 'lane': {
        const { store: lane } = message.message;
        const ports = { lane, store: alive(storeOf(lane)), bucket: alive(bucket), index: alive(index) };
        return dispose({ ...core, ...ports }, message.message);
      }
      case 'seal':
        await seal({ ...core, bucket: alive(bucket), index: alive(index) }, message.message);
        return 'done';
    }
  }

  /** A run of a function: what fails or has to wait comes again after the queue's visibility timeout. */
  async function run({ message, delivery }: Extract<Task, { delivery: number }>): Promise<void> {
    runs += 1;
    const dies = random.happens(message.queue === 'lane' ? faults.laneDeath : faults.death);
    const life = dies ? mortal(random.between(1, 40), random.happens(0.5)) : undefined;
    const answer = await work(message, delivery, life).catch((error: unknown) => {
      if (error instanceof Killed) setBack('death', message);
      else errors.push(error);
      return 'again' as const;
    });
    if (answer === 'done' || (message.queue !== 'ingest' && delivery >= DELIVERIES)) return;
    const hidden = (message.queue === 'lane' ? timing.lease : timing.functionTimeout) * 1000;
    tasks.add(clock.now() + hidden, { message, delivery: delivery + 1 });
  }

  function wakeUps(now: Instant): void {
    for (const minute of timers.takeDue(now)) {
      const message: Message = { queue: 'sweep', message: { kind: 'minute', minute } };
      if (random.happens(faults.lostTimer)) continue;
      const late = random.happens(faults.lateTimer) ? random.between(1, 90) * MINUTE : 0;
      tasks.add(now + late, { message, delivery: 1 });
      if (random.happens(faults.doubledMessage)) tasks.add(now + MINUTE, { message, delivery: 1 });
    }
    if (nextHourly <= now) {
      tasks.add(now, { message: { queue: 'sweep', message: { kind: 'hourly' } }, delivery: 1 });
      nextHourly += HOUR;
      if (random.happens(0.001)) registry.expireHints(now - HINT_LIFE);
    }
    if (nextWeekly <= now) {
      tasks.add(now, { message: { queue: 'sweep', message: { kind: 'weekly' } }, delivery: 1 });
      nextWeekly += WEEK;
    }
  }

  /** All of this instant: what the world does first, then runs of functions, some of them side by side. */
  async function happen(now: Instant): Promise<void> {
    wakeUps(now);
    const due = tasks.take(now);
    for (const task of due) if ('act' in task) task.act();
    const messages = due.filter((task): task is Extract<Task, { delivery: number }> => 'delivery' in task);
    const order = messages.length < 2 ? messages : random.shuffled(messages);
    for (let from = 0, width = 1; from < order.length; from += width) {
      width = random.between(1, 4);
      await Promise.all(order.slice(from, from + width).map(run));
    }
  }

  return {
    configuration,
    clock,
    registry,
    keys,
    bucket,
    index,
    journal: notes,
    effects,
    reports,
    setbacks,
    errors,
    runs: () => runs,
    store: storeOf,
    deliver: (at, message) => tasks.add(at, { message, delivery: 1 }),
    plan: (at, act) => tasks.add(at, { act }),
    async runTo(until) {
      for (;;) {
        const next = Math.min(tasks.next() ?? Infinity, timers.next() ?? Infinity, nextHourly, nextWeekly);
        if (next > until) break;
        clock.set(Math.max(next, clock.now()));
        await happen(clock.now());
      }
      clock.set(until);
    },
  };
}
