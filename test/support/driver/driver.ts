import { dispose } from '../../../functions/dispose/dispose.ts';
import { ingest } from '../../../functions/ingest/ingest.ts';
import { sweep } from '../../../functions/sweep/sweep.ts';
import type { ProducerConfiguration } from '../../../shared/domain/configuration/configuration.ts';
import { hourId, hourOf } from '../../../shared/domain/calendar/utc-time.ts';
import type { Holding } from '../../../shared/domain/record/holding.ts';
import type { EntityRef, HoldingRef, Instant } from '../../../shared/domain/record/ids.ts';
import { holdingRef } from '../../../shared/domain/configuration/references.ts';
import type { SweepMessage } from '../../../shared/ports/queues.ts';
import type { LaneCore } from '../../../shared/protocol/lane-core.ts';
import { refsOf } from '../../../shared/protocol/refs-of.ts';
import { seal } from '../../../shared/protocol/seal.ts';
import type { Effect } from '../../../shared/stores/memory-store.ts';
import { happened, registered, retracted, corrected, withdrawn, type Sending } from './envelopes.ts';
import { runsOf, type Interceptor, type Run, type Verb } from './driver-runs.ts';
import { at, PRODUCER, STORE, world, type World, type WorldOptions } from './world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const OTHER_PRODUCER = 'billing';

export interface DriverOptions extends WorldOptions {
  /** How far each function's clock is off. */
  readonly skew?: (verb: Verb) => number;
  /** What becomes of a one-time schedule: when the wake-ups come that were asked for this minute. */
  readonly wakeUps?: (minute: Instant) => readonly Instant[];
  /** False: the hourly schedule fires never. */
  readonly hourly?: boolean;
  /** After so many deliveries a chunk lies in its lane's dead-letter queue. */
  readonly laneDeliveries?: number;
}

/** A message under way: hidden from its delivery on, until it is done or its time is over. */
interface Flight {
  visibleAt: Instant;
  deliveries: number;
  readonly verb: Verb;
  readonly work: (core: LaneCore, delivery: number) => Promise<'done' | 'again'>;
  readonly mostDeliveries: number;
  readonly done?: () => void;
}

export interface Saying {
  readonly id?: string;
  readonly producer?: string;
  /** The CloudEvent's `time`. */
  readonly sent?: string;
  /** Called once the message is done with: an application that waits for that. */
  readonly done?: () => void;
}

/** One deployment whose functions run on a virtual clock: queues deliver, schedules fire, nothing is lost but on purpose. */
export interface Driver extends Pick<World, 'store' | 'registry' | 'clock' | 'core' | 'index' | 'bucket'> {
  readonly world: World;
  /** Every run of a function, in order. */
  readonly runs: readonly Run[];
  /** Functions that do not run at all: their messages wait. */
  readonly down: Set<Verb>;
  registers(id: string, contracts: readonly string[], more?: Saying & Registering): void;
  withdraws(id: string, more?: Saying): void;
  happens(type: string, contract: string, occurred: string, more?: Saying): void;
  corrects(type: string, contract: string, occurred: string, killed: string, more?: Saying): void;
  retracts(contract: string, killed: string, more?: Saying): void;
  /** Puts a message into the queue of `sweep`. */
  toSweep(message: SweepMessage): void;
  /** The next run of this function is watched, or killed. */
  onNext(verb: Verb, interceptor: Interceptor): void;
  /** Delivers everything that is visible now, and all that this sends. */
  settle(): Promise<void>;
  /** Lets time go on: messages come (again), schedules fire, sweeps run every hour. */
  runUntil(iso: string): Promise<void>;
  pass(milliseconds: number): Promise<void>;
  holding(id: string): Holding | undefined;
  ref(id: string): HoldingRef;
  contract(id: string, producer?: string): Promise<EntityRef>;
  effectsOn(id: string): readonly Effect[];
}

export interface Registering {
  readonly categories?: readonly string[];
  readonly zone?: string;
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
}

export const producers: Record<string, ProducerConfiguration> = Object.fromEntries(
  [PRODUCER, OTHER_PRODUCER].map((name) => [name, producer(name)]),
);

export async function driver(options: DriverOptions = {}): Promise<Driver> {
  const it = world({ ...options, configuration: { producers, ...options.configuration } });
  const { clock, queues, timers, registry, store } = it;
  const { wakeUps = (minute) => [minute], hourly = true, skew = () => 0, laneDeliveries = 4 } = options;
  const { lease, clockTolerance, functionTimeout } = it.configuration.timing;
  const visibility: Record<Verb, number> = {
    ingest: (functionTimeout + 30) * 1000,
    sweep: (functionTimeout + 30) * 1000,
    dispose: (lease + 2 * clockTolerance) * 1000,
    seal: (functionTimeout + 30) * 1000,
  };
  // As every deployment after its first sweep: nothing is older than now.
  await registry.moveWatermark(undefined, hourOf(clock.now()));
  await it.index.putHead({ ...(await it.index.head()), version: 1, settledHour: hourId(clock.now()) });
  const flights: Flight[] = [];
  const down = new Set<Verb>();
  const alarms: Instant[] = [];
  let nextHourly = hourOf(clock.now()) + HOUR;
  const registryKey = await it.keys.registryKey();
  const ref = (id: string): HoldingRef => holdingRef(registryKey, STORE, JSON.stringify([id]));
  const { runs, run, onNext } = runsOf(it, skew);

  function fly(verb: Verb, work: Flight['work'], mostDeliveries = Infinity, done?: () => void): void {
    const visibleAt = clock.now();
    flights.push({
      visibleAt,
      deliveries: 0,
      verb,
      work,
      mostDeliveries,
      ...(done === undefined ? {} : { done }),
    });
  }
  /** Whom to tell that the message is done with: also when it went back into the queue as a new one. */
  const toTell = new Map<string, () => void>();
  const toIngest = (body: string, done = toTell.get(body)): void => {
    if (done !== undefined) toTell.set(body, done);
    const tell = (): void => (queues.replayed.includes(body) ? undefined : done?.());
    fly('ingest', (core, delivery) => ingest(core, body, delivery), Infinity, tell);
  };
  const toSweep = (message: SweepMessage): void =>
    fly('sweep', async (core) => {
      await sweep(core, message, () => true);
      return 'done';
    });

  /** What the functions have sent and asked for since the last look. */
  function collect(): void {
    for (const message of queues.drainIngest()) toIngest(JSON.stringify(message));
    for (const body of queues.drainReplayed()) toIngest(body);
    queues.drainSweep().forEach(toSweep);
    for (const message of queues.drainLane())
      fly('dispose', (core) => dispose(core, message), laneDeliveries);
    for (const message of queues.drainSeal()) {
      fly('seal', async (core) => {
        await seal(core, message);
        return 'done';
      });
    }
  }

  function ring(): void {
    // A schedule has the name of its minute: asking again for one that has not fired yet is nothing.
    for (const minute of timers.takeDue(Infinity)) {
      const fires = wakeUps(minute);
      if (!fires.some((instant) => alarms.includes(instant))) alarms.push(...fires);
    }
    for (const due of alarms.filter((instant) => instant <= clock.now())) {
      alarms.splice(alarms.indexOf(due), 1);
      // The message names the minute that was asked for, however late it fires.
      toSweep({ kind: 'minute', minute: minuteOf(due, wakeUps) });
    }
    for (; nextHourly <= clock.now(); nextHourly += HOUR) if (hourly) toSweep({ kind: 'hourly' });
  }

  const moving = (): Flight[] => flights.filter(({ verb }) => !down.has(verb));

  async function settle(): Promise<void> {
    for (;;) {
      collect();
      ring();
      const flight = moving().find(({ visibleAt }) => visibleAt <= clock.now());
      if (flight === undefined) return;
      flight.deliveries += 1;
      flight.visibleAt = clock.now() + visibility[flight.verb];
      const outcome = await run(flight.verb, (core) => flight.work(core, flight.deliveries));
      if (outcome === 'done') flight.done?.();
      if (outcome === 'done' || flight.deliveries >= flight.mostDeliveries)
        flights.splice(flights.indexOf(flight), 1);
    }
  }

  async function runUntil(end: Instant): Promise<void> {
    for (;;) {
      await settle();
      const next = Math.min(nextHourly, ...alarms, ...moving().map(({ visibleAt }) => visibleAt));
      if (next > end) break;
      clock.set(Math.max(clock.now(), next));
    }
    clock.set(Math.max(clock.now(), end));
  }

  let said = 0;
  const sending = (more: Saying): Sending => {
    said += 1;
    const { id = `said-${said}`, producer: by = PRODUCER, sent } = more;
    return {
      source: sourceOf(by),
      id,
      arrived: clock.now(),
      ...(sent === undefined ? {} : { sent: at(sent) }),
    };
  };
  const about = (id: string) => ({ type: 'contract', id });

  // The first sweep plans everything anew: later it would hide what is lost.
  toSweep({ kind: 'hourly' });
  await settle();

  return {
    world: it,
    store,
    registry,
    clock,
    core: it.core,
    index: it.index,
    bucket: it.bucket,
    runs,
    down,
    onNext,
    settle,
    runUntil: (iso) => runUntil(at(iso)),
    pass: (milliseconds) => runUntil(clock.now() + milliseconds),
    toSweep,
    registers(id, contracts, more = {}) {
      const { categories = ['note'], zone, attributes } = more;
      const registering = {
        store: STORE,
        locator: [id],
        categories,
        entities: contracts.map(about),
        ...(zone === undefined ? {} : { zone }),
        ...(attributes === undefined ? {} : { attributes }),
      };
      toIngest(registered(sending(more), registering), more.done);
    },
    withdraws: (id, more = {}) =>
      toIngest(withdrawn(sending(more), { store: STORE, locator: [id] }), more.done),
    happens: (type, contract, occurred, more = {}) =>
      toIngest(happened(sending(more), type, about(contract), occurred), more.done),
    corrects: (type, contract, occurred, killed, more = {}) =>
      toIngest(corrected(sending(more), type, about(contract), occurred, killed), more.done),
    retracts: (contract, killed, more = {}) =>
      toIngest(retracted(sending(more), about(contract), killed), more.done),
    holding: (id) => registry.allHoldings().find((holding) => holding.ref === ref(id)),
    ref,
    contract: async (id, by = PRODUCER) => (await refsOf(it.core, by)).entity(about(id)),
    effectsOn: (id) => store.effects.filter(({ locator }) => locator[0] === id),
  };
}

/** Late and doubled wake-ups still name the minute that was asked for. */
function minuteOf(fired: Instant, wakeUps: (minute: Instant) => readonly Instant[]): Instant {
  const late = [0, HOUR].find((delay) => wakeUps(fired - delay).includes(fired)) ?? 0;
  return fired - late;
}

function producer(name: string): ProducerConfiguration {
  return {
    source: sourceOf(name),
    principals: [],
    stores: { [STORE]: { prefixes: [''], shared: true } },
    categories: ['note', 'ledger'],
    events: ['contract.ended', 'contract.renewed', 'contract.started'],
  };
}

function sourceOf(name: string): string {
  return `com.example.${name}`;
}
