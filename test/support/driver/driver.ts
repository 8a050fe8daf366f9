import { every } from '../../../local/virtual/agenda.ts';
import type { Interceptor } from '../../../local/virtual/run-function.ts';
import { type Verb, virtualDeployment } from '../../../local/virtual/virtual-deployment.ts';
import type { ProducerConfiguration } from '../../../shared/domain/configuration/configuration.ts';
import { hourId, hourOf } from '../../../shared/domain/calendar/utc-time.ts';
import type { Holding } from '../../../shared/domain/record/holding.ts';
import type { EntityRef, HoldingRef, Instant } from '../../../shared/domain/record/ids.ts';
import { holdingRef } from '../../../shared/domain/configuration/references.ts';
import type { SweepMessage } from '../../../shared/ports/queues.ts';
import { refsOf } from '../../../shared/protocol/facts/refs-of.ts';
import type { Effect } from '../../../shared/stores/memory-store.ts';
import { happened, registered, retracted, corrected, withdrawn, type Sending } from './envelopes.ts';
import { runsOf, type Run } from './driver-runs.ts';
import { at, PRODUCER, STORE, world, type World, type WorldOptions } from './world.ts';

const HOUR = 3_600_000;

export const OTHER_PRODUCER = 'billing';

export interface DriverOptions extends WorldOptions {
  /** How far each function's clock is off. */
  readonly skew?: (verb: Verb) => number;
  /** What becomes of a one-time schedule: when the wake-ups come that were asked for this minute. */
  readonly wakeUps?: (minute: Instant) => readonly Instant[];
  /** False: the hourly schedule never fires. */
  readonly hourly?: boolean;
  /** Deliveries of a chunk, instead of those that a lane's queue is deployed with. */
  readonly laneDeliveries?: number;
}

export interface SendOptions {
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
  registers(id: string, contracts: readonly string[], more?: SendOptions & Registering): void;
  withdraws(id: string, more?: SendOptions): void;
  happens(type: string, contract: string, occurred: string, more?: SendOptions): void;
  corrects(type: string, contract: string, occurred: string, killed: string, more?: SendOptions): void;
  retracts(contract: string, killed: string, more?: SendOptions): void;
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
  const { clock, timers, registry, store } = it;
  const { hourly = true, skew = () => 0, laneDeliveries } = options;
  // As every deployment after its first sweep: nothing is older than now.
  await registry.moveWatermark(undefined, hourOf(clock.now()));
  await it.index.putHead({ ...(await it.index.head()), version: 1, settledHour: hourId(clock.now()) });
  const down = new Set<Verb>();
  const registryKey = await it.keys.registryKey();
  const ref = (id: string): HoldingRef => holdingRef(registryKey, STORE, JSON.stringify([id]));
  /** Called when no message with this body is left: one that waits for a claim may go back into the queue as a new one. */
  const callbacks = new Map<string, () => void>();

  const deployment = virtualDeployment({
    configuration: it.configuration,
    clock,
    timers,
    settings: (kind, { deliveries, visibilitySeconds }) => ({
      visibilitySeconds,
      deliveries: kind === 'lane' ? (laneDeliveries ?? deliveries) : deliveries,
      batchSize: 1,
    }),
    schedules: (toSweep) =>
      hourly ? [every(HOUR, hourOf(clock.now()) + HOUR, () => toSweep({ kind: 'hourly' }))] : [],
    ...(options.wakeUps === undefined ? {} : { wakeUps: options.wakeUps }),
    isDown: (verb) => down.has(verb),
    async run(to, [message]) {
      if (message === undefined || (await run(to, message)) !== 'done') return [];
      const others = queue('ingest')
        .messages()
        .filter(({ id }) => id !== message.id);
      if (!others.some(({ body }) => body === message.body)) callbacks.get(message.body)?.();
      return [message];
    },
  });
  const { settle, runUntil, queue } = deployment;
  const core = { ...it.core, queues: deployment.queues };
  const { runs, run, onNext } = runsOf(core, store, skew);
  const toIngest = (body: string, done?: () => void): void => {
    if (done !== undefined) callbacks.set(body, done);
    queue('ingest').send(body);
  };
  const toSweep = (message: SweepMessage): void => queue('sweep').send(JSON.stringify(message));

  let messages = 0;
  const sending = (more: SendOptions): Sending => {
    messages += 1;
    const { id = `sent-${messages}`, producer: by = PRODUCER, sent } = more;
    return {
      source: sourceOf(by),
      id,
      arrived: clock.now(),
      ...(sent === undefined ? {} : { sent: at(sent) }),
    };
  };
  const about = (id: string) => ({ type: 'contract', id });

  // The first sweep plans everything again: later it would hide what is lost.
  toSweep({ kind: 'hourly' });
  await settle();

  return {
    world: it,
    store,
    registry,
    clock,
    core,
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
    contract: async (id, by = PRODUCER) => (await refsOf(core, by)).entity(about(id)),
    effectsOn: (id) => store.effects.filter(({ locator }) => locator[0] === id),
  };
}

function producer(name: string): ProducerConfiguration {
  return {
    source: sourceOf(name),
    principals: [],
    stores: { [STORE]: { prefixes: [''], shared: true } },
    categories: ['note', 'ledger'],
    events: ['contract.ended', 'contract.renewed', 'contract.started', 'audit.completed'],
  };
}

function sourceOf(name: string): string {
  return `com.example.${name}`;
}
