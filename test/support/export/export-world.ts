import { every } from '../../../local/virtual/agenda.ts';
import { type Interceptor, runFunction } from '../../../local/virtual/run-function.ts';
import { type Receiver, type Verb, virtualDeployment } from '../../../local/virtual/virtual-deployment.ts';
import { memoryKeys } from '../../../shared/adapters/memory/memory-keys.ts';
import { memoryReport } from '../../../shared/adapters/memory/memory-report.ts';
import { dayId } from '../../../shared/domain/calendar/utc-time.ts';
import { type Configuration, DEFAULT_TIMING } from '../../../shared/domain/configuration/configuration.ts';
import {
  configurationOf,
  laneConfiguration,
} from '../../../shared/domain/configuration/configuration-part.ts';
import { foldProfile } from '../../../shared/domain/configuration/fold-profile.ts';
import { holdingRef } from '../../../shared/domain/configuration/references.ts';
import { archiveKey } from '../../../shared/domain/export/archive-file.ts';
import { verifyArchive } from '../../../shared/domain/export/verify-archive.ts';
import type { PersonRequest } from '../../../shared/domain/people/request.ts';
import type { AboutEntity } from '../../../shared/domain/record/about.ts';
import type { Holding, HoldingVariant } from '../../../shared/domain/record/holding.ts';
import type { HoldingRef, RequestRef } from '../../../shared/domain/record/ids.ts';
import { advanceExport } from '../../../shared/protocol/export/advance-export.ts';
import type { ExportCore } from '../../../shared/protocol/export/export-core.ts';
import { readPart } from '../../../shared/protocol/export/read-part.ts';
import { sealSecret } from '../../../shared/protocol/people/request-secret.ts';
import { type MemoryStore, memoryStore } from '../../../shared/stores/memory-store.ts';
import { memoryPorts } from '../memory-ports.ts';
import { aRequest, requestSettings } from '../people-requests.ts';
import { aPolicy } from '../rules/rule-world.ts';
import { aHolding, anEntityRef, aVariant } from '../samples.ts';
import { contentOf } from './archive-content.ts';

export const START = Date.parse('2026-03-01T10:00:00Z');
export const ROWS = 'rows';
export const SCANS = 'scans';
export const KEY = new Uint8Array(32).fill(9);
const HOUR = 3_600_000;

export interface ExportWorldOptions {
  /** Items on a page of pointers. */
  readonly pageSize?: number;
  readonly change?: (configuration: Configuration) => Configuration;
  /** Called before every call of a port that reaches AWS or a store, with its name; and after it, with the answer. */
  readonly asked?: (name: string, args: readonly unknown[]) => void;
  readonly answered?: (name: string, answer: unknown) => void;
}

export interface Seeded {
  readonly store?: string;
  readonly about?: readonly AboutEntity[];
  readonly fields?: Readonly<Record<string, string | number | null>>;
  readonly variant?: Partial<HoldingVariant>;
  readonly holding?: Partial<Holding>;
}

export type ExportWorld = ReturnType<typeof exportWorld>;

export const person = (name: string, role?: string): AboutEntity => ({
  type: 'person',
  ref: anEntityRef(`person ${name}`),
  ...(role !== undefined && { role }),
});
export const account = (name: string): AboutEntity => ({
  type: 'account',
  ref: anEntityRef(`account ${name}`),
});

/** One deployment with a store of rows and one of files, on a virtual clock. Messages are lost only where a test says so. */
export function exportWorld(options: ExportWorldOptions = {}) {
  const { pageSize = 100, change = (same) => same } = options;
  const configuration = change(CONFIGURATION);
  const ports = memoryPorts(configuration, START, pageSize);
  const { clock, registry, exports, timers } = ports;
  const keys = { ...memoryKeys(new Uint8Array(32).fill(7)), registryKey: async () => KEY };
  const reports = memoryReport();
  const now = (): number => clock.now();
  const stores: Readonly<Record<string, MemoryStore>> = {
    [ROWS]: memoryStore({ now }),
    [SCANS]: memoryStore({ now, copy: (into, bytes) => void exports.putPiece(into, bytes) }),
  };
  const storeOf = (name: string) => {
    const store = stores[name];
    if (store === undefined) throw new Error(`there is no store ${name}`);
    return store;
  };
  /** Each function knows only its part of the configuration. */
  const deployedTo = (to: Receiver): Configuration =>
    to.verb === 'dispose'
      ? laneConfiguration(to.lane, configuration)
      : configurationOf(to.verb, configuration);
  const watched: { readonly verb: Verb; readonly interceptor: Interceptor }[] = [];
  const runs: { readonly verb: Verb; readonly body: string }[] = [];
  const errors: unknown[] = [];
  const deployment = virtualDeployment({
    configuration,
    clock,
    timers,
    settings: (_, deployed) => ({ ...deployed, batchSize: 1 }),
    schedules: (toSweep) => [every(HOUR, START + HOUR, () => toSweep({ kind: 'hourly' }))],
    async run(to, [message]) {
      if (message === undefined) return [];
      const { verb } = to;
      runs.push({ verb, body: message.body });
      const index = watched.findIndex((one) => one.verb === verb);
      const interceptor = index < 0 ? undefined : watched.splice(index, 1)[0]?.interceptor;
      const ended = await runFunction(to, { ...core, configuration: deployedTo(to) }, message, {
        interceptor,
        threw: (error) => void errors.push(error),
      }).catch(() => 'threw');
      return ended === 'done' ? [message] : [];
    },
  });
  const seen = <Port extends object>(name: string, port: Port): Port => watchedPort(name, port, options);
  const core = {
    ...ports,
    registry: seen('registry', registry),
    exports: seen('exports', exports),
    keys,
    stores: Object.fromEntries(Object.entries(stores).map(([name, store]) => [name, seen('store', store)])),
    report: reports.report,
    queues: seen('queues', deployment.queuesOn(clock)),
  };
  const sweepCore: ExportCore = core;

  const ref = (store: string, id: string): HoldingRef => holdingRef(KEY, store, JSON.stringify([id]));

  const world = {
    core,
    sweepCore,
    clock,
    registry,
    exports,
    keys,
    lines: reports.lines,
    runs,
    errors,
    ref,
    store: storeOf,
    deployment,

    /** A record in its store, registered before the world began. */
    async seed(id: string, seeded: Seeded = {}): Promise<Holding> {
      const { store = ROWS, about = [person('me')], fields = { text: `text of ${id}` } } = seeded;
      const one = ref(store, id);
      const sealed = await keys.encrypt(
        { scope: store, context: one },
        dayId(START),
        Buffer.from(JSON.stringify([id])),
      );
      storeOf(store).put([id], fields);
      const registeredAt = START - HOUR;
      const variant = aVariant(id, {
        producer: 'portal',
        categories: ['notes'],
        purposes: ['service'],
        entities: about,
        sent: registeredAt,
        received: registeredAt,
        ...seeded.variant,
      });
      const { hintAt: _, decision: _decision, ...plain } = aHolding(id);
      const holding: Holding = {
        ...plain,
        ref: one,
        store,
        locator: sealed,
        registeredAt,
        variants: [variant],
        ...seeded.holding,
      };
      await registry.putPointers(
        holding.variants.flatMap(({ entities }) => entities.map((entity) => entity.ref)),
        one,
      );
      await registry.writeHoldings([{ before: undefined, after: holding }]);
      return holding;
    },

    /** A request that is known to come from the person, and the message that the api sends. */
    async asks(change: Partial<PersonRequest> = {}): Promise<RequestRef> {
      const plain = aRequest({
        kind: 'export',
        state: 'running',
        entity: person('me').ref,
        deadline: START + 30 * 24 * HOUR,
        receivedAt: START,
        ...change,
      });
      const target = 'AAAAAAAAAAAAAAAAAAAAAA' as Parameters<typeof sealSecret>[2]['target'];
      const secret = { id: 't-1', entity: { type: 'person', id: 'me' }, target, source: 'https://x.example' };
      const request = { ...plain, sealed: await sealSecret(keys, plain, secret, START) };
      await registry.listRequest({ ref: request.ref, at: START });
      if ((await registry.putRequest(request)) === 'moved') throw new Error('it was filed before');
      world.sends(request.ref);
      return request.ref;
    },
    sends(request: RequestRef): void {
      deployment.queue('sweep').send(JSON.stringify({ kind: 'export', request }));
    },
    async request(of: RequestRef): Promise<PersonRequest> {
      const found = (await registry.requests([of])).get(of);
      if (found === undefined) throw new Error('there is no such request');
      return found;
    },
    async cancels(of: RequestRef): Promise<void> {
      const request = await world.request(of);
      const timeline = [...request.timeline, { did: 'cancelled' as const, at: clock.now() }];
      await registry.putRequest({ ...request, version: request.version + 1, state: 'cancelled', timeline });
    },
    /** A second run of the function, from beginning to end, at this moment. */
    async again(verb: Verb, request: RequestRef): Promise<void> {
      if (verb === 'sweep') await advanceExport(core, { kind: 'export', request }, () => true);
      else
        for (const [lane, store] of Object.entries(stores))
          await readPart({ ...core, lane, store }, { kind: 'export', lane, request, part: 1 });
    },
    /** The next run of this function is watched, or killed. */
    onNext: (verb: Verb, interceptor: Interceptor) => void watched.push({ verb, interceptor }),
    pass: (milliseconds: number) => deployment.runUntil(clock.now() + milliseconds),

    /** The archive's files, after a check that it is whole and the one that the request names. */
    async archive(of: RequestRef) {
      const state = (await world.request(of)).export;
      if (state?.archive === undefined) throw new Error(`the export is ${state?.step ?? 'not begun'}`);
      const key = archiveKey(state.id);
      const object = exports.allObjects().find((one) => one.key === key);
      if (object === undefined) throw new Error('there is no archive');
      const { manifestSha256 } = state.archive;
      const verified = await verifyArchive(chunksOf(object.bytes), { manifestSha256 });
      if (verified.kind === 'broken') throw new Error(`the archive is broken: ${verified.fault}`);
      return { told: state.archive, manifest: verified.manifest, ...contentOf(object.bytes) };
    },
  };
  return world;
}

function watchedPort<Port extends object>(
  port: string,
  methods: Port,
  { asked, answered }: Pick<ExportWorldOptions, 'asked' | 'answered'>,
): Port {
  if (asked === undefined && answered === undefined) return methods;
  const all = Object.entries(methods).map(([name, method]) => {
    if (typeof method !== 'function') return [name, method];
    const call = method as (...args: readonly unknown[]) => unknown;
    return [
      name,
      async (...args: readonly unknown[]) => {
        asked?.(`${port}.${name}`, args);
        const answer = await call(...args);
        answered?.(`${port}.${name}`, answer);
        return answer;
      },
    ];
  });
  return Object.fromEntries(all) as Port;
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  for (let from = 0; from < bytes.length; from += 65_536) yield bytes.subarray(from, from + 65_536);
}

/** Records with the person's id. No test has such a collection unless it makes one. */
export const COLLECTED = { entity: 'person', by: 'owner', producer: 'portal' } as const;

function testConfiguration(): Configuration {
  const store = {
    kind: 'memory',
    region: 'eu-central-1',
    keys: [{ name: 'id', type: 'text' }],
    options: {},
    restricts: false,
    hourlyCap: 10_000,
  } as const;
  const fields = { recipient: { to: { kind: 'null' } } } as const;
  const policy = aPolicy({ notes: [], letters: [], foreign: [] });
  const categories = {
    ...policy.categories,
    letters: { rules: [], subjects: { onRequest: 'redact' as const, fields } },
  };
  const policies = { policies: [{ ...policy, categories, notify: ['request-closed' as const] }] };
  const producer = {
    source: 'https://portal.example',
    principals: [],
    stores: { [ROWS]: { prefixes: [''], shared: true }, [SCANS]: { prefixes: [''], shared: true } },
    categories: Object.keys(categories),
    events: [],
  };
  return {
    entityTypes: {
      person: { ids: 'shared', normalise: [] },
      account: { ids: 'owned', normalise: [], identifies: 'person' },
      contract: { ids: 'owned', normalise: [] },
    },
    stores: {
      [ROWS]: { ...store, collections: [{ ...COLLECTED, category: 'notes' }] },
      [SCANS]: { ...store, collections: [{ ...COLLECTED, category: 'letters' }] },
    },
    producers: { portal: producer },
    operators: [],
    auditors: [],
    policies,
    timing: DEFAULT_TIMING,
    requests: requestSettings(),
    foldProfile: foldProfile(policies),
  };
}
const CONFIGURATION = testConfiguration();
