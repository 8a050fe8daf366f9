import { every } from '../../../local/virtual/agenda.ts';
import type { Interceptor } from '../../../local/virtual/run-function.ts';
import { type Verb, virtualDeployment } from '../../../local/virtual/virtual-deployment.ts';
import { hourOf } from '../../../shared/domain/calendar/utc-time.ts';
import { collectionRef, holdingRef } from '../../../shared/domain/configuration/references.ts';
import type { Holding } from '../../../shared/domain/record/holding.ts';
import type { EntityRef, HoldingRef, Instant } from '../../../shared/domain/record/ids.ts';
import { present } from '../../../shared/domain/present.ts';
import type { Store } from '../../../shared/ports/store.ts';
import type { SweepMessage } from '../../../shared/ports/queues.ts';
import { refsOf } from '../../../shared/protocol/facts/refs-of.ts';
import type { Effect, MemoryStore } from '../../../shared/stores/memory-store.ts';
import { type Run, runsOf } from './driver-runs.ts';
import { corrected, happened, registered, retracted, type Sending, withdrawn } from './envelopes.ts';
import { OTHER_PRODUCER, OTHER_SOURCE, PRODUCER, SOURCE, STORE, world, type WorldOptions } from './world.ts';

const HOUR = 3_600_000;

export interface DriverOptions extends WorldOptions {
  /** How far each function's clock is off. */
  readonly skew?: (verb: Verb) => number;
  /** What becomes of a one-time schedule: when the wake-ups come that were asked for this minute. */
  readonly wakeUps?: (minute: Instant) => readonly Instant[];
  /** What the lane has instead of the store itself: a vendor that carries out later what it is asked for. */
  readonly vendor?: (records: MemoryStore, now: () => Instant) => Store;
  /** False: the hourly schedule never fires. */
  readonly hourly?: boolean;
}

export interface SendOptions {
  readonly id?: string;
  readonly producer?: string;
  /** Of a registration. Without: `service`. */
  readonly purposes?: readonly string[];
  /** Of an event. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** The CloudEvent's `time`. */
  readonly sent?: string;
  /** Called once the message is done with: an application that waits for that. */
  readonly done?: () => void;
}

/** One deployment whose functions run on a virtual clock: nothing is lost but on purpose. */
export interface Driver extends Pick<
  ReturnType<typeof world>,
  'store' | 'registry' | 'clock' | 'core' | 'bucket' | 'signer' | 'reports'
> {
  /** Every run of a function, in order. */
  readonly runs: readonly Run[];
  /** What applications were told: events as JSON. */
  readonly told: readonly string[];
  /** Functions that do not run at all: their messages wait. */
  readonly down: Set<Verb>;
  registers(id: string, contracts: readonly string[], more?: SendOptions): void;
  withdraws(id: string, more?: SendOptions): void;
  happens(type: string, contract: string, occurred: string, more?: SendOptions): void;
  corrects(type: string, contract: string, occurred: string, killed: string, more?: SendOptions): void;
  retracts(contract: string, killed: string, more?: SendOptions): void;
  /** Any other message, as the bus delivers it. */
  tells(body: string): void;
  toSweep(message: SweepMessage): void;
  toSeal(): void;
  /** The next run of this function is watched, or killed. */
  onNext(verb: Verb, interceptor: Interceptor): void;
  /** Delivers everything that is visible now, and all that this sends. */
  settle(): Promise<void>;
  /** Lets time go on: messages come (again), schedules fire, sweeps run every hour. */
  runUntil(iso: string): Promise<void>;
  pass(milliseconds: number): Promise<void>;
  holding(id: string): Holding | undefined;
  ref(id: string): HoldingRef;
  /** The collection of an entity with this id. Its name: `notes`, if not said. */
  collection(id: string, name?: string): Holding | undefined;
  contract(id: string): Promise<EntityRef>;
  effectsOn(id: string): readonly Effect[];
  /** From now on the registry is a restored copy of this name. */
  adopt(table: string): void;
  /** All that came to the bus, oldest first. */
  readonly archive: readonly string[];
  /** What came to the bus comes again, as the bus sends it. */
  replays(bodies: readonly string[]): void;
}

export async function driver(options: DriverOptions = {}): Promise<Driver> {
  const it = world(options);
  const { clock, timers, registry, store } = it;
  const down = new Set<Verb>();
  const registryKey = await it.core.keys.registryKey();
  const ref = (id: string): HoldingRef => holdingRef(registryKey, STORE, JSON.stringify([id]));
  /** Called when no message with this body is left. */
  const callbacks = new Map<string, () => void>();
  let adopted: string | undefined;
  const archive: string[] = [];
  const deployment = virtualDeployment({
    configuration: it.core.configuration,
    clock,
    timers,
    settings: (_, { deliveries, visibilitySeconds }) => ({ visibilitySeconds, deliveries, batchSize: 1 }),
    schedules: (toSweep) =>
      options.hourly === false
        ? []
        : [every(HOUR, hourOf(clock.now()) + HOUR, () => toSweep({ kind: 'hourly' }))],
    ...present({ wakeUps: options.wakeUps }),
    isDown: (verb) => down.has(verb),
    copies(to, body) {
      if (to === 'ingest') archive.push(body);
      return [0];
    },
    async run(to, [message]) {
      if (message === undefined || (await run(to, message)) !== 'done') return [];
      const others = deployment
        .queue('ingest')
        .messages()
        .filter(({ id }) => id !== message.id);
      if (!others.some(({ body }) => body === message.body)) callbacks.get(message.body)?.();
      return [message];
    },
  });
  const queues = deployment.queuesOn(clock);
  const core = { ...it.core, queues };
  const { runs, run, onNext } = runsOf({ ...core, bucket: it.bucket, signer: it.signer }, store, {
    skew: options.skew ?? (() => 0),
    queuesOn: deployment.queuesOn,
    adopted: () => adopted,
    instead: options.vendor?.(store, () => clock.now()),
  });
  const { settle, runUntil, queue } = deployment;
  const toIngest = (body: string, done?: () => void): void => {
    if (done !== undefined) callbacks.set(body, done);
    archive.push(body);
    queue('ingest').send(body);
  };
  const toSweep = (message: SweepMessage): void => queue('sweep').send(JSON.stringify(message));
  let messages = 0;
  const sending = ({ id, sent, producer }: SendOptions): Sending => {
    messages += 1;
    return {
      source: producer === OTHER_PRODUCER ? OTHER_SOURCE : SOURCE,
      id: id ?? `sent-${messages}`,
      arrived: clock.now(),
      ...present({ sent: sent === undefined ? undefined : Date.parse(sent) }),
    };
  };
  const about = (id: string) => ({ type: 'contract', id });

  // The first sweep finds the policies new and plans everything again: later it would hide what is lost.
  toSweep({ kind: 'hourly' });
  await settle();

  return {
    store,
    registry,
    clock,
    core,
    bucket: it.bucket,
    signer: it.signer,
    reports: it.reports,
    runs,
    told: deployment.told,
    down,
    onNext,
    settle,
    runUntil: (iso) => runUntil(Date.parse(iso)),
    pass: (milliseconds) => runUntil(clock.now() + milliseconds),
    toSweep,
    toSeal: () => queue('seal').send(JSON.stringify({ kind: 'seal' })),
    registers: (id, contracts, more = {}) =>
      toIngest(
        registered(sending(more), {
          store: STORE,
          locator: [id],
          categories: ['notes'],
          ...present({ purposes: more.purposes }),
          entities: contracts.map(about),
        }),
        more.done,
      ),
    withdraws: (id, more = {}) =>
      toIngest(withdrawn(sending(more), { store: STORE, locator: [id] }), more.done),
    happens: (type, contract, occurred, more = {}) =>
      toIngest(
        happened(sending(more), type, about(contract), {
          occurred,
          ...present({ attributes: more.attributes }),
        }),
        more.done,
      ),
    corrects: (type, contract, occurred, killed, more = {}) =>
      toIngest(corrected(sending(more), type, about(contract), occurred, killed), more.done),
    retracts: (contract, killed, more = {}) =>
      toIngest(retracted(sending(more), about(contract), killed), more.done),
    tells: (body) => toIngest(body),
    holding: (id) => registry.allHoldings().find((holding) => holding.ref === ref(id)),
    ref,
    collection: (id, name = 'notes') => {
      const own = collectionRef(registryKey, STORE, name, id);
      return registry.allHoldings().find((holding) => holding.ref === own);
    },
    contract: async (id) => (await refsOf(core, PRODUCER)).entity(about(id)),
    archive,
    adopt(table) {
      adopted = table;
      registry.adopt();
    },
    replays(bodies) {
      for (const body of bodies)
        queue('ingest').send(JSON.stringify({ ...(JSON.parse(body) as object), 'replay-name': 'restore' }));
    },
    effectsOn: (id) => store.effects.filter(({ locator }) => locator[0] === id),
  };
}
