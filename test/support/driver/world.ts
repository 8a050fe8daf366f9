import { memoryClock, type MemoryClock } from '../../../shared/adapters/memory/memory-clock.ts';
import { memoryKeys } from '../../../shared/adapters/memory/memory-keys.ts';
import { memoryExports } from '../../../shared/adapters/memory/memory-exports.ts';
import { memoryLogBucket, type MemoryLogBucket } from '../../../shared/adapters/memory/memory-log.ts';
import { memoryReport, type MemoryReport } from '../../../shared/adapters/memory/memory-report.ts';
import { memoryTimers, type MemoryTimers } from '../../../shared/adapters/memory/memory-timers.ts';
import { memoryTokens } from '../../../shared/adapters/memory/memory-tokens.ts';
import { dayId } from '../../../shared/domain/calendar/utc-time.ts';
import {
  type CollectionConfiguration,
  type Configuration,
  DEFAULT_TIMING,
  type ProducerConfiguration,
  type StoreConfiguration,
  type Timing,
} from '../../../shared/domain/configuration/configuration.ts';
import { compileRequests } from '../../../shared/domain/people/compile-requests.ts';
import { columnNames } from '../../../shared/domain/columns/fact-columns.ts';
import { foldProfile } from '../../../shared/domain/configuration/fold-profile.ts';
import type { Policy } from '../../../shared/domain/configuration/policy.ts';
import {
  bodyHash,
  entityRef,
  eventRef,
  holdingRef,
} from '../../../shared/domain/configuration/references.ts';
import type { Fact } from '../../../shared/domain/facts/facts.ts';
import { present } from '../../../shared/domain/present.ts';
import type { AboutEntity } from '../../../shared/domain/record/about.ts';
import type { EventRef, HoldingRef, Instant, Occurred } from '../../../shared/domain/record/ids.ts';
import { type MemoryRegistry, memoryRegistry } from '../../../shared/adapters/memory/memory-registry.ts';
import type { ExportCore } from '../../../shared/protocol/export/export-core.ts';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import type { RegistrationFact, WithdrawalFact } from '../../../shared/domain/facts/fold-registration.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { continueFanOut, recordFact } from '../../../shared/protocol/record-fact.ts';
import { register, withdraw } from '../../../shared/protocol/registration.ts';
import { writeLog } from '../../../shared/protocol/log/write-log.ts';
import { sweepHourly, sweepWake } from '../../../shared/protocol/sweep-lanes.ts';
import type { Bell, ColumnBell, FanOutMessage, Queues, SweepMessage } from '../../../shared/ports/queues.ts';
import type { ColumnMessage } from '../../../shared/domain/columns/column-entry.ts';
import type { Holding } from '../../../shared/domain/record/holding.ts';
import { type MemoryStore, memoryStore } from '../../../shared/stores/memory-store.ts';
import { testSigner } from '../log/test-signer.ts';
import { aPolicy, aRule } from '../rules/rule-world.ts';

export const STORE = 'notes';
export const PRODUCER = 'portal';
export const OTHER_PRODUCER = 'billing';
export const SOURCE = 'https://portal.example';
export const OTHER_SOURCE = 'https://billing.example';
const KEY = new Uint8Array(32).fill(9);
const MINUTE = 60_000;

// A model makes its world thousands of times: what is the same in each of them is made once.
const SECRET = new Uint8Array(32).fill(7);
const KEYS = memoryKeys(SECRET);
const references = new Map<string, string>();
const configurations = new Map<string, Configuration>();

function once<Ref extends string>(name: string, make: () => Ref): Ref {
  const known = references.get(name) ?? make();
  references.set(name, known);
  return known as Ref;
}

export interface WorldOptions {
  readonly start?: string;
  readonly timing?: Partial<Timing>;
  readonly rules?: Readonly<Record<string, readonly string[]>>;
  readonly policy?: Partial<Policy>;
  /** Instead of the only policy. */
  readonly policies?: readonly Policy[];
  readonly hourlyCap?: number;
  /** Of the store: its limits, for example. */
  readonly store?: Partial<StoreConfiguration>;
  /** The store can restrict records. */
  readonly restricts?: boolean;
  /** Types besides `contract` and `person`. */
  readonly entityTypes?: Configuration['entityTypes'];
  /** Of the store. */
  readonly collections?: readonly CollectionConfiguration[];
  readonly pageSize?: number;
  readonly versions?: boolean;
  /** Of the store: its lists are as strict as `look`, and it takes a thousand records at once, twice at the same time. */
  readonly isStrict?: boolean;
  /** Or this number of them. */
  readonly batch?: number;
  /** Years whose key of the log is gone. */
  readonly destroyedLogKeys?: ReadonlySet<number>;
}

export interface Registering {
  readonly producer?: string;
  readonly categories?: readonly string[];
  readonly purposes?: readonly string[];
  readonly attributes?: Readonly<Record<string, string>>;
  readonly zone?: string;
  readonly sent?: Instant;
}

export interface Telling {
  readonly id?: string;
  readonly sent?: Instant;
  /** The id of the event that this one corrects; or retracts, if `type` is empty. */
  readonly about?: string;
}

interface Later<Message> {
  readonly at: Instant;
  readonly message: Message;
}

/** What a lane's worker has, and the sweep. */
export type WorldCore = LaneCore & Pick<ExportCore, 'exports'>;

export type World = ReturnType<typeof world>;

/** One deployment with one store over memory ports. Messages wait until `run` delivers them. */
export function world(options: WorldOptions = {}) {
  const clock: MemoryClock = memoryClock(Date.parse(options.start ?? '2026-03-01T10:00:00Z'));
  const registry: MemoryRegistry = memoryRegistry(present({ pageSize: options.pageSize }));
  const timers: MemoryTimers = memoryTimers();
  const bucket: MemoryLogBucket = memoryLogBucket();
  const signer = testSigner();
  const store: MemoryStore = memoryStore({
    now: () => clock.now(),
    versions: options.versions ?? true,
    ...(options.isStrict === true && { sees: true, batch: options.batch ?? 1000, atOnce: 2 }),
  });
  const reports: MemoryReport = memoryReport();
  const { destroyedLogKeys: destroyed } = options;
  const keys = destroyed === undefined ? KEYS : memoryKeys(SECRET, destroyed);
  const bells: Later<Bell>[] = [];
  const surveys: { readonly lane: string; readonly delaySeconds: number }[] = [];
  const columnBells: { readonly bell: ColumnBell; readonly delaySeconds: number }[] = [];
  const columnMessages: ColumnMessage[] = [];
  const sweeps: SweepMessage[] = [];
  const fanOuts: FanOutMessage[] = [];
  const heartbeats: Instant[] = [];
  let sealing = false;
  const ingestStands = { broken: false };
  const queues: Queues = {
    async ring(all) {
      for (const { bell, delaySeconds } of all)
        if (bell.kind === 'export') throw new Error('no export is made here');
        else if (bell.kind === 'survey') surveys.push({ lane: bell.lane, delaySeconds });
        else if (bell.kind === 'column') columnBells.push({ bell, delaySeconds });
        else bells.push({ at: clock.now() + delaySeconds * 1000, message: bell });
    },
    async toSweep(messages) {
      sweeps.push(...messages);
    },
    async toIngest(message) {
      fanOuts.push(message);
    },
    async toSeal() {
      sealing = true;
    },
    async sendHeartbeat() {
      heartbeats.push(clock.now());
    },
    async retry() {
      throw new Error('nothing is tried again here');
    },
    async tellIngest(messages) {
      columnMessages.push(...messages);
    },
    async notify() {
      throw new Error('no one is told here');
    },
    async retryRefused() {
      throw new Error('nothing is tried again here');
    },
    async sendFacts() {
      throw new Error('no fact is sent again here');
    },
    async hide() {
      throw new Error('nothing is hidden here');
    },
    async replay() {
      throw new Error('nothing is replayed here');
    },
  };
  const core: WorldCore = {
    configuration: configurationOf(options),
    registry,
    clock,
    timers,
    queues,
    tokens: memoryTokens(),
    report: reports.report,
    lane: STORE,
    store,
    exports: memoryExports(),
    keys,
  };
  const ref = (id: string): HoldingRef =>
    once(`holding ${id}`, () => holdingRef(KEY, STORE, JSON.stringify([id])));
  const entity = (type: string, id: string): AboutEntity => ({
    type,
    ref: once(`entity ${type} ${id}`, () => entityRef(KEY, type, PRODUCER, id)),
  });

  async function sealedLocator(id: string): Promise<string> {
    return keys.encrypt(
      { scope: STORE, context: ref(id) },
      dayId(clock.now()),
      Buffer.from(JSON.stringify([id])),
    );
  }

  return {
    core,
    clock,
    registry,
    timers,
    bucket,
    signer,
    store,
    reports,
    bells,
    sweeps,
    surveys,
    columnBells,
    columnMessages,
    fanOuts,
    heartbeats,
    ingestStands,
    ref,
    entity,
    holding: (id: string): Holding | undefined => registry.allHoldings().find((one) => one.ref === ref(id)),

    async registration(
      id: string,
      about: readonly AboutEntity[],
      more: Registering = {},
    ): Promise<RegistrationFact> {
      return {
        ref: ref(id),
        store: STORE,
        locator: await sealedLocator(id),
        content: {
          producer: more.producer ?? PRODUCER,
          categories: more.categories ?? ['notes'],
          purposes: more.purposes ?? [],
          entities: about,
          ...present({ zone: more.zone, attributes: more.attributes }),
        },
        sent: more.sent ?? clock.now(),
        received: clock.now(),
      };
    },
    async withdrawal(
      id: string,
      more: { readonly producer?: string; readonly sent?: Instant } = {},
    ): Promise<WithdrawalFact> {
      return {
        ref: ref(id),
        store: STORE,
        locator: await sealedLocator(id),
        producer: more.producer ?? PRODUCER,
        sent: more.sent ?? clock.now(),
        received: clock.now(),
      };
    },
    fact(type: string, occurred: string, more: Telling = {}): Fact {
      const { id = `${type} ${occurred}`, about } = more;
      const kind = about === undefined ? 'event' : type === '' ? 'retraction' : 'correction';
      return {
        ref: eventOf(id),
        kind,
        type,
        ...(kind !== 'retraction' && { occurred: occurred as Occurred }),
        sent: more.sent ?? clock.now(),
        received: clock.now(),
        ...(about !== undefined && { about: eventOf(about) }),
        bodyHash: bodyHash([kind, type, occurred, about ?? null]),
      };
    },
    register: (fact: RegistrationFact) => register(core, fact),
    withdraw: (fact: WithdrawalFact) => withdraw(core, fact),
    happened: (about: AboutEntity, fact: Fact) => recordFact(core, about.ref, fact),

    /** Moves the clock to `until`, minute by minute, and delivers what is due on the way. */
    async run(until: Instant): Promise<void> {
      while (clock.now() < until) {
        clock.set(Math.min(until, (Math.floor(clock.now() / MINUTE) + 1) * MINUTE));
        await this.deliver();
      }
    },
    /** Everything that is due at this instant; the hourly sweep too, when an hour begins. */
    async deliver(): Promise<void> {
      const now = clock.now();
      if (!ingestStands.broken) for (const sent of heartbeats.splice(0)) await registry.putHeartbeat(sent);
      if (timers.takeDue(now).length > 0 || now % 3_600_000 === 0) {
        await (now % 3_600_000 === 0 ? sweepHourly(core) : sweepWake(core));
        if (!ingestStands.broken) for (const sent of heartbeats.splice(0)) await registry.putHeartbeat(sent);
      }
      for (const message of fanOuts.splice(0)) await continueFanOut(core, message);
      for (const { message } of bells.filter(({ at }) => at <= now)) {
        const at = bells.findIndex((one) => one.message === message);
        bells.splice(at, 1);
        await workOnChunk(core, message);
      }
      if (sealing) {
        sealing = false;
        await writeLog({ ...core, bucket, signer });
      }
    },
  };
}

function eventOf(id: string): EventRef {
  return once(`event ${id}`, () => eventRef(KEY, PRODUCER, id));
}

function configurationOf(options: WorldOptions): Configuration {
  const { rules, policy, policies, hourlyCap, store, restricts, timing, entityTypes, collections } = options;
  const parts = present({
    rules,
    policy,
    policies,
    hourlyCap,
    store,
    restricts,
    timing,
    entityTypes,
    collections,
  });
  const name = JSON.stringify(parts);
  const known = configurations.get(name) ?? newConfiguration(parts);
  configurations.set(name, known);
  return known;
}

function newConfiguration(options: WorldOptions): Configuration {
  const rules = options.rules ?? { notes: ['30 days after contract.ended'] };
  const categories = Object.fromEntries(
    Object.entries(rules).map(([category, texts]) => [category, texts.map((text) => aRule(text))]),
  );
  const policies = { policies: options.policies ?? [aPolicy(categories, options.policy)] };
  const named = policies.policies.flatMap((policy) => Object.keys(policy.categories));
  const stores: Configuration['stores'] = {
    [STORE]: {
      kind: 'memory',
      region: 'eu-central-1',
      keys: [{ name: 'id', type: 'text' }],
      options: {},
      restricts: options.restricts ?? false,
      hourlyCap: options.hourlyCap ?? 10_000,
      ...present({ collections: options.collections }),
      ...options.store,
    },
  };
  return {
    entityTypes: {
      contract: { ids: 'owned', normalise: [] },
      person: { ids: 'shared', normalise: [] },
      ...options.entityTypes,
    },
    stores,
    ...columnNames(stores),
    producers: { [PRODUCER]: producer(SOURCE, named), [OTHER_PRODUCER]: producer(OTHER_SOURCE, named) },
    operators: [],
    auditors: [],
    policies,
    timing: { ...DEFAULT_TIMING, ...options.timing },
    requests: compileRequests({}, { entityTypes: {}, producers: {} }).settings,
    foldProfile: foldProfile(policies),
  };
}

function producer(source: string, categories: readonly string[]): ProducerConfiguration {
  return {
    source,
    principals: [],
    stores: { [STORE]: { prefixes: [''], shared: true } },
    categories: [...new Set(categories)],
    events: ['contract.ended', 'contract.renewed', 'contract.started', 'consent.withdrawn', 'consent.given'],
  };
}
