import { memoryKeys } from '../../../shared/adapters/memory/memory-keys.ts';
import { memoryQueues, type MemoryQueues } from '../../../shared/adapters/memory/memory-queues.ts';
import { memoryReport, type MemoryReport } from '../../../shared/adapters/memory/memory-report.ts';
import {
  DEFAULT_TIMING,
  type Configuration,
  type Timing,
} from '../../../shared/domain/configuration/configuration.ts';
import type { Fact } from '../../../shared/domain/facts/facts.ts';
import { foldProfile } from '../../../shared/domain/configuration/fold-profile.ts';
import { dayId } from '../../../shared/domain/calendar/utc-time.ts';
import type { AboutEntity, Holding } from '../../../shared/domain/record/holding.ts';
import type { EventRef, HoldingRef, Instant, Occurred } from '../../../shared/domain/record/ids.ts';
import type { Policy } from '../../../shared/domain/configuration/policy.ts';
import {
  bodyHash,
  entityRef,
  eventRef,
  holdingRef,
} from '../../../shared/domain/configuration/references.ts';
import type { Keys } from '../../../shared/ports/keys.ts';
import type { Locator } from '../../../shared/ports/store.ts';
import type { LaneCore } from '../../../shared/protocol/lane-core.ts';
import type { RegistrationInput } from '../../../shared/protocol/register.ts';
import { memoryStore, type MemoryStore } from '../../../shared/stores/memory-store.ts';
import { type MemoryPorts, memoryPorts } from '../memory-ports.ts';
import { aPolicy, aRule } from '../rules/rule-world.ts';
import { describeCalls } from './describe-call.ts';

export interface WorldOptions {
  readonly start?: string;
  readonly timing?: Partial<Timing>;
  /** Category to rules: what the only policy says. */
  readonly rules?: Readonly<Record<string, readonly string[]>>;
  readonly policy?: Partial<Policy>;
  /** Instead of the only policy. */
  readonly policies?: readonly Policy[];
  readonly configuration?: Partial<Configuration>;
  readonly hourlyCap?: number;
  readonly pageSize?: number;
  /** Years whose key of the log is gone. */
  readonly destroyedLogKeys?: ReadonlySet<number>;
  /** False: the store cannot tell that a record was rewritten. */
  readonly versions?: boolean;
}

/** One deployment with one store over memory ports, and words to build what happens in it. */
export interface World extends MemoryPorts {
  readonly queues: MemoryQueues;
  readonly keys: Keys;
  readonly store: MemoryStore;
  readonly reports: MemoryReport;
  /** What every function and lane needs. */
  readonly core: LaneCore;
  entity(type: string, id: string, owner?: string): AboutEntity;
  ref(id: string): HoldingRef;
  /** The registration of the record `id` about these entities, sealed as ingest seals it. */
  registration(id: string, about: readonly AboutEntity[], more?: Registering): Promise<RegistrationInput>;
  /** `ended` happened at `occurred`, sent at `sent` (default: now). */
  fact(type: string, occurred: string, more?: FactOptions): Fact;
  holding(id: string): Holding | undefined;
}

export interface Registering {
  readonly producer?: string;
  readonly message?: string;
  readonly categories?: readonly string[];
  readonly zone?: string;
}

export interface FactOptions {
  readonly id?: string;
  readonly sent?: string;
  /** The id of the event that this one corrects; or retracts, if `type` is empty. */
  readonly about?: string;
}

export const STORE = 'notes';
export const PRODUCER = 'portal';
const memo = new Map<string, string>();
/** What references stand for, for traces. */
const names = new Map<string, string>();

/** Keyed references are the same in every run, and cost more than all the rest. */
function once<Text extends string>(name: string, make: () => Text): Text {
  const known = memo.get(name) ?? make();
  memo.set(name, known);
  names.set(known, name);
  return known as Text;
}

const SECRET = new Uint8Array(32).fill(7);
/** Keys remember what they derived, which is the same for every world. */
const plainKeys = memoryKeys(SECRET);
const opened = new Map<string, Promise<Uint8Array>>();
const sharedKeys: Keys = {
  ...plainKeys,
  decrypt(from, sealed) {
    const name = JSON.stringify([from.scope, from.context, sealed]);
    const known = opened.get(name) ?? plainKeys.decrypt(from, sealed);
    opened.set(name, known);
    return known;
  },
};
const KEY = new Uint8Array(32).fill(9);

export function world(options: WorldOptions = {}): World {
  const { destroyedLogKeys: destroyed } = options;
  const keys: Keys =
    destroyed === undefined
      ? sharedKeys
      : { ...sharedKeys, logKey: (year) => memoryKeys(SECRET, destroyed).logKey(year) };
  const start = Date.parse(options.start ?? '2026-03-01T10:00:00Z');
  const configuration = configurationOf(options);
  const memory = memoryPorts(configuration, start, options.pageSize);
  const { clock, registry } = memory;
  const queues = memoryQueues();
  const versions = options.versions ?? true;
  const store = memoryStore({ now: () => clock.now(), versions });
  const reports = memoryReport();
  const { report } = reports;
  const core: LaneCore = { ...memory, queues, report, lane: STORE, store, keys };
  const ref = (id: string): HoldingRef =>
    once(`holding ${id}`, () => holdingRef(KEY, STORE, JSON.stringify([id])));
  const event = (producer: string, id: string): EventRef =>
    once(`event ${producer} ${id}`, () => eventRef(KEY, producer, id));

  return {
    ...memory,
    queues,
    keys,
    store,
    reports,
    core,
    ref,
    entity: (type, id, owner = PRODUCER) => ({
      type,
      ref: once(`entity ${type} ${owner} ${id}`, () => entityRef(KEY, type, owner, id)),
    }),
    async registration(id, about, more = {}) {
      const { producer = PRODUCER, message = `registers ${id}`, categories = ['note'], zone } = more;
      const locator: Locator = [id];
      const sealed =
        memo.get(`sealed ${id} ${start}`) ??
        (await keys.encrypt(
          { scope: STORE, context: ref(id) },
          dayId(start),
          Buffer.from(JSON.stringify(locator)),
        ));
      memo.set(`sealed ${id} ${start}`, sealed);
      return {
        ref: ref(id),
        store: STORE,
        locator: sealed,
        registration: {
          producer,
          categories,
          purposes: ['contract'],
          entities: about,
          ...(zone === undefined ? {} : { zone }),
        },
        receipt: event(producer, message),
      };
    },
    fact(type, occurred, more = {}) {
      const { id = `${type} ${occurred}`, about } = more;
      const kind = about === undefined ? 'event' : type === '' ? 'retraction' : 'correction';
      return {
        ref: event(PRODUCER, id),
        kind,
        type,
        ...(kind === 'retraction' ? {} : { occurred: occurred as Occurred }),
        sent: more.sent === undefined ? clock.now() : Date.parse(more.sent),
        received: clock.now(),
        ...(about === undefined ? {} : { about: event(PRODUCER, about) }),
        bodyHash: once(`body ${kind} ${type} ${occurred} ${about}`, () =>
          bodyHash([kind, type, occurred, about ?? null]),
        ),
      };
    },
    holding: (id) => registry.allHoldings().find((holding) => holding.ref === ref(id)),
  };
}

const configurations = new WeakMap<WorldOptions, Configuration>();

/** Made once for equal options: a model is built again thousands of times. */
function configurationOf(options: WorldOptions): Configuration {
  const known = configurations.get(options) ?? newConfiguration(options);
  configurations.set(options, known);
  return known;
}

function newConfiguration(options: WorldOptions): Configuration {
  const rules = options.rules ?? { note: ['upon contract.ended'] };
  const categories = Object.fromEntries(
    Object.entries(rules).map(([name, texts]) => [name, texts.map((text) => aRule(text))]),
  );
  const policies = { policies: options.policies ?? [aPolicy(categories, options.policy)] };
  const entity = { ids: 'owned', normalise: [] } as const;
  return {
    entityTypes: {
      contract: entity,
      account: entity,
      person: { ids: 'shared', normalise: ['trim', 'lowercase'] },
    },
    stores: {
      [STORE]: {
        kind: 'memory',
        region: 'eu-central-1',
        keys: [{ name: 'id', type: 'text' }],
        options: {},
        hourlyCap: options.hourlyCap ?? 10_000,
      },
    },
    producers: {},
    operators: [],
    auditors: [],
    policies,
    timing: { ...DEFAULT_TIMING, ...options.timing },
    foldProfile: foldProfile(policies),
    ...options.configuration,
  };
}

/** What everybody shares, as data; messages are sets, because queues keep no order. */
export function stateOf({ clock, registry, queues, bucket, index, store }: World): unknown {
  const { lane, sweep, ingest, seal } = queues;
  const sent = [lane, sweep, ingest, seal].map((messages) =>
    messages.map((message) => JSON.stringify(message)).toSorted(),
  );
  const objects = bucket.allObjects().map(({ key, bytes }) => [key, Buffer.from(bytes).toString()]);
  const log = [objects, index.allChunks()];
  return {
    now: clock.now(),
    registry: registry.snapshot(),
    sent,
    log,
    effects: store.effects,
    size: store.size(),
  };
}

export const at = (iso: string): Instant => Date.parse(iso);

/** Calls as traces tell them, with names instead of references. */
export const describeCall = describeCalls(names);
