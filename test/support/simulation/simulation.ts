import { every } from '../../../local/virtual/agenda.ts';
import type { Interceptor } from '../../../local/virtual/run-function.ts';
import { type Receiver, virtualDeployment } from '../../../local/virtual/virtual-deployment.ts';
import type { Message } from '../../../local/virtual/virtual-queue.ts';
import { memoryKeys } from '../../../shared/adapters/memory/memory-keys.ts';
import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import type { HoldingRef, Instant } from '../../../shared/domain/record/ids.ts';
import type { Keys } from '../../../shared/ports/keys.ts';
import type { WideHold } from '../../../shared/domain/record/hold.ts';
import type { Bell, SweepMessage } from '../../../shared/ports/queues.ts';
import type { ReportCode } from '../../../shared/ports/report.ts';
import { memoryStore, type MemoryStore } from '../../../shared/stores/memory-store.ts';
import { type MemoryPorts, memoryPorts } from '../memory-ports.ts';
import { killAt, sleepAt } from '../driver/kill-points.ts';
import { type Deployed, type LookedRegistry, onlyThese } from './simulation-functions.ts';
import { journal, type Journal, type Mark } from './simulation-journal.ts';
import { chance } from './simulation-random.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Of the first bell of a chunk. */
const BELL_DELAY = 20_000;
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
  /** Of workers that dispose: they sleep over their lease, and go on. */
  readonly sleep: number;
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
  sleep: 0,
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
  /** Called for every bell, with what its chunk names and when it is heard. */
  readonly rung?: (refs: readonly HoldingRef[], at: Instant) => void;
  /** Instead of this checkout's functions on a registry in memory. */
  readonly deployed?: Deployed;
}

/** One deployment over memory ports and memory stores, walked through years of virtual time. */
export interface Simulation extends Omit<MemoryPorts, 'registry'> {
  readonly registry: LookedRegistry;
  readonly keys: Keys;
  readonly journal: Journal;
  /** For each effect of a store, in their order: its place in the journal. */
  readonly effects: ReadonlyMap<string, readonly Mark[]>;
  readonly reports: ReadonlyMap<ReportCode, number>;
  /** Deaths and lost messages. */
  readonly setbacks: readonly Setback[];
  readonly holds: readonly PlacedHold[];
  /** What no function may throw. */
  readonly errors: unknown[];
  readonly runs: () => number;
  store(name: string): MemoryStore;
  /** A message arrives at its queue. */
  deliver(at: Instant, arrival: Arrival): void;
  /** Something that an application or the world does. */
  plan(at: Instant, act: () => void): void;
  /** Places a hold or pause, and releases it later. */
  hold(hold: Pick<WideHold, 'id' | 'kind' | 'scope'>, from: Instant, to: Instant): void;
  /** Nothing runs in `ingest` meanwhile. */
  ingestDown(from: Instant, to: Instant): void;
  readonly runTo: (until: Instant) => Promise<void>;
}

/** Without `holdings`: it was not about a chunk. */
export interface Setback {
  readonly kind: 'death' | 'slept' | 'lost';
  readonly at: Instant;
  readonly holdings?: readonly HoldingRef[];
}

interface Accident {
  readonly kind: 'death' | 'slept';
  readonly interceptor: Interceptor;
}

export interface PlacedHold extends Pick<WideHold, 'id' | 'kind' | 'scope'> {
  /** When the answer came. */
  readonly placed: Mark;
  readonly releasedAt: Instant;
  /** Tokens of the attempts that the answer named. */
  readonly inFlight: readonly string[];
}

export function simulation(options: SimulationOptions): Simulation {
  const { configuration, start, seed = 1, faults = NO_FAULTS } = options;
  const memory = memoryPorts(configuration, start, 100);
  const { clock, timers } = memory;
  const { deployed = onlyThese(configuration, memory.registry) } = options;
  const { registry } = deployed;
  const random = chance(seed);
  const keys = memoryKeys(new Uint8Array(32).fill(5));
  const notes = journal(() => clock.now(), keys);
  const reports = new Map<ReportCode, number>();
  const setbacks: Setback[] = [];
  const errors: unknown[] = [];
  const effects = new Map<string, Mark[]>();
  /** Of producers' messages, by their bodies. */
  const ids = new Map<string, string>();
  const holds: PlacedHold[] = [];
  const downs: { readonly from: Instant; readonly to: Instant }[] = [];
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

  function namedBy(body: string): readonly HoldingRef[] {
    const { producer, minute, id, lane } = JSON.parse(body) as Bell;
    const chunk = registry
      .allChunks()
      .find(
        (one) => one.id === id && one.lane === lane && one.producer === producer && one.minute === minute,
      );
    return chunk?.refs ?? [];
  }

  function setBack(kind: Setback['kind'], isChunk: boolean, body: string): void {
    setbacks.push({ kind, at: clock.now(), ...(isChunk && { holdings: namedBy(body) }) });
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
    ],
    isDown: (verb) =>
      verb === 'ingest' && downs.some(({ from, to }) => from <= clock.now() && clock.now() < to),
    wakeUps(minute) {
      if (random.happens(faults.lostTimer)) return [];
      const fires = minute + (random.happens(faults.lateTimer) ? random.between(1, 90) * MINUTE : 0);
      return random.happens(faults.doubledMessage) ? [fires, minute + MINUTE] : [fires];
    },
    copies(queue, body) {
      if (queue.startsWith('lane-')) options.rung?.(namedBy(body), clock.now() + BELL_DELAY);
      // What was acknowledged at the edge is never lost.
      if (queue !== 'ingest' && random.happens(faults.lostMessage)) {
        setBack('lost', queue.startsWith('lane-'), body);
        return [];
      }
      return random.happens(faults.doubledMessage) ? [0, random.between(0, 30) * 60] : [0];
    },
  });

  function accident(isChunk: boolean): Accident | undefined {
    if (random.happens(isChunk ? faults.laneDeath : faults.death)) {
      const when = random.happens(0.5) ? 'after' : 'before';
      return { kind: 'death', interceptor: killAt(random.between(1, isChunk ? 20 : 40), when) };
    }
    if (!isChunk || !random.happens(faults.sleep)) return undefined;
    const seconds = random.between(1, 4 * configuration.timing.lease);
    const sleeper = sleepAt(random.between(1, 20), () =>
      deployment.plan(clock.now() + seconds * 1000, () => sleeper.wake()),
    );
    return { kind: 'slept', interceptor: sleeper.interceptor };
  }

  async function run(to: Receiver, [message]: readonly Message[]): Promise<readonly Message[]> {
    if (message === undefined) return [];
    runs += 1;
    const isChunk = to.verb === 'dispose';
    const skew = random.between(-faults.skew, faults.skew);
    const id = ids.get(message.body);
    const happens = accident(isChunk);
    const functions = deployed.draw(to.verb, 'lane' in to ? to.lane : undefined, clock.now());
    let isSentAgain = false;
    const own = { now: () => clock.now() + skew };
    const queues = deployment.queuesOn(own);
    const bus = functions.bus(own, (body) => queues.replay(body));
    const answer = await functions.run(
      to,
      {
        ...memory,
        configuration: functions.configuration,
        registry: notes.watch(functions.registry, id),
        queues: {
          ...queues,
          sendHeartbeat: () => bus.sendHeartbeat(),
          retry: (ids) => bus.retry(ids),
          async replay(body, sending) {
            isSentAgain ||= body === message.body;
            await queues.replay(body, sending);
          },
        },
        report: (code) => void reports.set(code, (reports.get(code) ?? 0) + 1),
        keys,
        stores,
      },
      message,
      { skew, interceptor: happens?.interceptor, threw: (error) => void errors.push(error) },
    );
    if (answer === 'lost' && happens !== undefined) setBack(happens.kind, isChunk, message.body);
    if (answer !== 'done') return [];
    if (id !== undefined && !isSentAgain) notes.of(id).acknowledged ??= notes.mark();
    return [message];
  }

  return {
    ...memory,
    registry,
    keys,
    journal: notes,
    effects,
    reports,
    setbacks,
    holds,
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
    hold(hold, from, to) {
      const place = async (): Promise<void> => {
        const functions = deployed.draw('api', undefined, clock.now());
        const { configuration: its, registry: own } = functions;
        const ports = { queues: deployment.queuesOn(clock), report: () => undefined };
        const core = { ...memory, ...ports, configuration: its, registry: own };
        const answer = await functions.placeHold(core, { ...hold, state: 'placed', at: from });
        if (answer.kind !== 'placed') throw new Error(`the hold ${hold.id} was not placed: ${answer.kind}`);
        const inFlight = answer.inFlight.map(({ token }) => token);
        holds.push({ ...hold, placed: notes.mark(), releasedAt: to, inFlight });
      };
      // Not waited for: workers go on meanwhile.
      deployment.plan(from, () => void place().catch((error: unknown) => void errors.push(error)));
      this.deliver(to, { queue: 'sweep', message: { kind: 'release', hold: hold.id } });
    },
    ingestDown(from, to) {
      downs.push({ from, to });
      // So that something happens then.
      deployment.plan(to, () => undefined);
    },
    runTo: deployment.runUntil,
  };
}
